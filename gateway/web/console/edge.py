"""The edge of the console: errors become pages, and every answer carries what protects it."""

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from gateway.errors import LedgerUnavailable
from gateway.web.console.faults import Sorry
from gateway.web.console.guard import VISIT, begin_visit
from gateway.web.console.parts import CONSOLE
from gateway.web.console.unsaved import typed_texts
from gateway.web.console.visit import Visit

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
# `no-referrer` would make browsers hide the origin of our own forms, too.
_PROTECTION = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_WORDS = {404: "missing", 405: "wrong_method", 413: "too_large"}


@web.middleware
async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The one place where an unexpected error of a page ends; its type is logged, no text of it."""
    visit = request[VISIT] = begin_visit(request, request.config_dict[CONSOLE])
    try:
        answer = await handler(request)
    except Sorry as sorry:
        answer = await _page_of(visit, sorry)
    except LedgerUnavailable:
        answer = await _page_of(visit, Sorry(503, "ledger_away", headers={"Retry-After": "5"}))
    except web.HTTPException as error:
        answer = await _page_of(visit, Sorry(error.status, _WORDS.get(error.status, "bad_request")))
    except Exception as error:
        log.exception("page_failed", error=type(error).__name__, route=_route(request))
        answer = await _page_of(visit, Sorry(500, "broken"))
    for name, value in _PROTECTION.items():
        answer.headers.setdefault(name, value)
    return answer


async def _page_of(visit: Visit, sorry: Sorry) -> web.Response:
    values = {"word": sorry.word, "values": sorry.values}
    if not visit.is_htmx:
        typed = await typed_texts(visit.request, visit.console.look.external_url)
        answer = visit.page("fault.html", sorry.status, **values, typed=typed)
    else:
        answer = visit.page("fault_part.html", sorry.status, **values)
        # Said at the head of the page, where it replaces nothing that was typed.
        answer.headers["HX-Retarget"] = "#messages"
        answer.headers["HX-Reswap"] = "innerHTML"
    answer.headers.update(sorry.headers)
    return answer


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
