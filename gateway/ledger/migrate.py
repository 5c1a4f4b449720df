"""Brings the schema to this version and the partitions ahead of the calendar. Forward only.

Safe while the gateway works: a change of a table waits for its lock only a moment, because all
traffic would queue up behind it; then it lets the traffic pass and tries again.
"""

import asyncio
from datetime import datetime

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, pool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.errors import ConfigurationError
from gateway.ledger.connection import connect
from gateway.ledger.partitions import keep_partitions_ahead
from gateway.ledger.schema import MIGRATIONS

log = structlog.get_logger()

OLDEST_POSTGRES = 15
# Any number will do; it only has to be the same in every process that migrates.
_MIGRATION_LOCK = 7_310_452
_LOCK_TIMEOUT_MS = 1000
_BETWEEN_TRIES_S = 1.0
_TRIES = 300
_LOCK_NOT_AVAILABLE, _DEADLOCK = "55P03", "40P01"


def migrate(url: str) -> None:
    """Migrate to the newest schema. Safe to call from several processes at once."""
    asyncio.run(migrate_in(url))


async def migrate_in(url: str) -> None:
    """The same inside a running event loop."""
    guard = await connect(url)
    try:
        _check_version(guard.get_server_version().major)
        await guard.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        await _upgrade_patiently(url)
        now: datetime = await guard.fetchval("SELECT now()")
        await keep_partitions_ahead(guard, now)
    finally:
        await guard.close()


def _check_version(major: int) -> None:
    if major < OLDEST_POSTGRES:
        raise ConfigurationError(
            f"database.url: PostgreSQL {major} is too old; {OLDEST_POSTGRES} or newer is needed"
        )


async def _upgrade_patiently(url: str) -> None:
    for _ in range(_TRIES):
        try:
            return await _upgrade(url)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in (_LOCK_NOT_AVAILABLE, _DEADLOCK):
                raise
            log.info("migration_waits_for_traffic")
            await asyncio.sleep(_BETWEEN_TRIES_S)
    raise ConfigurationError(
        "database.url: other connections kept a table locked, so the schema could not be changed; "
        "end long reports and backups and run `baotin migrate` again"
    )


async def _upgrade(url: str) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(url, lock_timeout=str(_LOCK_TIMEOUT_MS)),
        poolclass=pool.NullPool,
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run_alembic)
            await connection.commit()
    finally:
        await engine.dispose()


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _run_alembic(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
