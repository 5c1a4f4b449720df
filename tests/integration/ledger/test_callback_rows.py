"""Callbacks in the ledger: owed with the position, leased to one, in order, and never lost."""

import asyncio
from collections.abc import Sequence

import asyncpg
from ledger_rows import accepted, anywhere, book, count, new_event

from gateway.domain.status import State
from gateway.ledger import callbacks, directory, feed, horizon, moves
from gateway.ledger.callbacks import DueCallback, FailedCallback
from gateway.ledger.database import Database
from gateway.ledger.directory import StoredEntry

LEASE_S = 30.0


async def _number(connection: asyncpg.Connection, sources: Sequence[str] = ("igate",)) -> None:
    async with connection.transaction():
        await feed.number(connection, horizon.of_numbers(), callbacks_for=sources)


async def _ended(connection: asyncpg.Connection, *states: State) -> None:
    """One notification that reached these states one after the other, and callbacks for each."""
    one = await accepted(connection)
    for state in states or (State.CANCELLED,):
        await moves.apply(connection, [anywhere(one, state)])
    await _number(connection)


async def _claim(
    connection: asyncpg.Connection, room: int = 10, most: int = 100, lease_s: float = LEASE_S
) -> list[DueCallback]:
    return await callbacks.claim(connection, {"igate": room}, most, lease_s)


async def _fail(connection: asyncpg.Connection, due: DueCallback, wait_s: float | None) -> None:
    failure = FailedCallback(position=due.position, tries=due.tries, ending="failed", wait_s=wait_s)
    await callbacks.failed(connection, [failure])


async def _change_source(connection: asyncpg.Connection) -> int:
    async with connection.transaction():
        await directory.write(
            connection, [StoredEntry(kind="source", code="igate", body={})], "test"
        )
    return await directory.head(connection)


async def test_it_is_owed_in_the_transaction_that_gives_the_position(
    connection: asyncpg.Connection,
) -> None:
    await moves.apply(connection, [anywhere(await accepted(connection), State.CANCELLED)])
    undone = connection.transaction()
    await undone.start()
    await feed.number(connection, horizon.of_numbers(), callbacks_for=["igate"])
    await undone.rollback()
    assert (await count(connection, "callback"), await count(connection, "feed")) == (0, 0)
    await _number(connection)
    [due] = await _claim(connection)
    [entry] = await feed.read(connection, "igate", 0, 10)
    assert (due.position, due.notification_id, due.revision, due.state) == (
        entry.position,
        entry.notification_id,
        entry.revision,
        entry.state,
    )
    assert (due.ended_at, due.tries, due.kind) == (entry.at, 1, "result-ready")


async def test_a_source_without_an_address_is_owed_nothing(connection: asyncpg.Connection) -> None:
    await moves.apply(connection, [anywhere(await accepted(connection), State.CANCELLED)])
    await _number(connection, ["another"])
    assert (await count(connection, "callback"), await count(connection, "feed")) == (0, 1)


async def test_what_is_leased_is_nobody_elses_until_the_lease_runs_out(
    connection: asyncpg.Connection,
) -> None:
    await _ended(connection)
    assert len(await _claim(connection, lease_s=0.2)) == 1
    assert await _claim(connection) == []
    await asyncio.sleep(0.3)
    [again] = await _claim(connection)
    assert again.tries == 2


async def test_two_claims_at_once_share_out_the_rows(
    database: Database, connection: asyncpg.Connection
) -> None:
    booked = await book(connection, *(new_event() for _ in range(40)))
    for one in booked:
        await moves.apply(connection, [anywhere(one.notification_ids[0], State.FAILED)])
    await _number(connection)

    async def claim() -> list[DueCallback]:
        async with database.connection() as own:
            return await _claim(own)

    found = [
        due.position for dues in await asyncio.gather(*(claim() for _ in range(6))) for due in dues
    ]
    assert len(found) == len(set(found))
    while left := await _claim(connection):
        found += [due.position for due in left]
    assert sorted(found) == list(range(1, 41))


async def test_what_was_taken_is_gone(connection: asyncpg.Connection) -> None:
    await _ended(connection)
    [due] = await _claim(connection)
    await callbacks.delivered(connection, [due.position])
    assert await count(connection, "callback") == 0


async def test_what_failed_comes_again_after_its_wait(connection: asyncpg.Connection) -> None:
    await _ended(connection)
    [due] = await _claim(connection)
    await _fail(connection, due, 0.2)
    assert await _claim(connection) == []
    await asyncio.sleep(0.3)
    [again] = await _claim(connection)
    assert (again.position, again.tries) == (due.position, 2)


async def test_what_failed_for_the_last_time_is_kept_and_can_be_redriven(
    connection: asyncpg.Connection,
) -> None:
    await _ended(connection)
    [due] = await _claim(connection)
    await _fail(connection, due, None)
    assert await _claim(connection) == []
    [dead] = await callbacks.dead(connection, None, 10)
    assert (dead.position, dead.tries, dead.last_ending) == (due.position, 1, "failed")
    [queue] = await callbacks.queues(connection)
    assert (queue.waiting, queue.dead, queue.stopped) == (0, 1, False)
    assert await callbacks.redrive(connection, "another", None) == 0
    assert await callbacks.redrive(connection, "igate", due.notification_id) == 1
    [again] = await _claim(connection)
    assert (again.position, again.tries) == (due.position, 1)


