"""A dossier system's end of the callbacks: a server that verifies, keeps books and can fail."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One callback as it came, signed as it should be."""

    id: str
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.body["data"]
        return data


@dataclass(kw_only=True)
class Receiver:
    """Answers with the next of `statuses`, then with 204, after `delay_s`. `refused` counts what
    was not signed by `secret`; `explain` adds to what is said when a wait is in vain."""

    secret: str
    delay_s: float = 0.0
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[Taken] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    refused: int = 0
    open_now: int = 0
    open_at_most: int = 0
    port: int = 0
    explain: Callable[[], str] = str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/callbacks"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/callbacks", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        self.open_now += 1
        self.open_at_most = max(self.open_at_most, self.open_now)
        try:
            return await self._answer(await request.read(), request)
        finally:
            self.open_now -= 1

    async def _answer(self, body: bytes, request: web.Request) -> web.Response:
        try:
            Webhook(self.secret).verify(body, dict(request.headers))
        except WebhookVerificationError:
            self.refused += 1
            return web.Response(status=401)
        came = Taken(id=request.headers["webhook-id"], body=json.loads(body))
        self.seen.append(came)
        await asyncio.sleep(self.delay_s)
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 204:
            self.taken.append(came)
        return web.Response(status=status, headers=self.headers)

    async def until(self, wanted: Callable[[Self], bool], within_s: float = 20) -> None:
        """Wait for something to be true of this receiver."""
        deadline = time.monotonic() + within_s
        while not wanted(self):
            if time.monotonic() > deadline:
                states = [(one.id, one.data["state"]) for one in self.taken]
                raise AssertionError(f"{len(self.seen)} seen, taken: {states}\n{self.explain()}")
            await asyncio.sleep(0.02)
