"""Lists that staff uploaded by hand, as the ledger keeps them: sealed, and for a short time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

_FIELDS = """id, uploader, source, unit, state, columns, rows, done, accepted, seen, troubles,
    created_at, sealed, seal_key"""

_ADD = """
INSERT INTO hand_list (id, uploader, source, unit, columns, rows, sealed, seal_key)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)
"""

_ONE = f"SELECT {_FIELDS} FROM hand_list WHERE id = $1 AND uploader = $2"

_LATEST = f"SELECT {_FIELDS} FROM hand_list WHERE uploader = $1 ORDER BY id DESC LIMIT $2"

_MATCH = "UPDATE hand_list SET columns = $2::jsonb WHERE id = $1 AND state = 'draft' RETURNING true"

_BEGIN = "UPDATE hand_list SET state = 'running' WHERE id = $1 AND state = 'draft' RETURNING true"

# Two pages may work off the same list; what the other one counted is not counted again.
_ADVANCE = """
UPDATE hand_list SET done = $3, accepted = accepted + $4, seen = seen + $5,
    troubles = troubles || $6::jsonb, state = CASE WHEN $3 >= rows THEN 'done' ELSE state END
WHERE id = $1 AND state = 'running' AND done = $2
"""

_DISCARD = "DELETE FROM hand_list WHERE id = $1 AND state = 'draft' RETURNING true"

_SEAL_GONE = """
UPDATE hand_list SET sealed = NULL, seal_key = NULL
WHERE sealed IS NOT NULL AND created_at < now() - interval '1 day'
"""

_FORGET = "DELETE FROM hand_list WHERE created_at < now() - interval '90 days'"


@dataclass(frozen=True, kw_only=True, slots=True)
class HandList:
    """`columns`: which field each column is, by its number; `sealed` None once it is gone."""

    id: UUID
    uploader: str
    source: str
    unit: str
    columns: Mapping[str, int]
    rows: int
    sealed: bytes | None = field(repr=False)
    seal_key: int | None
    state: str = "draft"
    done: int = 0
    accepted: int = 0
    seen: int = 0
    troubles: Sequence[tuple[int, str]] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Worked:
    """What became of the rows from `begin` to `end`."""

    begin: int
    end: int
    accepted: int
    seen: int
    troubles: Sequence[tuple[int, str]]


async def add(connection: asyncpg.Connection, one: HandList) -> None:
    await connection.execute(
        _ADD,
        one.id,
        one.uploader,
        one.source,
        one.unit,
        json.dumps(one.columns),
        one.rows,
        one.sealed,
        one.seal_key,
    )


async def by_id(connection: asyncpg.Connection, wanted: UUID, uploader: str) -> HandList | None:
    row = await connection.fetchrow(_ONE, wanted, uploader)
    return _list(row) if row else None


async def latest(connection: asyncpg.Connection, uploader: str, limit: int) -> Sequence[HandList]:
    return [_list(row) for row in await connection.fetch(_LATEST, uploader, limit)]


async def match(connection: asyncpg.Connection, wanted: UUID, columns: Mapping[str, int]) -> bool:
    """False for one that is no draft any more."""
    return bool(await connection.fetchval(_MATCH, wanted, json.dumps(columns)))


async def begin(connection: asyncpg.Connection, wanted: UUID) -> bool:
    return bool(await connection.fetchval(_BEGIN, wanted))


async def advance(connection: asyncpg.Connection, wanted: UUID, worked: Worked) -> None:
    await connection.execute(
        _ADVANCE,
        wanted,
        worked.begin,
        worked.end,
        worked.accepted,
        worked.seen,
        json.dumps(worked.troubles),
    )


async def discard(connection: asyncpg.Connection, wanted: UUID) -> bool:
    return bool(await connection.fetchval(_DISCARD, wanted))


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_SEAL_GONE)
    await connection.execute(_FORGET)


def _list(row: asyncpg.Record) -> HandList:
    troubles = [(number, word) for number, word in json.loads(row["troubles"])]
    return HandList(**{**row, "columns": json.loads(row["columns"]), "troubles": troubles})