async def test_redriving_also_calls_forward_what_waits_for_its_next_try(
    connection: asyncpg.Connection,
) -> None:
    await _ended(connection)
    [due] = await _claim(connection)
    await _fail(connection, due, 3600)
    assert await callbacks.redrive(connection, None, None) == 1
    assert len(await _claim(connection)) == 1


async def test_a_try_that_outlived_its_lease_does_not_judge_its_successor(
    connection: asyncpg.Connection,
) -> None:
    await _ended(connection)
    [late] = await _claim(connection, lease_s=0)
    [current] = await _claim(connection)
    await _fail(connection, late, None)
    assert await callbacks.dead(connection, None, 10) == []
    await _fail(connection, current, 0)
    assert len(await _claim(connection)) == 1


class TestRevisionsOfOneNotification:
    async def test_the_first_tries_go_one_after_the_other(
        self, connection: asyncpg.Connection
    ) -> None:
        await _ended(connection, State.CANCELLED, State.DELIVERED, State.ACKNOWLEDGED)
        for state in ("cancelled", "delivered", "acknowledged"):
            [due] = await _claim(connection)
            assert due.state == state
            assert await _claim(connection) == []
            await callbacks.delivered(connection, [due.position])

    async def test_a_newer_one_does_not_wait_for_the_retries_of_an_older_and_ends_them(
        self, connection: asyncpg.Connection
    ) -> None:
        await _ended(connection, State.FAILED, State.DELIVERED)
        [older] = await _claim(connection)
        await _fail(connection, older, 3600)
        [newer] = await _claim(connection)
        assert (newer.state, newer.overtaken) == ("delivered", 1)
        assert await count(connection, "callback") == 1

    async def test_of_two_that_are_due_only_the_newer_goes(
        self, connection: asyncpg.Connection
    ) -> None:
        await _ended(connection, State.FAILED, State.DELIVERED)
        [older] = await _claim(connection)
        await _fail(connection, older, 0)
        [due] = await _claim(connection)
        assert due.state == "delivered"

    async def test_a_newer_one_waits_while_an_older_is_under_way(
        self, connection: asyncpg.Connection
    ) -> None:
        one = await accepted(connection)
        await moves.apply(connection, [anywhere(one, State.FAILED)])
        await _number(connection)
        [older] = await _claim(connection)
        await moves.apply(connection, [anywhere(one, State.DELIVERED)])
        await _number(connection)
        assert await _claim(connection) == []
        await callbacks.delivered(connection, [older.position])
        [newer] = await _claim(connection)
        assert (newer.state, newer.overtaken) == ("delivered", 0)

    async def test_an_older_one_that_was_given_up_cannot_be_redriven_after_a_newer_went(
        self, connection: asyncpg.Connection
    ) -> None:
        await _ended(connection, State.FAILED, State.DELIVERED)
        [older] = await _claim(connection)
        await _fail(connection, older, None)
        [newer] = await _claim(connection)
        await callbacks.delivered(connection, [newer.position])
        assert await callbacks.redrive(connection, None, None) == 0

    async def test_after_a_crash_the_newer_one_goes_and_the_older_does_not_come_back(
        self, connection: asyncpg.Connection
    ) -> None:
        await _ended(connection, State.FAILED, State.DELIVERED)
        await _claim(connection, lease_s=0)
        [newer] = await _claim(connection, lease_s=0)
        [again] = await _claim(connection)
        assert newer.position == again.position
        assert again.state == "delivered"


class TestEachSource:
    async def test_gets_only_as_many_as_it_has_room_for(
        self, connection: asyncpg.Connection
    ) -> None:
        for _ in range(5):
            await _ended(connection)
        assert await callbacks.claim(connection, {"another": 5}, 10, LEASE_S) == []
        assert len(await _claim(connection, room=2)) == 2
        assert len(await _claim(connection, room=9, most=1)) == 1
        assert len(await _claim(connection, room=9)) == 2

    async def test_that_is_stopped_is_told_nothing_until_its_entry_is_newer(
        self, connection: asyncpg.Connection
    ) -> None:
        revision = await _change_source(connection)
        await _ended(connection)
        await callbacks.stop(connection, "igate", revision)
        assert await _claim(connection) == []
        [queue] = await callbacks.queues(connection)
        assert queue.stopped
        await _change_source(connection)
        assert len(await _claim(connection)) == 1

    async def test_that_is_stopped_is_told_again_when_it_is_redriven(
        self, connection: asyncpg.Connection
    ) -> None:
        await _ended(connection)
        await callbacks.stop(connection, "igate", await _change_source(connection))
        await callbacks.redrive(connection, "igate", None)
        assert len(await _claim(connection)) == 1

    async def test_an_answer_about_an_older_address_does_not_stop_the_newer(
        self, connection: asyncpg.Connection
    ) -> None:
        before = await _change_source(connection)
        await _ended(connection)
        await _change_source(connection)
        await callbacks.stop(connection, "igate", before)
        assert len(await _claim(connection)) == 1

    async def test_that_cannot_be_told_for_too_long_is_given_up(
        self, connection: asyncpg.Connection
    ) -> None:
        await _ended(connection)
        await asyncio.sleep(0.1)
        assert await callbacks.bury(connection, 3600, []) == 0
        assert await callbacks.bury(connection, 0.05, ["igate"]) == 0
        assert await callbacks.bury(connection, 0.05, []) == 1
        [dead] = await callbacks.dead(connection, "igate", 10)
        assert (dead.tries, dead.last_ending) == (0, None)
