"""Installations for tests that drive the whole path through separate processes."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
from installation import Installation


@pytest.fixture
def install(
    tmp_path: Path, database_url: str, redis_url: str
) -> Iterator[Callable[..., Installation]]:
    """Makes an installation whose processes end with the test."""
    made: list[Installation] = []

    def make(**overrides: str) -> Installation:
        installation = Installation(tmp_path, database_url, redis_url, overrides)
        made.append(installation)
        return installation

    yield make
    for installation in made:
        installation.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as opened:
        yield opened
