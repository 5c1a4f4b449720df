"""The audit for administrators: who did what, when, about what; the newest first, page by page."""

from datetime import date
from uuid import UUID

from aiohttp import web

from gateway.domain import identity
from gateway.services.read_audit import Question
from gateway.web.console.visit import Visit

_AUDIT, _USER, EVERYBODY = "aud", "usr", "everybody"
_FIRST_YEAR, _LAST_YEAR = 2000, 2999


async def show_audit(visit: Visit) -> web.Response:
    users = await visit.console.users.all()
    names = {identity.show(_USER, user.id): user.name for user in users}
    who = visit.query("who")
    first, last = _day(visit.query("from")), _day(visit.query("to"))
    page = await visit.console.audit.page(
        Question(
            actor=f"user:{names[who]}" if who in names else None,
            staff_only=who != EVERYBODY,
            action=visit.query("action") or None,
            first=first,
            last=last,
            before=_before(visit.query("before")),
        )
    )
    return visit.page(
        "audit.html",
        entries=page.entries,
        older=_older(visit, identity.show(_AUDIT, page.older)) if page.older else None,
        names=names,
        chosen={"who": who, "action": visit.query("action"), "from": first, "to": last},
        actions=_actions(visit),
        notification=lambda found: identity.show(identity.NOTIFICATION, found),
    )


def _actions(visit: Visit) -> dict[str, str]:
    sentences = visit.words.sentences
    head = "audit.action."
    return {key.removeprefix(head): word for key, word in sentences.items() if key.startswith(head)}


def _older(visit: Visit, before: str) -> str:
    return str(visit.request.rel_url.update_query(before=before))


def _before(text: str) -> UUID | None:
    try:
        return identity.read(_AUDIT, text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    """None for what is no day, or one that no entry can be of."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None
