"""Carries the simulators' reports to the addresses they were given, later and in the background."""

import asyncio
from asyncio import TimerHandle
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from gateway.sandbox.config import Http


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One request. `tries` is how often it is sent while it is not answered with 2xx;
    `retry_header` names the header that counts the repetitions."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    tries: int = 1
    retry_header: str = ""


class Unanswered(Exception):
    """What was asked has no usable answer, however often it was asked; the argument says why."""


class Postman:
    """Works between `open` and `close`; what still waits at `close` is never sent."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._session: ClientSession | None = None
        self._timers: set[TimerHandle] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        self._session = ClientSession(
            connector=TCPConnector(limit=self._http.connections),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=self._http.timeout_s),
        )

    async def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def post(self, after_s: float, write: Callable[[], Letter | None]) -> None:
        """Writes the letter when its time has come, and carries it; None is nothing to carry."""

        def due() -> None:
            self._timers.discard(timer)
            if letter := write():
                self.send(letter)

        timer = asyncio.get_running_loop().call_later(after_s, due)
        self._timers.add(timer)

    def send(self, letter: Letter) -> None:
        """Carries it in the background, from now on."""
        self.run(self.deliver(letter))

    def run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Starts work that ends with the sandbox at the latest."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def deliver(self, letter: Letter) -> bool:
        """Whether it was received in one of its tries."""
        for nth in range(letter.tries):
            if nth:
                await asyncio.sleep(self._delay_s(nth))
            with suppress(ClientError, TimeoutError, ValueError):
                status, _, _ = await self.ask(letter, nth)
                if 200 <= status < 300:
                    return True
        return False

    async def answer_to(self, letter: Letter) -> tuple[str, bytes]:
        """Content type and body of what a running call is to do next. Where nobody answers, or with
        an error of the server, the same is asked again, as a fallback address would be. Raises
        Unanswered."""
        for pause_s in (*self._http.call_retries_s, None):
            try:
                status, content_type, body = await self.ask(letter)
                if 200 <= status < 300:
                    return content_type, body
                failure = f"HTTP {status}"
            except (ClientError, TimeoutError, ValueError) as error:
                status, failure = 0, type(error).__name__
            if pause_s is None or 300 <= status < 500:
                break
            await asyncio.sleep(pause_s)
        raise Unanswered(failure)

    async def ask(self, letter: Letter, nth: int = 0) -> tuple[int, str, bytes]:
        """Status, content type and body of the answer. Raises ClientError, TimeoutError or
        ValueError (an unusable address)."""
        assert self._session is not None
        headers = dict(letter.headers)
        if nth and letter.retry_header:
            headers[letter.retry_header] = str(nth)
        async with self._session.request(
            letter.method,
            URL(letter.url, encoded=True),
            data=letter.body,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            return answer.status, answer.content_type, await answer.read()

    def _delay_s(self, nth: int) -> float:
        delays = self._http.retry_delays_s
        return delays[min(nth, len(delays)) - 1] if delays else 0.0
