"""The simulated VietGuys: SMS under a brandname.

Source: developers.vietguys.biz; public client code.
"""

import secrets
from collections.abc import Iterable, Mapping
from time import time

from aiohttp import web

from gateway.sandbox import vietguys_wire as wire
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.conduct import Account
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.phone import international
from gateway.sandbox.segments import segments
from gateway.sandbox.vietguys_wire import Invalid, VietguysSetting
from gateway.sandbox.wire import Answer
from gateway.sandbox.world import World, now


class VietguysAccount(Account[VietguysSetting]):
    def __init__(self, setting: VietguysSetting, kept: int) -> None:
        super().__init__(setting)
        self.sent: Archive[Sent] = Archive(kept)

    def sent_just_now(self, phone: str, sender: str, text: str) -> bool:
        """Whether this number was sent the same text in the same name within the last minute."""
        since = time() - wire.REMEMBERED_S
        newest = [one for one in self.sent.newest(phone) if one.taken_at >= since]
        return any((one.sender, one.text) == (sender, text) for one in newest)


class Vietguys:
    """All VietGuys accounts of one sandbox, told apart by their user."""

    def __init__(self, world: World, settings: Iterable[VietguysSetting]) -> None:
        self._world = world
        self._accounts: dict[str, VietguysAccount] = {}
        for setting in settings:
            account = VietguysAccount(setting, world.config.answered)
            self._accounts[setting.user] = world.accounts[setting.code] = account

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/vietguys/api/index.php", self.send)]

    async def send(self, request: web.Request) -> web.StreamResponse:
        try:
            fields = wire.fields(await request.post())
            account = self._account(fields["u"])
            wire.check(fields, account.setting)
        except Invalid as invalid:
            return wire.refusal(str(invalid)).response()
        submission = VietguysSubmission(self._world, account, fields)
        return await self._world.serve(request, account, submission)

    def _account(self, user: str) -> VietguysAccount:
        if user not in self._accounts:
            raise Invalid("-3")
        return self._accounts[user]


class VietguysSubmission:
    def __init__(self, world: World, account: VietguysAccount, fields: Mapping[str, str]) -> None:
        self._world = world
        self._account = account
        self._sender = fields["from"]
        self.entry = Entry(
            provider="vietguys",
            account=account.code,
            reference=fields["bid"],
            phone=international(fields["phone"]),
            content=fields["sms"],
        )

    def refuse(self, fault: Fault) -> Answer | None:
        if code := wire.REFUSALS.get(fault):
            return self.refuse_with(code)
        if self._account.sent_just_now(self.entry.phone, self._sender, self.entry.content):
            return self.refuse_with("-16")
        return None

    def refuse_with(self, code: str) -> Answer:
        return wire.refusal(code)

    async def take(self, fault: Fault, row: Row) -> Answer:
        sent = self._sent(fault)
        self._account.sent.add(sent)
        bubble = SmsBubble(at=now(), sender=sent.sender, text=sent.text, segments=sent.segments)
        self._world.hand_over(row, sent.phone, sent.course, bubble)
        return wire.taken(sent.id)

    def _sent(self, fault: Fault) -> Sent:
        text = self.entry.content
        return Sent(
            id=secrets.token_hex(12),
            reference=self.entry.reference,
            phone=self.entry.phone,
            sender=self._sender,
            text=text,
            segments=segments(text),
            taken_at=time(),
            course=self._world.course(self._account, fault),
        )
