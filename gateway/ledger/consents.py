"""Consents that were asked for and have not come back yet, sealed; each stands for minutes."""

from dataclasses import dataclass

import asyncpg

_KEEP = """
INSERT INTO zalo_consent (account, sealed, seal_key, ends_at)
VALUES ($1, $2, $3, now() + $4 * interval '1 second')
ON CONFLICT (account) DO UPDATE SET sealed = excluded.sealed, seal_key = excluded.seal_key,
    ends_at = excluded.ends_at
"""

_READ = "SELECT sealed, seal_key FROM zalo_consent WHERE account = $1 AND ends_at > now()"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredConsent:
    sealed: bytes
    seal_key: int


async def keep(
    connection: asyncpg.Connection, account: str, consent: StoredConsent, for_s: float
) -> None:
    """In place of one that was asked for before."""
    await connection.execute(_KEEP, account, consent.sealed, consent.seal_key, for_s)


async def read(connection: asyncpg.Connection, account: str) -> StoredConsent | None:
    """None where none was asked for, or too long ago."""
    row = await connection.fetchrow(_READ, account)
    return StoredConsent(**row) if row else None


async def forget(connection: asyncpg.Connection, account: str) -> None:
    await connection.execute("DELETE FROM zalo_consent WHERE account = $1", account)
