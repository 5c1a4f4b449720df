"""Which template a page is about, by its address, and whether somebody may change it."""

import re

from gateway.domain.channel import Channel
from gateway.domain.dossier import EventKind
from gateway.domain.staff import Permission, Staff
from gateway.ledger.template_drafts import DraftKey
from gateway.services.desk.drafting import Opened
from gateway.services.desk.refusals import DeskRefusal
from gateway.web.console.faults import missing, not_yours
from gateway.web.console.visit import Visit

ROOT = "/console/templates"
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def path_of(key: DraftKey, page: str = "") -> str:
    own = f".{key.unit}" if key.unit else ""
    path = f"{ROOT}/{key.kind}.{key.channel}.{key.language}{own}"
    return f"{path}/{page}" if page else path


def key_of(visit: Visit) -> DraftKey:
    """Raises the page for what does not exist, or for a unit that is not theirs."""
    kind, _, rest = visit.request.match_info["template"].partition(".")
    channel, _, rest = rest.partition(".")
    language, _, unit = rest.partition(".")
    known = kind in set(EventKind) and channel in set(Channel) and LANGUAGE.fullmatch(language)
    if not known or (unit and unit not in visit.console.directory().units):
        raise missing()
    if unit and not visit.staff.may_see(unit):
        raise not_yours()
    return DraftKey(kind=kind, channel=channel, language=language, unit=unit)


def may_touch(staff: Staff, key: DraftKey, permission: Permission) -> bool:
    """A text that all units share is for those who have all units."""
    theirs = staff.may_see(key.unit) if key.unit else staff.sees_all_units
    return theirs and staff.may(permission)


def key_to_change(visit: Visit, permission: Permission) -> DraftKey:
    key = key_of(visit)
    if not may_touch(visit.staff, key, permission):
        raise not_yours()
    return key


async def opened(visit: Visit, key: DraftKey) -> Opened:
    try:
        return await visit.console.desk.drafting.open(key)
    except DeskRefusal:
        raise missing() from None
