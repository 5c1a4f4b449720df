"""Reports of providers, and calls that ask what to say next. Stored before they are understood."""

from collections.abc import Awaitable
from uuid import UUID

from aiohttp import web

from gateway.providers.contract import NotAReceipt, ReceiptRequest, VoiceAnswer
from gateway.services.phone_call import MOMENTS
from gateway.services.receive import Refused
from gateway.web.answers import problem
from gateway.web.keys import ADDRESSES, LINE, PHONE_CALL, RECEIVE

_KEPT_HEADERS = (
    "content-type",
    "x-twilio-signature",
    "x-zevent-signature",
    "x-zevent-server",
    "x-stringee-signature",
    "authorization",
)


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
    call = request.app[PHONE_CALL].next_words(
        account, reference, moment, await read_receipt(request)
    )
    return await spoken(call)


async def answer_line(request: web.Request) -> web.Response:
    """POST|GET /voice/{account}/inbound: the first words to whoever calls."""
    line, account = request.app[LINE], request.match_info["account"]
    return await spoken(line.begins(account, await read_receipt(request)))


async def speak_on_line(request: web.Request) -> web.Response:
    """POST /voice/{account}/inbound/{call}/{turn}: what is said after a turn of such a call."""
    line, account = request.app[LINE], request.match_info["account"]
    try:
        call, turn = UUID(request.match_info["call"]), int(request.match_info["turn"])
    except ValueError:
        raise web.HTTPNotFound from None
    return await spoken(line.goes_on(account, call, turn, await read_receipt(request)))


async def spoken(words: Awaitable[VoiceAnswer]) -> web.Response:
    try:
        answer = await words
    except (Refused, NotAReceipt):
        raise problem(403, "not_authentic", "This call was not made here.") from None
    return web.Response(body=answer.body, headers={"Content-Type": answer.content_type})


async def read_receipt(request: web.Request) -> ReceiptRequest:
    """The request as its provider signed it: under our public address, not the Host header."""
    return ReceiptRequest(
        method=request.method,
        url=request.app[ADDRESSES].of_request(request.raw_path),
        path_token=request.match_info.get("token", ""),
        headers={name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers},
        query=dict(request.query),
        body=await request.read(),
    )
