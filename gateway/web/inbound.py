"""Texts that people send to our numbers, as providers bring them."""

from aiohttp import web

from gateway.services.receive import Refused
from gateway.services.text_line import StillAnswering
from gateway.web.answers import problem
from gateway.web.keys import ANSWER_TEXT
from gateway.web.receipts import read_receipt


async def take_text(request: web.Request) -> web.Response:
    """POST|GET /inbound/{account}[/{token}]: the reply, or an empty 200 once it is on its way."""
    account = request.match_info["account"]
    try:
        answer = await request.app[ANSWER_TEXT].take(account, await read_receipt(request))
    except Refused:
        raise problem(
            403, "not_authentic", "The text does not prove where it comes from."
        ) from None
    except StillAnswering:
        raise problem(
            503, "still_answering", "The reply is not known yet; ask again.", {"Retry-After": "15"}
        ) from None
    if answer is None:
        return web.Response()
    return web.Response(body=answer.body, headers={"Content-Type": answer.content_type})
