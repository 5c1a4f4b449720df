"""The one outbound HTTP door: every call to a provider leaves through it.

It knows whether anything of a request can have reached the other side, and says so in the error it
raises. Neither its errors nor its reprs carry a body, a query string, a header or a phone.
"""

from base64 import b64encode
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
import orjson

from gateway.domain.outcome import Deferred, Reason, Unknown

BODY_LIMIT_BYTES = 64 * 1024
LONGEST_RETRY_AFTER_S = 86_400.0


class WireError(Exception):
    """A call ended without a usable answer.

    WireError
    ├── NotSent         certainly nothing reached the provider; `cause` is one word
    └── MaybeSent       the request was being written; `reason` says how the answer was lost
        └── BadReply    an answer came and cannot be understood
    """


class NotSent(WireError):
    def __init__(self, cause: str) -> None:
        super().__init__(f"nothing was sent: {cause}")
        self.cause = cause


class MaybeSent(WireError):
    def __init__(self, reason: Reason, code: str = "") -> None:
        super().__init__(f"may have been sent: {reason}")
        self.reason = reason
        self.code = code


class BadReply(MaybeSent):
    def __init__(self, code: str = "") -> None:
        super().__init__(Reason.BAD_REPLY, code)


def outcome_of(error: NotSent | MaybeSent) -> Deferred | Unknown:
    """How a submission ended whose call raised `error`."""
    if isinstance(error, NotSent):
        return Deferred(reason=Reason.NOT_SENT, code=error.cause)
    return Unknown(reason=error.reason, code=error.code)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Call:
    """One request. At most one of `json`, `form` and `text` is its body, the last with the content
    type that `headers` give it; `basic` is (user, password)."""

    method: str
    url: str
    timeout_s: float
    json: Any = None
    form: Mapping[str, Any] | None = None
    text: str | None = None
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    basic: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Reply:
    """A complete answer with any status; redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The JSON object in the body. Raises BadReply for anything else."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise BadReply(f"http_{self.status}") from None
        if not isinstance(value, dict):
            raise BadReply(f"http_{self.status}")
        return value

    @property
    def retry_after_s(self) -> float | None:
        """`Retry-After` in seconds. A date is compared with the provider's own clock (`Date`)."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdigit():
            return min(float(text), LONGEST_RETRY_AFTER_S)
        try:
            wait = parsedate_to_datetime(text) - parsedate_to_datetime(self.headers["Date"])
        except (KeyError, TypeError, ValueError):
            return None
        return min(max(wait.total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """`keepalive_s` stays below what providers allow idle connections, because a request written
    to a connection that is just being closed may or may not have been taken."""

    total: int = 512
    per_host: int = 128
    connect_timeout_s: float = 5.0
    keepalive_s: float = 15.0
    dns_ttl_s: int = 60
    proxy: str | None = None


class Door:
    """One pooled HTTP session for all providers of a process. Made inside a running event loop."""

    def __init__(self, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self._connect_s = limits.connect_timeout_s
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=limits.total,
                limit_per_host=limits.per_host,
                keepalive_timeout=limits.keepalive_s,
                ttl_dns_cache=limits.dns_ttl_s,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "baotin",
            },
            request_class=_Watched,
            proxy=limits.proxy,
        )

    async def request(self, call: Call) -> Reply:
        """The provider's answer, whatever its status. Raises NotSent or MaybeSent."""
        written = _Written()
        _WRITTEN.set(written)
        try:
            answer = await self._session.request(
                call.method,
                call.url,
                params=call.params,
                data=_body(call),
                headers=_headers(call),
                timeout=_timeout(call.timeout_s, self._connect_s),
                allow_redirects=False,
            )
            async with answer:
                body = await _limited(answer)
                return Reply(status=answer.status, headers=answer.headers, body=body)
        except (aiohttp.ClientError, OSError) as error:
            # `from None`: the library's own errors quote addresses with their query.
            raise (_lost(error) if written.yet else NotSent(_cause(error))) from None

    async def close(self) -> None:
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Written:
    """Whether a request may have been handed to the socket."""

    __slots__ = ("yet",)

    def __init__(self) -> None:
        self.yet = False


_WRITTEN: ContextVar[_Written] = ContextVar("written")


class _Watched(aiohttp.ClientRequest):
    """Tells the call that made it when writing begins. Tracing would tell it too, and run half a
    dozen signals for every call."""

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        transport = conn.transport
        if transport is not None and not transport.is_closing():
            _WRITTEN.get().yet = True
        return await super().send(conn)


@lru_cache(maxsize=64)
def _timeout(total_s: float, connect_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total_s, connect=min(total_s, connect_s))


def _body(call: Call) -> bytes | None:
    if call.json is not None:
        return orjson.dumps(call.json)
    if call.form is not None:
        return urlencode(call.form, doseq=True).encode()
    return None if call.text is None else call.text.encode()


def _headers(call: Call) -> dict[str, str]:
    headers = dict(call.headers or {})
    if call.json is not None:
        headers["Content-Type"] = "application/json"
    elif call.form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if call.basic is not None:
        headers["Authorization"] = "Basic " + b64encode(":".join(call.basic).encode()).decode()
    return headers


async def _limited(answer: aiohttp.ClientResponse) -> bytes:
    """The whole body; BadReply once it is larger than the limit."""
    body = b""
    while chunk := await answer.content.read(BODY_LIMIT_BYTES + 1):
        body = body + chunk if body else chunk
        if len(body) > BODY_LIMIT_BYTES:
            answer.close()
            raise BadReply(f"http_{answer.status}")
    return body


def _cause(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "dns"
        case aiohttp.ClientSSLError():
            return "tls"
        case TimeoutError():
            return "connect_timeout"
        case aiohttp.InvalidURL():
            return "bad_address"
    return "connect"


def _lost(error: Exception) -> MaybeSent:
    match error:
        case TimeoutError():
            return MaybeSent(Reason.TIMEOUT)
        case aiohttp.ClientResponseError():
            return BadReply()
    return MaybeSent(Reason.CONNECTION_LOST)
