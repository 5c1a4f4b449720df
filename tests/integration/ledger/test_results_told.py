"""A result counts as told once any notice about it reached somebody, and once only, however often
it was sent again, corrected, reminded or posted anew."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from ledger_rows import accepted, anywhere, book, new_event

from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger import counting, moves, statistics
from gateway.ledger.accept import NewEvent
from gateway.ledger.database import Database
from gateway.ledger.dossiers import Report
from gateway.ledger.statistics import By, Wanted

TODAY = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
NOW = Wanted(first=TODAY - timedelta(days=1), last=TODAY + timedelta(days=1))
BEGAN = datetime(2026, 3, 3, tzinfo=UTC)


async def count_all(connection: asyncpg.Connection) -> None:
    is_done = False
    while not is_done:
        async with connection.transaction():
            is_done = await counting.count_old(connection, 100)
            is_done &= await counting.count_changed(connection)


async def told(database: Database, by: Sequence[By] = ()) -> tuple[int, int]:
    """Of how many results the owner was told, and how many of these were handed over."""
    async with statistics.moment(database, 10) as connection:
        rows = await statistics.notices(connection, NOW, by)
    return sum(one.told for one in rows), sum(one.collected for one in rows)


@dataclass(kw_only=True)
class Office:
    """Reports about one dossier, each later than the one before."""

    connection: asyncpg.Connection
    key: bytes = b"a dossier"
    reported: int = 0
    events: dict[UUID, NewEvent] = field(default_factory=dict)

    def event(self, kind: str = "result-ready", corrects: UUID | None = None) -> NewEvent:
        self.reported += 1
        report = Report(
            key=self.key,
            kind=kind,
            at=BEGAN + timedelta(minutes=self.reported),
            tokens=(1,),
            sources=("igate",),
            corrects=(self.events[corrects].key,) if corrects else (),
        )
        return replace(new_event(kind=kind), report=report)

    async def report(self, kind: str = "result-ready", corrects: UUID | None = None) -> UUID:
        event = self.event(kind, corrects)
        one = await accepted(self.connection, event)
        self.events[one] = event
        return one

    async def returned(self) -> None:
        event = replace(self.event("returned"), notifications=())
        await book(self.connection, event)

    async def again(self, one: UUID, **fields: Any) -> UUID:
        kind = await self.connection.fetchval("SELECT kind FROM notification WHERE id = $1", one)
        return await accepted(self.connection, new_event(resend_of=one, kind=kind, **fields))

    async def ends(self, one: UUID, state: State) -> None:
        await moves.apply(self.connection, [anywhere(one, state, reason=Reason.BUSY)])


@pytest.fixture
async def office(connection: asyncpg.Connection) -> Office:
    await count_all(connection)
    return Office(connection=connection)


async def sent_again(office: Office) -> tuple[UUID, UUID]:
    first = await office.report()
    await office.ends(first, State.FAILED)
    return first, await office.again(first)


async def corrected(office: Office) -> tuple[UUID, UUID]:
    first = await office.report()
    await office.ends(first, State.UNCONFIRMED)
    return first, await office.report("correction", first)


async def posted_anew(office: Office) -> tuple[UUID, UUID]:
    first = await office.report()
    await office.ends(first, State.FAILED)
    return first, await office.report()


async def corrected_and_sent_again(office: Office) -> tuple[UUID, UUID]:
    first, second = await corrected(office)
    await office.ends(second, State.FAILED)
    return first, await office.again(second)


Told = Callable[[Office], Awaitable[tuple[UUID, UUID]]]
WAYS = pytest.mark.parametrize(
    "once_more", [sent_again, corrected, posted_anew, corrected_and_sent_again]
)


@WAYS
async def test_whoever_is_told_by_the_second_notice_was_told(
    office: Office, database: Database, once_more: Told
) -> None:
    _, second = await once_more(office)
    await count_all(office.connection)
    assert await told(database) == (0, 0)
    await office.ends(second, State.DELIVERED)
    await office.returned()
    for _ in range(2):
        assert await told(database) == (1, 1)
        await count_all(office.connection)


@WAYS
async def test_whoever_is_told_by_both_was_told_once(
    office: Office, database: Database, once_more: Told
) -> None:
    first, second = await once_more(office)
    for one in (second, first, second):
        await office.ends(one, State.DELIVERED if one == first else State.ACKNOWLEDGED)
        assert await told(database) == (1, 0)
        await count_all(office.connection)
        assert await told(database) == (1, 0)
    await office.returned()
    await count_all(office.connection)
    assert await told(database) == (1, 1)
    for by in By:
        assert await told(database, [by]) == (1, 1)


async def test_a_duplicate_does_not_hide_that_a_told_result_was_handed_over(
    office: Office, database: Database
) -> None:
    """It is the last notice about its dossier, and told nobody."""
    first = await office.report()
    await office.ends(first, State.DELIVERED)
    twin = await office.report()
    await office.ends(twin, State.CANCELLED)
    await office.report("overdue")
    await office.returned()
    assert await told(database) == (1, 1)


async def test_what_is_ready_after_a_return_is_another_result(
    office: Office, database: Database
) -> None:
    first = await office.report()
    await office.ends(first, State.DELIVERED)
    await office.returned()
    await count_all(office.connection)
    second = await office.report()
    await office.ends(second, State.DELIVERED)
    assert await told(database) == (2, 1)


async def test_only_what_is_about_a_result_counts(office: Office, database: Database) -> None:
    asked = await office.report("supplement-required")
    await office.ends(asked, State.DELIVERED)
    for one in (await office.report("correction", asked), await office.again(asked)):
        await office.ends(one, State.DELIVERED)
    await office.returned()
    assert await told(database) == (0, 0)


async def test_a_rehearsal_takes_no_place(office: Office, database: Database) -> None:
    first = await office.report()
    await office.ends(first, State.FAILED)
    await office.ends(await office.again(first, mode="test"), State.DELIVERED)
    assert await told(database) == (0, 0)
    await office.ends(await office.again(first), State.DELIVERED)
    assert await told(database) == (1, 0)


async def test_families_of_months_that_were_dropped_are_forgotten(office: Office) -> None:
    _, second = await sent_again(office)
    count = "SELECT count(*) FROM same_result"
    await counting.forget_old(office.connection)
    assert await office.connection.fetchval(count) == 1
    await office.connection.execute("DELETE FROM notification WHERE id <= $1", second)
    await office.report()
    await counting.forget_old(office.connection)
    assert await office.connection.fetchval(count) == 0


@dataclass(kw_only=True)
class Result:
    """What the test itself knows of one: every notice about it."""

    notices: list[UUID]
    is_handed_over: bool = False


class Traffic:
    """Does at random to some dossiers what may happen to them, and keeps its own book."""

    def __init__(self, connection: asyncpg.Connection, seed: int) -> None:
        self.connection, self.dice = connection, random.Random(seed)
        self.offices = [Office(connection=connection, key=b"%d" % n) for n in range(3)]
        self.current: dict[bytes, Result] = {}
        self.results: list[Result] = []

    async def goes_on(self) -> None:
        office = self.dice.choice(self.offices)
        result = self.current.get(office.key)
        if result is None:
            result = Result(notices=[await office.report()])
            self.results.append(result)
            self.current[office.key] = result
            return
        one = self.dice.choice(self.dice.choice(self.results).notices)
        match self.dice.randrange(8):
            case 0:
                await office.returned()
                result.is_handed_over = True
                del self.current[office.key]
            case 1:
                result.notices.append(await office.report())
            case 2:
                corrected = self.dice.choice([n for n in result.notices if n in office.events])
                result.notices.append(await office.report("correction", corrected))
            case 3:
                again = await office.again(one)
                next(each for each in self.results if one in each.notices).notices.append(again)
            case 4:
                await office.report("overdue")
            case _:
                states = [State.DELIVERED, State.ACKNOWLEDGED, State.FAILED, State.UNCONFIRMED]
                await office.ends(one, self.dice.choice(states))

    async def expected(self) -> tuple[int, int]:
        rows = await self.connection.fetch(
            "SELECT id FROM notification WHERE state IN ('delivered', 'acknowledged')"
        )
        arrived = {row["id"] for row in rows}
        reached = [one for one in self.results if arrived.intersection(one.notices)]
        return len(reached), sum(one.is_handed_over for one in reached)


@pytest.mark.parametrize("seed", range(4))
async def test_the_books_agree_at_every_moment(
    connection: asyncpg.Connection, database: Database, seed: int
) -> None:
    await count_all(connection)
    traffic = Traffic(connection, seed)
    for _ in range(50):
        for _ in range(traffic.dice.randint(1, 4)):
            await traffic.goes_on()
        if traffic.dice.random() < 0.5:
            await count_all(connection)
        assert await told(database) == await traffic.expected()
    assert (await traffic.expected())[1] > 0


async def test_what_an_earlier_release_counted_is_counted_once_more(
    connection: asyncpg.Connection, database: Database
) -> None:
    """Reports say meanwhile that they are not complete."""
    await count_all(connection)
    traffic = Traffic(connection, 7)
    for _ in range(60):
        await traffic.goes_on()
    await count_all(connection)
    expected = await traffic.expected()
    assert await told(database) == expected
    assert min(expected) > 0
    await connection.execute("UPDATE counted SET told = false, handed_over = false")
    await connection.execute("DELETE FROM result_day")
    await connection.execute("UPDATE count_head SET again_to = $1", UUID(int=0))
    assert (await counting.standing(connection)).is_filling
    await count_all(connection)
    assert not (await counting.standing(connection)).is_filling
    assert await told(database) == expected
