"""The feed: every ending has one position, in order, and no reader ever skips one."""

import asyncio

import asyncpg
from ledger_rows import accepted, anywhere, book, count, new_event

from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger import feed, horizon, moves
from gateway.ledger.database import Database


async def _number(connection: asyncpg.Connection, limit: int = 5000) -> bool:
    async with connection.transaction():
        return await feed.number(connection, horizon.of_numbers(), limit=limit)


async def test_endings_are_numbered_in_the_order_they_came(connection: asyncpg.Connection) -> None:
    ended = [await accepted(connection) for _ in range(3)]
    for one in ended:
        change = anywhere(one, State.CANCELLED, reason=Reason.WITHDRAWN)
        await moves.apply(connection, [change])
    assert await _number(connection)
    assert not await _number(connection)
    read = await feed.read(connection, "igate", 0, 10)
    assert [one.position for one in read] == [1, 2, 3]
    assert [one.notification_id for one in read] == ended
    assert {(one.state, one.reason, one.revision) for one in read} == {
        ("cancelled", "withdrawn", 2)
    }
    assert await count(connection, "outbox") == 0


async def test_a_source_reads_only_its_own_and_only_what_is_new(
    connection: asyncpg.Connection,
) -> None:
    for state in (State.CANCELLED, State.FAILED):
        await moves.apply(connection, [anywhere(await accepted(connection), state)])
    await _number(connection)
    assert await feed.read(connection, "another", 0, 10) == []
    assert [one.position for one in await feed.read(connection, "igate", 1, 10)] == [2]
    assert [one.position for one in await feed.read(connection, "igate", 0, 1)] == [1]


async def test_no_position_is_given_to_what_is_not_committed(
    database: Database, connection: asyncpg.Connection
) -> None:
    """The early id of a slow transaction comes later in the feed, but it does come."""
    slow, quick = await accepted(connection), await accepted(connection)
    async with database.transaction() as open_one:
        await moves.apply(open_one, [anywhere(slow, State.CANCELLED)])
        await moves.apply(connection, [anywhere(quick, State.CANCELLED)])
        await _number(connection)
        read = await feed.read(connection, "igate", 0, 10)
        assert [(one.position, one.notification_id) for one in read] == [(1, quick)]
    await _number(connection)
    read = await feed.read(connection, "igate", 1, 10)
    assert [(one.position, one.notification_id) for one in read] == [(2, slow)]


async def test_a_reader_misses_nothing_while_many_write_and_two_number(
    database: Database, connection: asyncpg.Connection
) -> None:
    writers, each = 4, 40
    booked = await book(connection, *(new_event() for _ in range(writers * each)))
    ended = [one.notification_ids[0] for one in booked]
    writing = writers

    async def write(share: int) -> None:
        nonlocal writing
        async with database.connection() as own:
            for one in ended[share::writers]:
                await moves.apply(own, [anywhere(one, State.CANCELLED)])
        writing -= 1

    async def number() -> None:
        async with database.connection() as own:
            while writing or await count(own, "outbox"):
                await _number(own, limit=7)

    async def follow() -> list[tuple[int, object]]:
        seen: list[tuple[int, object]] = []
        async with database.connection() as own:
            while len(seen) < len(ended):
                after = seen[-1][0] if seen else 0
                read = await feed.read(own, "igate", after, 10)
                seen += [(one.position, one.notification_id) for one in read]
                await asyncio.sleep(0)
        return seen

    async with asyncio.timeout(20):
        seen, *_ = await asyncio.gather(follow(), number(), number(), *map(write, range(writers)))
    assert [position for position, _ in seen] == list(range(1, len(ended) + 1))
    assert {one for _, one in seen} == set(ended)
