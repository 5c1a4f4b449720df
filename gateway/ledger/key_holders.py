"""Which running process knows which keys: asked before a new key is used or an old one given up."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

# A process tells every few seconds what it holds; one that has been silent for this long is gone.
GONE_AFTER_S = 20.0

_REPORT = """
INSERT INTO key_holder AS h (holder, seal_primary, seal_versions, hash_primary, hash_versions)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (holder) DO UPDATE SET seal_primary = excluded.seal_primary,
    seal_versions = excluded.seal_versions, hash_primary = excluded.hash_primary,
    hash_versions = excluded.hash_versions, seen_at = now()
"""

_HERE = "seen_at > now() - $2 * interval '1 second'"

_LEAVE = "DELETE FROM key_holder WHERE holder = $1"

_FORGET = "DELETE FROM key_holder WHERE seen_at < now() - interval '1 day'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """The versions one process can read, and those it writes under."""

    holder: str
    seal_primary: int
    seal_versions: Sequence[int]
    hash_primary: int
    hash_versions: Sequence[int]


async def report(connection: asyncpg.Connection, held: Held) -> None:
    await connection.execute(
        _REPORT,
        held.holder,
        held.seal_primary,
        list(held.seal_versions),
        held.hash_primary,
        list(held.hash_versions),
    )


async def leave(connection: asyncpg.Connection, holder: str) -> None:
    await connection.execute(_LEAVE, holder)


async def without(connection: asyncpg.Connection, purpose: str, version: int) -> list[str]:
    """Running processes that cannot read this version yet."""
    rows = await connection.fetch(
        f"SELECT holder FROM key_holder WHERE NOT $1 = ANY ({purpose}_versions) AND {_HERE}"
        " ORDER BY holder",
        version,
        GONE_AFTER_S,
    )
    return [row["holder"] for row in rows]


async def writing_under(connection: asyncpg.Connection, purpose: str, version: int) -> list[str]:
    """Running processes that still write under this version."""
    rows = await connection.fetch(
        f"SELECT holder FROM key_holder WHERE {purpose}_primary = $1 AND {_HERE} ORDER BY holder",
        version,
        GONE_AFTER_S,
    )
    return [row["holder"] for row in rows]


async def writing_under_others(
    connection: asyncpg.Connection, purpose: str, version: int
) -> list[str]:
    """Running processes that write under any version but this."""
    rows = await connection.fetch(
        f"SELECT holder FROM key_holder WHERE {purpose}_primary <> $1 AND {_HERE} ORDER BY holder",
        version,
        GONE_AFTER_S,
    )
    return [row["holder"] for row in rows]


async def forget_gone(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)
