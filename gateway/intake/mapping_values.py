"""How the single values of a source's payload are read: texts, dates, sums of money."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gateway.intake.times import NotATime, read_formatted, read_moment

_GROUPED = re.compile(r"\d{1,3}([.,\s]\d{3})+", re.ASCII)
_PLAIN = re.compile(r"(\d+)([.,]0+)?", re.ASCII)
_CURRENCY = re.compile(r"\s*(đ|₫|vnd|vnđ|đồng)\.?$", re.IGNORECASE)


class NotAnAmount(ValueError):
    """Send the amount in whole VND, for example 50000."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def text_of(value: Any) -> Any:
    """Old systems send numbers as strings, newer ones as numbers: here both are text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def texts_of(value: Any) -> list[Any]:
    """The filled fields of one field or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [text_of(entry) for entry in values if entry not in (None, "")]


def moment_of(text: str, formats: Iterable[str]) -> datetime | None:
    """The time in `text`, by RFC 3339 or one of the source's own formats; None if it is none."""
    try:
        return read_moment(text)
    except NotATime:
        pass
    for format_ in formats:
        try:
            return read_formatted(text, format_)
        except NotATime:
            continue
    return None


def amount_vnd_of(value: Any) -> int:
    """Whole VND. Dots, commas and spaces group thousands; a fraction may only be zero."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = _CURRENCY.sub("", str(value).strip())
    if _GROUPED.fullmatch(text):
        return int(re.sub(r"[.,\s]", "", text))
    plain = _PLAIN.fullmatch(text)
    if not plain:
        raise NotAnAmount
    return int(plain[1])
