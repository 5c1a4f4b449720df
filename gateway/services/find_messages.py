"""Finding notifications as staff ask for them, page by page, in a bounded time.

A search goes back in stretches of time, each longer than the one before while it costs little. It
ends with a full page, with the oldest notification, or when its time is up; then it says how far
back it has looked, and can go on from there.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gateway.domain.identity import minted_at, uuid7_floor
from gateway.domain.status import State
from gateway.ledger import finding
from gateway.ledger.database import Connection, Database
from gateway.ledger.finding import Sought
from gateway.ledger.reading import Found

PER_PAGE = 50
_CLOCKS_APART = timedelta(hours=1)
_LAST = UUID(int=(1 << 128) - 1)
_DAY_MS = 86_400_000
_BUDGET_S, _PATIENT_S = 0.15, 3.0
# No single stretch may take longer, whatever the planner thought.
_AT_MOST_S = 5.0
_SHORTEST_DAYS, _ALL_DAYS = 1.0, 36_500.0
# While a stretch took less than that, the next one is so much longer.
_GROWTH = ((0.01, 6), (0.03, 3), (0.08, 1.5))


@dataclass(frozen=True, kw_only=True)
class Quest:
    """What is looked for. `is_rare`: so few meet its tokens that no stretches are needed."""

    token_groups: Sequence[Sequence[int]] = ()
    is_rare: bool = False
    source: str | None = None
    states: Sequence[str] = ()
    reason: str | None = None
    units: Sequence[str] | None = None
    account: str | None = None
    channel: str | None = None
    kind: str | None = None
    accepted_from: datetime | None = None
    accepted_to: datetime | None = None
    before: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Swept:
    """`older` goes on after the last one found. `stopped_at`: the search was ended there for its
    time; what is older was not looked at."""

    found: Sequence[Found]
    older: UUID | None = None
    stopped_at: datetime | None = None


@dataclass(kw_only=True)
class Sweeper:
    """`now` is the ledger's; `tick_s` measures how long things take."""

    database: Database
    now: Callable[[], datetime]
    budget_s: float = _BUDGET_S
    tick_s: Callable[[], float] = time.monotonic

    async def sweep(self, quest: Quest, most: int = PER_PAGE, *, patient: bool = False) -> Swept:
        if quest.units is not None and not quest.units:
            return Swept(found=())
        async with finding.at_leisure(self.database, _AT_MOST_S) as connection:
            budget_s = _PATIENT_S if patient else self.budget_s
            return await self._sweep(connection, quest, most, budget_s)

    async def _sweep(
        self, connection: Connection, quest: Quest, most: int, budget_s: float
    ) -> Swept:
        floor, before = await _bounds(connection, quest)
        days = _ALL_DAYS if quest.is_rare else _SHORTEST_DAYS
        began, found = self.tick_s(), list[Found]()
        while before > floor:
            since = max(floor, self._earlier(before, days))
            started = self.tick_s()
            sought = _sought(quest, before, since, most + 1 - len(found))
            found += await finding.find(connection, sought)
            before = since
            if len(found) > most:
                return Swept(found=found[:most], older=found[most - 1].id)
            ended = self.tick_s()
            if ended - began > budget_s and before > floor:
                return Swept(found=found, older=before, stopped_at=minted_at(before))
            days *= _growth(ended - started)
        return Swept(found=found)

    def _earlier(self, before: UUID, days: float) -> UUID:
        """So many days before that id, or before now."""
        end = min(before, uuid7_floor(self.now()))
        return UUID(int=max(0, end.int - (int(days * _DAY_MS) << 80)))


def _growth(took_s: float) -> float:
    return next((factor for limit_s, factor in _GROWTH if took_s < limit_s), 1)


async def _bounds(connection: Connection, quest: Quest) -> tuple[UUID, UUID]:
    """From which id and before which one. Ids bear the time of the process that minted them, whose
    clock may be off."""
    floor = await finding.oldest(connection) or _LAST
    if quest.accepted_from:
        floor = max(floor, uuid7_floor(quest.accepted_from - _CLOCKS_APART))
    before = min(quest.before or _LAST, _LAST)
    if quest.accepted_to:
        before = min(before, uuid7_floor(quest.accepted_to + _CLOCKS_APART))
    return floor, before


def _sought(quest: Quest, before: UUID, since: UUID, limit: int) -> Sought:
    return Sought(
        before=before,
        since=since,
        limit=limit,
        token_groups=quest.token_groups,
        is_rare=quest.is_rare,
        source=quest.source,
        accepted_from=quest.accepted_from,
        accepted_to=quest.accepted_to,
        states=[State(state) for state in quest.states],
        reason=quest.reason,
        units=quest.units,
        account=quest.account,
        channel=quest.channel,
        kind=quest.kind,
    )
