"""The simulated SpeedSMS: SMS under a brandname.

Source: speedsms.vn/sms-api.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from time import time
from typing import Any

from aiohttp import web

from gateway.sandbox import speedsms_wire as wire
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.course import only_final
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.incoming import Text
from gateway.sandbox.phone import international, is_mobile
from gateway.sandbox.postman import Letter
from gateway.sandbox.prepaid import Prepaid
from gateway.sandbox.segments import segments
from gateway.sandbox.speedsms_wire import Invalid, SpeedsmsSetting
from gateway.sandbox.wire import Answer
from gateway.sandbox.world import World, now


class SpeedsmsAccount(Prepaid[SpeedsmsSetting]):
    def __init__(self, setting: SpeedsmsSetting, kept: int) -> None:
        super().__init__(setting)
        self.sent: Archive[Sent] = Archive(kept)
        self._window, self._requests = 0, 0

    @property
    def text_number(self) -> str:
        return self.setting.number

    def bring(self, text: Text) -> Letter:
        return wire.incoming(text, self.setting)

    def reply_in(self, content_type: str, answer: bytes) -> None:
        """Nobody says that the answer is read."""

    def reset_s(self) -> int | None:
        """Seconds until the next request is let in; None for one that still is."""
        window, elapsed_s = divmod(int(time()), wire.WINDOW_S)
        self._requests = self._requests + 1 if window == self._window else 1
        self._window = window
        limit = self.setting.requests_per_minute
        return wire.WINDOW_S - elapsed_s if limit and self._requests > limit else None


class Speedsms:
    """All SpeedSMS accounts of one sandbox."""

    def __init__(self, world: World, settings: Iterable[SpeedsmsSetting]) -> None:
        self._world = world
        self._accounts: dict[str, SpeedsmsAccount] = {}
        for setting in settings:
            account = SpeedsmsAccount(setting, world.config.answered)
            self._accounts[setting.authorization] = world.accounts[setting.code] = account

    def routes(self) -> list[web.RouteDef]:
        service = "/speedsms/index.php/sms"
        return [
            web.post(f"{service}/send", self.send),
            web.get(f"{service}/status/{{tran_id}}", self.status),
            web.get("/speedsms/index.php/user/info", self.info),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        if isinstance(account, Answer):
            return account.response()
        try:
            fields = wire.fields(await request.read(), account.setting)
        except Invalid as invalid:
            return wire.refusal(str(invalid)).response()
        submission = SpeedsmsSubmission(self._world, account, fields)
        return await self._world.serve(request, account, submission)

    async def status(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        if isinstance(account, Answer):
            return account.response()
        sent = account.sent.get(request.match_info["tran_id"])
        return (wire.told(sent) if sent else wire.refusal("101")).response()

    async def info(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        if isinstance(account, Answer):
            return account.response()
        return wire.info(account.setting, account.left).response()

    def _account(self, request: web.Request) -> SpeedsmsAccount | Answer:
        """The caller's account, or why nothing is done for the caller."""
        account = self._accounts.get(request.headers.get("Authorization", ""))
        if account is None:
            return wire.failure(401, "Unauthorized", 401)
        reset_s = account.reset_s()
        return account if reset_s is None else wire.throttled(reset_s)


class SpeedsmsSubmission:
    def __init__(self, world: World, account: SpeedsmsAccount, fields: Mapping[str, Any]) -> None:
        self._world = world
        self._account = account
        self._fields = fields
        self._id = wire.new_id()
        self.entry = Entry(
            provider="speedsms",
            account=account.code,
            reference=self._id,
            phone=international(fields["to"][0]),
            content=fields["content"],
        )

    def refuse(self, fault: Fault) -> Answer | None:
        if not is_mobile(self.entry.phone):
            return wire.for_nobody(self._fields["to"][0])
        return wire.refused(fault)

    def refuse_with(self, code: str) -> Answer:
        return wire.refusal(code)

    async def take(self, fault: Fault, row: Row) -> Answer:
        setting = self._account.setting
        sent = self._sent(fault)
        self._account.sent.add(sent)
        self._account.pay(setting.price_vnd * sent.segments)
        bubble = SmsBubble(at=now(), sender=sent.sender, text=sent.text, segments=sent.segments)
        self._world.hand_over(row, sent.phone, sent.course, bubble)
        if sent.callback:
            told = sent.course if fault is Fault.RECEIPTS_SWAPPED else only_final(sent.course)
            await self._world.report(self._account, told, partial(wire.letter, sent))
        return wire.taken(sent.id, sent.segments, setting.price_vnd)

    def _sent(self, fault: Fault) -> Sent:
        """No code says that the person blocks the sender: such a message is taken and fails."""
        fate = Fault.FAILED if fault is Fault.BLOCKED else fault
        return Sent(
            id=self._id,
            reference=self.entry.reference,
            phone=self.entry.phone,
            sender=self._fields["sender"],
            text=self._fields["content"],
            segments=segments(self._fields["content"]),
            taken_at=time(),
            course=self._world.course(self._account, fate),
            callback=self._account.setting.webhook_url,
        )
