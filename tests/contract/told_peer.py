"""A provider's side of the wire that does exactly as it is told."""

import asyncio
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as the peer saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> dict[str, object]:
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the peer does after it has read a request."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None  # these bytes instead of a well-formed answer
    reset: bool = False  # reset the connection after the bytes
    close_after: bool = False  # close the connection after the bytes
    silent: bool = False  # keep the connection open after the bytes
    drip_s: float = 0.0  # wait this long between bytes

    def wire(self) -> bytes:
        if self.raw is not None:
            return self.raw
        head = {"Content-Type": "application/json", "Content-Length": str(len(self.body))}
        lines = [
            f"HTTP/1.1 {self.status} X",
            *(f"{k}: {v}" for k, v in (head | self.headers).items()),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


def json_answer(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status=status, body=json.dumps(value).encode(), headers=named)


class Peer:
    """Answers requests one after the other as told; the last answer is repeated."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.port = 0
        self._answers: list[Answer] = []
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def will(self, *answers: Answer) -> None:
        self._answers = list(answers)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        stays_open = True
        try:
            while stays_open:
                self.asked.append(await _read(reader))
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                stays_open = await _write(writer, answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method=method, path=path, headers=headers, body=body)


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    """Whether the connection stays open for another request."""
    if answer.drip_s:
        for byte in answer.wire():
            writer.write(bytes([byte]))
            await asyncio.sleep(answer.drip_s)
    else:
        writer.write(answer.wire())
        await writer.drain()
    if answer.silent:
        await asyncio.sleep(60)
    if answer.reset:
        writer.transport.abort()
    return not (answer.reset or answer.close_after)
