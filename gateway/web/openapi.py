"""The description of the interface, made from the models that validate, and a page to read it."""

import html
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from aiohttp import web

from gateway import __version__
from gateway.domain.status import State
from gateway.intake.models import DossierCloudEvent
from gateway.web.answers import answer
from gateway.web.api.notifications import SearchBody

Json = dict[str, Any]

_KEY: list[Json] = [{"apiKey": []}]
_SIGNATURE: list[Json] = [{"standardWebhooks": []}, {"apiKey": []}]


async def show_schema(_request: web.Request) -> web.Response:
    return answer(200, schema())


async def show_docs(_request: web.Request) -> web.Response:
    return web.Response(text=_docs_page(), content_type="text/html")


@cache
def schema() -> Json:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "baotin",
            "version": __version__,
            "description": "Events in, notices out: the interface for dossier systems.",
        },
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "bt_<prefix>_<secret>",
                },
                "standardWebhooks": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "webhook-signature",
                    "description": "Standard Webhooks 1.0: webhook-id, webhook-timestamp (±5"
                    " minutes) and webhook-signature over the body.",
                },
            },
        },
    }


def _paths() -> Json:
    return {
        "/v1/events": {"post": _post_events("postEvents", _KEY, binary=True)},
        "/v1/sources/{source}/events": {
            "parameters": [_path_parameter("source", "The code of the source that signs.")],
            "post": _post_events("postSignedEvents", _SIGNATURE, binary=False),
        },
        "/v1/notifications/{id}": {
            "parameters": [_path_parameter("id", "ntf_ and 32 hexadecimal digits.")],
            "get": {
                "operationId": "getNotification",
                "summary": "One notification with its steps, attempts, receipts and history",
                "security": _KEY,
                "responses": {"200": _json("Notification"), **_problems(401, 403, 404, 503)},
            },
        },
        "/v1/notifications/search": {
            "post": {
                "operationId": "searchNotifications",
                "summary": "Search; persons stand in the body, never in an address",
                "security": _KEY,
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": _ref("SearchBody")}},
                },
                "responses": {
                    "200": _json("SearchResult"),
                    **_problems(400, 401, 403, 404, 422, 503),
                },
            },
        },
        "/v1/feed": {
            "get": {
                "operationId": "getFeed",
                "summary": "Endings in order, without gaps",
                "security": _KEY,
                "parameters": [
                    _query_parameter("after", "The last position read; 0 starts at the beginning."),
                    _query_parameter("limit", "Up to 500."),
                ],
                "responses": {"200": _json("Feed"), **_problems(400, 401, 403, 503)},
            },
        },
        "/healthz": {"get": _plain("healthz", "The process lives")},
        "/readyz": {"get": _plain("readyz", "The process can accept events", 503)},
    }


def _post_events(operation: str, security: list[Json], *, binary: bool) -> Json:
    event = {"schema": _ref("DossierCloudEvent")}
    batch = {"schema": {"type": "array", "maxItems": 500, "items": _ref("DossierCloudEvent")}}
    content: Json = {
        "application/cloudevents+json": event,
        "application/cloudevents-batch+json": batch,
    }
    if binary:
        content["application/json"] = {"schema": _ref("DossierData")}
    return {
        "operationId": operation,
        "summary": "Report one event about a dossier, or up to 500",
        "description": "202 is answered only after the event is on disk. Posting again is safe: the"
        " same content under the same id is answered 200 with the same notifications.",
        "security": security,
        "requestBody": {"required": True, "content": content},
        "responses": {
            "202": _json("Accepted", "New, and on disk"),
            "200": _json("Accepted", "Seen before with the same content"),
            "207": _json("BatchResult", "One result per event, in order"),
            **_problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
        },
    }


def _schemas() -> Json:
    event = DossierCloudEvent.model_json_schema(ref_template="#/components/schemas/{model}")
    search = SearchBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {
        **event.pop("$defs", {}),
        **search.pop("$defs", {}),
        "DossierCloudEvent": event,
        "SearchBody": search,
        **_answers(),
    }


def _answers() -> Json:
    text: Json = {"type": "string"}
    maybe: Json = {"type": ["string", "null"]}
    number: Json = {"type": "integer"}
    state: Json = {"type": "string", "enum": [one.value for one in State]}
    owed = _object({"id": text, "href": text})
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
    whole = {"due_at": maybe, "steps": rows, "attempts": rows, "receipts": rows, "history": rows}
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
                            "problem": _ref("Problem"),
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
        "Summary": _object(summary),
        "Notification": _object({**summary, **whole}),
        "SearchResult": _object({"notifications": {"type": "array", "items": _ref("Summary")}}),
        "Feed": _object({"entries": {"type": "array", "items": _object(ending)}, "next": number}),
    }


def _object(properties: Mapping[str, Json]) -> Json:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(name: str, description: str = "") -> Json:
    return {
        "description": description or name,
        "content": {"application/json": {"schema": _ref(name)}},
    }


def _problems(*statuses: int) -> Json:
    body = {"application/problem+json": {"schema": _ref("Problem")}}
    return {str(status): {"description": "Problem", "content": body} for status in statuses}


def _plain(operation: str, summary: str, *others: int) -> Json:
    body = {"application/json": {"schema": {"type": "object"}}}
    statuses = (200, *others)
    return {
        "operationId": operation,
        "summary": summary,
        "security": [],
        "responses": {str(status): {"description": "", "content": body} for status in statuses},
    }


def _path_parameter(name: str, description: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }


def _query_parameter(name: str, description: str) -> Json:
    whole = {"type": "integer", "minimum": 0}
    return {"name": name, "in": "query", "description": description, "schema": whole}


@cache
def _docs_page() -> str:
    """A plain page without scripts: every call with its fields and answers."""
    page = files("gateway.web").joinpath("docs.html").read_text(encoding="utf-8")
    calls = "".join(
        _call(path, method, call)
        for path, methods in schema()["paths"].items()
        for method, call in methods.items()
        if method in ("get", "post")
    )
    schemas = "".join(
        f'<details id="{name}"><summary><code>{name}</code></summary>'
        f"<pre>{html.escape(json.dumps(body, ensure_ascii=False, indent=1))}</pre></details>"
        for name, body in sorted(schema()["components"]["schemas"].items())
    )
    return page.replace("{{calls}}", calls).replace("{{schemas}}", schemas)


def _call(path: str, method: str, call: Json) -> str:
    answers = "".join(
        f"<tr><td>{status}</td><td>{_described(one)}</td></tr>"
        for status, one in call["responses"].items()
    )
    described = html.escape(call.get("description", ""))
    return (
        f"<section><h3><span class='verb'>{method.upper()}</span>"
        f" <code>{html.escape(path)}</code></h3>"
        f"<p>{html.escape(call['summary'])}. {described}</p>"
        f"{_takes(call)}<table><tr><th>Status</th><th>Body</th></tr>{answers}</table></section>"
    )


def _takes(call: Json) -> str:
    content = call.get("requestBody", {}).get("content", {})
    kinds = ", ".join(f"<code>{kind}</code>" for kind in content)
    return f"<p>Takes {kinds}.</p>" if kinds else ""


def _described(one: Json) -> str:
    for body in one.get("content", {}).values():
        reference = body["schema"].get("$ref", "")
        if reference:
            name = reference.rsplit("/", 1)[-1]
            return f"<a href='#{name}'>{name}</a>"
    return html.escape(one["description"])
