"""The bodies of the interface: those that are read, by their own models, and those answered."""

from collections.abc import Mapping
from typing import Any

from gateway.domain.status import State
from gateway.intake.models import DossierCloudEvent
from gateway.web.api.acts import ResendBody
from gateway.web.api.notifications import SearchBody

Json = dict[str, Any]


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
        **_answers(),
    }


def _answers() -> Json:
    text: Json = {"type": "string"}
    maybe: Json = {"type": ["string", "null"]}
    number: Json = {"type": "integer"}
    state: Json = {"type": "string", "enum": [one.value for one in State]}
    owed = _object({"id": text, "href": text})
    owed["properties"] |= {"state": state, "reason": maybe}
    accepted = {"event": text, "notifications": {"type": "array", "items": owed}}
    field = _object({"pointer": text, "code": text, "detail": text})
    rows: Json = {"type": "array", "items": {"type": "object"}}
    summary = {
        "id": text,
        "event": text,
        "source": text,
        "unit": text,
        "kind": text,
        "mode": {"type": "string", "enum": ["live", "test"]},
        "dossier": text,
        "publication": number,
        "state": state,
        "reason": maybe,
        "revision": number,
        "current_step": number,
        "accepted_at": text,
        "latest_send_at": text,
        "ended_at": maybe,
        "resend_of": maybe,
    }
    texts = {"type": "array", "items": text}
    whole = {
        "due_at": maybe,
        "notes": texts,
        "steps": rows,
        "attempts": rows,
        "receipts": rows,
        "history": rows,
    }
    ending = {
        "position": number,
        "notification": text,
        "revision": number,
        "state": state,
        "reason": maybe,
        "at": text,
    }
    problem = {"type": text, "title": text, "status": number, "detail": text, "code": text}
    return {
        "Accepted": _object(accepted),
        "BatchResult": _object(
            {
                "results": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "id": {},
                            "status": number,
                            **accepted,
                            "problem": ref("Problem"),
                        },
                        "required": ["id", "status"],
                    },
                }
            }
        ),
        "Problem": {
            "type": "object",
            "properties": {**problem, "errors": {"type": "array", "items": field}},
            "required": list(problem),
        },
        "Resent": _object({"event": text, "notification": owed, "resend_of": text}),
        "Summary": _object(summary),
        "Notification": _object({**summary, **whole}),
        "SearchResult": _object(
            {
                "notifications": {"type": "array", "items": ref("Summary")},
                "next": {
                    "type": ["string", "null"],
                    "description": "Goes on with what is older, as `before`, also where nothing was"
                    " found so far: a search goes back for some seconds. Null: there is no more.",
                },
            }
        ),
        "Feed": _object({"entries": {"type": "array", "items": _object(ending)}, "next": number}),
    }


def _check_answers() -> Json:
    text: Json = {"type": "string"}
    maybe: Json = {"type": ["string", "null"]}
    number: Json = {"type": "integer"}
    price: Json = {"type": ["integer", "null"]}
    yes: Json = {"type": "boolean"}
    step = _object(
        {
            **{"channel": text, "phone": text, "pool": text},
            **{"price_vnd": price, "estimate_vnd": price},
        }
    )
    step["properties"]["registered"] = _list(_object(_registered_answer()))
    form = {"accented": yes, "chosen": yes, "text": text, "segments": number, "price_vnd": price}
    message = _object({"channel": text, "text": maybe, "problem": maybe})
    message["properties"]["sms"] = _list(_object(form))
    check = {
        "would_send": yes,
        "reason": maybe,
        "kind": text,
        "unit": text,
        "recipient": text,
        "notes": _list(text),
        "phone_problems": _list(_object({"field": number, "code": text, "detail": text})),
        "leaves_at": maybe,
        "latest_send_at": text,
        "steps": _list(step),
        "messages": _list(message),
    }
    entry: Json = {"id": {}, "status": number, "problem": ref("Problem"), **check}
    results = {"type": "object", "properties": entry, "required": ["id", "status"]}
    return {"Check": _object(check), "CheckResult": _object({"results": _list(results)})}


def _registered_answer() -> Json:
    """`id` null: the account needs one for this kind and has none."""
    text: Json = {"type": "string"}
    differs = _object({"expected": text, "found": text}) | {"type": ["object", "null"]}
    return {"account": text, "id": {"type": ["string", "null"]}, "difference": differs}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _object(properties: Mapping[str, Json]) -> Json:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
