"""Reports: notices by what is asked for, over days or a whole month, as rows of figures."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.domain.statistics import Group, arrived_share, grouped, surely_sent
from gateway.domain.status import State
from gateway.ledger import counting, statistics
from gateway.ledger.database import Connection, Database
from gateway.ledger.statistics import Attempts, By, Notices, Wanted

# As long as somebody waits for a page; the vacuum waits as long.
_TIMEOUT_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """Figures under one key. `within_5_min`, `collected` and `arrived` are shares, None of nothing;
    `arrived_s` is the mean. `doubtful` were perhaps never sent, and `doubtful_vnd` perhaps costs
    nothing: neither is part of `sent` and `cost_vnd`."""

    key: str
    notices: int
    states: dict[State, int]
    sent: int
    groups: dict[Group, int]
    arrived: float | None
    fell_back: int
    within_5_min: float | None
    arrived_s: float | None
    collected: float | None
    cost_vnd: int
    doubtful: int = 0
    doubtful_vnd: int = 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """`is_current` False: the latest are missing, or the oldest."""

    wanted: Wanted
    by: By
    rows: Sequence[Row]
    total: Row
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class MonthReport:
    first: date
    by: dict[By, Report]
    attempts: Sequence[Attempts]

    @property
    def total(self) -> Row:
        return self.by[By.DAY].total

    @property
    def is_current(self) -> bool:
        return self.by[By.DAY].is_current


_OF_A_MONTH = (By.DAY, By.UNIT, By.KIND, By.CHANNEL, By.STATE)


class Reports:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, wanted: Wanted, by: By) -> Report:
        async with statistics.moment(self._database, _TIMEOUT_S) as connection:
            return await _report(connection, wanted, by)

    async def month(self, first: date, units: Sequence[str] | None) -> MonthReport:
        """Of the month that begins with `first`."""
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        wanted = Wanted(first=first, last=last, units=units)
        async with statistics.moment(self._database, _TIMEOUT_S) as connection:
            return MonthReport(
                first=first,
                by={by: await _report(connection, wanted, by) for by in _OF_A_MONTH},
                attempts=await statistics.attempts(connection, wanted),
            )


async def _report(connection: Connection, wanted: Wanted, by: By) -> Report:
    standing = await counting.standing(connection)
    found = await statistics.notices(connection, wanted, (by,))
    return Report(
        wanted=wanted,
        by=by,
        rows=[_row(_shown(one.key[0]), [one]) for one in found],
        total=_row("", found),
        is_current=not (standing.is_stale or standing.is_filling),
    )


def _shown(key: str | date) -> str:
    return key.isoformat() if isinstance(key, date) else key


def _row(key: str, parts: Sequence[Notices]) -> Row:
    states: dict[State, int] = {}
    for part in parts:
        for state, count in part.states.items():
            states[state] = states.get(state, 0) + count
    groups = grouped(states)
    reached, doubtful = groups[Group.ARRIVED], sum(one.doubtful for one in parts)
    return Row(
        key=key,
        notices=sum(one.notices for one in parts),
        states=states,
        sent=surely_sent(states, doubtful),
        doubtful=doubtful,
        groups=groups,
        arrived=arrived_share(groups),
        fell_back=sum(one.fell_back for one in parts),
        within_5_min=_share(sum(sum(one.speeds[:2]) for one in parts), reached),
        arrived_s=_share(sum(one.arrived_s for one in parts), reached),
        collected=_share(sum(one.collected for one in parts), sum(one.told for one in parts)),
        doubtful_vnd=sum(one.doubtful_vnd for one in parts),
        cost_vnd=sum(one.cost_vnd for one in parts),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
