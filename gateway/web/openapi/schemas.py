"""The bodies of the interface: those that are read, by their own models, and those answered."""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.domain.status import State
from gateway.intake.models import DossierCloudEvent
from gateway.web.api.acts import ResendBody
from gateway.web.api.notifications import SearchBody

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_MAYBE: Json = {"type": ["string", "null"]}
_NUMBER: Json = {"type": "integer"}
_PRICE: Json = {"type": ["integer", "null"]}
_YES: Json = {"type": "boolean"}
_STATE: Json = {"type": "string", "enum": [one.value for one in State]}


def schemas() -> Json:
    """By the name under which calls refer to them."""
    event = DossierCloudEvent.model_json_schema(ref_template="#/components/schemas/{model}")
    search = SearchBody.model_json_schema(ref_template="#/components/schemas/{model}")
    resend = ResendBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {
        **event.pop("$defs", {}),
        **search.pop("$defs", {}),
        **resend.pop("$defs", {}),
        "DossierCloudEvent": event,
        "SearchBody": search,
        "ResendBody": resend,
        **_check_answers(),
        **_posting_answers(),
        **_reading_answers(),
    }


def _posting_answers() -> Json:
    accepted: Json = {"event": _TEXT, "notifications": _list(_owed())}
    problem = {"type": _TEXT, "title": _TEXT, "status": _NUMBER, "detail": _TEXT, "code": _TEXT}
    field = _object({"pointer": _TEXT, "code": _TEXT, "detail": _TEXT})
    result: Json = {"id": {}, "status": _NUMBER, **accepted, "problem": ref("Problem")}
    return {
        "Accepted": _object(accepted),
        "BatchResult": _object({"results": _list(_object(result, needed=("id", "status")))}),
        "Problem": _object({**problem, "errors": _list(field)}, needed=problem),
        "Resent": _object({"event": _TEXT, "notification": _owed(), "resend_of": _TEXT}),
    }


def _owed() -> Json:
    shown = {"id": _TEXT, "href": _TEXT}
    return _object({**shown, "state": _STATE, "reason": _MAYBE}, needed=shown)


def _reading_answers() -> Json:
    ending = {
        "position": _NUMBER,
        "notification": _TEXT,
        "revision": _NUMBER,
        "state": _STATE,
        "reason": _MAYBE,
        "at": _TEXT,
    }
    following = {
        **_MAYBE,
        "description": "Goes on with what is older, as `before`, also where nothing was"
        " found so far: a search goes back for some seconds. Null: there is no more.",
    }
    return {
        "Summary": _object(_summary()),
        "Notification": _object({**_summary(), **_whole()}),
        "SearchResult": _object({"notifications": _list(ref("Summary")), "next": following}),
        "Feed": _object({"entries": _list(_object(ending)), "next": _NUMBER}),
    }


def _summary() -> Json:
    return {
        "id": _TEXT,
        "event": _TEXT,
        "source": _TEXT,
        "unit": _TEXT,
        "kind": _TEXT,
        "mode": {"type": "string", "enum": ["live", "test"]},
        "dossier": _TEXT,
        "publication": _NUMBER,
        "state": _STATE,
        "reason": _MAYBE,
        "revision": _NUMBER,
        "current_step": _NUMBER,
        "accepted_at": _TEXT,
        "latest_send_at": _TEXT,
        "ended_at": _MAYBE,
        "resend_of": _MAYBE,
    }


def _whole() -> Json:
    """What one notification alone is told with."""
    rows = _list({"type": "object"})
    return {
        "due_at": _MAYBE,
        "notes": _list(_TEXT),
        "steps": rows,
        "attempts": rows,
        "receipts": rows,
        "history": rows,
    }


def _check_answers() -> Json:
    check = {
        "would_send": _YES,
        "reason": _MAYBE,
        "kind": _TEXT,
        "unit": _TEXT,
        "recipient": _TEXT,
        "notes": _list(_TEXT),
        "phone_problems": _list(_object({"field": _NUMBER, "code": _TEXT, "detail": _TEXT})),
        "leaves_at": _MAYBE,
        "latest_send_at": _TEXT,
        "steps": _list(_checked_step()),
        "messages": _list(_checked_message()),
    }
    entry: Json = {"id": {}, "status": _NUMBER, "problem": ref("Problem"), **check}
    results = _list(_object(entry, needed=("id", "status")))
    return {"Check": _object(check), "CheckResult": _object({"results": results})}


def _checked_step() -> Json:
    always = {
        **{"channel": _TEXT, "phone": _TEXT, "pool": _TEXT},
        **{"price_vnd": _PRICE, "estimate_vnd": _PRICE},
    }
    return _object({**always, "registered": _list(_object(_registered()))}, needed=always)


def _checked_message() -> Json:
    form = {
        **{"accented": _YES, "chosen": _YES, "text": _TEXT},
        **{"segments": _NUMBER, "price_vnd": _PRICE},
    }
    always = {"channel": _TEXT, "text": _MAYBE, "problem": _MAYBE}
    return _object({**always, "sms": _list(_object(form))}, needed=always)


def _registered() -> Json:
    """`id` null: the account needs one for this kind and has none."""
    differs = _object({"expected": _TEXT, "found": _TEXT}) | {"type": ["object", "null"]}
    return {"account": _TEXT, "id": _MAYBE, "difference": differs}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _object(properties: Mapping[str, Json], needed: Iterable[str] | None = None) -> Json:
    """With all of its properties always there, unless only some are `needed`."""
    required = list(properties if needed is None else needed)
    return {"type": "object", "properties": dict(properties), "required": required}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
