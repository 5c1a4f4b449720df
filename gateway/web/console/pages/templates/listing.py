"""The list of templates, and the queue of those that wait for their release."""

from aiohttp import web

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.staff import Permission
from gateway.services.desk.listing import COMMON, Filter, Line
from gateway.services.desk.refusals import named
from gateway.web.console.pages.templates.keys import may_touch, path_of
from gateway.web.console.visit import Visit

STATES = ("in_force", "draft", "asked")


async def show_list(visit: Visit) -> web.Response:
    wanted = _filter(visit)
    lines = await visit.console.desk.listing.lines(wanted)
    return visit.page(
        "templates/list.html",
        groups=_by_kind(lines),
        wanted=wanted,
        kinds=[kind.value for kind in EventKind],
        channels=[channel.value for channel in Channel],
        languages_there=sorted({one.key.language for one in lines} | {"vi"}),
        states=STATES,
        units=_units(visit),
        common=COMMON,
        path_of=path_of,
        named=named,
        waiting=sum(one.state == "asked" for one in lines),
    )


async def show_queue(visit: Visit) -> web.Response:
    staff = visit.staff
    lines = await visit.console.desk.listing.lines(Filter(state="asked", units=staff.units))
    return visit.page(
        "templates/queue.html",
        lines=lines,
        mine={
            one.key
            for one in lines
            if may_touch(staff, one.key, Permission.RELEASE_TEMPLATES)
            and one.draft
            and visit.console.desk.releasing.may_release(one.draft, staff.actor)
        },
        units=_units(visit),
        path_of=path_of,
        named=named,
    )


def _filter(visit: Visit) -> Filter:
    return Filter(
        kind=visit.query("kind"),
        channel=visit.query("channel"),
        language=visit.query("language"),
        unit=visit.query("unit"),
        state=visit.query("state"),
        units=visit.staff.units,
    )


def _units(visit: Visit) -> dict[str, str]:
    """By code, those that this person may see."""
    units = visit.console.directory().units
    return {code: unit.name for code, unit in sorted(units.items()) if visit.staff.may_see(code)}


def _by_kind(lines: list[Line]) -> dict[str, list[Line]]:
    """Kinds in the order of what happens to a dossier, channels in that of a route."""
    order = {channel.value: n for n, channel in enumerate(Channel)}
    groups = {
        kind.value: sorted(
            (one for one in lines if one.key.kind == kind),
            key=lambda one: (order.get(one.key.channel, 9), one.key.language, one.key.unit),
        )
        for kind in EventKind
    }
    return {kind: found for kind, found in groups.items() if found}
