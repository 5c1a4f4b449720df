"""What stands in the requests, answers and reports of the simulated Infobip.

Source: infobip.com/docs, OpenAPI of the SMS API, 3.210; response status and error codes.
"""

import json
import secrets
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import time
from typing import Any
from urllib.parse import urlsplit

from gateway.sandbox.archive import Sent
from gateway.sandbox.course import Notice, Word
from gateway.sandbox.faults import Fault
from gateway.sandbox.forgery import guessed
from gateway.sandbox.incoming import Text
from gateway.sandbox.phone import is_mobile
from gateway.sandbox.postman import Letter
from gateway.sandbox.prepaid import PrepaidSetting
from gateway.sandbox.wire import Answer, json_answer

GROUPS = ("ACCEPTED", "PENDING", "UNDELIVERABLE", "DELIVERED", "EXPIRED", "REJECTED")
PENDING_ACCEPTED, TAKEN_BEFORE = 26, 23
# The group and the name of each status; a status of no known name is a rejection.
STATUSES: Mapping[int, tuple[int, str]] = {
    2: (3, "DELIVERED_TO_OPERATOR"),
    4: (2, "UNDELIVERABLE_REJECTED_OPERATOR"),
    5: (3, "DELIVERED_TO_HANDSET"),
    9: (2, "UNDELIVERABLE_NOT_DELIVERED"),
    11: (5, "REJECTED_SOURCE"),
    12: (5, "REJECTED_NOT_ENOUGH_CREDITS"),
    14: (5, "REJECTED_DESTINATION_BLOCKLISTED"),
    15: (4, "EXPIRED_EXPIRED"),
    TAKEN_BEFORE: (5, "REJECTED_DUPLICATE_MESSAGE_ID"),
    25: (5, "REJECTED_MESSAGE_TOO_LONG"),
    PENDING_ACCEPTED: (1, "PENDING_ACCEPTED"),
    29: (4, "EXPIRED_DLR_UNKNOWN"),
    31: (2, "UNDELIVERABLE_NOT_SENT"),
    52: (5, "REJECTED_DESTINATION"),
}
BY_WORD: Mapping[Word | None, int] = {Word.SENT: 2, Word.DELIVERED: 5, Word.FAILED: 9}
NO_ERROR = {"groupId": 0, "groupName": "OK", "id": 0, "name": "NO_ERROR", "permanent": False}
ABSENT = {
    "groupId": 1,
    "groupName": "HANDSET_ERRORS",
    "id": 27,
    "name": "EC_ABSENT_SUBSCRIBER",
    "permanent": False,
}
REFUSALS: Mapping[Fault, int] = {Fault.WALLET_EMPTY: 12, Fault.BLOCKED: 14}

MESSAGE = frozenset({"sender", "destinations", "content", "options", "webhooks"})
DESTINATION = frozenset({"to", "messageId"})
CONTENT = frozenset({"text", "transliteration", "language"})
WEBHOOKS = frozenset({"delivery", "contentType", "callbackData"})
DELIVERY = frozenset({"url", "intermediateReport", "notify"})
OPTIONS = frozenset({"schedule", "tracking", "includeSmsCountInResponse", "conversionTracking"})
SCRIPTS = frozenset(
    (
        *("NONE", "TURKISH", "GREEK", "CYRILLIC", "SERBIAN_CYRILLIC", "BULGARIAN_CYRILLIC"),
        *("CENTRAL_EUROPEAN", "BALTIC", "NON_UNICODE", "PORTUGUESE", "COLOMBIAN", "ALL"),
    )
)
LONGEST_ID, LONGEST_CALLBACK_DATA, LONGEST_TEXT_BYTES = 200, 4000, 4000
TRIES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class InfobipSetting(PrepaidSetting):
    """`subscription_url` is where reports go whose request names no address, with the login
    `subscription_basic` ("user:password") if there is one. `inbound_url` is what the account's
    `number` has in the portal for texts to it; they come with the same login."""

    api_key: str = field(repr=False)
    senders: tuple[str, ...]
    subscription_url: str = field(default="", repr=False)
    subscription_basic: str = field(default="", repr=False)
    price: float = 900.0
    currency: str = "VND"
    number: str = ""
    inbound_url: str = field(default="", repr=False)


