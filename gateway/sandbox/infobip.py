"""The simulated Infobip: SMS under a sender, over its API version 3.

Source: infobip.com/docs, OpenAPI of the SMS API, 3.210.
"""

from collections.abc import Iterable
from functools import partial
from time import time

from aiohttp import web

from gateway.sandbox import infobip_wire as wire
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.course import only_final
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.incoming import Text
from gateway.sandbox.infobip_wire import InfobipSetting, Invalid, Wish
from gateway.sandbox.postman import Letter
from gateway.sandbox.prepaid import Prepaid
from gateway.sandbox.segments import segments
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World, now

UNAUTHORIZED = wire.failure(401, "The request lacks valid authentication credentials.")


class InfobipAccount(Prepaid[InfobipSetting]):
    def __init__(self, setting: InfobipSetting, kept: int) -> None:
        super().__init__(setting)
        self.sent: Archive[Sent] = Archive(kept)

    @property
    def text_number(self) -> str:
        return self.setting.number if self.setting.inbound_url else ""

    def bring(self, text: Text) -> Letter:
        return wire.incoming(text, self.setting)

    def reply_in(self, content_type: str, answer: bytes) -> None:
        """The answer is not read."""


class Infobip:
    """All Infobip accounts of one sandbox."""

    def __init__(self, world: World, settings: Iterable[InfobipSetting]) -> None:
        self._world = world
        self._accounts: dict[str, InfobipAccount] = {}
        for setting in settings:
            account = InfobipAccount(setting, world.config.answered)
            self._accounts[f"App {setting.api_key}"] = world.accounts[setting.code] = account

    def routes(self) -> list[web.RouteDef]:
        service = "/infobip/sms/3"
        return [
            web.post(f"{service}/messages", self.send),
            web.get(f"{service}/logs", self.logs),
            web.get("/infobip/account/1/balance", self.balance),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        if account is None:
            return UNAUTHORIZED.response()
        try:
            wish = wire.wish(await request.read())
        except Invalid:
            return wire.failure(400, "Request cannot be processed.").response()
        if wish.sender not in account.setting.senders:
            return wire.answer(wish, 11).response()
        if wish.mistake:
            return wire.answer(wish, wish.mistake).response()
        submission = InfobipSubmission(self._world, account, wish)
        return await self._world.serve(request, account, submission)

    async def logs(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        if account is None:
            return UNAUTHORIZED.response()
        ids = request.query.get("messageId", "").split(",")
        found = [sent for one in ids if (sent := account.sent.get(one))]
        entries = [wire.log_entry(sent, account.setting) for sent in found]
        return json_answer({"results": entries}).response()

    async def balance(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        if account is None:
            return UNAUTHORIZED.response()
        return wire.balance(account.setting, account.left).response()

    def _account(self, request: web.Request) -> InfobipAccount | None:
        return self._accounts.get(request.headers.get("Authorization", ""))


class InfobipSubmission:
    def __init__(self, world: World, account: InfobipAccount, wish: Wish) -> None:
        self._world = world
        self._account = account
        self._wish = wish
        self.entry = Entry(
            provider="infobip",
            account=account.code,
            reference=wish.message_id,
            phone=wish.to,
            content=wish.text,
        )

    def refuse(self, fault: Fault) -> Answer | None:
        if self._account.sent.get(self._wish.message_id):
            return wire.answer(self._wish, wire.TAKEN_BEFORE)
        if fault is Fault.CREDENTIALS:
            return UNAUTHORIZED
        if fault is Fault.ERROR_IN_200:
            return json_answer({"requestError": {"serviceException": {"messageId": "ERROR"}}})
        return wire.answer(self._wish, wire.REFUSALS[fault]) if fault in wire.REFUSALS else None

    def refuse_with(self, code: str) -> Answer:
        return wire.answer(self._wish, int(code))

    async def take(self, fault: Fault, row: Row) -> Answer:
        sent = self._sent(fault)
        self._account.sent.add(sent)
        self._account.pay(self._account.setting.price * sent.segments)
        bubble = SmsBubble(at=now(), sender=sent.sender, text=sent.text, segments=sent.segments)
        self._world.hand_over(row, sent.phone, sent.course, bubble)
        if sent.callback:
            told = sent.course if fault is Fault.RECEIPTS_SWAPPED else only_final(sent.course)
            write = partial(wire.letter, sent, self._account.setting, self._wish.callback_data)
            await self._world.report(self._account, told, write)
        return wire.answer(self._wish, wire.PENDING_ACCEPTED, sent.segments)

    def _sent(self, fault: Fault) -> Sent:
        return Sent(
            id=self._wish.message_id,
            reference=self.entry.reference,
            phone=self._wish.to,
            sender=self._wish.sender,
            text=self._wish.text,
            segments=segments(self._wish.text),
            taken_at=time(),
            course=self._world.course(self._account, fault),
            callback=self._wish.url or self._account.setting.subscription_url,
        )
