"""The overview: whether all is well, in a sentence, and the figures behind it, as they change."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiohttp import web

from gateway.domain.staff import Permission
from gateway.domain.statistics import Group, arrived_share, surely_sent
from gateway.errors import LedgerUnavailable
from gateway.services.overview import Overview
from gateway.web.console import charts
from gateway.web.console.account_figures import by_account
from gateway.web.console.parts import ENDING
from gateway.web.console.visit import Visit

_EVERY_S = 3.0
# Then the browser asks again, of whichever process has the least to do.
_LONGEST_S = 300.0
_HEAD = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # A proxy must not gather what is to be seen at once.
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}


async def show(visit: Visit) -> web.Response:
    return visit.page("overview/page.html", **await _figures(visit))


async def follow(visit: Visit) -> web.StreamResponse:
    """The figures again and again, as server-sent events; with `once` a single time."""
    answer = web.StreamResponse(headers=_HEAD)
    await answer.prepare(visit.request)
    loop = asyncio.get_running_loop()
    ends_at, ending = loop.time() + _LONGEST_S, visit.request.app[ENDING]
    with suppress(ConnectionError):
        while not ending.is_set() and loop.time() < ends_at:
            text = await _told(visit)
            if text is None:
                break
            await answer.write(_event(text))
            if "once" in visit.request.query:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await ending.wait()
    return answer


async def _told(visit: Visit) -> str | None:
    """None once they may not see it any more. Nothing new while the ledger is away: the page says
    itself that it hears nothing."""
    try:
        session = visit.cookies.session(visit.request) or ""
        visit.visitor = await visit.console.sign_in.who(session, in_use=False)
        if visit.visitor is None or not visit.visitor.may(Permission.READ_STATISTICS):
            return None
        return visit.part("overview/live.html", **await _figures(visit))
    except LedgerUnavailable:
        return ""


def _event(text: str) -> bytes:
    """A comment, which keeps the connection, where there is nothing to tell."""
    if not text:
        return b": away\n\n"
    lines = "\n".join(f"data: {line}" for line in text.splitlines() if line.strip())
    return f"event: figures\n{lines}\n\n".encode()


async def _figures(visit: Visit) -> Mapping[str, Any]:
    found = await visit.console.overview.look(visit.staff.units)
    return {
        "o": found,
        "groups": found.groups,
        "sent": surely_sent(found.states, found.doubtful),
        "share": arrived_share(found.groups),
        "owed": sum(found.groups.values()) - found.groups[Group.NOT_OWED],
        "fell_back": sum(one.fell_back for one in found.today),
        "within_5_min": _fast(found),
        "mean_s": _mean_s(found),
        "accounts": by_account(found.attempts),
        "charts": [
            charts.of_hour(found.slots, found.at),
            charts.of_day(found.slots, found.at),
            charts.of_month(found.days, found.day),
        ],
        "shown": charts.SHOWN,
        "size": (charts.WIDTH, charts.HEIGHT),
    }


def _fast(found: Overview) -> float | None:
    """The part of what arrived today that did so within five minutes."""
    arrived = sum(sum(one.speeds) for one in found.today)
    return sum(sum(one.speeds[:2]) for one in found.today) / arrived if arrived else None


def _mean_s(found: Overview) -> float | None:
    """How long what arrived today took."""
    arrived = sum(sum(one.speeds) for one in found.today)
    return sum(one.arrived_s for one in found.today) / arrived if arrived else None
