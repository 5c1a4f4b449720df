"""Answers, and everything that can go wrong while an answer travels."""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from gateway.sandbox.config import Timing
from gateway.sandbox.faults import Fault

SERVER_ERROR_PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>"

# Before a message is taken: the wire alone decides.
UNTAKEN = frozenset(
    {
        Fault.SILENT_UNTAKEN,
        Fault.RESET_UNTAKEN,
        Fault.HTML_200,
        Fault.THROTTLED,
        Fault.THROTTLED_RETRY_AFTER,
        Fault.ERROR_500_ONCE,
        Fault.ERROR_500,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        return web.Response(
            body=self.body,
            status=self.status,
            headers={"Content-Type": self.content_type, **self.headers},
        )


def json_answer(value: Any, status: int = 200) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(body=body, status=status, content_type="application/json; charset=utf-8")


class Wire:
    """The line of one sandbox: knows how long its silences are, and when it is hung up for good."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._closing = asyncio.Event()

    def close(self) -> None:
        self._closing.set()

    async def untaken(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """The answer to a submission that one of UNTAKEN kept from being taken."""
        match fault:
            case Fault.SILENT_UNTAKEN:
                await self._wait(request, self._timing.silence_s)
                return _reset(request)
            case Fault.RESET_UNTAKEN:
                return _reset(request)
            case Fault.HTML_200:
                return web.Response(text=SERVER_ERROR_PAGE, content_type="text/html")
            case Fault.THROTTLED:
                return web.Response(status=429, text="Too Many Requests")
            case Fault.THROTTLED_RETRY_AFTER:
                after = {"Retry-After": str(self._timing.retry_after_s)}
                return web.Response(status=429, text="Too Many Requests", headers=after)
        return web.Response(status=500, text="Internal Server Error")

    async def answer(
        self, request: web.Request, answer: Answer, fault: Fault
    ) -> web.StreamResponse:
        """The answer to a submission that was taken."""
        match fault:
            case Fault.SILENT_TAKEN:
                await self._wait(request, self._timing.silence_s)
                return _reset(request)
            case Fault.ANSWERED_LATE:
                await self._wait(request, self._timing.late_answer_s)
            case Fault.RESET_TAKEN:
                return await self._torn(request, answer)
            case Fault.SLOW_DRIP:
                return await self._dripped(request, answer)
            case Fault.EMPTY_200:
                return web.Response(status=200)
            case Fault.WRONG_CONTENT_TYPE:
                return web.Response(
                    body=answer.body, status=answer.status, content_type="text/html"
                )
        return answer.response()

    async def _wait(self, request: web.Request, seconds: float) -> None:
        """Until the time is over, the caller has gone or the sandbox closes."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end and not self._closing.is_set() and not _gone(request):
            step = min(0.2, max(0.0, end - loop.time()))
            try:
                await asyncio.wait_for(self._closing.wait(), step)
            except TimeoutError:
                continue

    async def _torn(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        response = await _begun(request, answer)
        await response.write(answer.body[: len(answer.body) // 2])
        _reset(request)
        return response

    async def _dripped(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        response = await _begun(request, answer)
        for at in range(len(answer.body)):
            if self._closing.is_set() or _gone(request):
                _reset(request)
                break
            await response.write(answer.body[at : at + 1])
            await self._wait(request, self._timing.drip_s)
        return response


async def _begun(request: web.Request, answer: Answer) -> web.StreamResponse:
    headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(request)
    return response


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _reset(request: web.Request) -> web.Response:
    """Ends the connection with a reset, as a crashed server or a firewall does."""
    transport = request.transport
    if transport is not None and not transport.is_closing():
        line = transport.get_extra_info("socket")
        if line is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()
