"""The office of the services' tests, whose people are erased and whose keys are rotated here."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.ledger.database import Database

sys.path.insert(0, str(Path(__file__).parents[1] / "services"))

from office import Office


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
