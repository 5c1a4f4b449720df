"""Renewing the tokens of a Zalo official account on the wire.

The refresh token is used up by the call, so a caller serialises calls per account and stores the
new pair before using it. A lost answer may mean that the old refresh token is dead.
"""

from collections.abc import Mapping
from typing import Any

from gateway.providers.contract import AccountAccess, TokenPair
from gateway.providers.outbound import BadReply, Call, Door, NotSent

TOKEN_PATH = "/v4/oa/access_token"  # noqa: S105
DEFAULT_LIFE_S = 90_000

# Throttled, or our own app is set up wrongly: the refresh token was not looked at.
TOKEN_UNTOUCHED = frozenset({-32, -14002, -14004})
# After an internal error the refresh token may be used up or not.
INTERNAL = -100


class ConsentLost(Exception):
    """Zalo refuses the refresh token; a human must give consent again. `code` is Zalo's."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the refresh token was refused: {code}")
        self.code = code


async def refresh_pair(access: AccountAccess, door: Door, refresh_token: str) -> TokenPair:
    """The pair that follows `refresh_token`. Raises NotSent, MaybeSent or ConsentLost."""
    reply = await door.request(
        Call(
            method="POST",
            url=access.settings["oauth_base_url"] + TOKEN_PATH,
            headers={"secret_key": access.secrets["app_secret"]},
            form={
                "refresh_token": refresh_token,
                "app_id": access.settings["app_id"],
                "grant_type": "refresh_token",
            },
            timeout_s=access.timeout_s,
        )
    )
    if reply.status == 429:
        raise NotSent("rate_limited")
    if reply.status >= 500 or 300 <= reply.status < 400:
        raise BadReply(f"http_{reply.status}")
    return _pair(reply.json())


def _pair(answer: Mapping[str, Any]) -> TokenPair:
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if isinstance(access, str) and isinstance(refresh, str) and access and refresh:
        return TokenPair(access=access, refresh=refresh, expires_in_s=_life_s(answer))
    code = answer.get("error")
    if not isinstance(code, int) or code in (0, INTERNAL):
        raise BadReply("no_tokens")
    if code in TOKEN_UNTOUCHED:
        raise NotSent(f"refused_{code}")
    raise ConsentLost(str(code))


def _life_s(answer: Mapping[str, Any]) -> int:
    try:
        return int(answer["expires_in"])
    except (KeyError, TypeError, ValueError):
        return DEFAULT_LIFE_S
