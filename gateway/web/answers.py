"""Answers that are alike everywhere: RFC 9457 problems, and the edge that makes them of errors."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiohttp import web

from gateway.errors import LedgerUnavailable
from gateway.intake.problems import TITLES, Refusal, RequestRefused

TOO_LARGE = Refusal(
    status=413, code="too_large", detail="The body is too large; send fewer events."
)

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """Ends a request with a problem answer."""

    def __init__(self, refusal: Refusal, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.headers = headers


def problem(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> Problem:
    return Problem(Refusal(status=status, code=code, detail=detail), headers)


def answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(
        status=status,
        # What a sender called an event or a dossier may hold half a surrogate pair.
        body=text.encode(errors="replace"),
        content_type="application/json",
        headers=headers,
    )


def problem_answer(refusal: Refusal, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        status=refusal.status,
        body=json.dumps(refusal.body(), ensure_ascii=False).encode(),
        content_type="application/problem+json",
        headers=headers,
    )


@web.middleware
async def errors_become_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The one place where an unexpected error ends; its text goes nowhere, its type is logged."""
    try:
        return await handler(request)
    except Problem as refused:
        return problem_answer(refused.refusal, refused.headers)
    except RequestRefused as refused:
        return problem_answer(refused.refusal)
    except LedgerUnavailable:
        return problem_answer(
            Refusal(
                status=503,
                code="ledger_unavailable",
                detail="The ledger cannot be reached; nothing is promised. Post again later.",
            ),
            {"Retry-After": "5"},
        )
    except web.HTTPRequestEntityTooLarge as error:
        return problem_answer(TOO_LARGE, {"X-Body-Limit": str(getattr(error, "max_size", ""))})
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return problem_answer(
            Refusal(
                status=error.status, code=_word(error), detail=_WHAT_TO_DO.get(error.status, "")
            ),
            {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None,
        )
    except Exception as error:
        log.exception("request_failed", error=type(error).__name__, route=_route(request))
        return problem_answer(
            Refusal(
                status=500,
                code="internal_error",
                detail="Something went wrong here. Posting again is safe.",
            )
        )


_WHAT_TO_DO = {
    400: "The body cannot be read; send it whole, and packed as Content-Encoding says.",
    404: "There is nothing at this address; see /docs for what there is.",
    405: "This address does not take this method; see the Allow header.",
    408: "The body took too long; send it again, or fewer events at a time.",
}


def _word(error: web.HTTPException) -> str:
    return TITLES.get(error.status, "error").lower().replace(" ", "_")


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
