"""Before a text goes out: what changes, what it will look like, what is asked and who says yes."""

from aiohttp import web

from gateway.domain.staff import Permission
from gateway.ledger.template_drafts import DraftKey
from gateway.services.desk.difference import difference
from gateway.services.desk.drafting import KEEP, MOVE
from gateway.services.desk.refusals import DeskRefusal, named
from gateway.web.console.faults import missing
from gateway.web.console.pages.templates.keys import (
    key_of,
    key_to_change,
    may_touch,
    opened,
    path_of,
)
from gateway.web.console.pages.templates.seeing import newly_required, prominent
from gateway.web.console.pages.templates.typed import revision_of
from gateway.web.console.visit import Form, Visit


async def show(visit: Visit) -> web.Response:
    async with visit.console.seats.taken():
        return await _page(visit, key_of(visit))


async def ask(visit: Visit) -> web.Response:
    key, form = key_to_change(visit, Permission.EDIT_TEMPLATES), await visit.form()
    try:
        await visit.console.desk.drafting.ask(
            key, revision_of(form), visit.staff.actor, form["note"][:500], _waiting(form)
        )
    except DeskRefusal as refusal:
        return await _page(visit, key, refusal, form["note"])
    return visit.go(path_of(key, "review"), say="templates.asked")


async def send_back(visit: Visit) -> web.Response:
    key, form = key_to_change(visit, Permission.RELEASE_TEMPLATES), await visit.form()
    try:
        await visit.console.desk.drafting.send_back(
            key, revision_of(form), visit.staff.actor, form["note"][:500]
        )
    except DeskRefusal as refusal:
        return await _page(visit, key, refusal, form["note"])
    return visit.go(path_of(key), say="templates.sent_back")


async def release(visit: Visit) -> web.Response:
    key, form = key_to_change(visit, Permission.RELEASE_TEMPLATES), await visit.form()
    try:
        done = await visit.console.desk.releasing.release(
            key, revision_of(form), visit.staff.actor, _waiting(form)
        )
    except DeskRefusal as refusal:
        return await _page(visit, key, refusal)
    said = "templates.released_moved" if done.moved else "templates.released"
    return visit.go(path_of(key, "versions"), say=said, moved=str(done.moved))


def _waiting(form: Form) -> str:
    return MOVE if form["waiting"] == MOVE else KEEP


async def _page(
    visit: Visit, key: DraftKey, refusal: DeskRefusal | None = None, typed: str = ""
) -> web.Response:
    desk, staff = visit.console.desk, visit.staff
    found = await opened(visit, key)
    draft = found.draft
    if draft is None and refusal is None:
        raise missing()
    body = found.common if draft and draft.ends else found.body
    shown = await desk.preview.preview(key, body)
    warnings = await newly_required(visit, key, body, found.body_in_force)
    first = prominent(shown.shown)
    return visit.page(
        "templates/review.html",
        409 if refusal else 200,
        key=key,
        found=found,
        draft=draft,
        changes=difference(found.body_in_force, body),
        shown=shown,
        first=first,
        rest=[],
        warnings=warnings,
        waiting=await desk.releasing.waiting(key),
        may_ask=may_touch(staff, key, Permission.EDIT_TEMPLATES),
        may_release=may_touch(staff, key, Permission.RELEASE_TEMPLATES),
        another=bool(draft and desk.releasing.may_release(draft, staff.actor)),
        one_person=desk.releasing.one_person,
        refused=refusal.sentence(visit.language.value) if refusal else None,
        typed=typed,
        said_in=visit.language.value,
        speaks=False,
        path_of=path_of,
        named=named,
        unit_name=_unit_name(visit, key),
    )


def _unit_name(visit: Visit, key: DraftKey) -> str:
    unit = visit.console.directory().units.get(key.unit)
    return unit.name if unit else ""
