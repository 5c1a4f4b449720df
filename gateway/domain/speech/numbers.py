"""Numerals in words: groups of three, with what Vietnamese says where a digit is zero."""

from dataclasses import dataclass
from decimal import Decimal

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_AFTER_TWENTY = {1: "mốt", 4: "tư", 5: "lăm"}
_BILLION = 10**9


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """Words that differ by region: for a zero in the tens (`lẻ`, `linh`), for 1000 (`ngàn`)."""

    zero_tens: str = "lẻ"
    thousand: str = "nghìn"


PLAIN = Dialect()


def digit(figure: str) -> str:
    """One digit, as in a phone number: never `mốt`, `tư` or `lăm`."""
    return _DIGITS[int(figure)]


def integer(number: int, dialect: Dialect = PLAIN) -> str:
    """`2025` is "hai nghìn không trăm hai mươi lăm"."""
    if number < 0:
        return f"âm {integer(-number, dialect)}"
    return _whole(number, dialect) or _DIGITS[0]


def decimal(number: Decimal, dialect: Dialect = PLAIN) -> str:
    """`1.5` is "một phẩy năm". Up to two decimals are read as a number, more one by one."""
    sign, figures, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("not a finite number")
    if exponent >= 0:
        return integer(int(number), dialect)
    written = "".join(map(str, figures)).rjust(1 - exponent, "0")
    whole, fraction = written[:exponent], written[exponent:]
    said = f"{integer(int(whole), dialect)} phẩy {_fraction(fraction, dialect)}"
    return f"âm {said}" if sign else said


def percent(number: Decimal, dialect: Dialect = PLAIN) -> str:
    return f"{decimal(number, dialect)} phần trăm"


def money_vnd(amount_vnd: int, dialect: Dialect = PLAIN) -> str:
    return f"{integer(amount_vnd, dialect)} đồng"


def _whole(number: int, dialect: Dialect) -> str:
    billions, rest = divmod(number, _BILLION)
    if not billions:
        return _below_billion(rest, dialect, follows=False)
    said = f"{_whole(billions, dialect)} tỷ"
    return f"{said} {_below_billion(rest, dialect, follows=True)}".strip()


def _below_billion(number: int, dialect: Dialect, *, follows: bool) -> str:
    """Groups of zero are silent; a group after another one says its hundreds even if they are 0."""
    said: list[str] = []
    for size, name in ((10**6, "triệu"), (1000, dialect.thousand), (1, "")):
        group, number = divmod(number, size)
        if group:
            said += [_group(group, dialect, full=follows or bool(said)), name]
    return " ".join(filter(None, said))


def _group(number: int, dialect: Dialect, *, full: bool) -> str:
    hundreds, below = divmod(number, 100)
    if not hundreds and not full:
        return _below_hundred(below)
    said = f"{_DIGITS[hundreds]} trăm"
    if not below:
        return said
    if below < 10:
        return f"{said} {dialect.zero_tens} {_DIGITS[below]}"
    return f"{said} {_below_hundred(below)}"


def _below_hundred(number: int) -> str:
    tens, units = divmod(number, 10)
    if tens == 0:
        return _DIGITS[units]
    if tens == 1:
        unit = "lăm" if units == 5 else _DIGITS[units]
        return f"mười {unit}" if units else "mười"
    said = f"{_DIGITS[tens]} mươi"
    return f"{said} {_AFTER_TWENTY.get(units, _DIGITS[units])}" if units else said


def _fraction(figures: str, dialect: Dialect) -> str:
    if len(figures) <= 2 and not figures.startswith("0"):
        return integer(int(figures), dialect)
    return " ".join(map(digit, figures))
