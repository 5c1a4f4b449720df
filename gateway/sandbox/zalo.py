"""The simulated Zalo: template messages to phones. Errors, too, are answered with HTTP 200.

Source: docs.zaloplatforms.com; zaloplatform/zalo-php-sdk; zalo.cloud, error codes.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from hashlib import sha256
from time import time
from typing import Any

from aiohttp import web

from gateway.sandbox import zalo_template
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.conduct import Account
from gateway.sandbox.config import Template, ZaloSetting
from gateway.sandbox.course import Notice, Word, only_final
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import ZaloCard
from gateway.sandbox.phone import international, is_mobile
from gateway.sandbox.postman import Letter
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World, now
from gateway.sandbox.zalo_tokens import TOKEN_REFUSED, ZaloTokens

MESSAGES: Mapping[int, str] = {
    -32: "Rate limit exceeded",
    -100: "Unknown error, please try again later",
    -104: "Application secret key is invalid",
    -106: "Method is unsupported",
    -107: "Message id is invalid",
    -108: "Phone number is invalid",
    -109: "Template id is invalid",
    -111: "Template data is empty",
    -112: "Template data type is not defined",
    -1121: "Template data exceeds its maximum length",
    -1122: "Template data misses a parameter",
    -1124: "Template data has an invalid format",
    -115: "Out of quota or balance",
    -118: "Zalo account is not existed",
    -121: "Body data is empty",
    -122: "Body format is invalid",
    -124: "Access token is invalid",
    -127: "Development mode sends to administrators only",
    -131: "Template is not approved",
    -132: "Parameter is invalid",
    -133: "Messages cannot be sent at night",
    -139: "User refused to receive this kind of message",
    -141: "User refused to receive messages of this official account",
    -144: "Official account is out of daily quota",
    -161: "Sending mode is not permitted",
}

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
STATUS_NUMBERS = {"1": "ENABLE", "2": "PENDING_REVIEW", "3": "REJECT", "4": "DISABLE"}
TRIES = 6


class Invalid(Exception):
    """The request is refused; the argument is the error code."""


class ZaloAccount(Account[ZaloSetting]):
    def __init__(self, setting: ZaloSetting, kept: int) -> None:
        super().__init__(setting)
        self.tokens = ZaloTokens(setting)
        self.templates = {one.id: one for one in setting.templates}
        self.sent: Archive[Sent] = Archive(kept)
        self.quota_left = setting.daily_quota

    def quota(self) -> dict[str, str]:
        left = str(self.quota_left)
        return {"dailyQuota": str(self.setting.daily_quota), "remainingQuota": left}


class Zalo:
    """All official accounts of one sandbox."""

    def __init__(self, world: World, settings: Iterable[ZaloSetting]) -> None:
        self._world = world
        self.accounts = [ZaloAccount(one, world.config.answered) for one in settings]
        world.accounts.update({account.code: account for account in self.accounts})

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/zalo/message/template", self.send),
            web.get("/zalo/message/status", self.status),
            web.get("/zalo/message/quota", self.quota),
            web.get("/zalo/template/info/v2", self.template),
            web.get("/zalo/template/all", self.templates),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.method != "POST":
                raise Invalid(-106)
            account = self._account(request)
            fields = _fields(await request.read())
            submission = ZaloSubmission(self._world, account, fields)
        except Invalid as invalid:
            return _refusal(invalid.args[0]).response()
        return await self._world.serve(request, account, submission)

    async def status(self, request: web.Request) -> web.StreamResponse:
        try:
            account = self._account(request)
        except Invalid as invalid:
            return _refusal(invalid.args[0]).response()
        message_id = request.query.get("message_id", "")
        if not message_id:
            return _refusal(-107).response()
        return _success(_status(account.sent.get(message_id))).response()

    async def quota(self, request: web.Request) -> web.StreamResponse:
        try:
            return _success(self._account(request).quota()).response()
        except Invalid as invalid:
            return _refusal(invalid.args[0]).response()

    async def template(self, request: web.Request) -> web.StreamResponse:
        try:
            found = _template(self._account(request), request.query.get("template_id"))
        except Invalid as invalid:
            return _refusal(invalid.args[0]).response()
        return _success(zalo_template.described(found)).response()

    async def templates(self, request: web.Request) -> web.StreamResponse:
        try:
            account = self._account(request)
            first, count = _window(request.query)
            wanted = _wanted_status(request.query.get("status"))
        except Invalid as invalid:
            return _refusal(invalid.args[0]).response()
        found = [one for one in account.templates.values() if wanted in (None, one.status)]
        page = [zalo_template.listed(one) for one in found[first : first + count]]
        told = {"error": 0, "message": "Success", "data": page, "metadata": {"total": len(found)}}
        return json_answer(told).response()

    def _account(self, request: web.Request) -> ZaloAccount:
        """The account whose access token came with the request. Raises Invalid."""
        token = request.headers.get("access_token", "")
        for account in self.accounts:
            if account.tokens.accepts(token):
                return account
        raise Invalid(TOKEN_REFUSED)


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
            return _refusal(-144)
        return _refusal(REFUSALS[fault]) if fault in REFUSALS else None

    async def take(self, fault: Fault, row: Row) -> Answer:
        sent = self._sent(fault)
        self._account.sent.add(sent)
        self._account.quota_left -= 1
        self._world.hand_over(row, sent.course, self._card())
        setting = self._account.setting
        if setting.webhook_url:
            told = only_final(sent.course)
            await self._world.report(self._account, told, lambda one: _letter(sent, one, setting))
        data = {
            "msg_id": sent.id,
            "sent_time": _milliseconds(sent.taken_at),
            "sending_mode": "1",
            "quota": self._account.quota(),
        }
        return _success(data)

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


def _fields(body: bytes) -> dict[str, Any]:
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
    template = _template(account, fields.get("template_id"))
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


def _template(account: ZaloAccount, template_id: object) -> Template:
    if not isinstance(template_id, str) or template_id not in account.templates:
        raise Invalid(-109)
    return account.templates[template_id]


def _window(query: Mapping[str, str]) -> tuple[int, int]:
    try:
        first, count = int(query["offset"]), int(query["limit"])
    except (KeyError, ValueError):
        raise Invalid(-132) from None
    if first < 0 or not 0 < count <= 100:
        raise Invalid(-132)
    return first, count


def _wanted_status(number: str | None) -> str | None:
    if number is None:
        return None
    if number not in STATUS_NUMBERS:
        raise Invalid(-132)
    return STATUS_NUMBERS[number]


def _success(data: Any) -> Answer:
    return json_answer({"error": 0, "message": "Success", "data": data})


def _refusal(code: int) -> Answer:
    return json_answer({"error": code, "message": MESSAGES[code]})


def _status(sent: Sent | None) -> dict[str, Any]:
    if sent is None:
        return {"status": -1, "message": "The message does not exist"}
    if sent.word() is not Word.DELIVERED:
        return {"status": 0, "message": "The message has not been delivered"}
    arrival = next(one for one in sent.course if one.word is Word.DELIVERED)
    at = _milliseconds(sent.taken_at + arrival.after_s)
    return {"status": 1, "message": "The message was delivered", "delivery_time": at}


def _letter(sent: Sent, notice: Notice, setting: ZaloSetting) -> Letter | None:
    """The event of an arrival; Zalo has none for a failure."""
    if notice.word is not Word.DELIVERED:
        return None
    body = json.dumps(_event(sent, notice, setting)).encode()
    secret = "forged" if notice.forged else setting.oa_secret_key
    return Letter(
        url=setting.webhook_url,
        headers={
            "Content-Type": "application/json",
            "X-ZEvent-Server": "ZNS",
            "X-ZEvent-Signature": f"mac={signature(setting.app_id, body, secret)}",
        },
        body=body,
        tries=TRIES,
        retry_header="num_retry",
    )


def _event(sent: Sent, notice: Notice, setting: ZaloSetting) -> dict[str, Any]:
    at = _milliseconds(time())
    msg_id = "0" + sent.id if notice.respelled else sent.id
    message = {"delivery_time": at, "msg_id": msg_id, "tracking_id": sent.reference}
    if notice.foreign:
        message |= {"msg_id": secrets.token_hex(10), "tracking_id": secrets.token_hex(16)}
    return {
        "event_name": "user_received_message",
        "app_id": setting.app_id,
        "sender": {"id": setting.oa_id},
        "recipient": {"id": sent.phone},
        "message": message,
        "timestamp": at,
    }


def signature(app_id: str, body: bytes, secret: str) -> str:
    """Plain SHA-256 of app id, raw body, the body's own timestamp, and secret."""
    stamp = str(json.loads(body)["timestamp"])
    return sha256(app_id.encode() + body + stamp.encode() + secret.encode()).hexdigest()


def _milliseconds(at: float) -> str:
    return str(int(at * 1000))
