"""The tokens of a Zalo official account on the wire: a human's consent, its code, and renewing.

A code and a refresh token are used up by the call that carries them, so a caller serialises calls
per account and stores the new pair before using it. A lost answer may mean that they are dead.
Source: zaloplatform/zalo-php-sdk, OAuth2Client; developers.zalo.me, OAuth v4 of official accounts.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from gateway.providers.contract import AccountAccess, TokenPair
from gateway.providers.outbound import BadReply, Call, Door, NotSent

TOKEN_PATH, PERMISSION_PATH = "/v4/oa/access_token", "/v4/oa/permission"
DEFAULT_LIFE_S = 90_000

APP_INACTIVE, CHALLENGE_WRONG, SECRET_WRONG = "-14002", "-14003", "-14004"
# Throttled, or our own app is set up wrongly: the refresh token was not looked at.
TOKEN_UNTOUCHED = frozenset({-32, int(APP_INACTIVE), int(SECRET_WRONG)})
# After an internal error the refresh token may be used up or not.
INTERNAL = -100


class ConsentLost(Exception):
    """Zalo refuses the refresh token; a human must give consent again. `code` is Zalo's."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the refresh token was refused: {code}")
        self.code = code


class CodeRefused(Exception):
    """Zalo gives no tokens for the code of a consent. `code` is Zalo's error, not that code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the consent was refused: {code}")
        self.code = code


def permission_url(access: AccountAccess, redirect_uri: str, verifier: str, state: str) -> str:
    """Where an administrator of the official account consents; from there the browser goes on to
    `redirect_uri` with `code`, `oa_id` and `state`."""
    asked = {
        "app_id": access.settings["app_id"],
        "redirect_uri": redirect_uri,
        "code_challenge": challenge_of(verifier),
        "state": state,
    }
    return f"{access.settings['oauth_base_url']}{PERMISSION_PATH}?{urlencode(asked)}"


def challenge_of(verifier: str) -> str:
    """S256: base64url of the hash, without padding."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def exchange_code(access: AccountAccess, door: Door, code: str, verifier: str) -> TokenPair:
    """The first pair of a consent. Raises NotSent, MaybeSent or CodeRefused."""
    fields = {"code": code, "grant_type": "authorization_code", "code_verifier": verifier}
    answer = await _asked(access, door, fields)
    if pair := _pair(answer):
        return pair
    raise CodeRefused(str(_error(answer)))


async def refresh_pair(access: AccountAccess, door: Door, refresh_token: str) -> TokenPair:
    """The pair that follows `refresh_token`. Raises NotSent, MaybeSent or ConsentLost."""
    fields = {"refresh_token": refresh_token, "grant_type": "refresh_token"}
    answer = await _asked(access, door, fields)
    if pair := _pair(answer):
        return pair
    error = _error(answer)
    if error in TOKEN_UNTOUCHED:
        raise NotSent(f"refused_{error}")
    raise ConsentLost(str(error))


async def _asked(access: AccountAccess, door: Door, fields: Mapping[str, str]) -> Mapping[str, Any]:
    reply = await door.request(
        Call(
            method="POST",
            url=access.settings["oauth_base_url"] + TOKEN_PATH,
            headers={"secret_key": access.secrets["app_secret"]},
            form={**fields, "app_id": access.settings["app_id"]},
            timeout_s=access.timeout_s,
        )
    )
    if reply.status == 429:
        raise NotSent("rate_limited")
    if reply.status >= 500 or 300 <= reply.status < 400:
        raise BadReply(f"http_{reply.status}")
    return reply.json()


def _pair(answer: Mapping[str, Any]) -> TokenPair | None:
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if isinstance(access, str) and isinstance(refresh, str) and access and refresh:
        return TokenPair(access=access, refresh=refresh, expires_in_s=_life_s(answer))
    return None


def _error(answer: Mapping[str, Any]) -> int:
    """Raises BadReply where the answer leaves open what became of the token."""
    code = answer.get("error")
    if not isinstance(code, int) or code in (0, INTERNAL):
        raise BadReply("no_tokens")
    return code


def _life_s(answer: Mapping[str, Any]) -> int:
    try:
        return int(answer["expires_in"])
    except (KeyError, TypeError, ValueError):
        return DEFAULT_LIFE_S
