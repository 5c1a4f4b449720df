"""A sentence with numerals, dates, codes and abbreviations, turned into words for a voice.

One pass over one table of rules: the first rule that matches at a place reads it, so that what is
already words is never read again.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from gateway.domain.speech.abbreviations import ABBREVIATIONS, UNITS
from gateway.domain.speech.codes import code, digits, phone
from gateway.domain.speech.moments import day, hours_and_minutes, month, numbered_weekday
from gateway.domain.speech.numbers import PLAIN, Dialect, decimal, integer, money_vnd, percent
from gateway.domain.speech.words import figures, roman, word
from gateway.domain.text import clean


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """How a sentence is read: the region's words, and what abbreviations stand for."""

    dialect: Dialect = PLAIN
    abbreviations: Mapping[str, str] = field(default_factory=lambda: ABBREVIATIONS)


READER = Reader()


def read_aloud(text: str, reader: Reader = READER) -> str:
    """`text` as words and pauses, without a digit."""

    def say(found: re.Match[str]) -> str:
        assert found.lastgroup is not None  # every alternative of the pattern is named
        return f" {_RULES[found.lastgroup][1](found[0], reader)} "

    return _punctuated(_ANY.sub(say, clean(text)))


def _punctuated(said: str) -> str:
    said = re.sub(r"\s+", " ", said)
    said = re.sub(r"\s*([,.;:!?])(?:\s*[,.;:!?])*", _strongest, said)
    return said.strip(" ,")


def _strongest(found: re.Match[str]) -> str:
    return next((mark for mark in found[0] if mark in ".!?"), found[1])


def _integers(written: str) -> list[int]:
    return [int(run) for run in re.findall(r"\d+", written)]


def _code(written: str, _: Reader) -> str:
    return f", {code(written)},"


def _document(written: str, reader: Reader) -> str:
    number, year = _integers(written)
    return f"{integer(number, reader.dialect)}, năm {integer(year, reader.dialect)}"


def _day(written: str, reader: Reader) -> str:
    of_month, in_year, year = _integers(written)
    try:
        return day(date(year, in_year, of_month), reader.dialect)
    except ValueError:
        return code(re.sub(r"[^\d./-]", "", written))


def _day_and_month(written: str, _: Reader) -> str:
    of_month, in_year = _integers(written)
    return f"ngày {integer(of_month)} {month(in_year)}"


def _month(written: str, reader: Reader) -> str:
    number, *year = _integers(written)
    said = month(number)
    return f"{said} năm {integer(year[0], reader.dialect)}" if year else said


def _weekday(written: str, _: Reader) -> str:
    return numbered_weekday(int(written[-1]))


def _time(written: str, _: Reader) -> str:
    hours, *rest = _integers(written)
    said = hours_and_minutes(hours, rest[0] if rest else 0)
    return f"{said} {integer(rest[1])} giây" if rest[1:] else said


def _phone(written: str, _: Reader) -> str:
    return phone(written)


def _called(written: str, _: Reader) -> str:
    words, number = written.rsplit(maxsplit=1)
    return f"{words} {digits(number)}"


def _money(written: str, reader: Reader) -> str:
    amount = int(re.sub(r"\D", "", written))
    return money_vnd(-amount if written.startswith("-") else amount, reader.dialect)


def _percent(written: str, reader: Reader) -> str:
    return percent(_value(written.rstrip("% ")), reader.dialect)


def _measure(written: str, reader: Reader) -> str:
    unit = next(unit for unit in UNITS if written.endswith(unit))
    number = _value(written.removesuffix(unit).strip())
    return f"{decimal(number, reader.dialect)} {UNITS[unit]}"


def _number(written: str, reader: Reader) -> str:
    if written.isdecimal():
        return figures(written, reader.dialect)
    return decimal(_value(written), reader.dialect)


def _value(written: str) -> Decimal:
    """Dots part thousands and a comma the decimals, as Vietnam writes them."""
    return Decimal(written.replace(".", "").replace(",", "."))


def _ordinal(written: str, reader: Reader) -> str:
    noun, numeral = written.rsplit(maxsplit=1)
    return f"{noun} {integer(roman(numeral), reader.dialect)}"


def _range(_written: str, _: Reader) -> str:
    return "đến"


def _word(written: str, reader: Reader) -> str:
    return word(written, reader.abbreviations)


def _mark(written: str, _: Reader) -> str:
    return _MARKS.get(written, "")


