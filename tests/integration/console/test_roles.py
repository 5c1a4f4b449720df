"""Every page asked for by everybody: the roles that may get an answer, the others are refused."""

import re

import pytest
from aiohttp import web
from console_site import Answer, Browser, ConsoleSite

from gateway.domain.staff import ALLOWED, Permission, Role
from gateway.errors import ConfigurationError
from gateway.web.app import ROUTES, build_app
from gateway.web.console.app import build_console
from gateway.web.console.page import Page
from gateway.web.console.routes import PAGES

# What stands in a path for each of its variables; ids of what is not there where none is named.
NOBODY = "usr_" + "0" * 32
_LINK = re.compile(r'<li><a href="(/console/[^"]+)"')
TEMPLATE = "result-ready.sms.vi"


def registered(app: web.Application) -> set[tuple[str, str]]:
    """Method and path of all that the application answers, HEAD beside GET left out."""
    return {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource and route.method != "HEAD"
    }


def test_whatever_is_served_stands_in_a_table(site: ConsoleSite) -> None:
    machine = {(route.method, route.path) for route in ROUTES}
    console = {(page.method, page.path) for page in PAGES}
    app = build_app(site.api.parts, 1000)
    assert registered(app) == machine | console
    assert {path for _, path in machine if path.startswith("/console/")} == set()


def test_a_page_that_stands_twice_in_the_table_stops_the_start(site: ConsoleSite) -> None:
    with pytest.raises(ConfigurationError, match="twice"):
        build_console(site.api.parts.console, [*PAGES, PAGES[-1]])


def in_a_safe_order() -> list[Page]:
    """Signing out comes last."""
    return sorted(PAGES, key=lambda page: page.path == "/console/sign-out")


async def ask(browser: Browser, page: Page) -> Answer:
    path = (
        page.path.replace("{id}", NOBODY)
        .replace("{template}", TEMPLATE)
        .replace("{code}", "none")
        .replace("{kind}", "unit")
        .replace("{name}", "console.css")
    )
    assert "{" not in path
    # What would go on for as long as somebody looks.
    path += "?once" if page.path.endswith("/live") else ""
    return await (browser.get(path) if page.method == "GET" else browser.post(path))


def was_let_in(answer: Answer) -> bool:
    if answer.status in (401, 403):
        return False
    assert answer.status < 500
    return not answer.location.startswith("/console/sign-in?next")


@pytest.mark.parametrize("role", Role)
async def test_a_role_opens_its_pages_and_no_other(site: ConsoleSite, role: Role) -> None:
    browser = await site.signed_in(role)
    wrong = []
    for page in in_a_safe_order():
        answer = await ask(browser, page)
        allowed = not isinstance(page.needs, Permission) or role in ALLOWED[page.needs]
        if was_let_in(answer) is not allowed:
            wrong.append((page.method, page.path, answer.status))
        if not allowed:
            assert "không có quyền" in answer.text
    assert wrong == []


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMIN])
async def test_the_navigation_leads_nobody_limited_to_a_refusal(
    site: ConsoleSite, role: Role
) -> None:
    browser = await site.limited(role, "H10.12")
    found = set(_LINK.findall((await browser.get("/console/account")).text))
    assert found
    assert {path: (await browser.get(path)).status for path in found} == dict.fromkeys(found, 200)


async def test_the_ways_in_tell_nothing(site: ConsoleSite) -> None:
    for path in ("/", "/console"):
        answer = await site.browser().get(path)
        assert (answer.status, answer.location, answer.text) == (303, "/console/", "")


async def test_somebody_without_a_session_opens_public_pages_only(site: ConsoleSite) -> None:
    browser = site.browser()
    await browser.get("/console/sign-in")
    for page in PAGES:
        answer = await ask(browser, page)
        if not isinstance(page.needs, Permission):
            assert answer.status != 303 or page.path == "/console/language"
        else:
            assert (answer.status, answer.location[:16]) == (303, "/console/sign-in")


async def test_somebody_without_a_role_is_let_in_nowhere(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    await site.rows("UPDATE console_user SET roles = '{chief}'")
    for page in PAGES:
        if isinstance(page.needs, Permission):
            assert (await ask(browser, page)).status == 403


async def test_a_role_that_is_taken_away_is_gone_at_once(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.ADMIN)
    assert (await browser.get("/console/users")).status == 200
    await site.rows("UPDATE console_user SET roles = '{viewer}'")
    assert (await browser.get("/console/users")).status == 403
