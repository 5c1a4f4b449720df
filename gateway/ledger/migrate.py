"""Brings the schema to this version and the partitions ahead of the calendar. Forward only."""

import asyncio
from datetime import datetime
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.errors import ConfigurationError
from gateway.ledger.partitions import keep_partitions_ahead

OLDEST_POSTGRES = 15
# Any number will do; it only has to be the same in every process that migrates.
_MIGRATION_LOCK = 7_310_452


def migrate(url: str) -> None:
    """Migrate to the newest schema. Safe to call from several processes at once."""
    asyncio.run(_migrate(url))


async def _migrate(url: str) -> None:
    guard = await asyncpg.connect(url)
    try:
        _check_version(guard.get_server_version().major)
        await guard.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        await _upgrade(url)
        now: datetime = await guard.fetchval("SELECT now()")
        await keep_partitions_ahead(guard, now)
    finally:
        await guard.close()


def _check_version(major: int) -> None:
    if major < OLDEST_POSTGRES:
        raise ConfigurationError(
            f"database.url: PostgreSQL {major} is too old; {OLDEST_POSTGRES} or newer is needed"
        )


async def _upgrade(url: str) -> None:
    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(url)

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(_run_alembic)
        await connection.commit()
    await engine.dispose()


def _run_alembic(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