_MARKS = {
    "&": "và", "+": "cộng", "=": "bằng", "@": "a còng", "%": "phần trăm", "#": "số", "₫": "đồng",
    "/": ",", "-": ",", "(": ",", ")": ",", "[": ",", "]": ",", "|": ",", "\n": ".",
}  # fmt: skip

# Bounded, so that a number stays one that has a name; what is longer is read digit by digit.
_AMOUNT = r"(?<![\d.,])(?:\d{1,3}(?:[.,]\d{3}){1,6}|\d{1,18})"
_NUMERAL = (
    r"(?:(?<!\d\.)\d{1,3}(?:\.\d{3}){1,6}(?![\d.]\d)(?:,\d{1,9})?"
    r"|(?<![\d,])\d{1,18},\d{1,9}(?!,?\d)|(?<!\d)\d{1,18}(?!\d))"
)
_SIGN = r"(?:(?<![\w)])-(?=\d))?"
_ALONE = r"(?<![\w.,/])"
_UNIT = "|".join(map(re.escape, UNITS))
_TO_A_WEEKDAY = r"(?=[Tt]hứ\s|[Cc]hủ nhật|CN\b|T[2-7]\b)"

_RULES: dict[str, tuple[str, Callable[[str, Reader], str]]] = {
    "code": (
        rf"{_ALONE}(?:[A-Z0-9]+(?:\.[A-Z0-9]+)*-\d{{6,8}}-\d{{3,}}|\d{{3}}\.\d\d\.\d\d\.[A-Z]\d\d"
        rf"|[A-Z]\d\d(?:\.\d\d)+|\d\.\d{{6}}(?:\.[A-Z0-9]+)*)(?!\w)",
        _code,
    ),
    "document": (rf"{_ALONE}\d{{1,6}}/\d{{4}}(?=/[A-ZĐ])", _document),
    "day": (rf"(?:\b[Nn]gày\s+)?{_ALONE}\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}(?!\d)", _day),
    "day_and_month": (r"\b[Nn]gày\s+\d{1,2}/\d{1,2}(?![\d/])", _day_and_month),
    "month": (r"\b[Tt]háng\s+\d{1,2}(?:/\d{4})?(?![\d/])", _month),
    "weekday": (r"\b[Tt]hứ\s+[2-7](?!\d)|\bT[2-7](?![\w/])", _weekday),
    "time": (
        rf"{_ALONE}\d{{1,2}}(?:[:hHg]|\s?giờ\s?)\d\d(?::\d\d)?(?:\s?(?:phút|p))?(?!\w)"
        rf"|{_ALONE}\d{{1,2}}\s?[hH](?!\w)",
        _time,
    ),
    "phone": (
        rf"{_ALONE}(?:(?:\+84|0)[ .-]?(?:[35789](?:[ .-]?\d){{8}}|2(?:[ .-]?\d){{9}})"
        rf"|1[89]00[ .]?\d{{4}}(?:\d\d)?|1022)(?!\d)",
        _phone,
    ),
    "called": (
        r"\b(?i:gọi|tổng đài|đường dây nóng|số máy|điện thoại)\s+(?:số\s+)?"
        r"(?!1[89]00)1\d{2,4}(?![\d.,]\d)",
        _called,
    ),
    "money": (rf"{_SIGN}{_AMOUNT}\s?(?:đồng|đ|VNĐ|VND|vnđ|₫)(?!\w)", _money),
    "percent": (rf"{_SIGN}{_NUMERAL}\s?%", _percent),
    "measure": (rf"{_NUMERAL}\s?(?:{_UNIT})(?!\w)", _measure),
    "ordinal": (
        r"\b(?i:quý|khóa|chương|phần|kỳ|đợt|cấp|khu vực)\s+X{0,3}(?:IX|IV|V?I{1,3}|V|(?<=X))(?!\w)",
        _ordinal,
    ),
    "range": (
        rf"(?<=[\dhHg%đ])\s*-\s*(?=\d)|(?<=phút|\sgiờ)\s*-\s*(?=\d)|\s*-\s*{_TO_A_WEEKDAY}",
        _range,
    ),
    "fraction": (r"(?<=\d)/(?=\d)", lambda _written, _: "trên"),
    "point": (r"(?<=\d)\.(?=\d)", lambda _written, _: "chấm"),
    "number": (rf"{_SIGN}{_NUMERAL}|\d+", _number),
    "word": (r"[^\W\d_](?:[\w'&/.-]*\w)?(?:\.(?=\s*[^\W\d_]))?", _word),
    "mark": (r"[^\w\s,.;:!?']|_|\n", _mark),
}
_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, (pattern, _) in _RULES.items()))
