"""How things stand, for whoever watches: figures of one moment, and whether all is well.

Whoever looks within the same two seconds at the same units sees the same figures, so that many open
pages cost no more than one.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.channel import Channel
from gateway.domain.directory import Directory
from gateway.domain.hours import SendingHours
from gateway.domain.statistics import Concern, Group, Signs, concerns, grouped
from gateway.domain.status import State
from gateway.ledger import account_health, alerts, counting, statistics
from gateway.ledger.alerts import OpenAlert
from gateway.ledger.database import Connection, Database
from gateway.ledger.statistics import Attempts, By, Notices, Slot, UnitDay, Waiting, Wanted

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_SAME_S = 2.0
_TIMEOUT_S = 5.0
_DAYS = 31
# Most calls of so long failed, and there were enough of them to say so.
_FAILING_S, _LEAST_CALLS = 600.0, 3

Units = frozenset[str] | None


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What waits on one channel. `oldest` is due since then; None where nothing is overdue."""

    channel: str
    waiting: int
    overdue: int
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What the notices of a unit may cost in this month, and do."""

    unit: str
    name: str
    allowed_vnd: int
    spent_vnd: int

    @property
    def share(self) -> float:
        return self.spent_vnd / self.allowed_vnd


@dataclass(frozen=True, kw_only=True)
class Overview:
    """`counted_at`: the figures hold what happened before; None where they hold everything.
    `is_filling`: what is older than the statistics is not counted yet."""

    at: datetime
    counted_at: datetime | None
    is_filling: bool
    concerns: tuple[Concern, ...]
    today: Sequence[Notices]
    attempts: Sequence[Attempts]
    backlog: Sequence[Backlog]
    slots: Sequence[Slot]
    days: Sequence[UnitDay]
    today_vnd: int
    month_vnd: int
    month_doubtful_vnd: int
    budgets: Sequence[Budget]
    alerts: Sequence[OpenAlert]
    failing: Sequence[str]
    pauses: int

    @property
    def groups(self) -> Mapping[Group, int]:
        """Today's."""
        return grouped(self.states)

    @property
    def states(self) -> Mapping[State, int]:
        found: dict[State, int] = {}
        for one in self.today:
            for state, count in one.states.items():
                found[state] = found.get(state, 0) + count
        return found

    @property
    def doubtful(self) -> int:
        """Of today's, those that were perhaps never sent."""
        return sum(one.doubtful for one in self.today)

    @property
    def today_doubtful_vnd(self) -> int:
        """What today costs besides, should they have been."""
        return sum(one.doubtful_vnd for one in self.today)

    @property
    def day(self) -> date:
        return self.at.astimezone(HANOI).date()


