"""Takes CloudEvents 1.0 out of an HTTP request: structured, batched or binary mode.

Only the envelope is looked at here; what stands in `data` is for `events.read_event`. What is wrong
with one event of a batch is a value in its place, so that each can be answered in order.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from gateway.intake.json_body import NotJson, read_json
from gateway.intake.problems import (
    FieldProblem,
    ProblemCode,
    Refusal,
    pointer_to,
    refused,
)

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
MOST_EVENTS = 500

_REQUIRED = ("id", "source", "type")
_PREFIX = "ce-"
_JSON = re.compile(r"(application|text)/([a-z0-9.-]+\+)?json")
_WHAT_TO_SEND = f"Send {STRUCTURED}, or {BATCHED} with up to {MOST_EVENTS} events."

RawEvent = dict[str, Any]


class Mode(StrEnum):
    STRUCTURED = "structured"
    BATCHED = "batched"
    BINARY = "binary"


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """The events of one request in order; exactly one unless the mode is batched."""

    mode: Mode
    events: tuple[RawEvent | Refusal, ...]


def read_request(
    content_type: str, headers: Mapping[str, str], body: bytes, *, binary_allowed: bool
) -> Received:
    """The raw events in a request. Raises RequestRefused where it cannot be taken as a whole.

    Binary mode is for callers that are known by a key: a signature does not cover `ce-*` headers.
    """
    media_type, charset = _media_type(content_type)
    mode = _mode(media_type, headers)
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise refused(415, ProblemCode.UNSUPPORTED_CONTENT_TYPE, "Send JSON encoded as UTF-8.")
    if mode is Mode.BINARY:
        if not binary_allowed:
            raise refused(
                415,
                ProblemCode.BINARY_NOT_ALLOWED,
                f"The ce- headers are not covered by the signature. {_WHAT_TO_SEND}",
            )
        return Received(mode=mode, events=(_binary_event(content_type, headers, body),))
    posted = _parsed(body)
    if mode is Mode.STRUCTURED:
        return Received(mode=mode, events=(_structured_event(posted),))
    return Received(mode=mode, events=_batch(posted))


@lru_cache(maxsize=64)
def _media_type(content_type: str) -> tuple[str, str]:
    header = Message()
    header["content-type"] = content_type
    charset = header.get_param("charset", "")
    return header.get_content_type(), charset.lower() if isinstance(charset, str) else ""


def _mode(media_type: str, headers: Mapping[str, str]) -> Mode:
    if media_type == STRUCTURED:
        return Mode.STRUCTURED
    if media_type == BATCHED:
        return Mode.BATCHED
    is_binary = any(name.lower() == "ce-specversion" for name in headers)
    if is_binary and _JSON.fullmatch(media_type):
        return Mode.BINARY
    raise refused(415, ProblemCode.UNSUPPORTED_CONTENT_TYPE, _WHAT_TO_SEND)


def _parsed(body: bytes) -> Any:
    try:
        return read_json(body)
    except NotJson as error:
        raise refused(400, ProblemCode.NOT_JSON, str(error)) from None


def _batch(posted: Any) -> tuple[RawEvent | Refusal, ...]:
    if not isinstance(posted, list):
        raise refused(400, ProblemCode.NOT_A_CLOUDEVENT, "Send a batch as a JSON array.")
    if len(posted) > MOST_EVENTS:
        raise refused(
            413, ProblemCode.TOO_MANY_EVENTS, f"Send at most {MOST_EVENTS} events in a batch."
        )
    return tuple(_structured_event(entry) for entry in posted)


def _structured_event(posted: Any) -> RawEvent | Refusal:
    if not isinstance(posted, dict):
        return _not_a_cloudevent("Send each event as a JSON object.")
    wrong = _envelope_problems(posted)
    if wrong:
        return _not_a_cloudevent("Some attributes of the CloudEvent must be put right.", *wrong)
    return _with_decoded_data(posted) if "data_base64" in posted else posted


def _envelope_problems(event: RawEvent) -> list[FieldProblem]:
    found = [
        _at(name, ProblemCode.MISSING, "Add this attribute as a text that is not empty.")
        for name in _REQUIRED
        if not isinstance(event.get(name), str) or not event[name]
    ]
    if event.get("specversion") != "1.0":
        found.append(_at("specversion", ProblemCode.UNKNOWN_VALUE, 'Send "1.0".'))
    if "data" in event and "data_base64" in event:
        found.append(_at("data_base64", ProblemCode.CONFLICT, "Send data or data_base64."))
    return found


def _with_decoded_data(event: RawEvent) -> RawEvent | Refusal:
    rest = {name: value for name, value in event.items() if name != "data_base64"}
    try:
        data = read_json(b64decode(event["data_base64"], validate=True))
    except (NotBase64, TypeError, NotJson, ValueError):
        sentence = "Send JSON encoded as Base64, or send it as data."
        return _not_a_cloudevent(
            "The data of the CloudEvent cannot be read.",
            _at("data_base64", ProblemCode.NOT_JSON, sentence),
        )
    return {**rest, "data": data}


def _binary_event(content_type: str, headers: Mapping[str, str], body: bytes) -> RawEvent | Refusal:
    event: RawEvent = {"datacontenttype": content_type}
    for header, value in headers.items():
        name = header.lower().removeprefix(_PREFIX)
        if name == header.lower():
            continue
        if name in event or name in ("data", "data_base64"):
            return _not_a_cloudevent("Send each ce- header once, and the data as the body.")
        try:
            event[name] = _header_text(value)
        except UnicodeError:
            problem = _at(name, ProblemCode.WRONG_FORMAT, "Percent-encode the text as UTF-8.")
            return _not_a_cloudevent("A ce- header cannot be read.", problem)
    if body:
        event["data"] = _parsed(body)
    return _structured_event(event)


def _header_text(value: str) -> str:
    """The text of a `ce-` header: quoted or plain, and percent-encoded outside printable ASCII."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    return unquote_to_bytes(value).decode("utf-8")


def _not_a_cloudevent(detail: str, *errors: FieldProblem) -> Refusal:
    return Refusal(status=400, code=ProblemCode.NOT_A_CLOUDEVENT, detail=detail, errors=errors)


def _at(name: str, code: ProblemCode, sentence: str) -> FieldProblem:
    return FieldProblem(pointer=pointer_to(name), code=code, detail=sentence)
