"""A simulated Stringee account: the tokens it takes, and the signed requests that it makes.

Source: developer.stringee.com (REST API authentication, validating requests).
"""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from gateway.sandbox.conduct import Account, Setting
from gateway.sandbox.postman import Letter

TOKEN_HEADER = {"typ": "JWT", "alg": "HS256", "cty": "stringee-api;v=1"}


@dataclass(frozen=True, kw_only=True, slots=True)
class StringeeSetting(Setting):
    """`numbers` (84…) are those it may call from; `event_url` is the one of its project. The first
    number takes calls where `line_url` says who is asked what to answer. `files` are the sounds
    that were uploaded."""

    key_sid: str
    key_secret: str = field(repr=False)
    signing_secret: str = field(repr=False)
    numbers: tuple[str, ...]
    event_url: str
    project_id: int = 1
    line_url: str = ""
    files: tuple[str, ...] = ()


class StringeeAccount(Account[StringeeSetting]):
    def takes(self, token: str, at_s: float) -> bool:
        """Whether the token is of this account's key, for the REST interface, and still good."""
        content, _, signature = token.rpartition(".")
        key = self.setting.key_secret.encode()
        try:
            header, claims = (json.loads(_unpacked(part)) for part in content.split("."))
            signed = hmac.digest(key, content.encode(), "sha256") == _unpacked(signature)
            good = claims["rest_api"] is True and claims["exp"] > at_s
            own = claims["iss"] == self.setting.key_sid and self.setting.key_sid in claims["jti"]
        except (ValueError, KeyError, TypeError):
            return False
        return bool(header == TOKEN_HEADER and signed and good and own)

    def question(self, url: str, **parameters: str) -> Letter:
        """A signed request for a script."""
        address = f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(parameters)}"
        parts = urlsplit(address)
        signed = f"{parts.path}?{parts.query}".encode()
        return Letter(method="GET", url=address, headers=self._signed(signed))

    def report(self, url: str, told: Mapping[str, Any], *, forged: bool = False) -> Letter:
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = self._signed(b"forged" if forged else body)
        return Letter(url=url, headers=headers | {"Content-Type": "application/json"}, body=body)

    def _signed(self, content: bytes) -> dict[str, str]:
        return {"X-STRINGEE-SIGNATURE": signature(self.setting.signing_secret, content)}


def signature(secret: str, content: bytes) -> str:
    """Base64 of HMAC-SHA1 over a body, or over path and query of a GET."""
    return base64.b64encode(hmac.digest(secret.encode(), content, "sha1")).decode()


def _unpacked(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars="-_", validate=True)
