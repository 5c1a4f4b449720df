"""Token pairs of accounts, sealed, and the turn of the one process that refreshes a pair."""

from dataclasses import dataclass

import asyncpg

_READ = """
SELECT sealed, seal_key, version, lost, extract(epoch FROM expires_at - now()) AS left_s
FROM account_token WHERE account = $1
"""

_TAKE_TURN = """
UPDATE account_token SET refreshing_until = now() + $3 * interval '1 second'
WHERE account = $1 AND version = $2 AND NOT lost
  AND (refreshing_until IS NULL OR refreshing_until <= now())
RETURNING true
"""

_GIVE_BACK = "UPDATE account_token SET refreshing_until = NULL WHERE account = $1 AND version = $2"

_STORE = """
INSERT INTO account_token (account, sealed, seal_key, expires_at)
VALUES ($1, $2, $3, now() + $4 * interval '1 second')
ON CONFLICT (account) DO UPDATE SET sealed = excluded.sealed, seal_key = excluded.seal_key,
    expires_at = excluded.expires_at, version = account_token.version + 1,
    refreshing_until = NULL, lost = false, updated_at = now()
"""

_LOST = """
UPDATE account_token SET lost = true, refreshing_until = NULL, updated_at = now()
WHERE account = $1 AND version = $2
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredToken:
    sealed: bytes
    seal_key: int
    version: int
    lost: bool
    left_s: float


async def read(connection: asyncpg.Connection, account: str) -> StoredToken | None:
    row = await connection.fetchrow(_READ, account)
    return StoredToken(**{**row, "left_s": float(row["left_s"])}) if row else None


async def take_turn(
    connection: asyncpg.Connection, account: str, version: int, for_s: float
) -> bool:
    """True for the one caller that may refresh this version now."""
    return bool(await connection.fetchval(_TAKE_TURN, account, version, for_s))


async def give_back(connection: asyncpg.Connection, account: str, version: int) -> None:
    """The refresh certainly did not reach the provider; another may try."""
    await connection.execute(_GIVE_BACK, account, version)


async def store(
    connection: asyncpg.Connection, account: str, sealed: bytes, seal_key: int, lives_s: float
) -> None:
    await connection.execute(_STORE, account, sealed, seal_key, lives_s)


async def mark_lost(connection: asyncpg.Connection, account: str, version: int) -> None:
    await connection.execute(_LOST, account, version)
