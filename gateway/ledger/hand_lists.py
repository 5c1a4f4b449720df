"""Lists that staff uploaded by hand, as the ledger keeps them: sealed, and for a short time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

_FIELDS = """id, uploader, source, unit, state, columns, rows, done, accepted, seen, troubles,
    created_at, sealed, seal_key, stopped, stopped_by"""

_ADD = """
INSERT INTO hand_list (id, uploader, source, unit, columns, rows, sealed, seal_key)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)
"""

_ONE = f"SELECT {_FIELDS} FROM hand_list WHERE id = $1"

_LATEST = f"SELECT {_FIELDS} FROM hand_list WHERE uploader = $1 ORDER BY id DESC LIMIT $2"

_MATCH = "UPDATE hand_list SET columns = $2::jsonb WHERE id = $1 AND state = 'draft' RETURNING true"

# Under the columns that were looked at, and no others.
_BEGIN = """
UPDATE hand_list SET state = 'running' WHERE id = $1 AND state = 'draft' AND columns = $2::jsonb
RETURNING true
"""

_ADVANCE = """
UPDATE hand_list SET done = $3, accepted = accepted + $4, seen = seen + $5,
    troubles = troubles || $6::jsonb, state = CASE WHEN $3 >= rows THEN 'done' ELSE state END
WHERE id = $1 AND state = 'running' AND done = $2 RETURNING state = 'done'
"""

# Of these notifications the ones that were accepted since.
_ACCEPTED_SINCE = """
SELECT id, state, reason FROM notification WHERE id = ANY ($1) AND accepted_at >= $2
"""

_DISCARD = "DELETE FROM hand_list WHERE id = $1 AND state = 'draft' RETURNING true"

# One that runs needs its content, for a while.
_SEAL_GONE = """
UPDATE hand_list SET sealed = NULL, seal_key = NULL
WHERE sealed IS NOT NULL AND created_at < now() - interval '1 day'
    AND (state <> 'running' OR created_at < now() - interval '3 days')
"""

_SEALED = """
SELECT id, source, state, sealed, seal_key FROM hand_list
WHERE sealed IS NOT NULL AND id > $1 AND ($2::text IS NULL OR source = $2) ORDER BY id LIMIT 1
"""

_RESEAL = """
UPDATE hand_list SET sealed = $3, seal_key = $4 WHERE id = $1 AND sealed = $2 RETURNING now()
"""

_FORGET = """
DELETE FROM hand_list WHERE created_at < now() - interval '90 days' AND state <> 'running'
"""


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
    stopped: str = ""
    stopped_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedList:
    """The content of a list, as sealed as it is kept."""

    id: UUID
    source: str
    state: str
    sealed: bytes = field(repr=False)
    seal_key: int


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


async def by_id(connection: asyncpg.Connection, wanted: UUID) -> HandList | None:
    row = await connection.fetchrow(_ONE, wanted)
    return _list(row) if row else None


async def latest(connection: asyncpg.Connection, uploader: str, limit: int) -> Sequence[HandList]:
    return [_list(row) for row in await connection.fetch(_LATEST, uploader, limit)]


async def match(connection: asyncpg.Connection, wanted: UUID, columns: Mapping[str, int]) -> bool:
    """False for one that is no draft any more."""
    return bool(await connection.fetchval(_MATCH, wanted, json.dumps(columns)))


async def begin(connection: asyncpg.Connection, wanted: UUID, columns: Mapping[str, int]) -> bool:
    """False for one that is no draft any more, or has other columns by now."""
    return bool(await connection.fetchval(_BEGIN, wanted, json.dumps(columns)))


async def advance(connection: asyncpg.Connection, wanted: UUID, worked: Worked) -> bool:
    """Whether the list is done by that."""
    return bool(
        await connection.fetchval(
            _ADVANCE,
            wanted,
            worked.begin,
            worked.end,
            worked.accepted,
            worked.seen,
            json.dumps(worked.troubles),
        )
    )


async def accepted_since(
    connection: asyncpg.Connection, notification_ids: Sequence[UUID], since: datetime
) -> Mapping[UUID, tuple[str, str | None]]:
    """State and reason of those among them that were accepted since."""
    rows = await connection.fetch(_ACCEPTED_SINCE, list(notification_ids), since)
    return {row["id"]: (row["state"], row["reason"]) for row in rows}


async def sealed_after(
    connection: asyncpg.Connection, after: UUID, source: str | None
) -> SealedList | None:
    """The next list that still has its content, of one source or of all."""
    row = await connection.fetchrow(_SEALED, after, source)
    return SealedList(**row) if row else None


async def reseal(
    connection: asyncpg.Connection, old: SealedList, sealed: bytes, seal_key: int
) -> datetime | None:
    """When it got this content; None where it had another one by then."""
    at: datetime | None = await connection.fetchval(_RESEAL, old.id, old.sealed, sealed, seal_key)
    return at


async def discard(connection: asyncpg.Connection, wanted: UUID) -> bool:
    return bool(await connection.fetchval(_DISCARD, wanted))


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_SEAL_GONE)
    await connection.execute(_FORGET)


def _list(row: asyncpg.Record) -> HandList:
    troubles = [(number, word) for number, word in json.loads(row["troubles"])]
    return HandList(**{**row, "columns": json.loads(row["columns"]), "troubles": troubles})
