"""The simulated eSMS: SMS under a brandname.

Source: developers.esms.vn, repository devesms/gitbook_esms_for_develop_v2.
"""

import secrets
from collections.abc import Iterable, Mapping
from time import time

from aiohttp import web

from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.conduct import Account
from gateway.sandbox.config import EsmsSetting
from gateway.sandbox.course import Word
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.phone import international
from gateway.sandbox.segments import segments
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World, now

MESSAGES: Mapping[str, str] = {
    "99": "Phone number is blocked",
    "101": "Authorize Failed",
    "103": "Balance not enough to send message",
    "104": "Brand name code is not exist",
    "105": "SMSID is not exist",
    "108": "Phone number is invalid",
    "110": "Invalid data",
    "118": "SmsType is not supported",
    "124": "Request exist",
    "163": "One phone number per request",
}

REFUSALS: Mapping[Fault, str] = {
    Fault.WALLET_EMPTY: "103",
    Fault.CREDENTIALS: "101",
    Fault.BLOCKED: "99",
}

REQUIRED = ("ApiKey", "SecretKey", "Content", "Phone", "Brandname", "SmsType")
OPTIONAL = ("IsUnicode", "Sandbox", "RequestId", "SendDate", "campaignid", "CallbackUrl")
CARE = "2"
LONGEST_REQUEST_ID = 50
REMEMBERED_S = 24 * 3600
TRIES = 5

QUEUED, FINISHED, WAITS_FOR_REPORT = "2", "5", "7"


class Invalid(Exception):
    """The request is refused; the argument is the CodeResult."""


class EsmsAccount(Account[EsmsSetting]):
    def __init__(self, setting: EsmsSetting, kept: int) -> None:
        super().__init__(setting)
        self.sent: Archive[Sent] = Archive(kept)
        self.by_request_id: dict[str, Sent] = {}

    def earlier(self, request_id: str) -> Sent | None:
        """What was taken under this RequestId within the last day."""
        sent = self.by_request_id.get(request_id)
        return sent if sent and time() - sent.taken_at < REMEMBERED_S else None


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
            web.get(f"{service}/GetSmsReceiverStatus_get", self.receivers),
        ]

    async def send(self, request: web.Request) -> web.StreamResponse:
        try:
            fields = _fields(await request.read())
            account = self._account(fields)
            _check(fields, account.setting)
        except Invalid as invalid:
            return _refusal(str(invalid)).response()
        submission = EsmsSubmission(self._world, account, fields)
        if earlier := account.earlier(fields.get("RequestId", "")):
            self._world.books.submitted(submission.entry)
            return _duplicate(earlier).response()
        if fields.get("Sandbox") == "1":
            return _taken(secrets.token_hex(16)).response()
        return await self._world.serve(request, account, submission)

    async def status(self, request: web.Request) -> web.StreamResponse:
        try:
            account, sent = self._asked(request.query)
        except Invalid as invalid:
            code = {"CodeResponse": str(invalid), "SMSID": request.query.get("RefId", "")}
            return json_answer(code).response()
        counts = _counts(sent, sent.word(), account.setting.price_vnd)
        status = int(_send_status(sent.word()))
        answer = {"CodeResponse": "100", "SMSID": sent.id, "SendStatus": status, **counts}
        return json_answer(answer).response()

    async def receivers(self, request: web.Request) -> web.StreamResponse:
        try:
            _, sent = self._asked(request.query)
        except Invalid as invalid:
            return _refusal(str(invalid)).response()
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
        if fault is Fault.ERROR_IN_200:
            return json_answer({"error": "Invalid request"})
        code = REFUSALS.get(fault)
        return _refusal(code) if code else None

    async def take(self, fault: Fault, row: Row) -> Answer:
        sent = self._sent(fault)
        self._account.sent.add(sent)
        if self._fields.get("RequestId"):
            self._account.by_request_id[sent.reference] = sent
        bubble = SmsBubble(at=now(), sender=sent.sender, text=sent.text, segments=sent.segments)
        self._world.hand_over(row, sent.course, bubble)
        if sent.callback:
            told = sent.course if fault is Fault.RECEIPTS_SWAPPED else only_final(sent.course)
            price = self._account.setting.price_vnd
            await self._world.report(self._account, told, lambda one: _letter(sent, one, price))
        return _taken(sent.id)

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


