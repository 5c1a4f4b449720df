"""An installation that is about to be broken: its processes, its stores, and what can be seen."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from bench.rig.site import Site
from bench.survive.crowd import Crowd
from gateway.errors import ConfigurationError
from tests.installation import Installation

_SPAWNER = ThreadPoolExecutor(1, thread_name_prefix="spawner")
_LOOK_EVERY_S = 0.25
# Rows are due for a moment before a worker takes them.
_OVERDUE = """
SELECT count(*) FROM due WHERE due_at < now() - interval '3 seconds' AND ask_again IS NULL
"""
_STILL_OPEN = """
SELECT count(*) FROM notification n JOIN attempt a
    ON a.notification_id = n.id AND a.step = n.step AND a.try = n.tries
WHERE n.state = 'sending' AND a.asked_at < $1
"""
_IN_FLIGHT = "SELECT id FROM notification WHERE state = 'sending'"
_OPEN = """
SELECT count(*) FROM notification
WHERE state IN ('held', 'waiting', 'sending', 'sent') AND (reason IS NULL OR reason <> ALL ($1))
"""


class Stage:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.one: Installation = site.one
        self.crowd: Crowd | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Stage":
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        assert self._session is not None
        return self._session

    async def start(self, *names: str) -> None:
        await self._spawned(self.one.start, *names)

    def kill(self, *names: str) -> None:
        """All at once, then wait for each."""
        for name in names:
            os.kill(self.one.processes[name].pid, signal.SIGKILL)
        for name in names:
            self.one.processes.pop(name).wait(timeout=90)

    def send(self, name: str, number: signal.Signals) -> None:
        self.one.processes[name].send_signal(number)

    async def stop(self, name: str) -> None:
        """Tell it to end, and wait until it has."""
        process = self.one.processes.pop(name)
        process.terminate()
        await asyncio.to_thread(process.wait, 90)

    async def postgres_back(self, within_s: float = 60) -> None:
        """Start PostgreSQL until it runs, as its supervisor would."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                await self._spawned(self.site.postgres.start)
            except ConfigurationError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(1)
            else:
                return

    async def new_database(self, name: str) -> None:
        """An empty one beside the one that was lost; from now on it is the installation's."""
        await self.one.rows(f"CREATE DATABASE {name}")
        self.one.database_url = self.site.postgres.url(name)
        self.one.env["BAOTIN_DATABASE_URL"] = self.one.database_url

    async def redis_back(self) -> None:
        await self._spawned(self.site.redis.start)

    async def _spawned(self, start: Callable[..., Any], *names: str) -> None:
        """In a thread that lives as long as we do: a child ends with the thread that made it."""
        await asyncio.get_running_loop().run_in_executor(_SPAWNER, start, *names)

    async def number(self, statement: str, *arguments: Any) -> int:
        rows = await self.one.rows(statement, *arguments)
        return int(rows[0][0])

    def requests_under_way(self) -> int:
        return self.crowd.under_way if self.crowd else 0

    async def in_flight(self) -> set[UUID]:
        """Notifications that are with a worker at this moment, or were when it died."""
        return {row["id"] for row in await self.one.rows(_IN_FLIGHT)}

    async def until(self, true: Callable[[], Any], within_s: float) -> bool:
        """Whether it became true in time; a ledger that is away makes it false for now."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                if await true():
                    return True
            await asyncio.sleep(_LOOK_EVERY_S)
        return False

    async def until_busy(self, calls: int, within_s: float = 30) -> int:
        """Wait until so many calls are in flight; how many there are."""
        found = 0

        async def busy() -> bool:
            nonlocal found
            found = len(await self.in_flight())
            return found >= calls

        await self.until(busy, within_s)
        return found

    async def until_posting(self, requests: int, within_s: float = 10) -> None:
        """Wait until so many posts wait for their answers, or the time is over."""
        deadline = time.monotonic() + within_s
        while self.requests_under_way() < requests and time.monotonic() < deadline:
            await asyncio.sleep(0.001)

    async def recovered(self, within_s: float = 120) -> float:
        """Seconds until nothing is overdue and nothing from before is open any more."""
        began = time.monotonic()
        moment: Any = None

        async def all_is_well() -> bool:
            nonlocal moment
            if moment is None:
                [row] = await self.one.rows("SELECT now()")
                moment = row[0]
            return not await self.number(_OVERDUE) and not await self.number(_STILL_OPEN, moment)

        await self.until(all_is_well, within_s)
        return time.monotonic() - began

    async def all_ended(self, within_s: float, may_wait: Collection[str] = ()) -> bool:
        async def none_open() -> bool:
            return not await self.number(_OPEN, list(may_wait))

        return await self.until(none_open, within_s)

    async def control(self, **wish: Any) -> None:
        await self.one.control(self.session, **wish)

    async def delivered(self) -> list[dict[str, Any]]:
        return await self.one.books(self.session)
