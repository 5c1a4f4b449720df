"""A pool of connections to a ledger that only this test knows, and an office that works over it."""

from collections.abc import AsyncIterator

import pytest
from office import Office

from gateway.ledger.database import Database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.connect(database_url, size=8, statement_timeout_s=10)
    yield opened
    await opened.close()


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    opened = await Office.open(database)
    yield opened
    await opened.close()
