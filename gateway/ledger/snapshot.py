"""One moment of the ledger, held open so that another program can read exactly that moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import ConfigurationError
from gateway.ledger import schema
from gateway.ledger.connection import connect


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """`id` is what `pg_dump --snapshot` takes."""

    id: str
    at: datetime
    schema: str
    postgres: int


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Snapshot]:
    """Raises ConfigurationError where there is no whole ledger to read."""
    connection = await connect(url)
    try:
        await connection.execute("SET idle_in_transaction_session_timeout = 0")
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            has = await schema.stored(connection)
            if has is None:
                raise ConfigurationError("database.url: there is no ledger to back up")
            yield Snapshot(
                id=await connection.fetchval("SELECT pg_export_snapshot()"),
                at=await connection.fetchval("SELECT now()"),
                schema=has,
                postgres=connection.get_server_version().major,
            )
    finally:
        await connection.close()
