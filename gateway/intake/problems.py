"""Why a request, an event or a field is not taken, in the words and bodies of RFC 9457.

Codes are stable: clients branch on them. Sentences say what to do and never repeat what was sent,
because that may be a name or a phone number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.errors import BaotinError


class ProblemCode(StrEnum):
    # one field
    MISSING = "missing"
    BLANK = "blank"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    WRONG_TYPE = "wrong_type"
    WRONG_FORMAT = "wrong_format"
    BAD_TIME = "bad_time"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_VALUE = "unknown_value"
    UNKNOWN_TYPE = "unknown_type"
    MISSPELT = "misspelt"
    CONFLICT = "conflict"
    UNSTORABLE = "unstorable"
    INVALID = "invalid"
    # a whole event or request
    NOT_JSON = "not_json"
    NOT_A_CLOUDEVENT = "not_a_cloudevent"
    INVALID_EVENT = "invalid_event"
    UNSUPPORTED_CONTENT_TYPE = "unsupported_content_type"
    BINARY_NOT_ALLOWED = "binary_not_allowed"
    TOO_MANY_EVENTS = "too_many_events"
    NOT_THIS_PAYLOAD = "not_this_payload"


# Fixed here because Python's own phrases differ from version to version.
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldProblem:
    """One thing to put right. `pointer` is an RFC 6901 JSON pointer into what was sent."""

    pointer: str
    code: str
    detail: str

    def body(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": str(self.code), "detail": self.detail}


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why one event, or a whole request, is not taken; answered with `status`."""

    status: int
    code: str
    detail: str
    errors: tuple[FieldProblem, ...] = ()

    def body(self) -> dict[str, Any]:
        return problem(
            self.status, self.code, TITLES.get(self.status, "Error"), self.detail, self.errors
        )


class RequestRefused(BaotinError):
    """The request as a whole is not taken."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


def problem(
    status: int, code: str, title: str, detail: str, errors: Sequence[FieldProblem] = ()
) -> dict[str, Any]:
    """A JSON-ready body for `application/problem+json`."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": str(code),
    }
    if errors:
        body["errors"] = [error.body() for error in errors]
    return body


def refused(status: int, code: ProblemCode, detail: str, *errors: FieldProblem) -> RequestRefused:
    return RequestRefused(Refusal(status=status, code=code, detail=detail, errors=errors))


def invalid_event(errors: Sequence[FieldProblem]) -> Refusal:
    """The refusal of a CloudEvent whose fields do not hold what the contract asks."""
    return Refusal(
        status=422,
        code=ProblemCode.INVALID_EVENT,
        detail="The event is a CloudEvent, but some of its fields must be put right.",
        errors=tuple(errors),
    )


def pointer_to(*steps: str | int) -> str:
    """`/data/applicant/phones/0`: the steps escaped and joined as RFC 6901 asks."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
