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

_STORE_NEXT = """
UPDATE account_token SET sealed = $3, seal_key = $4,
    expires_at = now() + $5 * interval '1 second', version = version + 1,
    refreshing_until = NULL, lost = false, updated_at = now()
WHERE account = $1 AND version = $2
"""

# The next version: whoever still refreshes this one does not bring it back.
_GIVE_UP = """
UPDATE account_token SET lost = true, refreshing_until = NULL, version = version + 1,
    updated_at = now()
WHERE account = $1
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


async def store_next(
    connection: asyncpg.Connection,
    account: str,
    after: int,
    sealed: bytes,
    seal_key: int,
    lives_s: float,
) -> bool:
    """False where the version `after` which this one comes was given up meanwhile."""
    done: str = await connection.execute(_STORE_NEXT, account, after, sealed, seal_key, lives_s)
    return done == "UPDATE 1"


async def give_up(connection: asyncpg.Connection, account: str) -> None:
    """Nobody sends with them any more; a person brings new ones."""
    await connection.execute(_GIVE_UP, account)


async def mark_lost(connection: asyncpg.Connection, account: str, version: int) -> None:
    await connection.execute(_LOST, account, version)
