"""Keyed hashes of people in open notifications, made anew under a newer hash key.

The same care as for sealed rows: what is in somebody's hands is passed over and met again. Keys of
events cannot be made anew, because the event is not kept: they age until their retention ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

# A notification without a person has nothing to hash; it only says so under the newer version.
_ERASED = """
WITH free AS (
    SELECT id FROM notification WHERE hash_key <> $1 AND sealed IS NULL AND id > $2
    ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE notification n SET hash_key = $1 FROM free f WHERE n.id = f.id RETURNING n.id
"""

_OLDER = """
SELECT id, sealed, seal_key, steps FROM notification
WHERE hash_key <> $1 AND sealed IS NOT NULL AND id > $2 ORDER BY id LIMIT $3
"""

_ANY_OLDER = "SELECT EXISTS (SELECT FROM notification WHERE hash_key <> $1)"
_PATIENCE_S = 6 * 3600.0

_REPLACE = """
WITH wish AS (
    SELECT * FROM unnest($2::uuid[], $3::bytea[], $4::text[], $5::text[])
        AS w (id, sealed, tokens, steps)
), free AS (
    SELECT w.* FROM wish w JOIN notification n ON n.id = w.id AND n.sealed = w.sealed
    FOR UPDATE OF n SKIP LOCKED
), changed AS (
    UPDATE notification n
    SET tokens = f.tokens::bigint[], steps = f.steps::json, hash_key = $1
    FROM free f WHERE n.id = f.id
    RETURNING n.id, decode(n.steps -> n.step::int ->> 'phone_key', 'hex') AS phone
), waiting AS (
    SELECT d.notification_id, c.phone FROM due d JOIN changed c ON c.id = d.notification_id
    FOR UPDATE OF d SKIP LOCKED
), told AS (
    UPDATE due d SET phone = w.phone FROM waiting w
    WHERE d.notification_id = w.notification_id AND w.phone IS NOT NULL
)
SELECT count(*) FROM changed
"""

_REMEMBER = """
WITH known AS (
    DELETE FROM phone_memory p USING unnest($2::bytea[], $3::bytea[]) AS r (old, new)
    WHERE p.phone = r.old AND r.old <> r.new
    RETURNING r.new AS phone, p.fact, p.until
)
INSERT INTO phone_memory (phone, hash_key, fact, until)
SELECT phone, $1, min(fact), max(until) FROM known GROUP BY phone
ON CONFLICT (phone) DO UPDATE SET until = greatest(phone_memory.until, excluded.until)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class HashedRow:
    """A notification whose hashes are of an older version. `steps` is its JSON."""

    id: UUID
    sealed: bytes
    seal_key: int
    steps: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehashed:
    """The hashes of one notification under the primary version."""

    row: HashedRow
    tokens: Sequence[int]
    steps: str


async def older(
    connection: asyncpg.Connection, primary: int, after: UUID, limit: int
) -> list[HashedRow]:
    return [HashedRow(**row) for row in await connection.fetch(_OLDER, primary, after, limit)]


async def any_older(connection: asyncpg.Connection, primary: int) -> bool:
    """Whether some notification is hashed under another version. Reads them all, at its leisure."""
    async with connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0")
        found = await connection.fetchval(_ANY_OLDER, primary, timeout=_PATIENCE_S)
    return bool(found)


async def replace(connection: asyncpg.Connection, rows: Sequence[Rehashed], primary: int) -> int:
    """Write the new hashes of rows that are as they were read; how many there were."""
    written: int = await connection.fetchval(
        _REPLACE,
        primary,
        [one.row.id for one in rows],
        [one.row.sealed for one in rows],
        ["{" + ",".join(map(str, one.tokens)) + "}" for one in rows],
        [one.steps for one in rows],
    )
    return written


async def pass_erased(
    connection: asyncpg.Connection, primary: int, after: UUID, limit: int
) -> list[UUID]:
    return [row["id"] for row in await connection.fetch(_ERASED, primary, after, limit)]


async def carry_memory(
    connection: asyncpg.Connection, phones: Sequence[tuple[bytes, bytes]], primary: int
) -> None:
    """What was remembered under the old hash of a number is remembered under its new one."""
    pairs = sorted(set(phones))
    await connection.execute(
        _REMEMBER, primary, [old for old, _ in pairs], [new for _, new in pairs]
    )
