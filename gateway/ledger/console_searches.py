"""Whom staff look for, sealed, for a day: so that the address of a page need not say it."""

from uuid import UUID

import asyncpg

_KEEP = """
WITH forgotten AS (
    DELETE FROM console_search WHERE at < now() - interval '1 day'
)
INSERT INTO console_search (id, user_id, sealed, seal_key) VALUES ($1, $2, $3, $4)
"""
_FIND = """
SELECT sealed, seal_key FROM console_search
WHERE id = $1 AND user_id = $2 AND at > now() - interval '1 day'
"""
_FORGET = "DELETE FROM console_search WHERE at < now() - interval '1 day'"


async def keep(
    connection: asyncpg.Connection, search: UUID, user: UUID, sealed: bytes, seal_key: int
) -> None:
    await connection.execute(_KEEP, search, user, sealed, seal_key)


async def find(
    connection: asyncpg.Connection, search: UUID, user: UUID
) -> tuple[bytes, int] | None:
    """None for what is too old or somebody else's."""
    row = await connection.fetchrow(_FIND, search, user)
    return (row["sealed"], row["seal_key"]) if row else None


async def forget_all(connection: asyncpg.Connection) -> None:
    """Nothing tells whom each is about; whoever looks for somebody still types it once more."""
    await connection.execute("DELETE FROM console_search")


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)