class ReadOverview:
    def __init__(
        self,
        database: Database,
        directory: Callable[[], Directory],
        hours: Callable[[], SendingHours],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._directory = directory
        self._hours = hours
        self._monotonic = monotonic
        self._looks: dict[Units, tuple[float, asyncio.Task[Overview]]] = {}

    async def look(self, units: Units) -> Overview:
        """For these units, all of them with None. Alerts are told to those who see all units."""
        began_at, task = self._looks.get(units, (float("-inf"), None))
        if task is None or self._monotonic() - began_at >= _SAME_S:
            task = asyncio.create_task(self._read(units))
            self._forget_old()
            self._looks[units] = (self._monotonic(), task)
        return await asyncio.shield(task)

    def _forget_old(self) -> None:
        now = self._monotonic()
        self._looks = {
            units: (at, task)
            for units, (at, task) in self._looks.items()
            if now - at < _SAME_S or not task.done()
        }

    async def _read(self, units: Units) -> Overview:
        async with statistics.moment(self._database, _TIMEOUT_S) as connection:
            return await self._figures(connection, units)

    async def _figures(self, connection: Connection, units: Units) -> Overview:
        standing = await counting.standing(connection)
        wanted_units = None if units is None else sorted(units)
        day = standing.now.astimezone(HANOI).date()
        today = Wanted(first=day, last=day, units=wanted_units)
        month = Wanted(first=day.replace(day=1), last=day, units=wanted_units)
        past = Wanted(first=day - timedelta(days=_DAYS - 1), last=day, units=wanted_units)
        by_channel = await statistics.notices(connection, today, (By.CHANNEL,))
        by_unit = await statistics.units(connection, month)
        backlog = self._backlog(await statistics.waiting(connection, wanted_units))
        opened = await alerts.open_alerts(connection) if units is None else []
        failing = await self._failing(connection, opened) if units is None else []
        pauses = await statistics.pauses(connection, wanted_units)
        budgets = self._budgets(by_unit, units)
        figures = Signs(
            is_current=not (standing.is_stale or standing.is_filling),
            alerts=len(opened),
            failing=len(failing),
            pauses=pauses,
            oldest_s=self._oldest_s(backlog, standing.now),
            today=grouped(_states(by_channel)),
            budgets_spent=[one.share for one in budgets],
        )
        return Overview(
            at=standing.now,
            counted_at=standing.since if standing.is_stale else None,
            is_filling=standing.is_filling,
            concerns=tuple(concerns(figures)),
            today=by_channel,
            attempts=await statistics.attempts(connection, today),
            backlog=backlog,
            slots=await statistics.slots(
                connection, standing.now - timedelta(hours=24), wanted_units
            ),
            days=await statistics.days(connection, past),
            today_vnd=sum(one.cost_vnd for one in by_channel),
            month_vnd=sum(one.cost_vnd for one in by_unit),
            month_doubtful_vnd=sum(one.doubtful_vnd for one in by_unit),
            budgets=budgets,
            alerts=opened,
            failing=failing,
            pauses=pauses,
        )

    async def _failing(self, connection: Connection, opened: Sequence[OpenAlert]) -> list[str]:
        """Those of the directory that no alert is about."""
        found = await account_health.failing(connection, _FAILING_S, _LEAST_CALLS)
        told = {one.alert.subject for one in opened}
        return [code for code in found if code in self._directory().accounts and code not in told]

    def _backlog(self, waiting: Sequence[Waiting]) -> list[Backlog]:
        """By channel; a pool that is no longer there stands for itself."""
        pools = self._directory().pools
        found: dict[str, list[Waiting]] = {}
        for one in waiting:
            pool = pools.get(one.pool)
            found.setdefault(pool.channel if pool else one.pool, []).append(one)
        return [
            Backlog(
                channel=channel,
                waiting=sum(one.notices for one in each),
                overdue=sum(one.overdue for one in each),
                oldest=min((one.oldest for one in each if one.oldest), default=None),
            )
            for channel, each in sorted(found.items())
        ]

    def _oldest_s(self, backlog: Sequence[Backlog], now: datetime) -> float:
        """Nobody is late while the channel is closed, nor before it has been open for as long."""
        hours = self._hours()
        ages = [
            hours.held_up_s(Channel(one.channel), one.oldest, now)
            for one in backlog
            if one.oldest and one.channel in set(Channel)
        ]
        return max(ages, default=0.0)

    def _budgets(self, by_unit: Sequence[UnitDay], units: Units) -> list[Budget]:
        spent: dict[str, int] = {}
        for one in by_unit:
            spent[str(one.key)] = spent.get(str(one.key), 0) + one.cost_vnd
        found = [
            Budget(
                unit=unit.code,
                name=unit.short_name or unit.name,
                allowed_vnd=unit.monthly_budget_vnd,
                spent_vnd=spent.get(unit.code, 0),
            )
            for unit in self._directory().units.values()
            if unit.monthly_budget_vnd and (units is None or unit.code in units)
        ]
        return sorted(found, key=lambda one: -one.share)


def _states(rows: Sequence[Notices]) -> dict[State, int]:
    found: dict[State, int] = {}
    for row in rows:
        for state, count in row.states.items():
            found[state] = found.get(state, 0) + count
    return found
