"""Monthly partitions, by the time inside the UUIDv7 of their key. A month is dropped as a whole."""

from collections.abc import Iterator
from datetime import UTC, datetime

import asyncpg

from gateway.domain.identity import uuid7_floor

PARTITIONED = ("notification", "attempt", "history", "receipt", "receipt_raw")
_MONTHS_AHEAD = 2
# Room on each page for the two or three updates every row gets, so that they stay heap-only.
_STORAGE = {"notification": "WITH (fillfactor = 70)", "attempt": "WITH (fillfactor = 70)"}


async def keep_partitions_ahead(connection: asyncpg.Connection, now: datetime) -> None:
    """Create the months from the last one (clocks differ) to two ahead, where they are missing."""
    for first, after in _months(now):
        for table in PARTITIONED:
            name = f"{table}_{first:%Y_%m}"
            await connection.execute(
                f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} "
                f"FOR VALUES FROM ('{uuid7_floor(first)}') TO ('{uuid7_floor(after)}') "
                f"{_STORAGE.get(table, '')}"
            )


def _months(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    for offset in range(-1, _MONTHS_AHEAD + 1):
        yield _first_of_month(now, offset), _first_of_month(now, offset + 1)


def _first_of_month(now: datetime, offset: int) -> datetime:
    months = now.year * 12 + now.month - 1 + offset
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
