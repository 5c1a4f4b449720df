"""One connection outside of any pool: for work that holds it long, or comes before the pool."""

import asyncpg

from gateway.errors import LedgerUnavailable


async def connect(url: str, **settings: str) -> asyncpg.Connection:
    """Raises LedgerUnavailable where nothing answers, or nobody lets us in."""
    try:
        return await asyncpg.connect(url, timeout=10, server_settings=settings)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = str(error) or type(error).__name__
        raise LedgerUnavailable(f"database.url: PostgreSQL cannot be reached: {why}") from None
