"""Money, measures and plain numbers where they stand in a sentence."""

import re
from decimal import Decimal

from gateway.domain.speech.codes import letters
from gateway.domain.speech.numbers import decimal, digit, integer, money_vnd
from gateway.domain.speech.reader import Reader
from gateway.domain.speech.units import ROADS, UNITS
from gateway.domain.speech.words import figures, roman

_SIGN = r"(?:(?<![\w)])-(?=\d))?"
# Bounded, so that a number stays one that has a name; what is longer is read digit by digit.
_AMOUNT = r"(?<![\d.,])(?:\d{1,3}(?:[., ]\d{3}){1,6}|\d{1,18})(?:,00?)?"
_NUMERAL = (
    r"(?:(?<!\d\.)\d{1,3}(?:\.\d{3}){1,6}(?![\d.]\d)(?:,\d{1,9})?"
    r"|(?<![\d,])\d{1,18},\d{1,9}(?!,?\d)|(?<!\d)\d{1,18}(?!\d))"
)
_DOTTED = r"(?<![\d.,])\d{1,18}\.\d{1,2}"
_LONGEST_FIRST = sorted(UNITS, key=len, reverse=True)
_UNIT = "|".join(map(re.escape, _LONGEST_FIRST))
_ORDINAL_NOUNS = (
    "quý|quí|khóa|khoá|chương|phần|kỳ|kì|đợt|cấp|khu vực|điều|mục|phụ lục|tập|loại|nhóm|lần|thế kỷ"
    "|bậc|vùng|khu phố|tổ|hạng"
)
_YEAR = r"(?:19|20)\d\d"
_ROMAN = r"X{0,3}(?:IX|IV|V?I{1,3}|V|(?<=X))"

MONEY = rf"{_SIGN}{_AMOUNT} ?(?:đồng|đ|VNĐ|VND|vnđ|₫)(?!\w)(?: ?/ ?(?=[^\W\d_]))?"
MONEY_FIRST = rf"(?:\b(?:VNĐ|VND|USD) ?|\$ ?){_AMOUNT}(?![\w%])"
METRES = r"(?<![\w.,])\d{1,3}m(?!2(?!\d)|3(?!\d))\d{1,2}(?!\w)"
MEASURE = rf"{_SIGN}(?:{_NUMERAL}|{_DOTTED}) ?(?:{_UNIT})(?!\w)"
MILLIONS = rf"{_SIGN}{_DOTTED}(?=(?: ?- ?\d+(?:[.,]\d+)?)? (?:nghìn|ngàn|triệu|tỷ|tỉ)(?!\w))"
ORDINAL = (
    rf"\bQ[1-4]/{_YEAR}(?!\w)"
    rf"|\b(?i:{_ORDINAL_NOUNS}) (?:{_ROMAN}(?:/{_YEAR})?|\d{{1,2}}/{_YEAR})(?![\w/])"
)
# `hai (02) bản`: clerks write a number in words and in figures.
TWICE = (
    r"\b(?i:một|mốt|hai|ba|bốn|tư|năm|lăm|sáu|bảy|tám|chín|mười|mươi|trăm|nghìn|ngàn|triệu)"
    r" \(\d{1,9}\)"
)
ROAD = rf"\b(?:{'|'.join(ROADS)})[ .]?\d{{1,3}}[A-Z]?(?!\w|[ .]?\d)"
NUMBER = rf"{_SIGN}{_NUMERAL}|\d+"


def money(written: str, reader: Reader) -> str:
    """A price for something has "một" for its stroke: `5.000 đồng/bản`."""
    figure = re.sub(r",00?$", "", re.sub(r"[^\d.,-]+", "", written.split("/")[0]).rstrip(".,"))
    amount = int(re.sub(r"\D", "", figure))
    said = money_vnd(-amount if figure.startswith("-") else amount, reader.dialect)
    return f"{said} một" if written.rstrip().endswith("/") else said


def money_first(written: str, reader: Reader) -> str:
    """`VND 50.000`, `$100`: the sum is said before its money."""
    if written.startswith(("VND", "VNĐ")):
        return money(written, reader)
    figure = re.sub(r",00?$", "", written)
    return f"{integer(int(re.sub(r'[^0-9]', '', figure)), reader.dialect)} đô la Mỹ"


def metres(written: str) -> str:
    """`1m75`."""
    whole, rest = written.split("m")
    return f"{integer(int(whole))} mét {figures(rest)}"


def measure(written: str, reader: Reader) -> str:
    unit = next(unit for unit in _LONGEST_FIRST if written.endswith(unit))
    number = written.removesuffix(unit).strip()
    return f"{decimal(_value(number), reader.dialect)} {UNITS[unit]}"


def millions(written: str, reader: Reader) -> str:
    return decimal(_value(written), reader.dialect)


def number(written: str, reader: Reader) -> str:
    if written.isdecimal():
        return figures(written, reader.dialect)
    return decimal(_value(written), reader.dialect)


def ordinal(written: str, reader: Reader) -> str:
    rest, _, year = written.partition("/")
    noun, numeral = rest.rsplit(maxsplit=1) if " " in rest else ("quý", rest[1:])
    value = int(numeral) if numeral.isdecimal() else roman(numeral)
    said = f"{noun} {integer(value, reader.dialect)}"
    return f"{said} năm {integer(int(year), reader.dialect)}" if year else said


def twice(written: str, reader: Reader) -> str:
    """The figures in brackets are silent where they only repeat the words."""
    last_word, figure = written.rstrip(")").split(" (")
    said = integer(int(figure), reader.dialect)
    repeats = said.split()[-1] == last_word.lower()
    return last_word if repeats else f"{last_word}, {said},"


def road(written: str) -> str:
    """Two figures are a number, three are read one by one."""
    found = re.fullmatch(r"(\D+?)[ .]?(\d+)([A-Z]?)", written)
    assert found is not None  # the rule that found it is made of the same pieces
    kind, figure, letter = found.groups()
    said = integer(int(figure)) if len(figure) < 3 else " ".join(map(digit, figure))
    return f"{ROADS[kind]} {said} {letters(letter)}".strip()


def _value(written: str) -> Decimal:
    """Dots part thousands and a comma the decimals, as Vietnam writes them.

    A dot before one or two figures can only be meant for a comma, and a comma before three zeros
    for a dot.
    """
    if re.fullmatch(r"-?\d+\.\d{1,2}", written):
        return Decimal(written)
    if re.fullmatch(r"-?\d{1,3}(?:,\d{3})*,000", written):
        return Decimal(written.replace(",", ""))
    return Decimal(written.replace(".", "").replace(",", "."))
