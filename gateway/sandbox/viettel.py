"""The simulated Viettel bulk SMS: SMS under a brandname over SOAP, and the list of what failed.

Source: VietOpenCPS/opencps-v2, ws/bulkSms/impl, generated from the WSDL of bulkapi.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from time import time
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.sandbox import viettel_wire as wire
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.conduct import Account
from gateway.sandbox.course import Word
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.segments import segments
from gateway.sandbox.viettel_wire import Invalid, Malformed, ViettelSetting
from gateway.sandbox.wire import Answer
from gateway.sandbox.world import World, now

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


class ViettelAccount(Account[ViettelSetting]):
    def __init__(self, setting: ViettelSetting, kept: int) -> None:
        super().__init__(setting)
        self.sent: Archive[Sent] = Archive(kept)

    def has_sent(self, phone: str, text: str) -> bool:
        """Whether this number got this text a short while ago."""
        since = time() - self.setting.duplicate_s
        return any(one.text == text for one in self.sent.newest(phone) if one.taken_at > since)


class Viettel:
    """All Viettel accounts of one sandbox, told apart by their CPCode."""

    def __init__(self, world: World, settings: Iterable[ViettelSetting]) -> None:
        self._world = world
        self._accounts: dict[str, ViettelAccount] = {}
        for setting in settings:
            account = ViettelAccount(setting, world.config.answered)
            self._accounts[setting.cp_code] = world.accounts[setting.code] = account

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/viettel/bulkapi", self.called)]

    async def called(self, request: web.Request) -> web.StreamResponse:
        try:
            name, fields = wire.operation(request.headers, await request.read())
        except Malformed as malformed:
            return wire.fault(str(malformed)).response()
        if name == "getFailSub":
            return self._failed(fields).response()
        try:
            account = self._account(fields["User"], fields["Password"], fields["CPCode"])
            wire.check(fields, account.setting)
        except Invalid as invalid:
            return wire.result(name, 0, str(invalid)).response()
        submission = ViettelSubmission(self._world, account, fields)
        return await self._world.serve(request, account, submission)

    def _failed(self, fields: Mapping[str, str]) -> Answer:
        try:
            account = self._account(fields["username"], fields["password"], fields["cpCode"])
            day, page, size = wire.asked_page(fields)
        except Invalid as invalid:
            return wire.failed_page_refused(str(invalid))
        failed = (
            one
            for one in account.sent.newest()
            if one.sender == fields["alias"]
            and one.word() is Word.FAILED
            and datetime.fromtimestamp(one.taken_at, HANOI).date() == day
        )
        return wire.failed_page(islice(failed, (page - 1) * size, page * size))

    def _account(self, user: str, password: str, cp_code: str) -> ViettelAccount:
        account = self._accounts.get(cp_code)
        wire.check_login(user, password, cp_code, account.setting if account else None)
        assert account is not None
        return account


class ViettelSubmission:
    def __init__(self, world: World, account: ViettelAccount, fields: Mapping[str, str]) -> None:
        self._world = world
        self._account = account
        self._fields = fields
        self.entry = Entry(
            provider="viettel",
            account=account.code,
            reference=fields["RequestID"],
            phone=fields["ReceiverID"],
            content=fields["Content"],
        )

    def refuse(self, fault: Fault) -> Answer | None:
        if self._account.has_sent(self.entry.phone, self.entry.content):
            return self.refuse_with(wire.DUPLICATE)
        if fault is Fault.ERROR_IN_200:
            return wire.fault("Internal error", status=200)
        words = wire.REFUSALS.get(fault)
        return self.refuse_with(words) if words else None

    def refuse_with(self, code: str) -> Answer:
        return wire.result("wsCpMt", 0, code)

    async def take(self, fault: Fault, row: Row) -> Answer:
        sent = Sent(
            id=secrets.token_hex(16),
            reference=self.entry.reference,
            phone=self.entry.phone,
            sender=self._fields["ServiceID"],
            text=self._fields["Content"],
            segments=segments(self._fields["Content"]),
            taken_at=time(),
            course=self._world.course(self._account, fault),
        )
        self._account.sent.add(sent)
        bubble = SmsBubble(at=now(), sender=sent.sender, text=sent.text, segments=sent.segments)
        self._world.hand_over(row, sent.phone, sent.course, bubble)
        return wire.result("wsCpMt", 1, wire.TAKEN)
