"""What stands before every page: who is there, whether they may, and whether it is really them."""

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import web

from gateway.domain.staff import Permission
from gateway.services.sign_in import TOKEN_BYTES
from gateway.web.console import forgery
from gateway.web.console.cookies import Cookies
from gateway.web.console.faults import Sorry, not_yours
from gateway.web.console.nav import OWN_ACCOUNT
from gateway.web.console.page import UNASKED, Page
from gateway.web.console.parts import Console
from gateway.web.console.unsaved import typed_texts
from gateway.web.console.visit import Visit

VISIT = web.RequestKey("visit", Visit)

_SIGN_IN = "/console/sign-in"
# What somebody may do who still has to choose a password of their own.
_BEFORE_OWN_PASSWORD = frozenset({OWN_ACCOUNT, "/console/sign-out"})


def begin_visit(request: web.Request, console: Console) -> Visit:
    """Nobody is known yet. Whoever has no session is given a token that guards their forms."""
    cookies = Cookies(console.look)
    token = cookies.session(request) or secrets.token_urlsafe(TOKEN_BYTES)
    return Visit(request=request, console=console, cookies=cookies, token=token)


def guarded(page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The page as aiohttp calls it, behind all that is asked before it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        visit = request[VISIT]
        session = visit.cookies.session(request)
        if session and page.needs is not UNASKED:
            in_use = not page.by_itself
            visit.visitor = await visit.console.sign_in.who(session, in_use=in_use)
            if visit.visitor and not visit.is_htmx and in_use:
                visit.paused = await visit.console.pauses.in_force()
        if isinstance(page.needs, Permission):
            if visit.visitor is None:
                return await _ask_to_sign_in(visit)
            if not visit.visitor.may(page.needs):
                raise not_yours()
        if page.method != "GET" and not await forgery.is_genuine(
            request, session, visit.console.look.external_url
        ):
            raise Sorry(403, "forged")
        if _needs_own_password_first(visit, page):
            return visit.go(OWN_ACCOUNT)
        return await page.answer(visit)

    return handle


async def _ask_to_sign_in(visit: Visit) -> web.Response:
    """A part of a page, or a text that was typed, is not replaced by the form: it would be lost."""
    if visit.is_htmx or await typed_texts(visit.request, visit.console.look.external_url):
        raise Sorry(401, "signed_out")
    if visit.request.method != "GET":
        return visit.go(_SIGN_IN, say="entrance.ended")
    wanted = quote(visit.request.path_qs, safe="/")
    return visit.go(f"{_SIGN_IN}?next={wanted}")


def _needs_own_password_first(visit: Visit, page: Page) -> bool:
    return (
        isinstance(page.needs, Permission)
        and visit.staff.must_change_password
        and page.path not in _BEFORE_OWN_PASSWORD
    )
