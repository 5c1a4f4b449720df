"""Reading one phone field as people fill it in: several numbers, remarks, brackets, typing slips.

It finds the national numbers and names what it noticed; it never guesses a missing digit.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

from gateway.domain.numbering import Change, Line, National, today, with_area_code
from gateway.domain.text import clean


class ProblemCode(StrEnum):
    """What was noticed in a phone field. A note is about a number that is used all the same."""

    NOT_A_NUMBER = "not_a_number"
    TRUNCATED = "truncated"
    TOO_LONG = "too_long"
    FOREIGN = "foreign"
    PREMIUM_RATE = "premium_rate"
    SERVICE_NUMBER = "service_number"
    CONVERTED_2018 = "converted_2018"
    AREA_CODE_2017 = "area_code_2017"
    LETTER_O = "letter_o"
    MISSING_ZERO = "missing_zero"
    UNLISTED_RANGE = "unlisted_range"

    @property
    def is_note(self) -> bool:
        return self in _NOTES


_NOTES = frozenset(
    {
        ProblemCode.CONVERTED_2018,
        ProblemCode.AREA_CODE_2017,
        ProblemCode.LETTER_O,
        ProblemCode.MISSING_ZERO,
        ProblemCode.UNLISTED_RANGE,
    }
)
_CODE_OF_LINE = {
    Line.PREMIUM_RATE: ProblemCode.PREMIUM_RATE,
    Line.SERVICE: ProblemCode.SERVICE_NUMBER,
    Line.TOO_SHORT: ProblemCode.TRUNCATED,
    Line.TOO_LONG: ProblemCode.TOO_LONG,
    Line.NONE: ProblemCode.NOT_A_NUMBER,
    Line.UNLISTED_MOBILE: ProblemCode.UNLISTED_RANGE,
}
_CODE_OF_CHANGE = {
    Change.MOBILE_2018: ProblemCode.CONVERTED_2018,
    Change.AREA_CODE_2017: ProblemCode.AREA_CODE_2017,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """What one field holds: today's usable national numbers in order, and what was noticed."""

    numbers: tuple[National, ...] = ()
    codes: tuple[ProblemCode, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """One run of digits: the number it is, if usable, and what was noticed about it."""

    digits: str
    number: National | None = None
    codes: tuple[ProblemCode, ...] = ()


_LETTER = r"[^\W\d_]"
_O_FOR_ZERO = re.compile(rf"(?<!{_LETTER})[oOоО](?=[oOоО]?[.-]?\d{{2}})|(?<=\d)[oOоО](?!{_LETTER})")
_IDENTITY_NUMBER = re.compile(r"\b(?:CCCD|CMND|CMTND|CMT|MST)\b\D{0,12}\d+", re.IGNORECASE)
_ZERO_IN_BRACKETS = re.compile(r"(?<=84)\s*\(\s*0\s*\)")
_COUNTRY_IN_BRACKETS = re.compile(r"\(\s*(\+?84)\s*\)")
_THOUSANDS = re.compile(r"(?<![\d,])\+?\d{1,4}(?:,\d{3}){2,3}(?![\d,])")
_DIGITS = r"\d(?:[ .-]*\d)*"
_NUMBER = re.compile(rf"\(\s*0(?P<area>\d{{1,3}})\s*\)[ .-]*(?P<rest>{_DIGITS})|\+?\s?{_DIGITS}")
_BETWEEN_DIGITS = re.compile(r"[ .()-]+")

_MOST_GROUPS = 24  # several numbers in groups; a longer run is no phone field
# Fewer digits beside a readable number are an hour, an extension or a house number.
_TOO_FEW_FOR_A_PHONE = 7


def read_field(written: str) -> Field:
    """The numbers in `written`. A blank field is empty, not a problem."""
    text = clean(written)
    if not text.strip():
        return Field()
    with_zeros = _O_FOR_ZERO.sub("0", text)
    runs = list(_runs(_IDENTITY_NUMBER.sub(" / ", with_zeros)))
    numbers = tuple(run.number for run in runs if run.number)
    codes = list(_worth_saying(runs))
    if numbers and with_zeros != text:
        codes.insert(0, ProblemCode.LETTER_O)
    if not numbers and not codes:
        codes = [ProblemCode.NOT_A_NUMBER]
    return Field(numbers=numbers, codes=tuple(dict.fromkeys(codes)))


def _worth_saying(runs: list[_Run]) -> Iterator[ProblemCode]:
    readable = any(run.number for run in runs)
    long_ones = any(len(run.digits) >= _TOO_FEW_FOR_A_PHONE for run in runs)
    for run in runs:
        remark = len(run.digits) < _TOO_FEW_FOR_A_PHONE and (readable or long_ones)
        if run.number or not remark:
            yield from run.codes


def _runs(text: str) -> Iterator[_Run]:
    text = _ZERO_IN_BRACKETS.sub("", text)
    text = _COUNTRY_IN_BRACKETS.sub(r" \1 ", text)
    text = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)
    for found in _NUMBER.finditer(text):
        if found["area"] and (moved := with_area_code(found["area"], _digits(found["rest"]))):
            yield _Run(digits=moved.number, number=moved, codes=(ProblemCode.AREA_CODE_2017,))
        else:
            yield from _split(found[0])


def _split(written: str) -> list[_Run]:
    """The run as one number; else as several with only spaces or hyphens between; else refused."""
    groups = _BETWEEN_DIGITS.split(written.strip())
    if len(groups) > _MOST_GROUPS:
        return [_run(written)]
    return _several(groups) or [_run(written)]


def _several(groups: list[str]) -> list[_Run]:
    whole = _run("".join(groups))
    if whole.number:
        return [whole]
    for at in range(1, len(groups)):
        first = _run("".join(groups[:at]))
        if first.number and ProblemCode.MISSING_ZERO not in first.codes:
            rest = _several(groups[at:])
            if rest:
                return [first, *rest]
    return []


def _run(written: str) -> _Run:
    digits = _digits(written)
    international = written.startswith("+") and not digits.startswith("0")
    if digits.startswith("00"):
        digits, international = digits[2:], True
    if international and not digits.startswith("84"):
        return _Run(digits=digits, codes=(_abroad(digits),))
    if international or (digits.startswith("84") and len(digits) > 9):
        return _read(digits, digits[2:].removeprefix("0"))
    if digits.startswith("0"):
        return _read(digits, _without_second_country_code(digits[1:]))
    bare = _read(digits, digits)
    if bare.number is None:
        return bare
    return _Run(digits=digits, number=bare.number, codes=(ProblemCode.MISSING_ZERO, *bare.codes))


def _read(digits: str, national: str) -> _Run:
    number = today(national)
    codes = (_CODE_OF_LINE.get(number.line), number.changed and _CODE_OF_CHANGE[number.changed])
    return _Run(
        digits=digits,
        number=number if number.usable else None,
        codes=tuple(code for code in codes if code),
    )


def _without_second_country_code(national: str) -> str:
    """`084 912 345 678`: somebody's 0 before +84's digits. No national number has eleven digits."""
    return national[2:] if national.startswith("84") and len(national) == 11 else national


def _abroad(digits: str) -> ProblemCode:
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse("+" + digits))
    except phonenumbers.NumberParseException:
        possible = False
    return ProblemCode.FOREIGN if possible else ProblemCode.NOT_A_NUMBER


def _digits(written: str) -> str:
    return "".join(c for c in written if c.isdecimal())
