"""Monthly partitions, by the time inside the UUIDv7 of their key. A month is dropped as a whole.

Rows of the few unpartitioned tables that must not grow for ever are deleted in small bites.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import asyncpg

from gateway.domain.identity import uuid7_floor

PARTITIONED = (
    *("notification", "attempt", "history", "receipt"),
    *("receipt_raw", "audit", "counted"),
)
_MONTHS_AHEAD = 2
_BITE = 5000
_PARTITIONS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::text::regclass ORDER BY c.relname
"""
# While a schema is brought up step by step, later tables are not there yet.
_PARENTS = "SELECT relname FROM pg_class WHERE relkind = 'p' AND relname = ANY ($1)"
# Room on each page for the two or three updates every row gets, so that they stay heap-only.
_STORAGE = {
    "notification": "WITH (fillfactor = 70)",
    "attempt": "WITH (fillfactor = 70)",
    "counted": "WITH (fillfactor = 80)",
}


async def keep_partitions_ahead(connection: asyncpg.Connection, now: datetime) -> None:
    """Create the months from the last one (clocks differ) to two ahead, where they are missing."""
    known = {row["relname"] for row in await connection.fetch(_PARENTS, PARTITIONED)}
    for table in sorted(known):
        there = {row["relname"] for row in await connection.fetch(_PARTITIONS, table)}
        for first, after in _months(now):
            name = f"{table}_{first:%Y_%m}"
            if name not in there:
                await _attach(connection, table, name, first, after)


async def _attach(
    connection: asyncpg.Connection, table: str, name: str, first: datetime, after: datetime
) -> None:
    """Made beside its table and then attached: CREATE … PARTITION OF would wait for every reader,
    a backup for instance, and all traffic behind it."""
    async with connection.transaction():
        await connection.execute(
            f"CREATE TABLE IF NOT EXISTS {name} (LIKE {table} INCLUDING ALL) "
            f"{_STORAGE.get(table, '')}"
        )
        await connection.execute(
            f"ALTER TABLE {table} ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{uuid7_floor(first)}') TO ('{uuid7_floor(after)}')"
        )


async def drop_old_partitions(
    connection: asyncpg.Connection, now: datetime, table: str, months: int
) -> list[str]:
    """Drop the partitions of `table` whose last moment is more than `months` ago; their names."""
    oldest_kept = f"{table}_{_first_of_month(now, -months):%Y_%m}"
    names = [
        row["relname"]
        for row in await connection.fetch(_PARTITIONS, table)
        if row["relname"] < oldest_kept
    ]
    for name in names:
        # Readers of the other months are not held up, which a plain DETACH would do.
        await connection.execute(f"ALTER TABLE {table} DETACH PARTITION {name} CONCURRENTLY")
        await connection.execute(f"DROP TABLE {name}")
    return names


async def delete_old_rows(
    connection: asyncpg.Connection, table: str, column: str, months: int
) -> int:
    """Delete the rows older than `months`, bite by bite; how many there were."""
    deleted = 0
    while True:
        done: str = await connection.execute(
            f"DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table}"
            f" WHERE {column} < now() - make_interval(months => $1) LIMIT {_BITE}))",
            months,
        )
        bite = int(done.rsplit(" ", 1)[-1])
        deleted += bite
        if bite < _BITE:
            return deleted


def _months(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    for offset in range(-1, _MONTHS_AHEAD + 1):
        yield _first_of_month(now, offset), _first_of_month(now, offset + 1)


def _first_of_month(now: datetime, offset: int) -> datetime:
    months = now.year * 12 + now.month - 1 + offset
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
