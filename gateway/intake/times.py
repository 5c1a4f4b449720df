"""Times as dossier systems write them. Without a zone they are Vietnam's."""

import re
from datetime import datetime

from gateway.domain.hours import ZONE

# RFC 3339, with the zone left out or a space for the T, as the dossier systems do.
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_YEARS = range(1900, 2200)


class NotATime(ValueError):
    """Send a time as RFC 3339 writes it, for example 2025-03-05T16:30:00+07:00."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def read_moment(text: str) -> datetime:
    """An aware time. Raises NotATime."""
    if not _RFC_3339.fullmatch(text):
        raise NotATime
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise NotATime from None
    return _placed(moment)


def read_formatted(text: str, format_: str) -> datetime:
    """An aware time in a `strptime` format, every digit in its place. Raises NotATime."""
    try:
        moment = datetime.strptime(text, format_)  # noqa: DTZ007 - placed below
    except ValueError:
        raise NotATime from None
    # strptime also takes one digit where two are due, and then reads the rest wrongly.
    if "%f" not in format_ and moment.strftime(format_) != text:
        raise NotATime
    return _placed(moment)


def _placed(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise NotATime
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
