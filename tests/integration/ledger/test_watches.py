"""What runs out is seen by one clock only, and again if that clock died over it."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from ledger_rows import (
    ACCEPTED,
    about,
    accepted,
    anywhere,
    book,
    bulk,
    count,
    due,
    new_event,
    take,
)

from gateway.domain.notification import Lane, LaneClass, Watch, WatchKind
from gateway.domain.status import State
from gateway.ledger import directory, horizon, moves, watches
from gateway.ledger.database import Database
from gateway.ledger.watches import RunOut


async def _run_out(connection: asyncpg.Connection, limit: int = 10) -> list[RunOut]:
    return await watches.take_run_out(connection, limit, horizon.of_times(), datetime.now(UTC))


async def _due_lanes(connection: asyncpg.Connection, *pools: str) -> dict[Lane, float]:
    lanes = [Lane(pool=pool, klass=klass) for pool in pools for klass in LaneClass]
    horizons, channels = {lane: horizon.of_times() for lane in lanes}, dict.fromkeys(pools, "sms")
    return await watches.due_lanes(connection, horizons, channels)


async def test_a_lease_that_still_runs_is_left_alone(connection: asyncpg.Connection) -> None:
    await accepted(connection)
    await take(connection, lease_s=30)
    assert await _run_out(connection) == []


async def test_a_lease_that_ran_out_is_seen_with_its_open_attempt(
    connection: asyncpg.Connection,
) -> None:
    await accepted(connection)
    [claimed] = await take(connection, lease_s=0)
    [found] = await _run_out(connection)
    assert (found.kind, found.closed, found.asked) == (WatchKind.LEASE, False, 1)
    assert (found.about.reference, found.about.state) == (claimed.reference, State.SENDING)


async def test_two_clocks_share_what_ran_out(
    database: Database, connection: asyncpg.Connection
) -> None:
    await book(connection, *(new_event() for _ in range(200)))
    await take(connection, 200, lease_s=0)

    async def sweep() -> list[UUID]:
        seen: list[UUID] = []
        async with database.connection() as own:
            while found := await _run_out(own, 15):
                seen += [one.about.notification_id for one in found]
        return seen

    first, second = await asyncio.gather(sweep(), sweep())
    assert len(first) + len(second) == 200
    assert len({*first, *second}) == 200


async def test_what_a_dead_clock_left_is_seen_again(connection: asyncpg.Connection) -> None:
    await accepted(connection)
    await take(connection, lease_s=0)
    assert len(await _run_out(connection)) == 1
    assert await _run_out(connection) == []
    left = await connection.fetchval("SELECT until - now() FROM watch")
    assert 15 < left.total_seconds() <= 20


async def test_a_receipt_window_that_closed_tells_what_was_taken(
    connection: asyncpg.Connection,
) -> None:
    await accepted(connection)
    [claimed] = await take(connection)
    soon = Watch(kind=WatchKind.RECEIPT, in_s=0)
    await moves.apply(connection, [about(claimed, State.SENT, result=ACCEPTED, watch=soon)])
    [found] = await _run_out(connection)
    assert (found.kind, found.closed, found.about.provider_id) == (WatchKind.RECEIPT, True, "p-1")
    await watches.drop(connection, [found.about])
    assert await count(connection, "watch") == 0


async def test_late_are_those_that_wait_past_their_time(connection: asyncpg.Connection) -> None:
    late = await accepted(connection, new_event(latest_in_s=-1, due_in_s=600.0))
    await accepted(connection)
    assert await watches.late(connection, 10) == [(late, 0, 0)]
    await moves.apply(connection, [anywhere(late, State.EXPIRED)])
    assert await watches.late(connection, 10) == []


async def test_one_that_may_have_been_sent_is_asked_about_rather_than_late(
    connection: asyncpg.Connection,
) -> None:
    await accepted(connection, new_event(latest_in_s=0.2))
    [claimed] = await take(connection)
    again = about(claimed, State.WAITING, due=due(600, ask_again="esms"))
    await moves.apply(connection, [again])
    await asyncio.sleep(0.25)
    assert await watches.late(connection, 10) == []


class TestDueLanes:
    async def test_a_lane_is_due_with_the_age_of_its_oldest(
        self, connection: asyncpg.Connection
    ) -> None:
        await book(connection, new_event(due_in_s=-50.0), new_event(due_in_s=-5.0))
        lanes = await _due_lanes(connection, "sms", "zalo")
        assert list(lanes) == [Lane(pool="sms")]
        assert 50 <= lanes[Lane(pool="sms")] < 55

    async def test_live_and_bulk_are_lanes_of_their_own(
        self, connection: asyncpg.Connection
    ) -> None:
        await book(connection, new_event(klass="bulk"), new_event(due_in_s=600.0))
        assert list(await _due_lanes(connection, "sms")) == [bulk("sms")]
        assert await watches.waiting_rows(connection) == {
            Lane(pool="sms", klass=LaneClass.BULK): 1,
            Lane(pool="sms", klass=LaneClass.LIVE): 1,
        }

    async def test_a_paused_pool_is_not_rung(self, connection: asyncpg.Connection) -> None:
        await accepted(connection)
        await directory.pause(connection, "pool", "sms", "operator", "")
        assert await _due_lanes(connection, "sms") == {}
        await directory.resume(connection, "pool", "sms")
        await directory.pause(connection, "everything", "", "operator", "")
        assert await _due_lanes(connection, "sms") == {}

    async def test_a_paused_channel_rings_none_of_its_pools(
        self, connection: asyncpg.Connection
    ) -> None:
        await accepted(connection)
        await directory.pause(connection, "channel", "zalo", "operator", "")
        assert list(await _due_lanes(connection, "sms")) == [Lane(pool="sms")]
        await directory.pause(connection, "channel", "sms", "operator", "")
        assert await _due_lanes(connection, "sms") == {}
