"""Whom not to write to: listed masked, found by number, added and ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from gateway.domain import identity
from gateway.domain.channel import Channel
from gateway.services.staff_suppressions import SHOWN
from gateway.services.suppress import SUPPRESSION, NotSuppressible, Why, Wish
from gateway.web.console.faults import missing, not_yours
from gateway.web.console.visit import Form, Visit

_PAGE = "/console/suppressions"
# For so many days; 0 is for good.
_DAYS = (0, 30, 90, 365)
# What staff may say; that somebody opted out is what a provider reports.
_REASONS = (Why.BY_STAFF, Why.WRONG_NUMBER)
_LONGEST_NOTE = 200


async def show(visit: Visit) -> web.Response:
    return await _page(visit)


async def find(visit: Visit) -> web.Response:
    """A number to look for never stands in an address."""
    _must_see_all(visit)
    form = await visit.form()
    try:
        return await _page(visit, looked_for=form["number"])
    except NotSuppressible:
        return await _page(visit, 422, bad_number=True, number=form["number"])


async def add(visit: Visit) -> web.Response:
    _must_see_all(visit)
    form = await visit.form()
    try:
        await visit.console.suppressions.add(_wish(visit, form), visit.staff)
    except NotSuppressible as refused:
        return await _page(visit, 422, refused=refused.field, typed=form)
    return visit.go(_PAGE, say="suppressions.added")


async def end(visit: Visit) -> web.Response:
    _must_see_all(visit)
    try:
        wanted = identity.read(SUPPRESSION, visit.request.match_info["id"])
    except ValueError:
        raise missing() from None
    if not await visit.console.suppressions.end(wanted, visit.staff):
        return visit.go(_PAGE, say="suppressions.was_over")
    return visit.go(_PAGE, say="suppressions.ended")


def _must_see_all(visit: Visit) -> None:
    """It holds for every unit."""
    if not visit.staff.sees_all_units:
        raise not_yours()


def _wish(visit: Visit, form: Form) -> Wish:
    days = int(form["days"]) if form["days"] in map(str, _DAYS) else 0
    return Wish(
        phone=form["phone"],
        name=form["name"],
        channel=Channel(form["channel"]) if form["channel"] in set(Channel) else None,
        dossier=form["dossier"],
        reason=Why(form["reason"]) if form["reason"] in _REASONS else Why.BY_STAFF,
        origin=visit.staff.actor,
        note=form["note"][:_LONGEST_NOTE],
        until=datetime.now(UTC) + timedelta(days=days) if days else None,
    )


async def _page(visit: Visit, status: int = 200, looked_for: str = "", **more: Any) -> web.Response:
    _must_see_all(visit)
    found = await visit.console.suppressions.in_force(looked_for, visit.staff)
    values = {"refused": "", "bad_number": False, "number": looked_for, "typed": None, **more}
    return visit.page(
        "suppressions/list.html",
        status,
        found=found,
        channels=Channel,
        reasons=_REASONS,
        days=_DAYS,
        most=SHOWN,
        looked_for=bool(looked_for),
        **values,
    )
