"""Dossiers in, as the dossier system itself writes them, read and answered by its mapping."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import structlog
from aiohttp import web

from gateway.domain.directory import Source
from gateway.domain.identity import NOTIFICATION, show
from gateway.intake.digest import canonical
from gateway.intake.json_body import NotJson, read_json
from gateway.intake.mapping import Faulty, Ignored, ItemAnswer, MappedEvent, Mapping
from gateway.intake.problems import ProblemCode, Refusal, invalid_event, refused
from gateway.services.booking import Posted
from gateway.services.submit import Answer, Submitted
from gateway.web.answers import answer, problem
from gateway.web.api.checks import Checked, check_entry, only_checks
from gateway.web.api.events import NOT_WRITTEN
from gateway.web.api.refusals import counts_refusals, note_refused
from gateway.web.bodies import whole_body
from gateway.web.keys import CALLERS, MAPPINGS, PREVIEW, SUBMIT

log = structlog.get_logger()

Item = MappedEvent | Ignored | Faulty

_CHANGED = "Told before with other content; the first notice stands."
_IGNORED = "Nobody is told about a dossier in this state."
_UNLISTED = "This state is not known to the mapping; nobody is told about it."


@counts_refusals
async def post_dossiers(request: web.Request) -> web.Response:
    """POST /v1/sources/{source}/dossiers, with a key or a signature over the body."""
    body = await whole_body(request)
    caller = request.app[CALLERS].of_source(request, body)
    mapping = _mapping(request, caller.source)
    items = mapping.read(_payload(body), request.query)
    request.app[CALLERS].admit(caller, max(1, len(items)))
    posted = [_posted(item) for item in items if isinstance(item, MappedEvent)]
    if only_checks(request):
        checks = iter(await request.app[PREVIEW].check(caller.source, posted))
        return answer(200, {"results": [_checked(item, checks) for item in items]})
    submitted = iter(await request.app[SUBMIT].submit(caller.source, posted, caller.mode))
    results = [_result(item, submitted) for item in items]
    note_refused(request, caller, results)
    pairs = zip(items, results, strict=True)
    return answer(200, mapping.answer([_answered(item, result) for item, result in pairs]))


def _mapping(request: web.Request, source: Source) -> Mapping:
    if source.mapping is None:
        raise problem(
            404, "no_mapping", "This source has no mapping; post CloudEvents to /v1/events."
        )
    found = request.app[MAPPINGS].get(source.mapping)
    if found is None:
        log.error("mapping_missing", source=source.code, mapping=source.mapping)
        raise problem(
            503,
            "mapping_missing",
            "The mapping of this source is not installed here; its operator must add it.",
            {"Retry-After": "60"},
        )
    return found


def _payload(body: bytes) -> Any:
    try:
        return read_json(body)
    except NotJson as error:
        raise refused(400, ProblemCode.NOT_JSON, str(error)) from None


def _posted(item: MappedEvent) -> Posted:
    content = canonical(item.event.kind.cloudevents_type, item.raw.get("data"))
    return Posted(event=item.event, canonical=content)


def _result(item: Item, submitted: Iterator[Submitted]) -> Submitted | Refusal | None:
    """What became of one dossier; None for one that nobody is told about."""
    match item:
        case Ignored():
            return None
        case Faulty():
            return invalid_event(item.problems)
        case MappedEvent():
            found = next(submitted)
    match found.answer:
        case Answer.FAILED:
            return NOT_WRITTEN
        case Answer.REFUSED:
            assert found.refusal is not None
            return _as_sent(item, found.refusal)
    return found


def _answered(item: Item, result: Submitted | Refusal | None) -> ItemAnswer:
    where: dict[str, Any] = {"position": item.position, "dossier_code": item.dossier_code}
    if result is None:
        detail = _IGNORED if isinstance(item, Ignored) and item.listed else _UNLISTED
        return ItemAnswer(outcome="ignored", detail=detail, **where)
    if isinstance(result, Refusal):
        return _refused_item(result, where)
    changed = result.answer is Answer.CONFLICT
    return ItemAnswer(
        outcome="accepted" if result.answer is Answer.NEW else "repeated",
        changed=changed,
        notifications=tuple(show(NOTIFICATION, one.id) for one in result.owed),
        detail=_CHANGED if changed else "",
        **where,
    )


def _refused_item(refusal: Refusal, where: dict[str, Any]) -> ItemAnswer:
    return ItemAnswer(outcome="refused", detail=refusal.detail, problems=refusal.errors, **where)


def _as_sent(item: MappedEvent, refusal: Refusal) -> Refusal:
    return replace(refusal, errors=item.as_sent(refusal.errors))


def _checked(item: Item, checks: Iterator[Checked]) -> dict[str, Any]:
    where = {"position": item.position, "dossier": item.dossier_code}
    match item:
        case Ignored():
            return where | {"status": 200, "would_send": False, "reason": "ignored"}
        case Faulty():
            return where | check_entry(invalid_event(item.problems))
        case MappedEvent():
            found = next(checks)
            as_sent = _as_sent(item, found) if isinstance(found, Refusal) else found
            return where | check_entry(as_sent)
