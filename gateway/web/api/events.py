"""Events in: CloudEvents with an API key, or signed by Standard Webhooks."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from gateway.domain.dossier import DossierEvent
from gateway.domain.identity import EVENT, NOTIFICATION, show
from gateway.intake.cloudevents import Mode, RawEvent, Received, read_request
from gateway.intake.digest import canonical
from gateway.intake.events import read_event
from gateway.intake.problems import Refusal, invalid_event
from gateway.ledger.new_events import Owed
from gateway.services.booking import Posted
from gateway.services.submit import Answer, Submitted, in_turns
from gateway.web.answers import answer, problem_answer
from gateway.web.api.checks import Checked, check_entry, only_checks
from gateway.web.api.refusals import counts_refusals, note_refused
from gateway.web.bodies import whole_body
from gateway.web.callers import Caller
from gateway.web.keys import CALLERS, PREVIEW, SUBMIT

_CONFLICT = Refusal(
    status=409,
    code="other_content",
    detail="An event with this source and id was accepted with other content; send a changed"
    " event under a new id.",
)
NOT_WRITTEN = Refusal(
    status=422,
    code="not_storable",
    detail="The ledger refused this event; check it for unusual characters or sizes.",
)


@counts_refusals
async def post_events(request: web.Request) -> web.Response:
    """POST /v1/events with an API key."""
    caller = request.app[CALLERS].by_key(request, "post")
    body = await whole_body(request)
    return await _take(request, caller, body, binary_allowed=True)


@counts_refusals
async def post_signed_events(request: web.Request) -> web.Response:
    """POST /v1/sources/{source}/events with a signature over the body."""
    body = await whole_body(request)
    caller = request.app[CALLERS].of_source(request, body)
    return await _take(request, caller, body, binary_allowed=False)


async def _take(
    request: web.Request, caller: Caller, body: bytes, *, binary_allowed: bool
) -> web.Response:
    posted = read_request(
        request.headers.get("Content-Type", ""),
        request.headers,
        body,
        binary_allowed=binary_allowed,
    )
    request.app[CALLERS].admit(caller, max(1, len(posted.events)))
    read = [_read(one) async for one in in_turns(posted.events)]
    good = [one for one in read if isinstance(one, Posted)]
    if only_checks(request):
        checks = iter(await request.app[PREVIEW].check(caller.source, good))
        checked = [one if isinstance(one, Refusal) else next(checks) for one in read]
        return _checked(posted, checked)
    submitted = iter(await request.app[SUBMIT].submit(caller.source, good, caller.mode))
    results = [one if isinstance(one, Refusal) else _result(next(submitted)) for one in read]
    note_refused(request, caller, results)
    if posted.mode is Mode.BATCHED:
        pairs = zip(posted.events, results, strict=True)
        return answer(207, {"results": [_entry(raw, result) for raw, result in pairs]})
    return _single(results[0])


def _checked(posted: Received, checked: Sequence[Checked]) -> web.Response:
    if posted.mode is not Mode.BATCHED:
        [single] = checked
        return problem_answer(single) if isinstance(single, Refusal) else answer(200, single)
    pairs = zip(posted.events, checked, strict=True)
    return answer(
        200, {"results": [{"id": _event_id(raw), **check_entry(one)} for raw, one in pairs]}
    )


def _read(raw: RawEvent | Refusal) -> Posted | Refusal:
    if isinstance(raw, Refusal):
        return raw
    event = read_event(raw)
    if not isinstance(event, DossierEvent):
        return invalid_event(event)
    return Posted(event=event, canonical=canonical(event.kind.cloudevents_type, raw.get("data")))


def _result(submitted: Submitted) -> Refusal | Submitted:
    match submitted.answer:
        case Answer.CONFLICT:
            return _CONFLICT
        case Answer.FAILED:
            return NOT_WRITTEN
        case Answer.REFUSED:
            assert submitted.refusal is not None
            return submitted.refusal
        case _:
            return submitted


def _single(result: Refusal | Submitted) -> web.Response:
    if isinstance(result, Refusal):
        return problem_answer(result)
    return answer(_status(result), _body(result))


def _entry(raw: RawEvent | Refusal, result: Refusal | Submitted) -> dict[str, Any]:
    event_id = _event_id(raw)
    if isinstance(result, Refusal):
        return {"id": event_id, "status": result.status, "problem": result.body()}
    return {"id": event_id, "status": _status(result), **_body(result)}


def _event_id(raw: RawEvent | Refusal) -> Any:
    return None if isinstance(raw, Refusal) else raw.get("id")


def _status(submitted: Submitted) -> int:
    return 202 if submitted.answer is Answer.NEW else 200


def _body(submitted: Submitted) -> dict[str, Any]:
    assert submitted.event_id is not None
    return {
        "event": show(EVENT, submitted.event_id),
        "notifications": [_owed(one) for one in submitted.owed],
    }


def _owed(one: Owed) -> dict[str, str | None]:
    shown = show(NOTIFICATION, one.id)
    state = {"state": one.state, "reason": one.reason} if one.state else {}
    return {"id": shown, "href": f"/v1/notifications/{shown}", **state}
