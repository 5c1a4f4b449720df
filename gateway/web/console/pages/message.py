"""One message: what happened to it in plain words, and its person and texts for who says why."""

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from aiohttp import web

from gateway.domain import identity
from gateway.domain.channel import Channel
from gateway.domain.staff import Permission
from gateway.domain.status import OPEN, State
from gateway.services.stories import Told
from gateway.web.console.faults import missing
from gateway.web.console.pages.messages import id_in, path_of, unit_name
from gateway.web.console.visit import Visit

# Why somebody opens a person's data: words of the catalogue, so that nobody types about anybody.
# Why something is sent once more.
RESEND_WHY = ("not_received", "wrong_phone", "by_staff")
WHY = ("asked", "number", "repair", "complaint")


async def show_one(visit: Visit) -> web.Response:
    told = await visit.console.stories.one(visit.staff, wanted_id(visit))
    return page_of(visit, told, opened=visit.query("do"))


async def reveal(visit: Visit) -> web.Response:
    """Shown in the answer only: the address stays that of the masked page."""
    form = await visit.form()
    why = form["why"]
    if why not in WHY:
        told = await visit.console.stories.one(visit.staff, wanted_id(visit))
        return page_of(visit, told, 422, fault=visit.words("messages.why_missing"))
    told = await visit.console.stories.reveal(visit.staff, wanted_id(visit), why)
    return page_of(visit, told)


def page_of(
    visit: Visit,
    told: Told | None,
    status: int = 200,
    fault: str | None = None,
    *,
    opened: str = "",
    typed: Mapping[str, str] = MappingProxyType({}),
) -> web.Response:
    """`opened`: the form that is shown open. `typed`: what stands in the one to send again."""
    if told is None:
        raise missing()
    found = told.line.found
    return visit.page(
        "messages/one.html",
        status,
        told=told,
        line=told.line,
        found=found,
        shown_id=identity.show(identity.NOTIFICATION, found.id),
        path=path_of(found.id),
        back=path_of(found.id),
        path_of=path_of,
        unit=unit_name(visit, found.unit),
        unit_name=lambda code: unit_name(visit, code),
        reasons_why=WHY,
        fault=fault,
        opened=opened,
        typed=typed,
        is_open=State(found.state) in OPEN,
        may_steer=visit.staff.may(Permission.STEER_MESSAGES),
        channels=Channel,
        resend_why=RESEND_WHY,
        key=secrets.token_hex(16),
    )


def wanted_id(visit: Visit) -> UUID:
    """Raises the page for what is no id."""
    found = id_in(identity.NOTIFICATION, visit.request.match_info["id"])
    if found is None:
        raise missing()
    return found
