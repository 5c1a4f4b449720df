"""Lists of messages and calls: their filters and their one page.

Source: twilio/twilio-oai, twilio_api_v2010.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from gateway.sandbox.twilio_wire import Invalid
from gateway.sandbox.wire import json_answer


def listed(
    request: web.Request, name: str, records: Iterable[Mapping[str, Any]]
) -> web.StreamResponse:
    """One page, which is the only one here: the newest that the filters let through."""
    page = list(records)
    told = {
        name: page,
        "page": 0,
        "page_size": len(page),
        "start": 0,
        "end": max(0, len(page) - 1),
        "first_page_uri": request.path_qs.removeprefix("/twilio"),
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": request.path_qs.removeprefix("/twilio"),
    }
    return json_answer(told).response()


def page_size(query: Mapping[str, str]) -> int:
    wanted = query.get("PageSize", "50")
    return min(max(int(wanted), 1), 1000) if wanted.isdigit() else 50


def in_time(query: Mapping[str, str], name: str, at: float | None) -> bool:
    """Whether `at` passes the filters `Name`, `Name>` and `Name<` (dates or moments, UTC). What
    has no such time yet passes only where there is no filter."""
    filters = {mark: query[name + mark] for mark in ("", ">", "<") if name + mark in query}
    if not filters:
        return True
    if at is None:
        return False
    bounds = {mark: _bounds(text) for mark, text in filters.items()}
    after = all(at >= bounds[mark][0] for mark in ("", ">") if mark in bounds)
    return after and all(at < bounds[mark][1] for mark in ("", "<") if mark in bounds)


def _bounds(text: str) -> tuple[float, float]:
    """Begin and end of a day or second. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(20001) from None
    begin = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    return begin, begin + (86_400 if len(text) == len("2026-01-01") else 1)
