"""Accepting: an event is booked once, whatever is posted again and at the same time."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from ledger_rows import accepted, book, count, new_event, row, take

from gateway.domain.identity import uuid7
from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.ledger.new_events import Booked, NewEvent

IN_1990 = uuid7(int(datetime(1990, 1, 1, tzinfo=UTC).timestamp() * 1000), 1)


async def test_a_new_event_waits_to_be_claimed(connection: asyncpg.Connection) -> None:
    event = new_event()
    [booked] = await book(connection, event)
    assert booked.fresh
    found = await row(connection, event.notifications[0].id)
    assert (found["state"], found["revision"], found["step"], found["tries"]) == (
        "waiting",
        1,
        0,
        0,
    )
    assert await count(connection, "due") == 1
    assert await count(connection, "outbox") == 0
    first = await connection.fetchrow("SELECT * FROM history")
    assert (first["revision"], first["state"], first["actor"]) == (1, "waiting", "source")


async def test_the_same_event_again_is_answered_with_what_was_booked(
    connection: asyncpg.Connection,
) -> None:
    [first] = await book(connection, new_event("twice"))
    [again] = await book(connection, new_event("twice"))
    assert (again.fresh, again.same_content) == (False, True)
    assert (again.event_id, again.notification_ids) == (first.event_id, first.notification_ids)
    assert await count(connection, "notification") == 1


async def test_other_content_under_the_same_id_is_told_and_not_written(
    connection: asyncpg.Connection,
) -> None:
    await book(connection, new_event("one id"))
    [other] = await book(connection, new_event("one id", content="changed"))
    assert (other.fresh, other.same_content) == (False, False)
    assert await count(connection, "notification") == 1


async def test_new_and_seen_events_may_stand_in_one_group(connection: asyncpg.Connection) -> None:
    await book(connection, new_event("old"))
    answers = await book(connection, new_event("new"), new_event("old"), new_event("newer"))
    assert [answer.fresh for answer in answers] == [True, False, True]
    assert await count(connection, "notification") == 3


async def test_twenty_submissions_of_one_event_at_once_make_one_notification(
    database: Database, connection: asyncpg.Connection
) -> None:
    async def submit() -> Booked:
        async with database.connection() as own:
            [answer] = await book(own, new_event("stampede"))
            return answer

    answers = await asyncio.gather(*(submit() for _ in range(20)))
    assert sum(answer.fresh for answer in answers) == 1
    assert len({answer.notification_ids for answer in answers}) == 1
    assert all(answer.same_content for answer in answers)
    for table in ("notification", "due", "history", "event_key"):
        assert await count(connection, table) == 1


async def test_groups_of_the_same_events_at_once_do_not_block_each_other(
    database: Database, connection: asyncpg.Connection
) -> None:
    names = [f"shared {n}" for n in range(100)]

    async def submit() -> int:
        async with database.connection() as own:
            return sum(one.fresh for one in await book(own, *map(new_event, names)))

    assert sum(await asyncio.gather(*(submit() for _ in range(6)))) == 100
    assert await count(connection, "notification") == 100


async def test_nobody_to_write_to_is_kept_as_failed_and_announced(
    connection: asyncpg.Connection,
) -> None:
    event = new_event(steps=(), state=State.FAILED, reason=Reason.NO_USABLE_PHONE)
    notification_id = await accepted(connection, event)
    found = await row(connection, notification_id)
    assert (found["state"], found["reason"]) == ("failed", "no_usable_phone")
    assert found["ended_at"] is not None
    assert await count(connection, "due") == 0
    [told] = await connection.fetch("SELECT notification_id, revision, state FROM outbox")
    assert tuple(told) == (notification_id, 1, "failed")


async def test_a_held_notification_is_listed_and_never_due(
    connection: asyncpg.Connection,
) -> None:
    await accepted(connection, new_event(state=State.HELD, reason=Reason.STORM_GUARD))
    assert await connection.fetchval("SELECT due_at = 'infinity' FROM due") is True
    assert await count(connection, "outbox") == 0
    assert await take(connection) == []


async def test_one_that_may_only_leave_later_is_not_due_yet(connection: asyncpg.Connection) -> None:
    await accepted(connection, new_event(due_in_s=600.0))
    assert await take(connection) == []


async def test_an_event_may_owe_several_notifications(connection: asyncpg.Connection) -> None:
    event, other = new_event(), new_event()
    event = replace(event, notifications=(*event.notifications, *other.notifications))
    [booked] = await book(connection, event)
    assert booked.notification_ids == tuple(one.id for one in event.notifications)
    assert await count(connection, "due") == 2


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param({"unit": "H10\x0012"}, id="a-character-that-cannot-be-stored"),
        pytest.param({"id": IN_1990}, id="minted-by-a-clock-that-lost-its-year"),
        pytest.param({"klass": "urgent"}, id="a-class-that-does-not-exist"),
        pytest.param({"seal_key": 70_000}, id="a-number-too-large-for-its-column"),
        pytest.param({"unit": "H10\ud80012"}, id="half-a-character"),
    ],
)
async def test_in_a_group_only_the_poisonous_one_fails(
    database: Database, connection: asyncpg.Connection, poison: dict[str, str | UUID | int]
) -> None:
    async def write(events: list[NewEvent]) -> list[Booked]:
        async with database.transaction() as own:
            return await book(own, *events)

    groups: GroupCommit[NewEvent, Booked] = GroupCommit(
        write, key=lambda event: event.key, largest=100
    )
    events = [new_event(**(poison if n == 4 else {})) for n in range(9)]
    answers = await asyncio.gather(*map(groups.put, events), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, Exception)] == [4]
    assert await count(connection, "notification") == 8
    assert await count(connection, "event_key") == 8
