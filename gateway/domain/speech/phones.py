"""Phone numbers and other figures that people dial or compare, where they stand in a sentence."""

import re

from gateway.domain.speech.codes import code, digits, letters, phone
from gateway.domain.speech.reader import Reader

_GAP = r"[ .)-]{0,2}"
_ABROAD = re.compile(r"\(?(?:\+84|0084)\)?[ .-]?\(?0?")

PHONE = (
    r"(?<![\w.,])(?:"
    rf"\(?(?:(?:\+84|0084)\)?[ .-]?\(?0?|0)(?:[35789](?:{_GAP}\d){{8}}|2(?:{_GAP}\d){{9}})"
    rf"|01[2689](?:{_GAP}\d){{8}}"
    r"|0\d{2,3}[ .-]1022"
    r"|(?<!/)1[89]00[ .]?\d{4}(?:\d\d)?"
    r"|(?<!/)1022(?![.,]\d)"
    r")(?!\d)(?: ?[/-] ?(?=[(0+]))?"
)
CALLED = (
    r"\b(?i:gọi|tổng đài|đường dây nóng|số máy|điện thoại|máy lẻ|số nội bộ) (?:số )?"
    r"(?!1[89]00)[1-9]\d{1,4}(?![\d.,]\d|\d| ?(?:ngày|giờ|phút|lần|người))"
)
IN_GROUPS = r"(?<![\w.,])\d{2,4}(?: \d{2,4}){2,}(?!\w|[.,]\d)"
PLATE = (
    r"(?<![\w.,/-])\d\d[A-ZĐ]{1,2}\d?"
    r"(?:[ -]\d{3}\.\d\d|-\d{4,5})(?!\w)"
)
SERIAL = r"(?<![\w.])[A-ZĐ]{1,3} \d{5,12}(?!\w|[.,]\d)"
KEY = r"(?i:phím) [#*]"

_HOTLINE_FROM_AFAR = re.compile(r"(0\d{2,3})[ .-](1022)")
_LEAST_IDENTIFIER = 9  # figures


def dialled(written: str) -> str:
    number = written.rstrip(" /-")
    more = "," if number != written else ""
    if hotline := _HOTLINE_FROM_AFAR.fullmatch(number):
        return f"{digits(hotline[1])}, {digits(hotline[2])}{more}"
    return f"{phone(_ABROAD.sub('0', number))}{more}"


def called(written: str, reader: Reader) -> str:
    words, number = written.rsplit(maxsplit=1)
    return f"{words} {reader.pronunciations.get(number) or digits(number)}"


def is_identifier(written: str) -> bool:
    return sum(map(str.isdecimal, written)) >= _LEAST_IDENTIFIER


def in_groups(written: str) -> str:
    return ", ".join(map(digits, written.split()))


def plate(written: str) -> str:
    return f", {code(written, marks=False)},"


def serial(written: str) -> str:
    """`BK 123456` of a paper."""
    series, number = written.split()
    return f"{letters(series)} {digits(number)}"


def key(written: str) -> str:
    word, sign = written.split()
    return f"{word} {'thăng' if sign == '#' else 'sao'}"
