"""When a person can collect a result: the next opening of a pick-up point."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gateway.domain.directory import OpeningHours
from gateway.domain.hours.calendar import ZONE, Calendar, local

# A longer closure than any holiday: a point that stays shut so long has no hours to announce.
HORIZON_DAYS = 60
WORTH_COMING = timedelta(minutes=30)
MONDAY = 1

Block = tuple[time, time]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """One stretch of open time; `opens_at` is the earliest arrival where it is already open."""

    opens_at: datetime
    closes_at: datetime


def next_opening(
    hours: Sequence[OpeningHours], calendar: Calendar, at: datetime, lead_s: float = 0
) -> Opening | None:
    """The first opening worth coming to, `lead_s` after `at` or later; None where there is none.

    What is left of a stretch counts while it is half an hour or more; later stretches count whole.
    """
    arrival = local(at) + timedelta(seconds=lead_s)
    for ahead in range(HORIZON_DAYS if hours else 0):
        day = arrival.date() + timedelta(days=ahead)
        for opens, closes in _blocks(hours, calendar, day):
            begins = datetime.combine(day, opens, tzinfo=ZONE)
            ends = datetime.combine(day, closes, tzinfo=ZONE)
            if arrival <= begins or ends - arrival >= WORTH_COMING:
                return Opening(opens_at=max(begins, arrival), closes_at=ends)
    return None


def _blocks(hours: Sequence[OpeningHours], calendar: Calendar, day: date) -> list[Block]:
    """The stretches of one day. A weekend day worked in exchange keeps the hours of a Monday."""
    if calendar.is_holiday(day):
        return []
    usual = _on_weekday(hours, day.isoweekday())
    if calendar.is_exchanged(day):
        return _on_weekday(hours, MONDAY) or usual
    return usual


def _on_weekday(hours: Sequence[OpeningHours], weekday: int) -> list[Block]:
    return sorted(
        (part.opens, part.closes)
        for part in hours
        if weekday in part.days and part.opens < part.closes
    )
