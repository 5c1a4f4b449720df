"""Rows that hold something sealed, page by page, and their sealing anew under a newer key.

A row that somebody else has in hand is passed over, so that nobody ever waits for this; a row that
changed since it was read stays as it is. Both are met again on the next round.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg


@dataclass(frozen=True, kw_only=True)
class SealedTable:
    """A table with `sealed` and `seal_key`, and the columns of its primary key with their types."""

    name: str
    key: tuple[tuple[str, str], ...]

    @property
    def columns(self) -> str:
        return ", ".join(column for column, _ in self.key)


SEALED_TABLES = (
    SealedTable(name="notification", key=(("id", "uuid"),)),
    SealedTable(
        name="attempt", key=(("notification_id", "uuid"), ("step", "smallint"), ("try", "smallint"))
    ),
    SealedTable(name="receipt_raw", key=(("id", "uuid"),)),
    SealedTable(name="suppression", key=(("id", "uuid"),)),
    SealedTable(name="line_call", key=(("id", "uuid"),)),
    SealedTable(name="inbound_text", key=(("message", "bytea"),)),
    SealedTable(name="console_search", key=(("id", "uuid"),)),
    SealedTable(name="hand_list", key=(("id", "uuid"),)),
    SealedTable(name="account_token", key=(("account", "text"),)),
    SealedTable(name="zalo_consent", key=(("account", "text"),)),
    SealedTable(
        name="directory_entry", key=(("kind", "text"), ("code", "text"), ("revision", "bigint"))
    ),
)

_TABLES_WITH = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
  AND a.attname = $1 AND NOT a.attisdropped
ORDER BY c.relname
"""

# Looks at whole tables, so the usual limit of a statement does not hold for it.
_PATIENCE_S = 6 * 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedRow:
    key: tuple[Any, ...]
    sealed: bytes
    seal_key: int


async def older(
    connection: asyncpg.Connection,
    table: SealedTable,
    primary: int,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[SealedRow]:
    """Rows sealed under another key than the primary, in the order of their keys."""
    places = ", ".join(f"${n}" for n, _ in enumerate(table.key, 3))
    beyond = f"AND ({table.columns}) > ({places})" if after else ""
    rows = await connection.fetch(
        f"SELECT {table.columns}, sealed, seal_key FROM {table.name}"
        f" WHERE seal_key <> $1 {beyond} ORDER BY {table.columns} LIMIT $2",
        primary,
        limit,
        *(after or ()),
    )
    return [
        SealedRow(
            key=tuple(row[column] for column, _ in table.key),
            sealed=row["sealed"],
            seal_key=row["seal_key"],
        )
        for row in rows
    ]


async def replace(
    connection: asyncpg.Connection,
    table: SealedTable,
    rows: Sequence[tuple[SealedRow, bytes]],
    seal_key: int,
) -> int:
    """Put the new sealed bytes in place of those that were read; how many rows took them."""
    key_columns = [list(column) for column in zip(*(row.key for row, _ in rows), strict=True)]
    done: str = await connection.execute(
        _replace_statement(table),
        seal_key,
        [row.sealed for row, _ in rows],
        [sealed for _, sealed in rows],
        *key_columns,
    )
    return int(done.rsplit(" ", 1)[-1])


def _replace_statement(table: SealedTable) -> str:
    arrays = ", ".join(f"${n}::{kind}[]" for n, (_, kind) in enumerate(table.key, 4))
    same = " AND ".join(f"t.{column} = {{other}}.{column}" for column, _ in table.key)
    return f"""
WITH wish AS (
    SELECT * FROM unnest($2::bytea[], $3::bytea[], {arrays}) AS w (old, new, {table.columns})
), free AS (
    SELECT w.* FROM wish w JOIN {table.name} t ON {same.format(other="w")} AND t.sealed = w.old
    FOR UPDATE OF t SKIP LOCKED
)
UPDATE {table.name} t SET sealed = f.new, seal_key = $1 FROM free f WHERE {same.format(other="f")}
"""


async def tables_with(connection: asyncpg.Connection, column: str) -> list[str]:
    """The tables that have this column, a partitioned one once."""
    return [row["relname"] for row in await connection.fetch(_TABLES_WITH, column)]


async def tables_using(connection: asyncpg.Connection, column: str, version: int) -> list[str]:
    """The tables in which some row still says this version in `column`."""
    async with connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0")
        used = {
            table: await connection.fetchval(
                f"SELECT EXISTS (SELECT FROM {table} WHERE {column} = $1)",
                version,
                timeout=_PATIENCE_S,
            )
            for table in await tables_with(connection, column)
        }
    return [table for table, is_used in used.items() if is_used]
