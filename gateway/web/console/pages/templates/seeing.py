"""What will arrive of a text that is being written: seen at every stroke, heard, and sent to
oneself."""

from typing import Any

from aiohttp import web

from gateway.domain.channel import Channel
from gateway.domain.staff import Permission
from gateway.errors import BaotinError
from gateway.ledger.template_drafts import DraftKey
from gateway.rendering.fields import Taken, take_apart
from gateway.rendering.proof import Example
from gateway.rendering.whole import BOX as WHOLE_BOX
from gateway.rendering.whole import in_whole
from gateway.services.desk.preview import Previewed, Shown
from gateway.services.desk.refusals import DeskRefusal
from gateway.services.desk.specimens import SpecimenWish
from gateway.web.console.pages.templates.keys import key_of, key_to_change
from gateway.web.console.pages.templates.typed import body_of
from gateway.web.console.visit import Visit

_PROMINENT = 4


async def preview(visit: Visit) -> web.Response:
    """What will arrive, as a part of the page."""
    key, form = key_of(visit), await visit.form()
    try:
        body = body_of(Channel(key.channel), form)
    except DeskRefusal as refusal:
        return _refused(visit, refusal)
    sought = bool(form["recent"]) and sees_dossiers(visit)
    beside = await _recent(visit, key) if sought else []
    async with visit.console.seats.taken():
        shown = await visit.console.desk.preview.preview(key, body, beside)
    values = preview_values(visit, key, body, shown, whole=form.has("whole"))
    return visit.page(
        "templates/preview.html", key=key, **values | {"sought": sought and not beside}
    )


def _refused(visit: Visit, refusal: DeskRefusal) -> web.Response:
    return visit.page("templates/refused.html", 422, sentence=refusal.sentence(said_in(visit)))


def sees_dossiers(visit: Visit) -> bool:
    """Who writes or releases texts may look at a masked dossier; who only reads them need not."""
    staff = visit.staff
    return staff.may(Permission.EDIT_TEMPLATES) or staff.may(Permission.RELEASE_TEMPLATES)


async def newly_required(visit: Visit, key: DraftKey, body: str, in_force: str) -> list[str]:
    """What sources may not send of what a text needs now. Their last dossiers are opened for it,
    so nobody is told who only reads texts."""
    if not sees_dossiers(visit):
        return []
    desk = visit.console.desk
    found = await desk.newly_required.warnings(key, body, in_force, visit.staff.actor)
    return [one.sentence(said_in(visit)) for one in found]


async def _recent(visit: Visit, key: DraftKey) -> list[Example]:
    staff = visit.staff
    units = None if staff.units is None else sorted(staff.units)
    found = await visit.console.desk.recent.latest(key.kind, key.unit, units, staff.actor)
    return [found] if found else []


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
        sentence = refusal.sentence(said_in(visit))
        return visit.page("templates/specimen.html", 422, sentence=sentence, sent=None)
    return visit.page("templates/specimen.html", sent=sent, sentence=None)


async def speak(visit: Visit) -> web.Response:
    """What a call says to one dossier, as sound."""
    key, form = key_of(visit), await visit.form()
    said, sample = visit.console.desk.speak, form.number("sample")
    try:
        body = body_of(Channel(key.channel), form)
    except DeskRefusal as refusal:
        return _refused(visit, refusal)
    async with visit.console.seats.taken():
        shown = (await visit.console.desk.preview.preview(key, body)).shown
        if said is None or sample >= len(shown) or not shown[sample].said:
            return web.Response(status=204)
        try:
            sound = await said("\n".join(shown[sample].said))
        except BaotinError:
            sentence = visit.words("templates.no_voice")
            return visit.page("templates/refused.html", 503, sentence=sentence)
    return web.Response(body=sound, content_type="audio/wav")


def preview_values(
    visit: Visit, key: DraftKey, body: str, shown: Previewed, *, whole: bool
) -> dict[str, Any]:
    """`whole`: all of the text stands in one box, whatever it is made of."""
    first, taken = prominent(shown.shown), take_apart(Channel(key.channel), body)
    return {
        "shown": shown,
        "first": first,
        "rest": [one for one in shown.shown if one not in first],
        "remarks": in_whole(shown.remarks, taken, body) if whole else shown.remarks,
        "boxes": [WHOLE_BOX] if whole else _boxes(taken),
        "said_in": said_in(visit),
        "sees_dossiers": sees_dossiers(visit),
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


def _boxes(taken: Taken) -> list[str]:
    names = []
    for field in taken.fields:
        names += [field.name, f"{field.name}.short"] if field.short is not None else [field.name]
    return names


def said_in(visit: Visit) -> str:
    return visit.language.value
