"""Calls to a Zalo official account under an access token that works.

Every answer is HTTP 200 with an envelope of `error`, `message` and `data`; only `error` 0 is
success. A token that is refused is renewed and the call made once more.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

from gateway.domain.outcome import Deferred, Reason
from gateway.providers.contract import AccessTokens, AccountAccess, NoToken
from gateway.providers.endings import account
from gateway.providers.outbound import BadReply, Call, Door, Reply, WireError

TOKEN_REFUSED = frozenset({-124, -216, -220})


class Withheld(Exception):
    """No access token could be had, so nothing was asked. `ending` is that of a submission."""

    def __init__(self, ending: Deferred) -> None:
        super().__init__(ending.code)
        self.ending = ending


class Refused(Exception):
    """A question was answered with another status or error than success."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Zalo refused to answer: {code}")
        self.code = code


class ZaloClient:
    def __init__(self, access: AccountAccess, door: Door, tokens: AccessTokens) -> None:
        self._access = access
        self._door = door
        self._tokens = tokens

    async def ask(self, method: str, path: str, **content: Any) -> Reply:
        """The answer, whatever it says. Raises Withheld, NotSent or MaybeSent."""
        token = await _had(self._tokens.current())
        reply = await self._door.request(self._call(method, path, token, content))
        if reply.status == 200 and error_of(reply) in TOKEN_REFUSED:
            token = await _had(self._tokens.renewed(token))
            reply = await self._door.request(self._call(method, path, token, content))
        return reply

    async def read(self, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """The envelope of a read call that succeeded. Raises Refused and what `ask` raises."""
        reply = await self.ask("GET", path, params=params)
        if not 200 <= reply.status < 300:
            raise Refused(f"http_{reply.status}")
        if error := error_of(reply):
            raise Refused(str(error))
        return reply.json()

    def _call(self, method: str, path: str, token: str, content: Mapping[str, Any]) -> Call:
        return Call(
            method=method,
            url=self._access.base_url + path,
            headers={"access_token": token},
            timeout_s=self._access.timeout_s,
            **content,
        )


def error_of(reply: Reply) -> int:
    """The error of the envelope, 0 for success. Raises BadReply."""
    error = reply.json().get("error")
    if not isinstance(error, int) or isinstance(error, bool):
        raise BadReply("no_error_code")
    return error


async def _had(token: Awaitable[str]) -> str:
    """The token. A call lost while renewing it must not look like a lost message."""
    try:
        return await token
    except NoToken:
        raise Withheld(replace(account(Reason.CREDENTIALS), code="no_token")) from None
    except WireError:
        raise Withheld(Deferred(reason=Reason.NOT_SENT, code="no_token")) from None
