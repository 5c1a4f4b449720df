"""Whom not to write to, as the ledger keeps it: sealed, and found by keyed hashes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

_ADD = """
INSERT INTO suppression (id, channel, reason, origin, note, until, sealed, seal_key)
VALUES ($1, $2, $3, $4, $5, coalesce($6::timestamptz, 'infinity'), $7, $8)
"""

_ADD_KEYS = """
INSERT INTO suppression_key (suppression, hash_key, phone, phone_token, names, dossier)
SELECT suppression, hash_key, phone, phone_token, names::bigint[], dossier
FROM unnest($1::uuid[], $2::smallint[], $3::bytea[], $4::bigint[], $5::text[], $6::bigint[])
    AS k (suppression, hash_key, phone, phone_token, names, dossier)
ON CONFLICT DO NOTHING
"""

# Two reports about one number take turns, so that the second finds what the first added.
_TAKE_TURNS = "SELECT pg_advisory_xact_lock($1)"

_SAME = """
SELECT s.id FROM suppression s JOIN suppression_key k ON k.suppression = s.id
WHERE k.phone = ANY ($1) AND k.names = '{}' AND k.dossier IS NULL
  AND s.channel IS NOT DISTINCT FROM $2 AND s.reason = $3 AND s.until > now()
LIMIT 1
"""

# Of the number, or of a person known under it; not of one dossier only.
_HOLDS = """
SELECT EXISTS (
    SELECT FROM suppression s JOIN suppression_key k ON k.suppression = s.id
    WHERE k.phone = ANY ($1) AND k.dossier IS NULL
      AND (s.channel IS NULL OR s.channel = $2) AND s.until > now()
)
"""

_LIST = """
SELECT id, channel, reason, origin, note, since, nullif(until, 'infinity') AS until, sealed,
    seal_key
FROM suppression WHERE until > now() AND ($1::bytea[] IS NULL OR id IN (
    SELECT suppression FROM suppression_key WHERE phone = ANY ($1)))
ORDER BY since DESC LIMIT $2
"""

_LACKING = """
SELECT id, channel, reason, origin, note, since, nullif(until, 'infinity') AS until, sealed,
    seal_key
FROM suppression s WHERE until > now() AND (
    SELECT count(*) FROM suppression_key k WHERE k.suppression = s.id AND k.hash_key = ANY ($1)
) < cardinality($1)
"""

_DROP_KEYS = "DELETE FROM suppression_key WHERE hash_key <> ALL ($1)"

# What has ended is kept for a year, so that staff can see why somebody was not written to.
_FORGET = "DELETE FROM suppression WHERE until < now() - interval '1 year'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """One suppression. `until` None: for good. `sealed`: see `services.suppress`."""

    id: UUID
    channel: str | None
    reason: str
    origin: str
    note: str
    until: datetime | None
    sealed: bytes = field(repr=False)
    seal_key: int
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """The hashes of one suppression under one version of the hash key."""

    suppression: UUID
    hash_key: int
    phone: bytes
    phone_token: int
    names: Sequence[int]
    dossier: int | None


async def add(connection: asyncpg.Connection, one: Stored, keys: Sequence[Key]) -> None:
    """In the caller's transaction."""
    await connection.execute(
        _ADD,
        one.id,
        one.channel,
        one.reason,
        one.origin,
        one.note,
        one.until,
        one.sealed,
        one.seal_key,
    )
    await add_keys(connection, keys)


async def add_keys(connection: asyncpg.Connection, keys: Sequence[Key]) -> None:
    await connection.execute(
        _ADD_KEYS,
        [key.suppression for key in keys],
        [key.hash_key for key in keys],
        [key.phone for key in keys],
        [key.phone_token for key in keys],
        ["{" + ",".join(map(str, key.names)) + "}" for key in keys],
        [key.dossier for key in keys],
    )


async def same(
    connection: asyncpg.Connection, phones: Sequence[bytes], channel: str | None, reason: str
) -> UUID | None:
    """A suppression of this number on this channel that is in force for the same reason. Until the
    end of the caller's transaction nobody else learns whether there is one."""
    await connection.execute(_TAKE_TURNS, int.from_bytes(min(phones)[:8], "big", signed=True))
    found: UUID | None = await connection.fetchval(_SAME, list(phones), channel, reason)
    return found


async def holds(connection: asyncpg.Connection, phones: Sequence[bytes], channel: str) -> bool:
    """Whether somebody who has this number is not to be written to on this channel."""
    return bool(await connection.fetchval(_HOLDS, list(phones), channel))


async def in_force(
    connection: asyncpg.Connection, phones: Sequence[bytes] | None, limit: int
) -> list[Stored]:
    """Newest first; those about a number with one of these hashes, or all."""
    return [Stored(**row) for row in await connection.fetch(_LIST, phones, limit)]


async def lacking(connection: asyncpg.Connection, versions: Sequence[int]) -> list[Stored]:
    """Those that cannot be found under each of these versions of the hash key."""
    return [Stored(**row) for row in await connection.fetch(_LACKING, list(versions))]


async def drop_keys_but(connection: asyncpg.Connection, versions: Sequence[int]) -> None:
    await connection.execute(_DROP_KEYS, list(versions))


async def end(connection: asyncpg.Connection, suppression: UUID) -> bool:
    ended = await connection.fetchval(
        "UPDATE suppression SET until = now() WHERE id = $1 AND until > now() RETURNING true",
        suppression,
    )
    return bool(ended)


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)
