"""Somebody's own account: what they may do, and their password."""

import math

from aiohttp import web

from gateway.services.turnstile import TooManyFailures
from gateway.services.users import PasswordRefused
from gateway.web.console.addresses import address_of
from gateway.web.console.nav import first_path
from gateway.web.console.visit import Form, Visit


async def show_account(visit: Visit) -> web.Response:
    return _page(visit)


async def change_password(visit: Visit) -> web.Response:
    form = await visit.form()
    faults = await _faults(visit, form)
    if not faults:
        try:
            await visit.console.users.change_own_password(
                visit.staff.name, form.exact("password"), visit.token
            )
        except PasswordRefused as refused:
            faults["password"] = [visit.words(f"password.{fault}") for fault in refused.faults]
    if faults:
        return _page(visit, 422, faults)
    return visit.go(first_path(visit.staff), say="account.changed")


async def _faults(visit: Visit, form: Form) -> dict[str, list[str]]:
    """What is wrong, by field. The old password is looked at only when the rest is right."""
    if form.exact("password") != form.exact("again"):
        return {"again": [visit.words("account.differs")]}
    if form.exact("password") == form.exact("current"):
        return {"password": [visit.words("account.same")]}
    address = address_of(visit.request, visit.console.look.proxies)
    try:
        if await visit.console.sign_in.proves(visit.staff, form.exact("current"), address):
            return {}
        return {"current": [visit.words("account.wrong")]}
    except TooManyFailures as too_many:
        minutes = math.ceil(too_many.wait_s / 60)
        return {"current": [visit.words("entrance.wait", minutes=minutes)]}


def _page(
    visit: Visit, status: int = 200, faults: dict[str, list[str]] | None = None
) -> web.Response:
    return visit.page("account.html", status, faults=faults or {})
