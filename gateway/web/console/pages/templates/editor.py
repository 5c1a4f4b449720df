"""The editor: boxes, what may be put in, what will arrive at every stroke, saving, a specimen."""

from typing import Any

from aiohttp import web

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.staff import Permission
from gateway.errors import BaotinError
from gateway.ledger.template_drafts import DraftKey
from gateway.rendering.fields import take_apart
from gateway.services.desk.difference import difference
from gateway.services.desk.drafting import Opened, Wish
from gateway.services.desk.preview import Previewed, Shown
from gateway.services.desk.refusals import ChangedMeanwhile, DeskRefusal, named
from gateway.services.desk.specimens import SpecimenWish
from gateway.web.console.pages.templates.keys import (
    key_of,
    key_to_change,
    may_touch,
    opened,
    path_of,
)
from gateway.web.console.pages.templates.typed import BOX, body_of, revision_of
from gateway.web.console.visit import Visit

_PROMINENT = 4


async def show(visit: Visit) -> web.Response:
    key = key_of(visit)
    found = await opened(visit, key)
    return await _editor(visit, found, found.body)


async def preview(visit: Visit) -> web.Response:
    """What will arrive, as a part of the page."""
    key, form = key_of(visit), await visit.form()
    try:
        body = body_of(Channel(key.channel), form)
    except DeskRefusal as refusal:
        return visit.page("templates/refused.html", 422, sentence=refusal.sentence(_said_in(visit)))
    beside = []
    if form["recent"]:
        desk, staff = visit.console.desk, visit.staff
        units = None if staff.units is None else sorted(staff.units)
        found = await desk.recent.latest(key.kind, key.unit, units, staff.actor)
        beside = [found] if found else []
    shown = await visit.console.desk.preview.preview(key, body, beside)
    return _preview_part(visit, key, body, shown, sought=bool(form["recent"]) and not beside)


async def save(visit: Visit) -> web.Response:
    key, form = key_to_change(visit, Permission.EDIT_TEMPLATES), await visit.form()
    try:
        body = body_of(Channel(key.channel), form)
        wish = Wish(key=key, body=body, revision=revision_of(form), by=visit.staff.actor)
        await visit.console.desk.drafting.save(wish)
    except ChangedMeanwhile as refusal:
        return await _conflict(visit, key, body, refusal)
    except DeskRefusal as refusal:
        found = await opened(visit, key)
        return await _editor(visit, found, found.body, 422, refusal)
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


async def send_specimen(visit: Visit) -> web.Response:
    key, form = key_to_change(visit, Permission.EDIT_TEMPLATES), await visit.form()
    try:
        wish = SpecimenWish(
            key=key,
            body=body_of(Channel(key.channel), form),
            phone=form["phone"],
            by=visit.staff.actor,
            sample=form["sample"],
        )
        sent = await visit.console.desk.specimens.send(wish)
    except DeskRefusal as refusal:
        sentence = refusal.sentence(_said_in(visit))
        return visit.page("templates/specimen.html", 422, sentence=sentence, sent=None)
    return visit.page("templates/specimen.html", sent=sent, sentence=None)


async def speak(visit: Visit) -> web.Response:
    """What a call says to one dossier, as sound."""
    key, form = key_of(visit), await visit.form()
    said = visit.console.desk.speak
    body = body_of(Channel(key.channel), form)
    shown = await visit.console.desk.preview.preview(key, body)
    number = int(form["sample"]) if form["sample"].isdecimal() else 0
    if said is None or number >= len(shown.shown) or not shown.shown[number].said:
        return web.Response(status=204)
    try:
        sound = await said("\n".join(shown.shown[number].said))
    except BaotinError:
        return visit.page("templates/refused.html", 503, sentence=visit.words("templates.no_voice"))
    return web.Response(body=sound, content_type="audio/wav")


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
    **values: Any,
) -> web.Response:
    key, desk = found.key, visit.console.desk
    channel, language = Channel(key.channel), visit.language.value
    shown = await desk.preview.preview(key, body)
    return visit.page(
        "templates/editor.html",
        status,
        **{
            "key": key,
            "found": found,
            "body": body,
            "taken": take_apart(channel, body),
            "whole": bool(visit.query("whole")),
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
            **_preview_values(visit, key, body, shown),
            **values,
        },
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


def _preview_part(
    visit: Visit, key: DraftKey, body: str, shown: Previewed, *, sought: bool
) -> web.Response:
    values = _preview_values(visit, key, body, shown)
    return visit.page("templates/preview.html", key=key, **values | {"sought": sought})


def _preview_values(visit: Visit, key: DraftKey, body: str, shown: Previewed) -> dict[str, Any]:
    first = prominent(shown.shown)
    return {
        "shown": shown,
        "first": first,
        "rest": [one for one in shown.shown if one not in first],
        "remarks": shown.remarks,
        "boxes": _boxes(Channel(key.channel), body),
        "said_in": _said_in(visit),
        "sought": False,
        "speaks": visit.console.desk.speak is not None,
        "conflict": None,
    }


def prominent(shown: tuple[Shown, ...]) -> list[Shown]:
    """The first, the longest, the shortest and one that is a good deal unlike them."""
    made = [one for one in shown if one.text]
    if not made:
        return []
    by_length = sorted(made, key=lambda one: len(one.text))
    chosen = [made[0], by_length[-1], by_length[0], *made[1:]]
    return list({one.sample: one for one in chosen}.values())[:_PROMINENT]


def _boxes(channel: Channel, body: str) -> list[str]:
    names = []
    for field in take_apart(channel, body).fields:
        names += [field.name, f"{field.name}.short"] if field.short is not None else [field.name]
    return names


def _said_in(visit: Visit) -> str:
    return visit.language.value


def _other_units(visit: Visit, key: DraftKey) -> dict[str, str]:
    """Units that could have a text of their own instead of this common one."""
    units = visit.console.directory().units
    if key.unit:
        return {}
    return {code: unit.name for code, unit in sorted(units.items()) if visit.staff.may_see(code)}


def _unit_name(visit: Visit, key: DraftKey) -> str:
    unit = visit.console.directory().units.get(key.unit)
    return unit.name if unit else ""
