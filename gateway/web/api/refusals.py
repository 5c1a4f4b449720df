"""What a source posts in vain is counted for operators; tests and checks are not."""

from collections.abc import Iterable
from functools import wraps

from aiohttp import web

from gateway.intake.problems import Refusal, RequestRefused
from gateway.services.rehearsal import MODE_TEST
from gateway.web.answers import TOO_LARGE, Handler, Problem
from gateway.web.api.checks import only_checks
from gateway.web.callers import Caller
from gateway.web.keys import CALLERS, REFUSED_POSTS

# Whoever fails on their side is counted; what we cannot do ourselves is no error of theirs.
_OURS = 500


def counts_refusals(handler: Handler) -> Handler:
    """Around what takes posts: counts those that are refused as a whole."""

    @wraps(handler)
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (Problem, RequestRefused) as refused:
            _note(request, refused.refusal)
            raise
        except web.HTTPRequestEntityTooLarge:
            _note(request, TOO_LARGE)
            raise

    return handle


def note_refused(request: web.Request, caller: Caller, results: Iterable[object]) -> None:
    """Count the refusals among what became of several events."""
    if only_checks(request) or caller.mode == MODE_TEST:
        return
    for one in results:
        if isinstance(one, Refusal):
            request.app[REFUSED_POSTS].note(caller.source.code, one)


def _note(request: web.Request, refusal: Refusal) -> None:
    claimed = request.app[CALLERS].claimed(request)
    # Whoever is refused is told why, and not that the wish to check is unclear, too.
    may_check = request.query.get("check", "0") != "0"
    if refusal.status < _OURS and not may_check and claimed.mode != MODE_TEST:
        request.app[REFUSED_POSTS].note(claimed.source, refusal)
