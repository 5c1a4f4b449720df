"""The simulated VNPT SMS brandname: registered templates filled with positional parameters.

Source: public clients of /smsbn/api and the error tables they carry.
"""

from collections.abc import Iterable, Mapping
from time import time
from typing import Any

from aiohttp import web

from gateway.sandbox import vnpt_wire as wire
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.conduct import Account
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.segments import segments
from gateway.sandbox.vnpt_wire import Invalid, VnptSetting
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World, now


class VnptAccount(Account[VnptSetting]):
    """What was sent is kept under its REQID, the newest where one was used twice."""

    def __init__(self, setting: VnptSetting, kept: int) -> None:
        super().__init__(setting)
        self.sent: Archive[Sent] = Archive(kept)


class Vnpt:
    """All VNPT accounts of one sandbox, told apart by their APIUSER."""

    def __init__(self, world: World, settings: Iterable[VnptSetting]) -> None:
        self._world = world
        self._accounts: dict[str, VnptAccount] = {}
        for setting in settings:
            account = VnptAccount(setting, world.config.answered)
            self._accounts[setting.api_user] = world.accounts[setting.code] = account

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/vnpt/smsbn/api", self.called)]

    async def called(self, request: web.Request) -> web.StreamResponse:
        name = wire.SEND
        try:
            fields = wire.asked(await request.read())
            name = fields["name"]
            account = self._accounts.get(fields["APIUSER"])
            wire.check_login(fields, account.setting if account else None)
            assert account is not None
            if name == wire.STATUS:
                return _status(fields, account).response()
            text = wire.check(fields, account.setting)
        except Invalid as invalid:
            return wire.answer(name, str(invalid)).response()
        submission = VnptSubmission(self._world, account, fields, text)
        return await self._world.serve(request, account, submission)


def _status(fields: Mapping[str, Any], account: VnptAccount) -> Answer:
    """Raises Invalid."""
    wire.check_time(fields["SENDTIME"])
    sent = account.sent.get(fields["REQID"])
    return wire.status(wire.STATUSES[sent.word()] if sent else "-1")


class VnptSubmission:
    def __init__(
        self, world: World, account: VnptAccount, fields: Mapping[str, Any], text: str
    ) -> None:
        self._world = world
        self._account = account
        self.entry = Entry(
            provider="vnpt",
            account=account.code,
            reference=fields["REQID"],
            phone=fields["MOBILELIST"],
            content=text,
        )

    def refuse(self, fault: Fault) -> Answer | None:
        setting = self._account.setting
        if setting.refuses_repeats and self._account.sent.get(self.entry.reference):
            return self.refuse_with("33")
        if fault is Fault.ERROR_IN_200:
            return json_answer({"error": "Internal error"})
        code = wire.REFUSALS.get(fault)
        return self.refuse_with(code) if code else None

    def refuse_with(self, code: str) -> Answer:
        return wire.answer(wire.SEND, code)

    async def take(self, fault: Fault, row: Row) -> Answer:
        text = self.entry.content
        sent = Sent(
            id=self.entry.reference,
            reference=self.entry.reference,
            phone=self.entry.phone,
            sender=self._account.setting.brandname,
            text=text,
            segments=segments(text),
            taken_at=time(),
            course=self._world.course(self._account, fault),
        )
        self._account.sent.add(sent)
        bubble = SmsBubble(at=now(), sender=sent.sender, text=text, segments=sent.segments)
        self._world.hand_over(row, sent.phone, sent.course, bubble)
        return wire.answer(wire.SEND, "0")
