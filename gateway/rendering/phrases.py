"""How a date, a span of hours, a week of opening hours and a sum are written in a letter."""

from collections.abc import Iterable
from datetime import date, time
from itertools import groupby

from gateway.domain.directory import OpeningHours

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

Span = tuple[time, time]


def written_date(day: date) -> str:
    """`25/11/2024`."""
    return f"{day.day:02}/{day.month:02}/{day.year}"


def written_day(day: date) -> str:
    """`thứ Hai, 25/11/2024`."""
    return f"{WEEKDAYS[day.weekday()]}, {written_date(day)}"


def written_span(span: Span) -> str:
    """`7:00–11:30`."""
    return "–".join(f"{moment.hour}:{moment.minute:02}" for moment in span)


def written_spans(spans: Iterable[Span]) -> str:
    return ", ".join(map(written_span, spans))


def written_sum(amount_vnd: int) -> str:
    """`50.000 đồng`."""
    return f"{amount_vnd:,} đồng".replace(",", ".")


def spans_of(hours: Iterable[OpeningHours], weekday: int) -> tuple[Span, ...]:
    """The opening times of one ISO weekday, in order."""
    return tuple(sorted((each.opens, each.closes) for each in hours if weekday in each.days))


def written_week(hours: tuple[OpeningHours, ...]) -> str:
    """`thứ Hai đến thứ Sáu, 7:00–11:30, 13:30–17:00; thứ Bảy, 7:00–11:30`."""
    by_day = {day: spans_of(hours, day) for day in range(1, 8)}
    runs = groupby(filter(by_day.__getitem__, by_day), key=by_day.__getitem__)
    return "; ".join(f"{_days(tuple(days))}, {written_spans(spans)}" for spans, days in runs)


def _days(days: tuple[int, ...]) -> str:
    names = [WEEKDAYS[day - 1] for day in days]
    in_a_row = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    return f"{names[0]} đến {names[-1]}" if in_a_row else ", ".join(names)
