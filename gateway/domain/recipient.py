"""Phone numbers as dossier systems write them, and the numbers that can be written to or called."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.domain.channel import Channel
from gateway.domain.numbering import CERTAIN_MOBILE, Line, National
from gateway.domain.phone_field import ProblemCode, read_field

__all__ = [
    "Phone",
    "PhoneKind",
    "PhoneProblem",
    "PhoneReading",
    "ProblemCode",
    "explain",
    "read_phones",
    "usable_on",
]


class PhoneKind(StrEnum):
    MOBILE = "mobile"
    LANDLINE = "landline"


@dataclass(frozen=True, kw_only=True, slots=True)
class Phone:
    """A usable Vietnamese number in E.164 (`+84…`). `str()` and `repr()` are masked."""

    e164: str
    kind: PhoneKind

    def __str__(self) -> str:
        return f"{self.e164[:3]}•••{self.e164[-3:]}"

    __repr__ = __str__


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneProblem:
    """One finding about one field, named by its place in the fields that were given (from 0)."""

    code: ProblemCode
    field: int

    @property
    def is_note(self) -> bool:
        """Whether it only tells how a number was read that is used all the same."""
        return self.code.is_note

    @property
    def sentence(self) -> str:
        return _SENTENCES[self.code]


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneReading:
    """The usable phones in the order written, each once, and what was noticed on the way."""

    phones: tuple[Phone, ...] = ()
    problems: tuple[PhoneProblem, ...] = ()


_SENTENCES = {
    ProblemCode.NOT_A_NUMBER: "Không phải số điện thoại.",
    ProblemCode.TRUNCATED: "Số điện thoại thiếu chữ số.",
    ProblemCode.TOO_LONG: "Số điện thoại thừa chữ số.",
    ProblemCode.FOREIGN: "Số điện thoại nước ngoài, không gửi được.",
    ProblemCode.PREMIUM_RATE: "Số 1900 tính cước riêng, không gửi được.",
    ProblemCode.SERVICE_NUMBER: "Số tổng đài hoặc số dịch vụ, không gửi được.",
    ProblemCode.CONVERTED_2018: "Đã đổi số di động 11 chữ số (trước năm 2018) sang 10 chữ số.",
    ProblemCode.AREA_CODE_2017: "Đã đổi mã vùng cũ (trước năm 2017) sang mã vùng mới.",
    ProblemCode.LETTER_O: "Đã đọc chữ O là số 0.",
    ProblemCode.MISSING_ZERO: "Đã thêm số 0 ở đầu.",
    ProblemCode.UNLISTED_RANGE: "Đầu số chưa có trong danh mục; vẫn gửi, nên kiểm tra lại.",
}

_GROUPING = str.maketrans("", "", " .-")
_CLEAN_MOBILE = re.compile(rf"(?:\+84|84|0)({CERTAIN_MOBILE.pattern})", re.ASCII)


def read_phones(fields: Iterable[str]) -> PhoneReading:
    """The phones in `fields` in the order written. An empty field says nothing."""
    phones: dict[Phone, None] = {}
    problems: dict[PhoneProblem, None] = {}
    for index, written in enumerate(fields):
        if mobile := _CLEAN_MOBILE.fullmatch(written.translate(_GROUPING)):
            phones[Phone(e164="+84" + mobile[1], kind=PhoneKind.MOBILE)] = None
            continue
        found = read_field(written)
        phones.update(dict.fromkeys(map(_phone, found.numbers)))
        problems.update({PhoneProblem(code=code, field=index): None for code in found.codes})
    return PhoneReading(phones=tuple(phones), problems=tuple(problems))


def _phone(number: National) -> Phone:
    kind = PhoneKind.LANDLINE if number.line is Line.LANDLINE else PhoneKind.MOBILE
    return Phone(e164="+84" + number.number, kind=kind)


def usable_on(phone: Phone, channel: Channel) -> bool:
    """A landline can only be called."""
    return phone.kind is PhoneKind.MOBILE or channel is Channel.VOICE


def explain(text: str) -> dict[str, Any]:
    """How one field is read, with the numbers in full: for the person who typed it, no log."""
    reading = read_phones([text])
    return {
        "phones": [_explained(phone) for phone in reading.phones],
        "problems": [
            {"code": problem.code.value, "note": problem.is_note, "sentence": problem.sentence}
            for problem in reading.problems
        ],
    }


def _explained(phone: Phone) -> dict[str, Any]:
    return {
        "e164": phone.e164,
        "national": "0" + phone.e164.removeprefix("+84"),
        "kind": phone.kind.value,
        "channels": [channel.value for channel in Channel if usable_on(phone, channel)],
    }