class Invalid(Exception):
    """The request cannot be processed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """The one message of a request. One a request, because that is what the books know."""

    message_id: str
    to: str
    sender: str
    text: str
    url: str
    callback_data: str
    counted: bool

    @property
    def mistake(self) -> int | None:
        """The status that such a message is rejected with by itself."""
        if not is_mobile(self.to):
            return 52
        return 25 if len(self.text.encode()) > LONGEST_TEXT_BYTES else None


def wish(body: bytes) -> Wish:
    """Raises Invalid."""
    try:
        request = json.loads(body)
    except ValueError:
        raise Invalid from None
    _known(request, {"messages", "options"})
    message = _only(request.get("messages"), MESSAGE)
    destination = _only(message.get("destinations"), DESTINATION)
    content = _known(message.get("content"), CONTENT)
    webhooks = _known(message.get("webhooks", {}), WEBHOOKS)
    url = _known(webhooks.get("delivery", {}), DELIVERY).get("url", "")
    options = _known(request.get("options", {}), OPTIONS)
    if content.get("transliteration", "NONE") not in SCRIPTS:
        raise Invalid
    if webhooks.get("contentType", "application/json") != "application/json":
        raise Invalid
    if url and urlsplit(_text(url)).scheme not in ("http", "https"):
        raise Invalid
    return Wish(
        message_id=_text(destination.get("messageId", secrets.token_hex(16)), LONGEST_ID),
        to=_text(destination.get("to"), 64),
        sender=_text(message.get("sender")),
        text=_text(content.get("text")),
        url=url,
        callback_data=_text(webhooks.get("callbackData", "-"), LONGEST_CALLBACK_DATA),
        counted=options.get("includeSmsCountInResponse") is True,
    )


def _known(value: Any, names: Iterable[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() - set(names):
        raise Invalid
    return value


def _only(value: Any, names: Iterable[str]) -> dict[str, Any]:
    if not isinstance(value, list) or len(value) != 1:
        raise Invalid
    return _known(value[0], names)


def _text(value: Any, longest: int = 100_000) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Invalid
    return value


def status(code: int) -> dict[str, Any]:
    group, name = STATUSES.get(code, (5, "REJECTED"))
    return {
        "groupId": group,
        "groupName": GROUPS[group],
        "id": code,
        "name": name,
        "description": name.replace("_", " ").capitalize(),
    }


def answer(wish: Wish, code: int, count: int | None = None) -> Answer:
    message = {"messageId": wish.message_id, "status": status(code), "destination": wish.to}
    details = {"details": {"messageCount": count}} if wish.counted and count else {}
    return json_answer({"bulkId": secrets.token_hex(10), "messages": [message | details]})


def balance(setting: InfobipSetting, left: float) -> Answer:
    return json_answer({"balance": left, "currency": setting.currency})


def failure(http_status: int, description: str) -> Answer:
    told = {
        "errorCode": f"E{http_status}",
        "description": description,
        "action": "Check the resources and adjust the request.",
        "violations": [],
        "resources": [],
    }
    return json_answer(told, http_status)


def log_entry(sent: Sent, setting: InfobipSetting) -> dict[str, Any]:
    entry = _about(sent, setting, sent.word())
    return entry | {"destination": sent.phone, "content": {"text": sent.text}, "mccMnc": "45204"}


def letter(sent: Sent, setting: InfobipSetting, callback_data: str, notice: Notice) -> Letter:
    """The report of `notice`; about somebody else's message, neither id nor data are ours."""
    report = _about(sent, setting, notice.word) | {
        "to": sent.phone,
        "callbackData": secrets.token_hex(16) if notice.foreign else callback_data,
    }
    if notice.foreign or notice.respelled:
        report["messageId"] = secrets.token_hex(16) if notice.foreign else sent.id.upper()
    subscribed = sent.callback == setting.subscription_url
    headers = _headers(setting.subscription_basic if subscribed else "")
    return Letter(
        url=guessed(sent.callback) if notice.forged else sent.callback,
        headers=headers,
        body=json.dumps({"results": [report]}, ensure_ascii=False).encode(),
        tries=TRIES,
    )


def incoming(text: Text, setting: InfobipSetting) -> Letter:
    """A person's text, in the format MO_JSON_2."""
    told = {
        "messageId": text.id,
        "from": text.phone,
        "to": setting.number,
        "text": text.text,
        "cleanText": text.text,
        "keyword": "",
        "receivedAt": _moment(time()),
        "smsCount": 1,
        "price": {"pricePerMessage": 0, "currency": setting.currency},
        "callbackData": "",
    }
    pushed = {"results": [told], "messageCount": 1, "pendingMessageCount": 0}
    url = setting.inbound_url
    return Letter(
        url=guessed(url) if text.forged else url,
        headers=_headers(setting.subscription_basic),
        body=json.dumps(pushed, ensure_ascii=False).encode(),
        tries=TRIES,
    )


def _headers(login: str) -> dict[str, str]:
    basic = {"Authorization": f"Basic {b64encode(login.encode()).decode()}"} if login else {}
    return {"Content-Type": "application/json", **basic}


def _about(sent: Sent, setting: InfobipSetting, word: Word | None) -> dict[str, Any]:
    at = _moment(sent.taken_at)
    return {
        "bulkId": sent.reference,
        "messageId": sent.id,
        "sender": sent.sender,
        "sentAt": at,
        "doneAt": at,
        "messageCount": sent.segments,
        "price": {"pricePerMessage": setting.price, "currency": setting.currency},
        "status": status(BY_WORD.get(word, PENDING_ACCEPTED)),
        "error": ABSENT if word is Word.FAILED else NO_ERROR,
    }


def _moment(at: float) -> str:
    """Infobip writes the zone without a colon."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"
