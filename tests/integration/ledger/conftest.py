"""A connection and a pool to a ledger that only this test knows."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from gateway.ledger.database import Database


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.connect(database_url, size=8, statement_timeout_s=10)
    yield opened
    await opened.close()
