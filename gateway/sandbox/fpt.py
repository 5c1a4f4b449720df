"""The simulated FPT SMS: customer care messages under a brandname.

Source: developer.sms.fpt.net/document; public client code.
"""

import secrets
from collections.abc import Iterable, Mapping
from time import time
from typing import Any

from aiohttp import web

from gateway.sandbox import fpt_wire as wire
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.conduct import Account
from gateway.sandbox.faults import Fault
from gateway.sandbox.fpt_tokens import FptTokens
from gateway.sandbox.fpt_wire import FptSetting, Invalid
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.phone import international
from gateway.sandbox.segments import segments
from gateway.sandbox.wire import Answer
from gateway.sandbox.world import World, now


class FptAccount(Account[FptSetting]):
    def __init__(self, setting: FptSetting, kept: int) -> None:
        super().__init__(setting)
        self.tokens = FptTokens(setting)
        self.sent: Archive[Sent] = Archive(kept)

    def take_wishes(self, wishes: dict[str, Any]) -> None:
        if wishes.pop("expire_tokens", False):
            self.tokens.expire()

    def sent_just_now(self, phone: str, text: str) -> bool:
        """Whether this number was sent the same text within the last five minutes."""
        since = time() - wire.REMEMBERED_S
        newest = self.sent.newest(phone)
        return any(one.text == text for one in newest if one.taken_at >= since)


class Fpt:
    """All FPT accounts of one sandbox."""

    def __init__(self, world: World, settings: Iterable[FptSetting]) -> None:
        self._world = world
        self._accounts = [FptAccount(one, world.config.answered) for one in settings]
        world.accounts.update({one.code: one for one in self._accounts})

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/fpt/oauth2/token", self.token),
            web.post("/fpt/api/push-brandname-otp", self.push),
        ]

    async def token(self, request: web.Request) -> web.StreamResponse:
        try:
            fields = wire.fields(await request.read(), wire.TOKEN_FIELDS)
            account = self._client(fields["client_id"])
            value = account.tokens.give(fields)
        except Invalid as invalid:
            return wire.no_token(str(invalid)).response()
        return wire.token(value, fields["scope"], account.setting.token_life_s).response()

    async def push(self, request: web.Request) -> web.StreamResponse:
        status = 200
        try:
            fields = wire.fields(await request.read(), wire.REQUIRED, wire.OPTIONAL)
            account = self._holder(fields["access_token"])
            status = account.setting.refused_status
            account.tokens.check(fields["access_token"], fields["session_id"])
            wire.check(fields, account.setting)
        except Invalid as invalid:
            return wire.refusal(str(invalid), status).response()
        return await self._world.serve(
            request, account, FptSubmission(self._world, account, fields)
        )

    def _client(self, client_id: str) -> FptAccount:
        for account in self._accounts:
            if account.setting.client_id == client_id:
                return account
        raise Invalid("1008")

    def _holder(self, token: str) -> FptAccount:
        for account in self._accounts:
            if account.tokens.holds(token):
                return account
        raise Invalid("1011")


class FptSubmission:
    def __init__(self, world: World, account: FptAccount, fields: Mapping[str, str]) -> None:
        self._world = world
        self._account = account
        self._fields = fields
        self._id = str(secrets.randbelow(10**9) + 10**9)
        self.entry = Entry(
            provider="fpt",
            account=account.code,
            reference=fields.get("RequestId") or self._id,
            phone=international(fields["Phone"]),
            content=wire.text(fields),
        )

    def refuse(self, fault: Fault) -> Answer | None:
        if fault is Fault.TOKEN_EXPIRED:
            self._account.tokens.expire()
        if error := wire.REFUSALS.get(fault):
            return self.refuse_with(error)
        if self._account.sent_just_now(self.entry.phone, self.entry.content):
            return self.refuse_with("2501")
        return None

    def refuse_with(self, code: str) -> Answer:
        return wire.refusal(code, self._account.setting.refused_status)

    async def take(self, fault: Fault, row: Row) -> Answer:
        sent = self._sent(fault)
        self._account.sent.add(sent)
        bubble = SmsBubble(at=now(), sender=sent.sender, text=sent.text, segments=sent.segments)
        self._world.hand_over(row, sent.phone, sent.course, bubble)
        return wire.taken(sent, self._fields["Message"])

    def _sent(self, fault: Fault) -> Sent:
        text = wire.text(self._fields)
        return Sent(
            id=self._id,
            reference=self.entry.reference,
            phone=self.entry.phone,
            sender=self._fields["BrandName"],
            text=text,
            segments=segments(text),
            taken_at=time(),
            course=self._world.course(self._account, fault),
        )
