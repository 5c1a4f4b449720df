"""One site for each test: a sandbox, a listener, a caller."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from sandbox_site import Listener, Site, started, started_sandbox


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    listener = Listener()
    listening, listener.url = await started(listener.app())
    sandbox, url = await started_sandbox(listener)
    async with ClientSession() as client:
        yield Site(url=url, listener=listener, client=client)
    await sandbox.close()
    await listening.close()
