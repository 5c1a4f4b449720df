"""When the place is open next, as a letter tells it at the moment of writing."""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.domain.directory import OpeningHours
from gateway.domain.hours import Calendar, next_opening
from gateway.rendering.phrases import (
    Span,
    spans_of,
    written_day,
    written_span,
    written_spans,
)

MONDAY = 1


@dataclass(frozen=True, kw_only=True)
class NextHours:
    """`first` and `rest_of_day` are spans of hours, `day` their day; all empty where unknown."""

    first: str = ""
    day: str = ""
    rest_of_day: str = ""
    today: bool = False


def next_hours(hours: tuple[OpeningHours, ...], calendar: Calendar, at: datetime) -> NextHours:
    found = next_opening(hours, calendar, at)
    if found is None:
        return NextHours()
    day = found.opens_at.date()
    closes = found.closes_at.time()
    rest = [span for span in _spans_on(day, hours, calendar) if span[1] >= closes]
    return NextHours(
        first=f"{written_day(day)}, {written_span(rest[0])}",
        day=written_day(day),
        rest_of_day=written_spans(rest),
        today=day == at.date(),
    )


def _spans_on(day: date, hours: tuple[OpeningHours, ...], calendar: Calendar) -> tuple[Span, ...]:
    """A weekend day worked in exchange keeps the hours of a Monday."""
    of_monday = spans_of(hours, MONDAY) if calendar.is_exchanged(day) else ()
    return of_monday or spans_of(hours, day.isoweekday())


def written_when(opening: NextHours, hours: str) -> str:
    """Ready to follow a place; `hours` are those of the week, or what is known of them."""
    if opening.day:
        return f"từ {opening.day} ({opening.rest_of_day})"
    return f"trong giờ làm việc ({hours})" if hours else "trong giờ làm việc"
