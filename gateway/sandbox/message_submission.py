"""One SMS handed to the simulated Twilio: whether it is right, how it is described, and what is
reported of it.

Source: twilio/twilio-oai, twilio_api_v2010; twilio.com/docs/messaging.
"""

import secrets
from collections.abc import Mapping
from functools import partial
from time import time
from typing import Any

from gateway.sandbox.archive import Sent
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.course import Notice, Word
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import SmsBubble
from gateway.sandbox.phone import is_landline
from gateway.sandbox.postman import Letter
from gateway.sandbox.segments import segments
from gateway.sandbox.twilio_account import TwilioAccount, respelled, rfc_2822
from gateway.sandbox.twilio_wire import (
    NUMBER,
    Invalid,
    coded_refusal,
    is_url,
    refusal,
)
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World, now

PARAMETERS = (
    *("To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ValidityPeriod"),
    *("MaxPrice", "SmartEncoded", "ContentRetention", "AddressRetention", "RiskCheck"),
    *("ProvideFeedback", "Attempt", "ForceDelivery", "ShortenUrls", "TrafficType"),
)
LONGEST_BODY = 1600
STATUSES = {None: "queued", Word.SENT: "sent", Word.DELIVERED: "delivered"}
UNDELIVERED, UNREACHABLE = "undelivered", 30003


class MessageSubmission:
    def __init__(self, world: World, account: TwilioAccount, fields: Mapping[str, str]) -> None:
        self._world = world
        self._account = account
        self._fields = fields
        self._sid = "SM" + secrets.token_hex(16)
        self.entry = Entry(
            provider="twilio_sms",
            account=account.code,
            reference=account.reference_in(fields.get("StatusCallback", "")) or self._sid,
            phone=fields["To"].removeprefix("+"),
            content=fields["Body"],
        )

    def refuse(self, fault: Fault) -> Answer | None:
        return refusal(fault)

    def refuse_with(self, code: str) -> Answer:
        return coded_refusal(code)

    async def take(self, fault: Fault, row: Row) -> Answer:
        sent = self._sent(fault)
        self._account.messages.add(sent)
        bubble = SmsBubble(at=now(), sender=sent.sender, text=sent.text, segments=sent.segments)
        self._world.hand_over(row, sent.phone, sent.course, bubble)
        answer = json_answer(resource(sent, self._account, None), 201)
        if sent.callback:
            write = partial(_letter, sent, self._account)
            await self._world.report(self._account, sent.course, write)
        return answer

    def _sent(self, fault: Fault) -> Sent:
        return Sent(
            id=self._sid,
            reference=self.entry.reference,
            phone=self.entry.phone,
            sender=self._fields.get("From") or self._fields["MessagingServiceSid"],
            text=self._fields["Body"],
            segments=segments(self._fields["Body"]),
            taken_at=time(),
            course=self._world.course(self._account, fault),
            callback=self._fields.get("StatusCallback", ""),
        )


def check(fields: Mapping[str, str], account: TwilioAccount) -> None:
    """Raises Invalid."""
    to, sender = fields.get("To"), fields.get("From") or fields.get("MessagingServiceSid")
    body = fields.get("Body", "")
    if not to:
        raise Invalid(21604)
    if not sender:
        raise Invalid(21603)
    if not body:
        raise Invalid(21602)
    if not NUMBER.fullmatch(to):
        raise Invalid(21211)
    if is_landline(to.removeprefix("+")):
        raise Invalid(21614)
    if sender not in account.setting.senders:
        raise Invalid(21606)
    if len(body) > LONGEST_BODY:
        raise Invalid(21617)
    if fields.get("StatusCallback") and not is_url(fields["StatusCallback"]):
        raise Invalid(21609)
    validity = fields.get("ValidityPeriod", "1")
    if not validity.isdigit() or not 1 <= int(validity) <= 36_000:
        raise Invalid(20001)


def _status(sent: Sent, word: Word | None) -> str:
    if word is None and sent.sender.startswith("MG"):
        return "accepted"
    return STATUSES.get(word, UNDELIVERED)


def sent_at(sent: Sent, word: Word | None) -> float | None:
    return sent.taken_at + sent.course[0].after_s if word else None


def resource(sent: Sent, account: TwilioAccount, word: Word | None) -> dict[str, Any]:
    left_at = sent_at(sent, word)
    in_service = sent.sender.startswith("MG")
    uri = f"{account.path}/Messages/{sent.id}"
    return {
        "account_sid": account.setting.account_sid,
        "api_version": "2010-04-01",
        "body": sent.text,
        "date_created": rfc_2822(sent.taken_at),
        "date_sent": rfc_2822(left_at),
        "date_updated": rfc_2822(left_at or sent.taken_at),
        "direction": "outbound-api",
        "error_code": UNREACHABLE if word is Word.FAILED else None,
        "error_message": None,
        "from": None if in_service else sent.sender,
        "messaging_service_sid": sent.sender if in_service else None,
        "num_media": "0",
        "num_segments": str(sent.segments),
        "price": None,
        "price_unit": "USD",
        "sid": sent.id,
        "status": _status(sent, word),
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": f"+{sent.phone}",
        "uri": f"{uri}.json",
    }


def _letter(sent: Sent, account: TwilioAccount, notice: Notice) -> Letter:
    status = _status(sent, notice.word)
    sid = respelled(sent.id) if notice.respelled else sent.id
    url = sent.callback
    if notice.foreign:
        sid, url = "SM" + secrets.token_hex(16), url.partition("?")[0]
    form = {
        "AccountSid": account.setting.account_sid,
        "ApiVersion": "2010-04-01",
        "From": sent.sender,
        "MessageSid": sid,
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "To": f"+{sent.phone}",
    }
    if notice.word is Word.FAILED:
        form["ErrorCode"] = str(UNREACHABLE)
    return account.letter(url, form, forged=notice.forged)
