"""Whether a page of ours made a request: its origin, and a token only such a page can know."""

import hashlib
import hmac
from urllib.parse import urlsplit

from aiohttp import web

from gateway.web.console.posted import posted

FIELD, HEADER = "csrf", "X-CSRF-Token"


def token_for(session: str) -> str:
    """Follows from the session's own token, which no page shows and no script can read."""
    return hmac.new(session.encode(errors="replace"), b"csrf", hashlib.sha256).hexdigest()


async def is_genuine(request: web.Request, session: str | None, external_url: str) -> bool:
    """For requests that change something."""
    if session is None or not comes_from_here(request, external_url):
        return False
    shown = request.headers.get(HEADER)
    if shown is None:
        field = (await posted(request)).get(FIELD)
        shown = field if isinstance(field, str) else ""
    return hmac.compare_digest(token_for(session).encode(), shown.encode(errors="replace"))


def comes_from_here(request: web.Request, external_url: str) -> bool:
    """Every browser names the origin of a POST; programs need not."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    own = urlsplit(external_url)
    return origin == f"{own.scheme}://{own.netloc}" or (
        origin in (f"http://{request.host}", f"https://{request.host}")
    )
