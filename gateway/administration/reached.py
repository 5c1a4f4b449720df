"""The ledger for one command: found, opened, and closed again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.embedded.attached import attached
from gateway.ledger.database import Database
from gateway.settings import Settings
from gateway.wiring import open_database


@asynccontextmanager
async def ledger_of(settings: Settings) -> AsyncIterator[Database]:
    """Raises ConfigurationError or LedgerUnavailable."""
    with attached(settings) as found:
        database = await open_database(found)
        try:
            yield database
        finally:
            await database.close()
