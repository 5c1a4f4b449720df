"""The versioned directory: every change is a new row under a new revision; the past stays."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from gateway.ledger.account_health import STOPPED_BY

_HEAD = "SELECT revision FROM directory_head"

_CURRENT = """
SELECT DISTINCT ON (kind, code) kind, code, body, sealed, seal_key, removed
FROM directory_entry ORDER BY kind, code, revision DESC
"""

_ADVANCE = "UPDATE directory_head SET revision = revision + 1 RETURNING revision"

_PAUSES = "SELECT scope, code FROM pause"

_WRITE = """
INSERT INTO directory_entry (kind, code, revision, body, sealed, seal_key, removed, changed_by)
SELECT kind, code, $1, body::jsonb, sealed, seal_key, removed, $2
FROM unnest($3::text[], $4::text[], $5::text[], $6::bytea[], $7::smallint[], $8::bool[])
    AS e (kind, code, body, sealed, seal_key, removed)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredEntry:
    """One entry as it stands in the ledger. `sealed` holds its secrets."""

    kind: str
    code: str
    body: Mapping[str, Any]
    sealed: bytes | None = None
    seal_key: int | None = None
    removed: bool = False


async def head(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval(_HEAD))


async def current(connection: asyncpg.Connection) -> tuple[int, list[StoredEntry]]:
    """The revision in force and its entries, read at one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await current_in(connection)


async def current_in(connection: asyncpg.Connection) -> tuple[int, list[StoredEntry]]:
    """The same inside the caller's transaction."""
    revision = await head(connection)
    rows = await connection.fetch(_CURRENT)
    return revision, [one for one in map(entry, rows) if not one.removed]


async def lock(connection: asyncpg.Connection) -> None:
    """Nobody else changes the directory until the end of the caller's transaction."""
    await connection.execute("LOCK TABLE directory_entry IN SHARE ROW EXCLUSIVE MODE")


def entry(row: asyncpg.Record) -> StoredEntry:
    return StoredEntry(**{**row, "body": json.loads(row["body"])})


async def write(
    connection: asyncpg.Connection, entries: Sequence[StoredEntry], changed_by: str
) -> int:
    """Add these entries under a new revision, in the caller's transaction."""
    revision = int(await connection.fetchval(_ADVANCE))
    await connection.execute(
        _WRITE,
        revision,
        changed_by,
        [entry.kind for entry in entries],
        [entry.code for entry in entries],
        [json.dumps(entry.body, ensure_ascii=False) for entry in entries],
        [entry.sealed for entry in entries],
        [entry.seal_key for entry in entries],
        [entry.removed for entry in entries],
    )
    return revision


async def pause(
    connection: asyncpg.Connection,
    scope: str,
    code: str,
    actor: str,
    reason: str,
    *,
    drains: bool = False,
) -> None:
    """Also over a stop of the gateway's own, which would else end by itself. Draining an account
    that is paused, or pausing one that drains, changes it."""
    await connection.execute(
        "INSERT INTO pause (scope, code, actor, reason, drains) VALUES ($1, $2, $3, $4, $6)"
        " ON CONFLICT (scope, code) DO UPDATE SET actor = excluded.actor, reason = excluded.reason,"
        " drains = excluded.drains, since = now()"
        " WHERE pause.actor = $5 OR pause.drains <> excluded.drains",
        scope,
        code,
        actor,
        reason,
        STOPPED_BY,
        drains,
    )


async def pauses(connection: asyncpg.Connection) -> set[tuple[str, str]]:
    """What is paused: everything ("everything", ""), channels, units, pools and accounts by
    code."""
    return {(row["scope"], row["code"]) for row in await connection.fetch(_PAUSES)}


async def resume(connection: asyncpg.Connection, scope: str, code: str) -> bool:
    done = await connection.fetchval(
        "DELETE FROM pause WHERE scope = $1 AND code = $2 RETURNING true", scope, code
    )
    return bool(done)
