"""What stands in the requests, answers and reports of the simulated SpeedSMS.

Source: speedsms.vn/sms-api; the webhook from the client alexzvn/speedsms-api. What the status
query answers and what a wrong token is told are not public: here they are as clients suggest.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any

from gateway.sandbox.archive import Sent
from gateway.sandbox.course import Notice, Word
from gateway.sandbox.faults import Fault
from gateway.sandbox.forgery import guessed
from gateway.sandbox.incoming import Text
from gateway.sandbox.phone import international, is_landline, is_mobile
from gateway.sandbox.postman import Letter
from gateway.sandbox.prepaid import PrepaidSetting
from gateway.sandbox.wire import Answer, json_answer

MESSAGES: Mapping[str, str] = {
    "007": "IP locked",
    "008": "Account blocked",
    "009": "Account not allow to call the API",
    "101": "Invalid or missing parameters",
    "105": "Phone number invalid",
    "110": "Not support sms content encoding",
    "113": "Sms content too long",
    "300": "Your account balance not enough to send sms",
    "500": "Internal error, please try again",
}

FIELDS = frozenset({"to", "content", "sms_type", "sender"})
BRANDNAME, TYPES = 3, frozenset(range(2, 9))
STATUSES: Mapping[Word | None, int] = {Word.DELIVERED: 0, Word.FAILED: 64}
ON_ITS_WAY = 1
WINDOW_S = 60

_random = SystemRandom()


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeedsmsSetting(PrepaidSetting):
    """`webhook_url` is what a customer enters in the SpeedSMS console, for reports and for texts to
    the account's `number`; `inbound_url` stands in for it where they are looked at apart. With
    `requests_per_minute` 0 there is no limit; the real one is 60."""

    access_token: str = field(repr=False)
    senders: tuple[str, ...]
    webhook_url: str = field(default="", repr=False)
    price_vnd: int = 750
    requests_per_minute: int = 0
    number: str = ""
    inbound_url: str = field(default="", repr=False)

    @property
    def authorization(self) -> str:
        return "Basic " + b64encode(f"{self.access_token}:x".encode()).decode()


class Invalid(Exception):
    """The request is refused; the argument is the code."""


def fields(body: bytes, setting: SpeedsmsSetting) -> dict[str, Any]:
    """The request's fields. One number a request, because that is what the books know. Raises
    Invalid."""
    try:
        fields = json.loads(body)
    except ValueError:
        raise Invalid("101") from None
    if not isinstance(fields, dict) or fields.keys() != FIELDS:
        raise Invalid("101")
    to, content, kind = fields["to"], fields["content"], fields["sms_type"]
    if not isinstance(to, list) or len(to) != 1 or not isinstance(to[0], str):
        raise Invalid("101")
    if not isinstance(content, str) or not content:
        raise Invalid("101")
    if type(kind) is not int or kind not in TYPES:
        raise Invalid("101")
    if kind == BRANDNAME and fields["sender"] not in setting.senders:
        raise Invalid("101")
    phone = international(to[0])
    if to[0].startswith("+") or not (is_mobile(phone) or is_landline(phone)):
        raise Invalid("105")
    return fields


def new_id() -> str:
    return str(_random.randrange(100_000_000, 1_000_000_000))


def taken(tran_id: str, count: int, price_vnd: int) -> Answer:
    return _success(
        {
            "tranId": int(tran_id),
            "totalSMS": count,
            "totalPrice": price_vnd * count,
            "invalidPhone": [],
        }
    )


def for_nobody(phone: str) -> Answer:
    """A success for a list of numbers of which none can be written to."""
    tran_id = int(new_id())
    return _success({"tranId": tran_id, "totalSMS": 0, "totalPrice": 0, "invalidPhone": [phone]})


def told(sent: Sent) -> Answer:
    return _success([{"phone": sent.phone, "status": STATUSES.get(sent.word(), ON_ITS_WAY)}])


def info(setting: SpeedsmsSetting, left: float) -> Answer:
    """The documentation shows these fields alone; clients read them under `data`."""
    told = {"email": f"{setting.code}@example.vn", "balance": left, "currency": "VND"}
    return _success(told)


def refusal(code: str) -> Answer:
    return json_answer({"status": "error", "code": code, "message": MESSAGES.get(code, "")})


def failure(status: int, name: str, http_status: int, **headers: str) -> Answer:
    """What the framework that SpeedSMS is built on says by itself."""
    body = json.dumps({"name": name, "message": f"{name}.", "code": 0, "status": status}).encode()
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return Answer(body=body, status=http_status, headers=named)


def throttled(reset_s: int) -> Answer:
    return failure(429, "Too Many Requests", 429, X_Rate_Limit_Reset=str(reset_s))


def refused(fault: Fault) -> Answer | None:
    match fault:
        case Fault.ERROR_IN_200:
            return failure(500, "Internal Server Error", 200)
        case Fault.CREDENTIALS:
            return failure(401, "Unauthorized", 401)
        case Fault.THROTTLED:
            return throttled(WINDOW_S)
        case Fault.WALLET_EMPTY:
            return refusal("300")
    return None


def letter(sent: Sent, notice: Notice) -> Letter:
    """The report of `notice`. An id in another spelling is text in place of a number."""
    tran_id = new_id() if notice.foreign else sent.id
    report = {
        "type": "report",
        "tranId": tran_id if notice.respelled else int(tran_id),
        "phone": sent.phone,
        "status": STATUSES.get(notice.word, ON_ITS_WAY),
    }
    return Letter(
        url=guessed(sent.callback) if notice.forged else sent.callback,
        headers={"Content-Type": "application/json"},
        body=json.dumps(report).encode(),
    )


def incoming(text: Text, setting: SpeedsmsSetting) -> Letter:
    """A person's text. Nobody documents an id in it, nor that it is repeated."""
    url = setting.inbound_url or setting.webhook_url
    event = {"type": "sms", "phone": text.phone, "content": text.text}
    return Letter(
        url=guessed(url) if text.forged else url,
        headers={"Content-Type": "application/json"},
        body=json.dumps(event, ensure_ascii=False).encode(),
    )


def _success(data: Any) -> Answer:
    return json_answer({"status": "success", "code": "00", "data": data})
