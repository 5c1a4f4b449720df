"""A process that stands still amid a transaction keeps nobody from its rows for long."""

import asyncio
import time

import pytest

from gateway.errors import LedgerUnavailable
from gateway.ledger.database import Database

LOCK = "SELECT FROM feed_head FOR UPDATE"


async def test_a_transaction_that_does_nothing_is_ended_and_its_rows_are_free(
    database_url: str,
) -> None:
    still = await Database.connect(database_url, size=1, statement_timeout_s=10, idle_timeout_s=0.5)
    other = await Database.connect(database_url, size=1, statement_timeout_s=10)
    try:
        with pytest.raises(LedgerUnavailable):
            await stand_still(still, other)
        async with still.connection() as connection:
            assert await connection.fetchval("SELECT 1") == 1
    finally:
        await still.close()
        await other.close()


async def stand_still(still: Database, other: Database) -> None:
    """Lock a row, let the other one wait for it, and go on only then."""
    async with still.transaction() as connection:
        await connection.execute(LOCK)
        began = time.monotonic()
        async with other.transaction() as waiting:
            await waiting.execute(LOCK)
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.1)
        await connection.execute(LOCK)
