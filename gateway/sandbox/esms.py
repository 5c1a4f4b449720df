"""The simulated eSMS: SMS under a brandname.

Source: developers.esms.vn, repository devesms/gitbook_esms_for_develop_v2.
"""

import secrets
from collections.abc import Iterable, Mapping
from functools import partial
from time import time

from aiohttp import web

from gateway.sandbox import esms_wire as wire
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.course import Word, only_final
from gateway.sandbox.esms_wire import EsmsSetting, Invalid
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.phone import international
from gateway.sandbox.prepaid import Prepaid
from gateway.sandbox.segments import segments
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World, now


class EsmsAccount(Prepaid[EsmsSetting]):
    def __init__(self, setting: EsmsSetting, kept: int) -> None:
        super().__init__(setting)
        self.sent: Archive[Sent] = Archive(kept)
        self._kept = kept
        self._by_request_id: dict[str, Sent] = {}

    def keep(self, sent: Sent) -> None:
        self.sent.add(sent)
        if len(self._by_request_id) >= self._kept:
            self._by_request_id.pop(next(iter(self._by_request_id)))
        self._by_request_id[sent.reference] = sent

    def earlier(self, request_id: str) -> Sent | None:
        """What was taken under this RequestId within the last day."""
        sent = self._by_request_id.get(request_id)
        return sent if sent and time() - sent.taken_at < wire.REMEMBERED_S else None


class Esms:
    """All eSMS accounts of one sandbox."""

    def __init__(self, world: World, settings: Iterable[EsmsSetting]) -> None:
        self._world = world
        self._accounts: dict[str, EsmsAccount] = {}
        for setting in settings:
            account = EsmsAccount(setting, world.config.answered)
            self._accounts[setting.api_key] = world.accounts[setting.code] = account

    def routes(self) -> list[web.RouteDef]:
        service = "/esms/MainService.svc/json"
        return [
            web.post(f"{service}/SendMultipleMessage_V4_post_json/", self.send),
            web.get(f"{service}/GetSendStatus", self.status),
            web.post(f"{service}/GetBalance_json", self.balance),
            web.get(f"{service}/GetSmsReceiverStatus_get", self.receivers),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        try:
            fields = wire.fields(await request.read())
            account = self._account(fields)
            wire.check(fields, account.setting)
        except Invalid as invalid:
            return wire.refusal(str(invalid)).response()
        submission = EsmsSubmission(self._world, account, fields)
        return await self._world.serve(request, account, submission)

    async def balance(self, request: web.Request) -> web.StreamResponse:
        try:
            fields = wire.fields(await request.read())
            if request.content_type != "application/json" or fields.keys() != wire.CREDENTIALS:
                raise Invalid("110")
            account = self._account(fields)
        except Invalid as invalid:
            return wire.no_balance(str(invalid)).response()
        return wire.balance(account.left).response()

    async def status(self, request: web.Request) -> web.StreamResponse:
        try:
            account, sent = self._asked(request.query)
        except Invalid as invalid:
            code = {"CodeResponse": str(invalid), "SMSID": request.query.get("RefId", "")}
            return json_answer(code).response()
        counts = wire.counts(sent, sent.word(), account.setting.price_vnd)
        status = int(wire.send_status(sent.word()))
        answer = {"CodeResponse": "100", "SMSID": sent.id, "SendStatus": status, **counts}
        return json_answer(answer).response()

    async def receivers(self, request: web.Request) -> web.StreamResponse:
        try:
            _, sent = self._asked(request.query)
        except Invalid as invalid:
            return wire.refusal(str(invalid)).response()
        receiver = {
            "IsSent": sent.word() is not None,
            "NetworkName": "Viettel",
            "Phone": "0" + sent.phone.removeprefix("84"),
            "Retry": 0,
            "SentResult": sent.word() is Word.DELIVERED,
        }
        return json_answer({"CodeResult": "100", "ReceiverList": [receiver]}).response()

    def _asked(self, query: Mapping[str, str]) -> tuple[EsmsAccount, Sent]:
        account = self._account(query)
        sent = account.sent.get(query.get("RefId", ""))
        if sent is None:
            raise Invalid("105")
        return account, sent

    def _account(self, fields: Mapping[str, str]) -> EsmsAccount:
        account = self._accounts.get(fields.get("ApiKey", ""))
        if account is None or account.setting.secret_key != fields.get("SecretKey"):
            raise Invalid("101")
        return account


class EsmsSubmission:
    def __init__(self, world: World, account: EsmsAccount, fields: Mapping[str, str]) -> None:
        self._world = world
        self._account = account
        self._fields = fields
        self._id = secrets.token_hex(16)
        self.entry = Entry(
            provider="esms",
            account=account.code,
            reference=fields.get("RequestId") or self._id,
            phone=international(fields["Phone"]),
            content=fields["Content"],
        )

    def refuse(self, fault: Fault) -> Answer | None:
        if earlier := self._account.earlier(self.entry.reference):
            return wire.duplicate(earlier)
        if self._fields.get("Sandbox") == "1":
            return wire.taken(self._id)
        if fault is Fault.ERROR_IN_200:
            return json_answer({"error": "Invalid request"})
        code = wire.REFUSALS.get(fault)
        return wire.refusal(code) if code else None

    def refuse_with(self, code: str) -> Answer:
        return wire.refusal(code)

    async def take(self, fault: Fault, row: Row) -> Answer:
        sent = self._sent(fault)
        self._account.keep(sent)
        self._account.pay(self._account.setting.price_vnd * sent.segments)
        bubble = SmsBubble(at=now(), sender=sent.sender, text=sent.text, segments=sent.segments)
        self._world.hand_over(row, sent.phone, sent.course, bubble)
        if sent.callback:
            told = sent.course if fault is Fault.RECEIPTS_SWAPPED else only_final(sent.course)
            write = partial(wire.letter, sent, self._account.setting.price_vnd)
            await self._world.report(self._account, told, write)
        return wire.taken(sent.id)

    def _sent(self, fault: Fault) -> Sent:
        return Sent(
            id=self._id,
            reference=self.entry.reference,
            phone=self.entry.phone,
            sender=self._fields["Brandname"],
            text=self._fields["Content"],
            segments=segments(self._fields["Content"]),
            taken_at=time(),
            course=self._world.course(self._account, fault),
            callback=self._fields.get("CallbackUrl", ""),
        )
