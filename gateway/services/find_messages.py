"""Finding notifications as staff ask for them, page by page, in a bounded time.

A search goes back in stretches of time (`gateway.services.search_way`). It ends with a full page,
with the oldest notification, or when its time is up; then it says how far back it has looked, and
can go on from there. No stretch may take longer than what is left of that time.
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
from gateway.services.search_way import ALL_MS, FIRST_MS, Stretch, Way

PER_PAGE = 50
_CLOCKS_APART = timedelta(hours=1)
_LAST = UUID(int=(1 << 128) - 1)
_BUDGET_S, _PATIENT_S = 0.15, 3.0
_AT_MOST_S = 5.0


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
        """`patient` takes seconds, as everybody does for what is rare: there, half an answer would
        pass for one."""
        if quest.units is not None and not quest.units:
            return Swept(found=())
        async with finding.at_leisure(self.database, _AT_MOST_S) as connection:
            budget_s = _PATIENT_S if patient or quest.is_rare else self.budget_s
            return await self._sweep(connection, quest, most, budget_s)

    async def _sweep(
        self, connection: Connection, quest: Quest, most: int, budget_s: float
    ) -> Swept:
        ends, found = self.tick_s() + budget_s, list[Found]()
        way = await _way(connection, quest, ends, most + 1)
        while way.before > way.floor:
            began = self.tick_s()
            if way.is_over(began):
                return Swept(found=found, older=way.before, stopped_at=minted_at(way.before))
            stretch = way.next(began, self.now())
            sought = _sought(quest, stretch, most + 1 - len(found))
            met = await finding.find_within(connection, sought, stretch.at_most_s or _AT_MOST_S)
            if met is None:
                way.broke_off(stretch)
                continue
            found += met
            if len(found) > most:
                return Swept(found=found[:most], older=found[most - 1].id)
            way.went(stretch, began, self.tick_s(), len(found))
        return Swept(found=found)


async def _way(connection: Connection, quest: Quest, ends: float, wanted: int) -> Way:
    floor, before = await _bounds(connection, quest)
    return Way(
        floor=floor,
        before=before,
        ends=ends,
        wanted=wanted,
        is_rare=quest.is_rare,
        may_turn=not quest.is_rare and _may_be_rare(quest),
        by_month=bool(quest.token_groups) and not quest.is_rare,
        length_ms=ALL_MS if quest.is_rare else FIRST_MS,
    )


def _may_be_rare(quest: Quest) -> bool:
    """Something is asked for that can be begun with. A unit has an index of its own."""
    by_attempts = (quest.account or quest.channel) and quest.units is None
    return bool(quest.token_groups or by_attempts)


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


def _sought(quest: Quest, stretch: Stretch, limit: int) -> Sought:
    return Sought(
        before=stretch.before,
        since=stretch.since,
        limit=limit,
        is_rare=stretch.is_rare,
        token_groups=quest.token_groups,
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
