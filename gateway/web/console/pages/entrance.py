"""Coming in and going out: the form to sign in, the first page, signing out, the language."""

import math

from aiohttp import web

from gateway.services.sign_in import SignInRefused
from gateway.services.turnstile import TooManyFailures
from gateway.web.console.addresses import address_of, safe_path
from gateway.web.console.faults import Sorry
from gateway.web.console.nav import first_path
from gateway.web.console.visit import Visit
from gateway.web.console.words_book import Language

_INSIDE = "/console/"


async def first_page(visit: Visit) -> web.Response:
    return visit.go(first_path(visit.staff))


async def show_sign_in(visit: Visit) -> web.Response:
    if visit.visitor:
        return visit.go(_INSIDE)
    wanted = safe_path(visit.query("next")) or _INSIDE
    return visit.page("sign_in.html", name="", next=wanted, fault=None)


async def sign_in(visit: Visit) -> web.Response:
    """A new session in any case; the token from before is worth nothing inside."""
    form = await visit.form()
    wanted = safe_path(form["next"]) or _INSIDE
    address = address_of(visit.request, visit.console.look.proxies)
    try:
        token = await visit.console.sign_in.sign_in(form["name"], form.exact("password"), address)
    except SignInRefused:
        fault = visit.words("entrance.refused")
        return visit.page("sign_in.html", 422, name=form["name"], next=wanted, fault=fault)
    except TooManyFailures as too_many:
        return _wait(visit, form["name"], wanted, too_many)
    answer = visit.go(wanted)
    visit.cookies.keep_session(answer, token)
    return answer


def _wait(visit: Visit, name: str, wanted: str, too_many: TooManyFailures) -> web.Response:
    minutes = math.ceil(too_many.wait_s / 60)
    fault = visit.words("entrance.wait", minutes=minutes)
    answer = visit.page("sign_in.html", 429, name=name, next=wanted, fault=fault)
    answer.headers["Retry-After"] = str(math.ceil(too_many.wait_s))
    return answer


async def sign_out(visit: Visit) -> web.Response:
    await visit.console.sign_in.sign_out(visit.staff, visit.token)
    answer = visit.go("/console/sign-in", say="entrance.out")
    visit.cookies.drop_session(answer)
    return answer


async def choose_language(visit: Visit) -> web.Response:
    form = await visit.form()
    if form["language"] not in set(Language):
        raise Sorry(400, "bad_request")
    answer = visit.go(safe_path(form["back"]) or _INSIDE)
    visit.cookies.keep_language(answer, Language(form["language"]))
    return answer