def _fields(body: bytes) -> dict[str, str]:
    """The request's fields, all of them text. Raises Invalid."""
    try:
        fields = json.loads(body)
    except ValueError:
        raise Invalid("110") from None
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise Invalid("110")
    return fields


def _check(fields: Mapping[str, str], setting: EsmsSetting) -> None:
    """Raises Invalid."""
    if fields.keys() - {*REQUIRED, *OPTIONAL} or not all(fields.get(name) for name in REQUIRED):
        raise Invalid("110")
    if fields["Brandname"] not in setting.brandnames:
        raise Invalid("104")
    if fields["SmsType"] != CARE:
        raise Invalid("118")
    if "," in fields["Phone"]:
        raise Invalid("163")
    if fields["Phone"].startswith("+") or not is_mobile(international(fields["Phone"])):
        raise Invalid("108")
    flags = {fields.get("IsUnicode", "0"), fields.get("Sandbox", "0")}
    plain = fields.get("IsUnicode", "0") == "0"
    too_long = len(fields.get("RequestId", "")) > LONGEST_REQUEST_ID
    if flags - {"0", "1"} or too_long or (plain and not is_gsm(fields["Content"])):
        raise Invalid("110")


def _taken(sms_id: str) -> Answer:
    return json_answer({"CodeResult": "100", "CountRegenerate": 0, "SMSID": sms_id})


def _refusal(code: str) -> Answer:
    told = {"CodeResult": code, "CountRegenerate": 0, "ErrorMessage": MESSAGES[code]}
    return json_answer(told)


def _duplicate(earlier: Sent) -> Answer:
    return json_answer(
        {
            "CodeResult": "124",
            "CountRegenerate": 0,
            "ErrorMessage": MESSAGES["124"],
            "SMSID": earlier.id,
            "SendStatus": _send_status(earlier.word()),
        }
    )


def _send_status(word: Word | None) -> str:
    if word is None:
        return QUEUED
    return WAITS_FOR_REPORT if word is Word.SENT else FINISHED


def _counts(sent: Sent, word: Word | None, price_vnd: int) -> dict[str, Any]:
    failed = word is Word.FAILED
    return {
        "SendSuccess": int(word is Word.DELIVERED),
        "SendFailed": int(failed),
        "TotalReceiver": 1,
        "TotalSent": int(word is not None),
        "TotalPrice": 0.0 if failed else float(price_vnd * sent.segments),
    }


def _letter(sent: Sent, notice: Notice, price_vnd: int) -> Letter:
    """The report of `notice`: a GET of the address that the request gave."""
    counts = _counts(sent, notice.word, price_vnd)
    report = {
        "SMSID": sent.id.upper() if notice.respelled else sent.id,
        "SendStatus": _send_status(notice.word),
        **counts,
        "TotalPrice": f"{counts['TotalPrice']:.4f}",
        "RequestId": sent.reference,
        "TypeId": CARE,
        "telcoid": "1",
        "phonenumber": "0" + sent.phone.removeprefix("84"),
        "switchsmsid": "",
    }
    if notice.foreign:
        report |= {"SMSID": secrets.token_hex(16), "RequestId": secrets.token_hex(16)}
    address = _mistaken(sent.callback) if notice.forged else sent.callback
    joint = "&" if urlsplit(address).query else "?"
    return Letter(method="GET", url=f"{address}{joint}{urlencode(report)}", tries=TRIES)


def _mistaken(address: str) -> str:
    """The address with another last part of its path: what a guesser of its secret would try."""
    parts = urlsplit(address)
    path, _, secret = parts.path.rpartition("/")
    return urlunsplit(parts._replace(path=f"{path}/{'0' * len(secret)}"))
