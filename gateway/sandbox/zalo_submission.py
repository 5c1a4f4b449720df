"""One template message handed to the simulated Zalo: whether it fits, and what becomes of it.

Source: docs.zaloplatforms.com; zaloplatform/zalo-php-sdk; zalo.cloud, error codes.
"""

import json
import re
import secrets
from collections.abc import Mapping
from functools import partial
from time import time
from typing import Any

from gateway.sandbox import zalo_event, zalo_template
from gateway.sandbox.archive import Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.course import only_final
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import ZaloCard
from gateway.sandbox.phone import international, is_mobile
from gateway.sandbox.wire import Answer
from gateway.sandbox.world import World, now
from gateway.sandbox.zalo_account import Invalid, ZaloAccount, refusal, success
from gateway.sandbox.zalo_event import milliseconds
from gateway.sandbox.zalo_setting import Template
from gateway.sandbox.zalo_tokens import TOKEN_REFUSED

REFUSALS: Mapping[Fault, int] = {
    Fault.ERROR_IN_200: -100,
    Fault.WALLET_EMPTY: -115,
    Fault.CREDENTIALS: -104,
    Fault.BLOCKED: -141,
    Fault.NO_ZALO: -118,
    Fault.REFUSES: -139,
    Fault.NIGHT: -133,
    Fault.QUOTA: -144,
    Fault.TOKEN_EXPIRED: TOKEN_REFUSED,
}

REQUIRED = ("phone", "template_id", "template_data", "tracking_id")
OPTIONAL = ("sending_mode", "mode")
TRACKING_ID = re.compile(r"[A-Za-z0-9_-]{1,48}")


class ZaloSubmission:
    """Raises Invalid where the fields are not what the template asks for."""

    def __init__(self, world: World, account: ZaloAccount, fields: Mapping[str, Any]) -> None:
        self._template = _checked(fields, account)
        self._world = world
        self._account = account
        self._data: Mapping[str, str] = fields["template_data"]
        self.entry = Entry(
            provider="zalo",
            account=account.code,
            reference=fields["tracking_id"],
            phone=international(fields["phone"]),
            content={"template": self._template.id, "params": self._data},
        )

    def refuse(self, fault: Fault) -> Answer | None:
        if fault is Fault.TOKEN_EXPIRED:
            self._account.tokens.expire()
        if self._account.quota_left <= 0:
            return refusal(-144)
        return refusal(REFUSALS[fault]) if fault in REFUSALS else None

    def refuse_with(self, code: str) -> Answer:
        return refusal(int(code))

    async def take(self, fault: Fault, row: Row) -> Answer:
        sent = self._sent(fault)
        self._account.sent.add(sent)
        self._account.quota_left -= 1
        self._world.hand_over(row, sent.phone, sent.course, self._card())
        setting = self._account.setting
        if setting.webhook_url:
            write = partial(zalo_event.letter, sent, setting)
            await self._world.report(self._account, only_final(sent.course), write)
        data = {
            "msg_id": sent.id,
            "sent_time": milliseconds(sent.taken_at),
            "sending_mode": "1",
            "quota": self._account.quota(),
        }
        return success(data)

    def _sent(self, fault: Fault) -> Sent:
        return Sent(
            id=secrets.token_hex(10),
            reference=self.entry.reference,
            phone=self.entry.phone,
            sender=self._account.setting.oa_name,
            text=self._template.id,
            segments=1,
            taken_at=time(),
            course=self._world.course(self._account, fault),
        )

    def _card(self) -> ZaloCard:
        return ZaloCard(
            at=now(),
            sender=self._account.setting.oa_name,
            title=self._template.title or self._template.name,
            rows=zalo_template.rows(self._template, self._data),
        )


def fields_of(body: bytes) -> dict[str, Any]:
    """Raises Invalid."""
    if not body.strip():
        raise Invalid(-121)
    try:
        fields = json.loads(body)
    except ValueError:
        raise Invalid(-122) from None
    if not isinstance(fields, dict):
        raise Invalid(-122)
    return fields


def _checked(fields: Mapping[str, Any], account: ZaloAccount) -> Template:
    """The template that the fields are for, and fit. Raises Invalid."""
    if fields.keys() - {*REQUIRED, *OPTIONAL}:
        raise Invalid(-132)
    phone, tracking_id = fields.get("phone"), fields.get("tracking_id")
    if not isinstance(phone, str) or not is_mobile(international(phone)):
        raise Invalid(-108)
    template = template_of(account, fields.get("template_id"))
    if template.status != "ENABLE":
        raise Invalid(-131)
    if "template_data" not in fields:
        raise Invalid(-111)
    if error := zalo_template.misfit(template, fields["template_data"]):
        raise Invalid(error)
    if not isinstance(tracking_id, str) or not TRACKING_ID.fullmatch(tracking_id):
        raise Invalid(-132)
    if fields.get("sending_mode", "1") != "1":
        raise Invalid(-161)
    if "mode" in fields:
        raise Invalid(-127)
    return template


def template_of(account: ZaloAccount, template_id: object) -> Template:
    if not isinstance(template_id, str) or template_id not in account.templates:
        raise Invalid(-109)
    return account.templates[template_id]
