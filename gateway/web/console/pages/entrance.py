"""Coming in and going out: the form to sign in, the first page, signing out, the language."""

import math

from aiohttp import web
from yarl import URL

from gateway.services.sign_in import SignInRefused
from gateway.services.turnstile import TooManyFailures
from gateway.web.console.addresses import address_of, safe_path
from gateway.web.console.faults import Sorry
from gateway.web.console.nav import first_path
from gateway.web.console.page import PREFIX
from gateway.web.console.visit import Visit
from gateway.web.console.words_book import Language

_INSIDE, _SIGN_IN = "/console/", "/console/sign-in"


async def first_page(visit: Visit) -> web.Response:
    return visit.go(first_path(visit.staff))


async def show_sign_in(visit: Visit) -> web.Response:
    if visit.visitor:
        return visit.go(_INSIDE)
    wanted = safe_path(visit.query("next")) or _INSIDE
    return _form(visit, 200, "", wanted)


async def sign_in(visit: Visit) -> web.Response:
    """A new session in any case; the token from before is worth nothing inside."""
    form = await visit.form()
    wanted = safe_path(form["next"]) or _INSIDE
    address = address_of(visit.request, visit.console.look.proxies)
    try:
        token = await visit.console.sign_in.sign_in(form["name"], form.exact("password"), address)
    except SignInRefused:
        fault = visit.words("entrance.refused")
        return _form(visit, 422, form["name"], wanted, fault)
    except TooManyFailures as too_many:
        return _wait(visit, form["name"], wanted, too_many)
    answer = visit.go(wanted)
    visit.cookies.keep_session(answer, token)
    return answer


def _form(
    visit: Visit, status: int, name: str, wanted: str, fault: str | None = None
) -> web.Response:
    back = str(URL(_SIGN_IN).with_query(next=wanted))
    return visit.page("sign_in.html", status, name=name, next=wanted, fault=fault, back=back)


def _wait(visit: Visit, name: str, wanted: str, too_many: TooManyFailures) -> web.Response:
    minutes = math.ceil(too_many.wait_s / 60)
    fault = visit.words("entrance.wait", minutes=minutes)
    answer = _form(visit, 429, name, wanted, fault)
    answer.headers["Retry-After"] = str(math.ceil(too_many.wait_s))
    return answer


async def sign_out(visit: Visit) -> web.Response:
    await visit.console.sign_in.sign_out(visit.staff, visit.token)
    answer = visit.go(_SIGN_IN, say="entrance.out")
    visit.cookies.drop_session(answer)
    return answer


async def choose_language(visit: Visit) -> web.Response:
    form = await visit.form()
    if form["language"] not in set(Language):
        raise Sorry(400, "bad_request")
    answer = visit.go(_readable(visit.request.app, safe_path(form["back"]) or _INSIDE))
    visit.cookies.keep_language(answer, Language(form["language"]))
    return answer


def _readable(app: web.Application, wanted: str) -> str:
    """The page itself, or the one above it where that only answers what is posted to it."""
    while wanted != _INSIDE:
        path = wanted.partition("?")[0]
        if any(_is_read(resource, path) for resource in app.router.resources()):
            return wanted
        above = path.rstrip("/").rpartition("/")[0]
        wanted = above if above != PREFIX else _INSIDE
    return _INSIDE


def _is_read(resource: web.AbstractResource, path: str) -> bool:
    known = resource.get_info()
    pattern = known.get("pattern")
    is_here = path == known.get("path") or (pattern is not None and pattern.fullmatch(path))
    return bool(is_here) and any(route.method == "GET" for route in resource)
