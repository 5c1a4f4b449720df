"""HTTP/1.1 with as little work as possible, for the two ends of a measurement that must not cost.

Only what the gateway's own messages need: bodies have a length, connections are kept open, one
request at a time on each. Nothing here is meant for anything but loopback.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


def _message(buffer: bytearray) -> tuple[bytes, bytes] | None:
    """Head and body of the first whole message, taken out of the buffer."""
    end = buffer.find(_END_OF_HEAD)
    if end < 0:
        return None
    head = bytes(buffer[:end])
    body_from = end + len(_END_OF_HEAD)
    body_to = body_from + _length(head)
    if len(buffer) < body_to:
        return None
    body = bytes(buffer[body_from:body_to])
    del buffer[:body_to]
    return head, body


def _length(head: bytes) -> int:
    at = head.lower().find(_LENGTH)
    if at < 0:
        return 0
    return int(head[at + len(_LENGTH) :].partition(b"\r\n")[0])


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header by its lower-case name; empty where it is absent."""
    at = head.lower().find(b"\r\n" + name + b":")
    if at < 0:
        return b""
    return head[at + len(name) + 3 :].partition(b"\r\n")[0].strip()


Answer = Callable[[bytes], None]
Handle = Callable[[bytes, bytes, Answer], None]


def reply(body: bytes, status: bytes = b"200 OK", kind: bytes = b"application/json") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        kind,
        len(body),
        body,
    )


class ServerSide(asyncio.Protocol):
    """One accepted connection. `handle(head, body, answer)` calls `answer` once, now or later."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while message := _message(self._buffer):
            self._handle(*message, self._write)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._transport = None

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


class _ClientSide(asyncio.Protocol):
    """One connection of a client, with at most one request under way."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        self._waiting = asyncio.get_running_loop().create_future()
        assert self.transport is not None
        self.transport.write(request)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        message = _message(self._buffer)
        if message and self._waiting and not self._waiting.done():
            head, body = message
            self._waiting.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.transport = None
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError("the other side hung up"))


class Client:
    """Kept connections to one origin, as many as are needed at once, up to `limit`."""

    def __init__(self, url: str, limit: int = 256) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._origin = f"{self._host}:{self._port}".encode()
        self._free: deque[_ClientSide] = deque()
        self._places = asyncio.Semaphore(limit)

    async def request(
        self, method: bytes, path: bytes, headers: bytes = b"", body: bytes = b""
    ) -> tuple[int, bytes]:
        """Status and body. `headers` are whole lines, each with its line end. Raises OSError."""
        wire = b"%s %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n%s" % (
            method,
            path,
            self._origin,
            headers,
            len(body),
            body,
        )
        async with self._places:
            side = await self._connected()
            answer = await side.ask(wire)
            self._free.append(side)
            return answer

    async def _connected(self) -> _ClientSide:
        while self._free:
            side = self._free.pop()
            if side.transport is not None and not side.transport.is_closing():
                return side
        loop = asyncio.get_running_loop()
        _, side = await loop.create_connection(_ClientSide, self._host, self._port)
        return side

    def close(self) -> None:
        for side in self._free:
            if side.transport is not None:
                side.transport.close()
