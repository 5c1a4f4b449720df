"""Reports of providers, and calls that ask what to say next. Stored before they are understood."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from aiohttp import web

from gateway.domain.call import Moment
from gateway.errors import LedgerUnavailable
from gateway.providers.contract import NotAReceipt, ReceiptRequest, VoiceAnswer
from gateway.providers.registry import PROOF_HEADERS
from gateway.services.phone_call import MOMENTS
from gateway.services.receive import Refused
from gateway.web.answers import problem
from gateway.web.bodies import whole_body
from gateway.web.keys import ADDRESSES, LINE, PHONE_CALL, RECEIVE

log = structlog.get_logger()

# Who listens hears silence meanwhile; providers wait ten to fifteen seconds for the next words.
_PATIENCE_S, _APART_S = 4.0, 1.0

_KEPT_HEADERS = ("content-type", *sorted(PROOF_HEADERS))


async def take_receipt(request: web.Request) -> web.Response:
    """POST|GET /receipts/{account}[/{token}]: 2xx only once the ledger has it."""
    account = request.match_info["account"]
    try:
        await request.app[RECEIVE].take(account, await read_receipt(request))
    except Refused:
        raise problem(
            403, "not_authentic", "The report does not prove where it comes from."
        ) from None
    return web.Response(status=200, text="ok")


async def speak(request: web.Request) -> web.Response:
    """POST|GET /voice/{account}/{reference}[/{moment}]: what to say in a running call."""
    moment = MOMENTS.get(request.match_info.get("moment", ""))
    if moment is None:
        raise web.HTTPNotFound
    account, reference = request.match_info["account"], request.match_info["reference"]
    calls, asked = request.app[PHONE_CALL], await read_receipt(request)
    return await spoken(
        lambda: calls.next_words(account, reference, moment, asked),
        lambda: calls.sorry(account, asked),
        # What was heard or pressed must be kept: whoever is not told so may tell it again.
        brings_news=moment is not Moment.TAKEN,
    )


async def answer_line(request: web.Request) -> web.Response:
    """POST|GET /voice/{account}/inbound: the first words to whoever calls."""
    line, account = request.app[LINE], request.match_info["account"]
    asked = await read_receipt(request)
    return await spoken(lambda: line.begins(account, asked), lambda: line.sorry(account, asked))


async def speak_on_line(request: web.Request) -> web.Response:
    """POST /voice/{account}/inbound/{call}/{turn}: what is said after a turn of such a call."""
    line, account = request.app[LINE], request.match_info["account"]
    try:
        call, turn = UUID(request.match_info["call"]), int(request.match_info["turn"])
    except ValueError:
        raise web.HTTPNotFound from None
    asked = await read_receipt(request)
    return await spoken(
        lambda: line.goes_on(account, call, turn, asked), lambda: line.sorry(account, asked)
    )


async def spoken(
    words: Callable[[], Awaitable[VoiceAnswer]],
    sorry: Callable[[], VoiceAnswer],
    *,
    brings_news: bool = False,
) -> web.Response:
    """Somebody listens, and a provider would read them its own error: so whatever fails in a call
    that is proven to be one ends with `sorry`, which raises Refused for any other request."""
    try:
        answer = await _answered(words, sorry, brings_news=brings_news)
    except (Refused, NotAReceipt):
        raise problem(403, "not_authentic", "This call was not made here.") from None
    return web.Response(body=answer.body, headers={"Content-Type": answer.content_type})


async def _answered(
    words: Callable[[], Awaitable[VoiceAnswer]],
    sorry: Callable[[], VoiceAnswer],
    *,
    brings_news: bool,
) -> VoiceAnswer:
    give_up_at = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return await words()
        except NotAReceipt:
            raise
        except LedgerUnavailable:
            if time.monotonic() > give_up_at:
                if brings_news:
                    raise
                return sorry()
            await asyncio.sleep(_APART_S)
        except Refused:
            return sorry()
        except Exception as error:
            log.exception("call_broken_off", error=type(error).__name__)
            return sorry()


async def read_receipt(request: web.Request) -> ReceiptRequest:
    """The request as its provider signed it: under our public address, not the Host header."""
    return ReceiptRequest(
        method=request.method,
        url=request.app[ADDRESSES].of_request(request.raw_path),
        path_token=request.match_info.get("token", ""),
        headers={name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers},
        query=dict(request.query),
        body=await whole_body(request),
    )
