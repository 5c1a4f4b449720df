"""Which schema a ledger has, and which one this release knows."""

from functools import cache
from pathlib import Path

import asyncpg

from gateway.errors import ConfigurationError

_EXISTS = "SELECT to_regclass('{}') IS NOT NULL"
_OBJECTS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
"""
MIGRATIONS = Path(__file__).parent / "migrations"
# Stands in a database from before its restore until it is paused and held: see restored.py.
RESTORE_MARK = "restore_in_progress"


@cache
def known() -> tuple[str, ...]:
    """Every revision of this release, the newest first: by the names of their files, so that a
    process need not load what migrates."""
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return tuple(sorted((file.name.partition("_")[0] for file in files), reverse=True))


async def stored(connection: asyncpg.Connection) -> str | None:
    """The revision this ledger has; None without a schema."""
    if not await connection.fetchval(_EXISTS.format("alembic_version")):
        return None
    found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return found


async def is_empty(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval(_OBJECTS) == 0)


async def require_current(connection: asyncpg.Connection) -> None:
    """Raises ConfigurationError unless the ledger has exactly the schema of this release."""
    if await connection.fetchval(_EXISTS.format(RESTORE_MARK)):
        raise ConfigurationError(
            "database.url: a restore into this database did not finish; "
            "make an empty database and restore again"
        )
    has, newest = await stored(connection), known()[0]
    if has == newest:
        return
    if has is None:
        raise ConfigurationError("database.url: has no schema yet; run `baotin migrate`")
    if has in known():
        raise ConfigurationError(
            f"database.url: the schema is {has}, this release needs {newest}; run `baotin migrate`"
        )
    raise ConfigurationError(
        f"database.url: the schema is {has}, newer than this release knows ({newest}); "
        "start the release that migrated it, or a later one"
    )
