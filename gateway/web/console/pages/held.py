"""What is held back, and deciding about it: release or discard, with a preview, as a job."""

from collections import Counter
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.domain import identity
from gateway.domain.held import Prospect
from gateway.ledger.held import Selection
from gateway.ledger.jobs import JobKind
from gateway.web.console.faults import Sorry, missing
from gateway.web.console.pages import jobs
from gateway.web.console.visit import Form, Visit

_FIELDS = ("source", "reason", "unit", "kind")
_PAGE = "/console/held"
_ACTS = ("release", "discard")
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
    return await _pile(visit, chosen, samples=samples, back=_link(**chosen))


async def decide(visit: Visit) -> web.Response:
    """Confirmed: from now on it goes on by itself."""
    form = await visit.form()
    if form["what"] not in _ACTS:
        raise Sorry(400, "bad_request")
    act_id = await visit.console.held.begin(
        form["what"],
        _selection(_chosen(form)),
        visit.staff,
        also_maybe_sent=form["also_maybe_sent"] == "1",
    )
    return visit.go(jobs.path_of(JobKind.HELD_ACT, act_id))


async def show_act(visit: Visit) -> web.Response:
    standing = await _standing(visit)
    return visit.page("held/act.html", stop=jobs.stop_of(standing["act"].id), **standing)


async def show_progress(visit: Visit) -> web.Response:
    return jobs.progress(visit, "held/progress.html", **await _standing(visit))


async def _standing(visit: Visit) -> dict[str, Any]:
    """Raises the page for what is not there or somebody else's."""
    try:
        act_id = identity.read(jobs.DECISION, visit.request.match_info["id"])
    except ValueError:
        raise missing() from None
    job = await jobs.of(visit, act_id)
    if (act := await visit.console.held.show(act_id, visit.staff)) is None:
        raise missing()
    return {"act": act, "job": job, "path": jobs.path_of(JobKind.HELD_ACT, act_id)}


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


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
