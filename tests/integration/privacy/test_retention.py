"""What is older than the settings keep it goes; what is younger stays."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
from ledger_rows import new_event

from gateway.domain.identity import uuid7, uuid7_floor
from gateway.domain.outcome import Receipt, Verdict
from gateway.ledger import accept, audit, horizon, partitions, receipts
from gateway.ledger.receipts import Kept, RawReceipt

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


def minted(year: int, month: int, day: int = 15, number: int = 0) -> UUID:
    moment = datetime(year, month, day, tzinfo=UTC)
    return uuid7(int(moment.timestamp() * 1000), number)


async def months_of(connection: asyncpg.Connection, table: str) -> list[str]:
    rows = await connection.fetch(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = $1::text::regclass ORDER BY c.relname",
        table,
    )
    return [row["relname"].removeprefix(f"{table}_") for row in rows]


async def live_through(connection: asyncpg.Connection, *months: tuple[int, int]) -> None:
    """The partitions of those months, made when they were to come."""
    for year, month in months:
        await partitions.keep_partitions_ahead(connection, datetime(year, month, 1, tzinfo=UTC))


async def kept(connection: asyncpg.Connection, table: str, column: str = "id") -> set[UUID]:
    return {row[column] for row in await connection.fetch(f"SELECT {column} FROM {table}")}


async def book(connection: asyncpg.Connection, notification_id: UUID, name: str) -> None:
    async with connection.transaction():
        await accept.accept(connection, [new_event(name, id=notification_id)])


async def test_the_months_from_the_last_to_two_ahead_are_there(
    connection: asyncpg.Connection,
) -> None:
    await connection.execute(
        "DO $$ DECLARE t text; BEGIN FOR t IN SELECT c.relname FROM pg_inherits i"
        " JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind = 'r' LOOP"
        " EXECUTE 'DROP TABLE ' || t; END LOOP; END $$"
    )
    await partitions.keep_partitions_ahead(connection, datetime(2026, 12, 31, 23, tzinfo=UTC))
    await partitions.keep_partitions_ahead(connection, datetime(2026, 12, 31, 23, tzinfo=UTC))
    for table in partitions.PARTITIONED:
        assert await months_of(connection, table) == ["2026_11", "2026_12", "2027_01", "2027_02"]


@pytest.mark.parametrize(
    ("months", "gone", "stays"),
    [
        pytest.param(24, (2024, 10), (2024, 11), id="two-years"),
        pytest.param(3, (2026, 7), (2026, 8), id="three-months"),
        pytest.param(1, (2026, 9), (2026, 10), id="one-month"),
    ],
)
async def test_a_month_goes_as_a_whole_once_its_last_moment_is_too_old(
    connection: asyncpg.Connection, months: int, gone: tuple[int, int], stays: tuple[int, int]
) -> None:
    await live_through(connection, gone, stays, (2026, 11))
    old, young = minted(*gone, 28), minted(*stays, 1)
    await book(connection, old, "old")
    await book(connection, young, "young")
    for table in ("notification", "history"):
        dropped = await partitions.drop_old_partitions(connection, NOW, table, months)
        assert f"{table}_{gone[0]}_{gone[1]:02d}" in dropped
        assert f"{table}_{stays[0]}_{stays[1]:02d}" not in dropped
    assert await kept(connection, "notification") == {young}
    assert await kept(connection, "history", "notification_id") == {young}


async def test_receipts_and_the_audit_have_months_of_their_own(
    connection: asyncpg.Connection,
) -> None:
    await live_through(connection, (2026, 5), (2026, 11))
    old, young = minted(2026, 5), minted(2026, 11)
    for one in (old, young):
        raw = RawReceipt(id=one, account="esms", sealed=b"sealed", seal_key=1)
        await receipts.store_raw(connection, [raw], 0)
        receipt = Receipt(verdict=Verdict.DELIVERED)
        matched = Kept(
            notification_id=one, receipt_id=one, part=0, step=0, try_no=1, receipt=receipt
        )
        await receipts.keep(connection, [matched])
        await audit.write(connection, audit.Entry(id=one, actor="somebody", action="read"))
    for table in ("receipt_raw", "audit"):
        await partitions.drop_old_partitions(connection, NOW, table, 3)
        assert await kept(connection, table) == {young}
    assert await kept(connection, "receipt", "notification_id") == {old, young}


async def test_a_report_whose_month_is_gone_is_not_waited_for(
    connection: asyncpg.Connection,
) -> None:
    await live_through(connection, (2026, 5), (2026, 11))
    raw = RawReceipt(id=minted(2026, 5), account="esms", sealed=b"sealed", seal_key=1)
    await receipts.store_raw(connection, [raw], 0)
    await partitions.drop_old_partitions(connection, NOW, "receipt_raw", 3)
    assert await receipts.take_unread(connection, 10, horizon.of_times(), datetime.now(UTC)) == []
    assert await connection.fetchval("SELECT count(*) FROM receipt_todo") == 0


async def test_the_key_of_an_event_outlives_its_notification(
    connection: asyncpg.Connection,
) -> None:
    await live_through(connection, (2024, 1), (2026, 11))
    await book(connection, minted(2024, 1), "event")
    await partitions.drop_old_partitions(connection, NOW, "notification", 24)
    async with connection.transaction():
        [booked] = await accept.accept(connection, [new_event("event", id=minted(2026, 11))])
    assert (booked.fresh, booked.same_content) == (False, True)
    assert booked.notification_ids == (minted(2024, 1),)
    assert await kept(connection, "notification") == set()


async def test_old_rows_of_other_tables_go_in_bites(
    connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_BITE", 2)
    for number in range(5):
        await book(connection, minted(2026, 11, number=number), f"event {number}")
    await connection.execute(
        "UPDATE event_key SET accepted_at = now() - interval '61 months'"
        " WHERE notification_ids[1] <> $1",
        minted(2026, 11, number=4),
    )
    done = [
        await partitions.delete_old_rows(connection, "event_key", "accepted_at", 60)
        for _ in range(2)
    ]
    assert done == [4, 0]
    assert await connection.fetchval("SELECT count(*) FROM event_key") == 1


def test_the_first_moment_of_a_month_is_its_smallest_id() -> None:
    first = datetime(2026, 11, 1, tzinfo=UTC)
    assert uuid7_floor(first) <= uuid7(int(first.timestamp() * 1000), 0)
    assert uuid7(int(first.timestamp() * 1000) - 1, (1 << 74) - 1) < uuid7_floor(first)
