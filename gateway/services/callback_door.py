"""The way out for callbacks: one POST, no redirect followed, no private address unless allowed."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from gateway.domain.callback import Ending, ending_of
from gateway.providers.outbound import Reply
from gateway.services.private_addresses import PrivateAddress, public_socket

_CONNECT_S = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """How a try ended, and how long the receiver asked to be left alone."""

    ending: Ending
    retry_after_s: float | None = None


class CallbackDoor:
    """Made inside a running event loop. `allowed_hosts` may have private addresses."""

    def __init__(
        self, *, timeout_s: float, allow_private: bool, allowed_hosts: Collection[str]
    ) -> None:
        self.timeout_s = timeout_s
        self._allow_private = allow_private
        self._allowed_hosts = frozenset(allowed_hosts)
        self._anywhere = _session(aiohttp.TCPConnector(limit=0), timeout_s)
        self._public = _session(
            aiohttp.TCPConnector(limit=0, socket_factory=public_socket), timeout_s
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Told:
        try:
            # Only the status counts: a body that does not come takes nothing back.
            where = URL(url)
            async with self._session_for(where).post(
                where, data=body, headers=headers, allow_redirects=False
            ) as answer:
                reply = Reply(status=answer.status, headers=answer.headers, body=b"")
                return Told(ending=ending_of(reply.status), retry_after_s=reply.retry_after_s)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Told(ending=_ending_without_answer(error))

    async def close(self) -> None:
        await asyncio.gather(self._anywhere.close(), self._public.close())

    def _session_for(self, where: URL) -> aiohttp.ClientSession:
        allowed = self._allow_private or where.host in self._allowed_hosts
        return self._anywhere if allowed else self._public


def _session(connector: aiohttp.TCPConnector, timeout_s: float) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "baotin", "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(timeout_s, _CONNECT_S)),
    )


def _ending_without_answer(error: Exception) -> Ending:
    match error:
        case aiohttp.ClientConnectorError(os_error=PrivateAddress()):
            return Ending.PRIVATE_ADDRESS
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError() | ValueError():
            return Ending.BAD_ADDRESS
        case TimeoutError():
            return Ending.TIMEOUT
    return Ending.UNREACHABLE
