"""How many texts this process makes into messages or sound at a time: each may keep a core busy for
seconds, while everybody else who is served here waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.web.console.faults import Sorry


class Seats:
    """Whoever finds none free within `patience_s` is asked to try again."""

    def __init__(self, most: int = 2, patience_s: float = 2.0) -> None:
        self._free = asyncio.Semaphore(most)
        self._patience_s = patience_s

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Raises the page that says so where all stay taken."""
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.acquire()
        except TimeoutError:
            raise Sorry(503, "busy", headers={"Retry-After": "5"}) from None
        try:
            yield
        finally:
            self._free.release()
