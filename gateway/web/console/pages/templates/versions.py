"""All versions of a text, what differs between two of them, and the way back to an earlier one."""

from collections.abc import Sequence

from aiohttp import web

from gateway.domain.staff import Permission
from gateway.services.desk.difference import difference
from gateway.services.desk.drafting import KEEP, MOVE, Opened
from gateway.services.desk.refusals import ChangedMeanwhile, DeskRefusal, named
from gateway.web.console.pages.templates.keys import (
    key_of,
    key_to_change,
    may_touch,
    opened,
    path_of,
)
from gateway.web.console.pages.templates.seeing import newly_required
from gateway.web.console.visit import Visit, small_number


async def show(visit: Visit) -> web.Response:
    return _page(visit, await opened(visit, key_of(visit)))


async def bring_back(visit: Visit) -> web.Response:
    """For who writes: a draft of that text whose release is asked for."""
    key, form = key_to_change(visit, Permission.EDIT_TEMPLATES), await visit.form()
    try:
        await visit.console.desk.drafting.bring_back(key, form.number("version"), visit.staff.actor)
    except ChangedMeanwhile:
        sentence = visit.words("templates.draft_in_the_way")
        return _page(visit, await opened(visit, key), 409, sentence)
    except DeskRefusal as refusal:
        sentence = refusal.sentence(visit.language.value)
        return _page(visit, await opened(visit, key), 422, sentence)
    return visit.go(path_of(key, "review"), say="templates.asked")


async def go_back(visit: Visit) -> web.Response:
    """For who releases: in force at once."""
    key, form = key_to_change(visit, Permission.RELEASE_TEMPLATES), await visit.form()
    waiting = MOVE if form["waiting"] == MOVE else KEEP
    if not form["warned"]:
        found = await opened(visit, key)
        if warnings := await _warnings(visit, found, form.number("version")):
            wished = form.number("version")
            return _page(visit, found, 409, warnings=warnings, wished=wished, waiting=waiting)
    try:
        done = await visit.console.desk.releasing.go_back(
            key, form.number("version"), visit.staff.actor, waiting
        )
    except DeskRefusal as refusal:
        sentence = refusal.sentence(visit.language.value)
        return _page(visit, await opened(visit, key), 422, sentence)
    said = "templates.released_moved" if done.moved else "templates.released"
    return visit.go(path_of(key, "versions"), say=said, moved=str(done.moved))


async def _warnings(visit: Visit, found: Opened, version: int) -> list[str]:
    """Somebody who goes back skips the review, where they would have been told."""
    body = next((one.body for one in found.versions if one.version == version), None)
    if body is None:
        return []
    return await newly_required(visit, found.key, body, found.body_in_force)


def _page(
    visit: Visit,
    found: Opened,
    status: int = 200,
    refused: str | None = None,
    warnings: Sequence[str] = (),
    **wish: object,
) -> web.Response:
    numbers = {one.version: one for one in found.versions}
    newer = small_number(visit.query("b"), found.in_force or max(numbers, default=0))
    older = small_number(visit.query("a"), max((one for one in numbers if one < newer), default=0))
    a, b = numbers.get(older), numbers.get(newer)
    return visit.page(
        "templates/versions.html",
        status,
        key=found.key,
        found=found,
        older=older,
        newer=newer,
        changes=difference(a.body if a else "", b.body if b else ""),
        may_edit=may_touch(visit.staff, found.key, Permission.EDIT_TEMPLATES),
        may_release=may_touch(visit.staff, found.key, Permission.RELEASE_TEMPLATES),
        refused=refused,
        warnings=warnings,
        **wish,
        path_of=path_of,
        named=named,
    )
