"""Sites with two official accounts of Zalo."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from zalo_site import ZaloSite


@pytest.fixture
async def zalo(database_url: str, tmp_path: Path) -> AsyncIterator[ZaloSite]:
    """Two official accounts, each with an address of its own for its events."""
    opened = await ZaloSite.open(database_url, tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def one_door(database_url: str, tmp_path: Path) -> AsyncIterator[ZaloSite]:
    """The same, but their app posts the events of both to the address of the first."""
    opened = await ZaloSite.open(database_url, tmp_path, events_to="oa-a")
    yield opened
    await opened.close()


@pytest.fixture
async def untold(database_url: str, tmp_path: Path) -> AsyncIterator[ZaloSite]:
    """The same, but nobody is told of any event."""
    opened = await ZaloSite.open(database_url, tmp_path, events_to=None)
    yield opened
    await opened.close()
