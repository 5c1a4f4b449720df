"""The whole API of one process in the test's own event loop, with a user for every role."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from centre import Centre
from console_site import ConsoleSite


@pytest.fixture
async def site(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[ConsoleSite]:
    opened = await ConsoleSite.open(tmp_path, database_url, redis_url)
    yield opened
    await opened.close()


@pytest.fixture
async def centre(site: ConsoleSite) -> AsyncIterator[Centre]:
    opened = await Centre.open(site)
    yield opened
    await opened.close()
