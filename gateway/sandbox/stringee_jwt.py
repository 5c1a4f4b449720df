"""Whether a token in `X-STRINGEE-AUTH` is right, read as Stringee documents it.

Source: developer.stringee.com/docs/stringee-sms-rest-api, section Authentication.
"""

import hmac
import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

HEADER = {"typ": "JWT", "alg": "HS256", "cty": "stringee-api;v=1"}
LONGEST_LIFE_S = 24 * 3600


def issuer(token: str) -> str:
    """The key that a token says it was made with; empty for what is no token at all."""
    claims = _opened(token.split(".")[1]) if token.count(".") == 2 else {}
    named = claims.get("iss")
    return named if isinstance(named, str) else ""


def is_right(token: str, key_sid: str, key_secret: str, now_s: float) -> bool:
    if token.count(".") != 2:
        return False
    header, payload, signature = token.split(".")
    made = hmac.new(key_secret.encode(), f"{header}.{payload}".encode(), sha256).digest()
    if not hmac.compare_digest(made, _bytes(signature)) or _opened(header) != HEADER:
        return False
    claims = _opened(payload)
    ends, jti = claims.get("exp"), claims.get("jti")
    return (
        claims.get("iss") == key_sid
        and claims.get("rest_api") is True
        and isinstance(jti, str)
        and jti.startswith((f"{key_sid}-", f"{key_sid}_"))
        and isinstance(ends, int)
        and now_s < ends <= now_s + LONGEST_LIFE_S
    )


def _opened(part: str) -> dict[str, Any]:
    try:
        content = json.loads(_bytes(part))
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _bytes(part: str) -> bytes:
    """What a part without padding stands for; empty where it is not base64url."""
    if "=" in part or "+" in part or "/" in part:
        return b""
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return b""
