"""What is held back, and deciding about it: release or discard, part by part, with a preview."""

from collections import Counter
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web

from gateway.domain import identity
from gateway.domain.held import Prospect
from gateway.ledger.held import FIRST, Selection
from gateway.services.held import Part
from gateway.web.console.faults import Sorry
from gateway.web.console.visit import Form, Visit

_FIELDS = ("source", "reason", "unit", "kind")
_PAGE = "/console/held"
# Older than so many hours; 0 is any age.
_AGES_H = (0, 1, 24, 72)


async def show_piles(visit: Visit) -> web.Response:
    piles = await visit.console.held.piles(visit.staff)
    return visit.page("held/list.html", piles=piles, link=_link, sources=_sources(visit))


async def show_pile(visit: Visit) -> web.Response:
    chosen = {name: visit.query(name) for name in (*_FIELDS, "age")}
    # What is held from now on was not looked at, so it is not decided about.
    until = await visit.console.held.now()
    return await _pile(visit, {**chosen, "until": until.isoformat()})


async def show_samples(visit: Visit) -> web.Response:
    chosen = _chosen(await visit.form())
    samples = await visit.console.held.samples(_selection(chosen), visit.staff)
    return await _pile(visit, chosen, samples=samples)


async def decide(visit: Visit) -> web.Response:
    """One part. The page that answers goes on by itself until all were looked at."""
    form = await visit.form()
    chosen, after = _chosen(form), _after(form["after"])
    if form["what"] == "release":
        part = await visit.console.held.release(
            _selection(chosen),
            visit.staff,
            also_maybe_sent=form["also_maybe_sent"] == "1",
            after=after,
        )
    elif form["what"] == "discard":
        part = await visit.console.held.discard(_selection(chosen), visit.staff, after)
    else:
        raise Sorry(400, "bad_request")
    return _progress(visit, form, chosen, part)


def _progress(visit: Visit, form: Form, chosen: dict[str, str], part: Part) -> web.Response:
    done = _number(form["done"]) + part.done.total()
    looked_at = _number(form["looked_at"]) + part.looked_at
    if part.after is None and not visit.is_htmx:
        return visit.go(_PAGE, say="held.done", count=str(done))
    return visit.page(
        "held/progress_part.html" if visit.is_htmx else "held/progress.html",
        chosen=chosen,
        what=form["what"],
        also_maybe_sent=form["also_maybe_sent"],
        after=identity.show(identity.NOTIFICATION, part.after) if part.after else None,
        done=done,
        looked_at=looked_at,
        total=max(_number(form["total"]), looked_at),
    )


async def _pile(visit: Visit, chosen: dict[str, str], **more: Any) -> web.Response:
    groups = await visit.console.held.preview(_selection(chosen), visit.staff)
    by_prospect: Counter[Prospect] = Counter()
    for group, count in groups.items():
        by_prospect[group.prospect] += count
    units = visit.console.directory().units
    return visit.page(
        "held/one.html",
        chosen=chosen,
        groups=sorted(groups.items(), key=lambda one: -one[1]),
        by_prospect=by_prospect,
        total=groups.total(),
        units={code: unit.name for code, unit in sorted(units.items())},
        sources=_sources(visit),
        ages=_AGES_H,
        prospects=Prospect,
        **{"samples": None, **more},
    )


def _chosen(form: Form) -> dict[str, str]:
    return {name: form[name] for name in (*_FIELDS, "age", "until")}


def _selection(chosen: dict[str, str]) -> Selection:
    hours = _number(chosen["age"])
    return Selection(
        source=chosen["source"] or None,
        reason=chosen["reason"] or None,
        unit=chosen["unit"] or None,
        kind=chosen["kind"] or None,
        until=_moment(chosen["until"]),
        older_than_s=hours * 3600.0 if hours else None,
    )


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _sources(visit: Visit) -> dict[str, str]:
    return {code: source.name for code, source in visit.console.directory().sources.items()}


def _link(**chosen: str) -> str:
    return f"{_PAGE}/one?{urlencode(chosen)}"


def _after(text: str) -> UUID:
    try:
        return identity.read(identity.NOTIFICATION, text)
    except ValueError:
        return FIRST


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
