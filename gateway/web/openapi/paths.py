"""The calls of the interface: what each takes, who may make it and what it answers."""

from gateway.web.openapi.schemas import Json, ref

_KEY: list[Json] = [{"apiKey": []}]
_SIGNATURE: list[Json] = [{"standardWebhooks": []}, {"apiKey": []}]


_CHECK: Json = {
    "name": "check",
    "in": "query",
    "description": "1: only say what would be sent.",
    "schema": {"type": "string", "enum": ["0", "1"]},
}


def paths() -> Json:
    return {
        "/v1/events": {"post": _post_events("postEvents", _KEY, binary=True)},
        "/v1/sources/{source}/events": {
            "parameters": [_path_parameter("source", "The code of the source that signs.")],
            "post": _post_events("postSignedEvents", _SIGNATURE, binary=False),
        },
        "/v1/sources/{source}/dossiers": {
            "parameters": [_path_parameter("source", "The code of the source that posts.")],
            "post": _post_dossiers(),
        },
        "/v1/notifications/{id}": {
            "parameters": [_path_parameter("id", "ntf_ and 32 hexadecimal digits.")],
            "get": _get_notification(),
        },
        "/v1/notifications/search": {"post": _search()},
        "/v1/notifications/{id}/cancel": {
            "parameters": [_path_parameter("id", "ntf_ and 32 hexadecimal digits.")],
            "post": _cancel(),
        },
        "/v1/notifications/{id}/resend": {
            "parameters": [_path_parameter("id", "ntf_ and 32 hexadecimal digits.")],
            "post": _resend(),
        },
        "/v1/feed": {"get": _get_feed()},
        "/healthz": {"get": _plain("healthz", "The process lives")},
        "/readyz": {"get": _plain("readyz", "The process can accept events", 503)},
    }


def _post_events(operation: str, security: list[Json], *, binary: bool) -> Json:
    event = {"schema": ref("DossierCloudEvent")}
    batch = {"schema": {"type": "array", "maxItems": 500, "items": ref("DossierCloudEvent")}}
    content: Json = {
        "application/cloudevents+json": event,
        "application/cloudevents-batch+json": batch,
    }
    if binary:
        content["application/json"] = {"schema": ref("DossierData")}
    return {
        "operationId": operation,
        "summary": "Report one event about a dossier, or up to 500",
        "description": "202 is answered only after the event is on disk. Posting again is safe: the"
        " same content under the same id is answered 200 with the same notifications. With check=1"
        " the answer is 200 with what would be sent (a list for a batch), and nothing is stored.",
        "security": security,
        "parameters": [_CHECK],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "202": _json("Accepted", "New, and on disk"),
            "200": _json_of(
                {"anyOf": [ref("Accepted"), ref("Check"), ref("CheckResult")]},
                "Seen before with the same content; or the answer to check=1",
            ),
            "207": _json("BatchResult", "One result per event, in order"),
            **_problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
        },
    }


def _post_dossiers() -> Json:
    return {
        "operationId": "postDossiers",
        "summary": "Post up to 500 dossiers as the dossier system itself writes them",
        "description": "The source's mapping says which payload this is, what each state means and"
        " how the answer looks. A repeat with changed fields is answered with changed: true; the"
        " first notice stands. With check=1 nothing is stored.",
        "security": _SIGNATURE,
        "parameters": [_CHECK],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
        "responses": {
            "200": _json_of({"type": "object"}, "In the shape of the source's mapping"),
            **_problems(400, 401, 403, 404, 413, 422, 429, 503),
        },
    }


def _get_notification() -> Json:
    return {
        "operationId": "getNotification",
        "summary": "One notification with its steps, attempts, receipts and history",
        "security": _KEY,
        "responses": {"200": _json("Notification"), **_problems(401, 403, 404, 503)},
    }


def _search() -> Json:
    return {
        "operationId": "searchNotifications",
        "summary": "Search; persons stand in the body, never in an address",
        "security": _KEY,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref("SearchBody")}},
        },
        "responses": {
            "200": _json("SearchResult"),
            **_problems(400, 401, 403, 404, 422, 503),
        },
    }


def _cancel() -> Json:
    return {
        "operationId": "cancelNotification",
        "summary": "Take a notice back that has not ended",
        "description": "Its further steps end. A call under way may still arrive; then the"
        " state becomes delivered all the same.",
        "security": _KEY,
        "responses": {"200": _json("Notification"), **_problems(401, 403, 404, 409, 503)},
    }


def _resend() -> Json:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "The same key for the same wish: asking again sends nothing more.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    }
    return {
        "operationId": "resendNotification",
        "summary": "Send a notice once more, as a new notification",
        "description": "Needs force if it, or any resend of it, may have reached somebody"
        " (409 `needs_force`), and if it was told otherwise or its dossier has moved on"
        " (409 `no_longer_due`). With a test key, or of a test notice, it goes to the sandbox.",
        "security": _KEY,
        "parameters": [key],
        "requestBody": {"content": {"application/json": {"schema": ref("ResendBody")}}},
        "responses": {
            "202": _json("Resent", "New, and on disk"),
            "200": _json("Resent", "Asked before under this key"),
            **_problems(400, 401, 403, 404, 409, 422, 503),
        },
    }


def _get_feed() -> Json:
    return {
        "operationId": "getFeed",
        "summary": "Endings in order, without gaps",
        "security": _KEY,
        "parameters": [
            _query_parameter("after", "The last position read; 0 starts at the beginning."),
            _query_parameter("limit", "Up to 500."),
        ],
        "responses": {"200": _json("Feed"), **_problems(400, 401, 403, 503)},
    }


def _json(name: str, description: str = "") -> Json:
    return _json_of(ref(name), description or name)


def _json_of(schema: Json, description: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: int) -> Json:
    body = {"application/problem+json": {"schema": ref("Problem")}}
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
