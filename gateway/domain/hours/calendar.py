"""Which days are worked: weekends, public holidays, exchanged Saturdays, the directory's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from gateway.domain.directory import CalendarDay

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FRIDAY, SATURDAY = 4, 5  # as date.weekday() counts


def local(at: datetime) -> datetime:
    """The same moment on a Vietnamese clock. Raises ValueError where the zone is missing."""
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(ZONE)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The public calendar with the days that the directory changes (`overrides`: worked or not)."""

    overrides: Mapping[date, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, days: Iterable[CalendarDay]) -> "Calendar":
        return cls(overrides={entry.day: entry.works for entry in days})

    def works(self, day: date) -> bool:
        """Whether offices work on this day."""
        worked = self.overrides.get(day)
        return _is_worked(day) if worked is None else worked

    def is_holiday(self, day: date) -> bool:
        """Whether even those rest who usually work on this weekday.

        A weekend beside a holiday is part of it: breaks are announced together with their
        weekends, and a closed door is worse for the person than a later date.
        """
        if self._rests(day):
            return True
        if day.weekday() < SATURDAY or self.works(day):
            return False
        friday = day - timedelta(days=day.weekday() - FRIDAY)
        return self._rests(friday) or self._rests(friday + timedelta(days=3))

    def is_exchanged(self, day: date) -> bool:
        """Whether this is a Saturday or Sunday worked in exchange for a weekday."""
        return day.weekday() >= SATURDAY and self.works(day)

    def _rests(self, day: date) -> bool:
        worked = self.overrides.get(day)
        return _is_public_holiday(day) if worked is None else not worked


@lru_cache(maxsize=4096)
def _is_worked(day: date) -> bool:
    return _public_calendar(day.year).is_working_day(day)


@lru_cache(maxsize=4096)
def _is_public_holiday(day: date) -> bool:
    return day in _public_calendar(day.year)


@lru_cache(maxsize=16)
def _public_calendar(year: int) -> holidays.HolidayBase:
    # The year after is needed too: a December Saturday can be exchanged for a day of January.
    return holidays.country_holidays("VN", years=(year, year + 1), expand=False)
