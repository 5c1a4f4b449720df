"""Reading for dossier systems: one notification, a search with persons in the body, the feed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from aiohttp import web
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from gateway.domain.identity import NOTIFICATION, read, show
from gateway.domain.status import State
from gateway.services.look_up import Question
from gateway.web.answers import Problem, answer, problem
from gateway.web.bodies import read_body, whole_body
from gateway.web.keys import CALLERS, LOOK_UP

_MOST_FEED_ENTRIES = 500


def _storable(moment: datetime) -> datetime:
    if not 1900 <= moment.year < 2200:
        raise ValueError("use a year from 1900 to 2199")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_storable)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]


class SearchBody(BaseModel):
    """What to look for. Persons stand here, never in an address."""

    model_config = ConfigDict(extra="forbid")

    dossier: ShortText | None = Field(None, description="The dossier's code, as posted.")
    phone: ShortText | None = Field(None, description="A number in any spelling.")
    name: ShortText | None = Field(None, description="Whole words, with or without accents.")
    states: list[State] | None = None
    reason: ShortText | None = None
    unit: ShortText | None = None
    accepted_from: Moment | None = None
    accepted_to: Moment | None = None
    before: str | None = Field(None, description="`next` of the page before.")
    limit: Annotated[int, Field(ge=1, le=200)] = 50


async def get_notification(request: web.Request) -> web.Response:
    """GET /v1/notifications/{id}"""
    caller = request.app[CALLERS].by_key(request, "read")
    notification_id = notification_id_in(request.match_info["id"])
    found = await request.app[LOOK_UP].one(notification_id, caller.source.code, caller.reader)
    if found is None:
        raise nothing()
    return answer(200, found)


async def search_notifications(request: web.Request) -> web.Response:
    """POST /v1/notifications/search"""
    caller = request.app[CALLERS].by_key(request, "read")
    wanted = read_body(SearchBody, await whole_body(request), "invalid_search")
    before = notification_id_in(wanted.before) if wanted.before else None
    looked = await request.app[LOOK_UP].search(
        Question(
            source=caller.source.code,
            **wanted.model_dump(exclude={"before"}),
            before=before,
        ),
        caller.reader,
    )
    return answer(200, {"notifications": looked.found, "next": looked.next})


async def get_feed(request: web.Request) -> web.Response:
    """GET /v1/feed?after="""
    caller = request.app[CALLERS].by_key(request, "read")
    after, limit = _number(request, "after", 0), _number(request, "limit", 100)
    endings = await request.app[LOOK_UP].feed(
        caller.source.code, after, min(limit, _MOST_FEED_ENTRIES)
    )
    entries = [
        {
            "position": one.position,
            "notification": show(NOTIFICATION, one.notification_id),
            "revision": one.revision,
            "state": one.state,
            "reason": one.reason,
            "at": one.at.isoformat(),
        }
        for one in endings
    ]
    return answer(200, {"entries": entries, "next": entries[-1]["position"] if entries else after})


def notification_id_in(text: str) -> UUID:
    try:
        return read(NOTIFICATION, text)
    except ValueError:
        raise nothing() from None


def nothing() -> Problem:
    return problem(404, "no_such_notification", "There is no notification of yours with this id.")


def _number(request: web.Request, name: str, default: int) -> int:
    text: Any = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise problem(400, "wrong_parameter", f"Send {name} as a whole number of 0 or more.")
    return int(text)
