"""People's texts to accounts: written on a phone's page or by a control call, brought as the
account's provider brings them, with the reply shown on the phone."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from aiohttp import ClientError, web

from gateway.sandbox.handsets import OwnText, SmsBubble
from gateway.sandbox.incoming import BringsTexts, Text
from gateway.sandbox.phone import international
from gateway.sandbox.postman import Letter
from gateway.sandbox.segments import segments
from gateway.sandbox.world import World, now


@dataclass(frozen=True, kw_only=True, slots=True)
class Brought:
    """What the gateway answered; status 0 where nobody did. `reply` is what stood in the answer."""

    status: int
    reply: str | None


class Texting:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/control/text", self.control),
            web.post("/phones/{number}/texts", self.write),
        ]

    async def control(self, request: web.Request) -> web.Response:
        """`account`, `phone` and `text`; `id` to bring a message once more, `forged` to make the
        request that somebody else would make."""
        try:
            wish = dict(await request.json())
            account = self._account(str(wish.pop("account")))
            text = _text(wish)
        except (KeyError, ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=422)
        brought = await self.bring(account, text)
        told = {"id": text.id, "status": brought.status, "reply": brought.reply}
        return web.json_response(told)

    async def write(self, request: web.Request) -> web.Response:
        number, form = request.match_info["number"], await request.post()
        try:
            account = self._account(str(form.get("account", "")))
            text = _text({"phone": number, "text": str(form.get("text", ""))})
        except ValueError:
            raise web.HTTPUnprocessableEntity(text="account, text") from None
        await self.bring(account, text)
        raise web.HTTPSeeOther(f"/phones/{number}")

    async def bring(self, account: BringsTexts, text: Text) -> Brought:
        shown = OwnText(at=now(), to=account.text_number, text=text.text)
        self._world.handsets.show(text.phone, shown)
        letter = account.bring(text)
        for nth in range(letter.tries):
            if nth:
                await asyncio.sleep(self._world.config.timing.drip_s)
            brought = await self._tried(account, letter)
            if 200 <= brought.status < 300:
                break
        if brought.reply is not None:
            self._show_reply(account, text, brought.reply)
        return brought

    async def _tried(self, account: BringsTexts, letter: Letter) -> Brought:
        try:
            status, content_type, body = await self._world.postman.ask(letter)
            reply = account.reply_in(content_type, body) if status == 200 else None
        except (ClientError, TimeoutError, ValueError):
            return Brought(status=0, reply=None)
        return Brought(status=status, reply=reply)

    def _show_reply(self, account: BringsTexts, text: Text, reply: str) -> None:
        bubble = SmsBubble(
            at=now(), sender=account.text_number, text=reply, segments=segments(reply)
        )
        self._world.handsets.show(text.phone, bubble)

    def _account(self, code: str) -> BringsTexts:
        account = self._world.accounts.get(code)
        if not isinstance(account, BringsTexts) or not account.text_number:
            raise ValueError(f"account {code!r} brings no texts")
        return account


def numbers(world: World) -> list[tuple[str, str]]:
    """The accounts that people may write to, each with its number."""
    accounts = world.accounts.items()
    return [
        (code, one.text_number)
        for code, one in accounts
        if isinstance(one, BringsTexts) and one.text_number
    ]


def _text(wish: dict[str, Any]) -> Text:
    """Raises ValueError, TypeError or KeyError."""
    phone = international(str(wish.pop("phone")))
    return Text(**{"id": uuid4().hex, "text": str(wish.pop("text")), "phone": phone, **wish})
