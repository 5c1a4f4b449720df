"""The editor: boxes, what may be put in, saving, and what else can be done with a draft."""

from typing import Any

from aiohttp import web

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.staff import Permission
from gateway.ledger.template_drafts import DraftKey
from gateway.rendering.fields import take_apart
from gateway.services.desk.difference import difference
from gateway.services.desk.drafting import Opened, Wish
from gateway.services.desk.refusals import ChangedMeanwhile, DeskRefusal, named
from gateway.web.console.pages.templates.keys import (
    key_of,
    key_to_change,
    may_touch,
    opened,
    path_of,
)
from gateway.web.console.pages.templates.seeing import preview_values
from gateway.web.console.pages.templates.typed import base_of, body_of, revision_of, typed_of
from gateway.web.console.unsaved import BOX, WHOLE
from gateway.web.console.visit import Form, Visit


async def show(visit: Visit) -> web.Response:
    key = key_of(visit)
    found = await opened(visit, key)
    async with visit.console.seats.taken():
        return await _editor(visit, found, found.body)


async def save(visit: Visit) -> web.Response:
    key, form = key_to_change(visit, Permission.EDIT_TEMPLATES), await visit.form()
    await opened(visit, key)
    try:
        body = body_of(Channel(key.channel), form)
        wish = Wish(key=key, body=body, revision=revision_of(form), by=visit.staff.actor)
        await visit.console.desk.drafting.save(wish)
    except ChangedMeanwhile as refusal:
        return await _conflict(visit, key, body, refusal)
    except DeskRefusal as refusal:
        return await _refused(visit, key, form, refusal)
    page = "review" if form["then"] == "ask" else ""
    return _saved(visit, visit.go(path_of(key, page), say="templates.saved"))


async def drop(visit: Visit) -> web.Response:
    key, form = key_to_change(visit, Permission.EDIT_TEMPLATES), await visit.form()
    try:
        await visit.console.desk.drafting.drop(key, revision_of(form), visit.staff.actor)
    except ChangedMeanwhile as refusal:
        found = await opened(visit, key)
        return await _editor(visit, found, found.body, 409, refusal)
    return visit.go(path_of(key), say="templates.dropped")


async def give_up(visit: Visit) -> web.Response:
    """The unit goes back to the common text: a draft like any other."""
    key = key_to_change(visit, Permission.EDIT_TEMPLATES)
    found = await opened(visit, key)
    wish = Wish(key=key, body=found.body_in_force, revision=0, by=visit.staff.actor, ends=True)
    try:
        await visit.console.desk.drafting.save(wish)
    except ChangedMeanwhile as refusal:
        return await _editor(visit, found, found.body, 409, refusal)
    return visit.go(path_of(key, "review"), say="templates.saved")


def _saved(visit: Visit, answer: web.Response) -> web.Response:
    """A script that saves goes on by itself: were it sent on, it would use up the message."""
    if visit.request.headers.get("X-Saved-By") == "script":
        answer.set_status(204)
    return answer


async def _editor(
    visit: Visit,
    found: Opened,
    body: str,
    status: int = 200,
    refusal: DeskRefusal | None = None,
    *,
    whole: bool = False,
    **values: Any,
) -> web.Response:
    key, desk = found.key, visit.console.desk
    channel, language = Channel(key.channel), visit.language.value
    shown, whole = await desk.preview.preview(key, body), whole or bool(visit.query(WHOLE))
    return visit.page(
        "templates/editor.html",
        status,
        **{
            "key": key,
            "found": found,
            "body": body,
            "base": body,
            "unsaved": False,
            "taken": take_apart(channel, body),
            "whole": whole,
            "box": BOX,
            "revision": found.draft.revision if found.draft else 0,
            "may_edit": may_touch(visit.staff, key, Permission.EDIT_TEMPLATES),
            "may_release": may_touch(visit.staff, key, Permission.RELEASE_TEMPLATES),
            "vocabulary": desk.vocabulary.words(EventKind(key.kind), channel, key.unit, language),
            "choices": desk.vocabulary.choices(channel, language),
            "refused": refusal.sentence(language) if refusal else None,
            "units": _other_units(visit, key),
            "unit_name": _unit_name(visit, key),
            "path_of": path_of,
            "named": named,
            **preview_values(visit, key, body, shown, whole=whole),
            **values,
        },
    )


async def _refused(visit: Visit, key: DraftKey, form: Form, refusal: DeskRefusal) -> web.Response:
    """Nothing was saved: what was typed stands in the boxes, to be mended from there."""
    return await _editor(
        visit,
        await opened(visit, key),
        typed_of(Channel(key.channel), form),
        422,
        refusal,
        whole=form.has(WHOLE),
        base=base_of(form),
        revision=revision_of(form),
        unsaved=True,
    )


async def _conflict(
    visit: Visit, key: DraftKey, body: str, refusal: ChangedMeanwhile
) -> web.Response:
    """Nothing was saved: what was typed stands in the boxes, the other's text beside it."""
    found = await opened(visit, key)
    theirs = refusal.draft.body if refusal.draft else found.body_in_force
    return await _editor(
        visit,
        found,
        body,
        409,
        refusal,
        revision=refusal.draft.revision if refusal.draft else 0,
        conflict=difference(theirs, body),
    )


def _other_units(visit: Visit, key: DraftKey) -> dict[str, str]:
    """Units that could have a text of their own instead of this common one."""
    units = visit.console.directory().units
    if key.unit:
        return {}
    return {code: unit.name for code, unit in sorted(units.items()) if visit.staff.may_see(code)}


def _unit_name(visit: Visit, key: DraftKey) -> str:
    unit = visit.console.directory().units.get(key.unit)
    return unit.name if unit else ""
