"""Infobip: SMS under a registered sender, over its API version 3.

Our reference is the message's id, so a lost answer is resolved by looking it up in the account's
log. It is no idempotency key: nothing promises that a second submission under it is refused.
Reports are unsigned and checked against the log, unless the account's own subscription sends them
with credentials, which only a subscription can. Texts that people send come to the address that
the number has in Infobip's portal; that they carry the same credentials is a setting there.
Source: infobip.com/docs, OpenAPI of the SMS API, 3.210; infobip.com/docs/api, inbound SMS.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from hmac import compare_digest
from typing import Any

import orjson

from gateway.domain.balance import Balance
from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import SentMessage, SmsBody, Submission
from gateway.domain.outcome import Accepted, Deferred, Missing, Outcome, Reason, Receipt, Unknown
from gateway.providers.contract import (
    AccountAccess,
    IncomingText,
    NotAReceipt,
    ReceiptRequest,
    Terms,
)
from gateway.providers.endings import by_http_status, coded
from gateway.providers.fields import amount, word
from gateway.providers.infobip_report import (
    ACCEPTED,
    DELIVERED,
    PENDING,
    REJECTED,
    STATUSES,
    TAKEN_BEFORE,
    UNDELIVERABLE,
    number,
    part,
    parts,
    receipt,
)
from gateway.providers.outbound import BadReply, Call, Door, Reply

SEND_PATH = "/sms/3/messages"
LOGS_PATH = "/sms/3/logs"
BALANCE_PATH = "/account/1/balance"

# An hour less than Infobip's 48, for clocks that differ.
SURELY_LOGGED_S = 47 * 3600


class Infobip:
    # Foreign routes into Vietnam know at best what the operator's message centre acknowledges.
    terms = Terms(
        channel=Channel.SMS,
        receipts=Receipts.NETWORK,
        query_by=QueryBy.OUR_REFERENCE,
        query_gives_up_after_s=300,
        needs_secrets=("api_key", "callback_token"),
        proof_headers=("Authorization",),
    )

    def __init__(self, access: AccountAccess, door: Door) -> None:
        settings, secrets = access.settings, access.secrets
        self._door = door
        self._timeout_s = access.timeout_s
        self._base_url = access.base_url
        self._sender = access.sender
        self._headers = {"Authorization": f"App {secrets['api_key']}"}
        self._callback_token = secrets["callback_token"]
        self._callback_login = _basic(secrets.get("callback_basic", ""))
        self._operator_is_delivery = settings.get("delivered_by", "handset") == "operator"
        transliteration = settings.get("transliteration")
        self._content = {"transliteration": transliteration} if transliteration else {}

    async def send(self, submission: Submission) -> Outcome:
        body = submission.body
        assert isinstance(body, SmsBody)
        to = submission.phone.e164.removeprefix("+")
        one = {
            "sender": self._sender,
            "destinations": [{"to": to, "messageId": submission.reference}],
            "content": self._content | {"text": body.text},
            "webhooks": self._webhooks(submission),
        }
        fields = {"messages": [one], "options": {"includeSmsCountInResponse": True}}
        reply = await self._door.request(self._call("POST", SEND_PATH, json=fields))
        return by_http_status(reply) or _ending(reply.json(), body.segments)

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        wanted = {"messageId": sent.reference}
        reply = await self._door.request(self._call("GET", LOGS_PATH, params=wanted))
        if reply.status != 200:
            return None
        answer = reply.json()
        if not isinstance(answer.get("results"), list):
            raise BadReply("no_results")
        entries = [
            entry
            for entry in parts(answer, "results")
            if word(entry, "messageId") == sent.reference
        ]
        if not entries:
            return Missing() if _is_logged_still(reply, sent) else None
        # A submission under a reference that was used before has an entry of its own.
        told = [one for one in entries if number(part(one, "status"), "id") != TAKEN_BEFORE]
        return self._receipt(told[0], sent.reference) if told else None

    async def balance(self) -> Balance | None:
        reply = await self._door.request(self._call("GET", BALANCE_PATH))
        if reply.status != 200:
            return None
        answer = reply.json()
        left = amount(answer, "balance")
        return None if left is None else Balance(amount=left, currency=word(answer, "currency"))

    def verify_receipt(self, request: ReceiptRequest) -> bool:
        """The account's credentials for reports, where it has some, come on top of the path."""
        token, login = self._callback_token, self._callback_login
        known = request.came_by(token)
        given = request.header("Authorization")
        return known and (not login or compare_digest(given.encode(), login.encode()))

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        """One unreadable report does not take the others with it."""
        pushed = _pushed(request)
        results = parts(pushed, "results")
        told = [one for one in results if word(one, "messageId") and part(one, "status")]
        if pushed["results"] and not told:
            raise NotAReceipt("no messageId with a status")
        unsigned = not self._callback_login
        return [
            self._receipt(one, word(one, "callbackData") or word(one, "messageId"), unsigned)
            for one in told
        ]

    def read_messages(self, request: ReceiptRequest) -> Sequence[IncomingText]:
        """Texts in the format MO_JSON_2, several in one request."""
        results = parts(_pushed(request), "results")
        found = [
            IncomingText(id=word(one, "messageId"), sender=word(one, "from"), text=one["text"])
            for one in results
            if word(one, "messageId") and word(one, "from") and isinstance(one.get("text"), str)
        ]
        if not found:
            raise NotAReceipt("no messageId with a from and a text")
        return found

    def reply_in_place(self, text: str | None) -> None:  # noqa: ARG002
        """An answer is not read."""
        return

    def _receipt(
        self, report: Mapping[str, Any], reference: str, needs_query: bool = False
    ) -> Receipt:
        return receipt(
            report,
            reference,
            operator_is_delivery=self._operator_is_delivery,
            needs_query=needs_query,
        )

    def _webhooks(self, submission: Submission) -> dict[str, Any]:
        """An address in the request would stand in for the subscription and its credentials. The
        reference travels twice, because an id may be reported in another spelling."""
        webhooks = {"contentType": "application/json", "callbackData": submission.reference}
        if self._callback_login:
            return dict(webhooks)
        return webhooks | {"delivery": {"url": submission.callback_url}}

    def _call(self, method: str, path: str, **content: Any) -> Call:
        url, timeout_s = self._base_url + path, self._timeout_s
        return Call(method=method, url=url, headers=self._headers, timeout_s=timeout_s, **content)


def _ending(answer: Mapping[str, Any], segments: int) -> Outcome:
    one = next(iter(parts(answer, "messages")), {})
    status = part(one, "status")
    group, code = number(status, "groupId"), number(status, "id")
    if group is None or code is None:
        raise BadReply("no_status")
    if group in (ACCEPTED, PENDING, DELIVERED):
        count = number(part(one, "details"), "messageCount")
        return Accepted(
            provider_id=word(one, "messageId") or None, code=str(code), segments=count or segments
        )
    return coded(STATUSES, code) or _unlisted(group, str(code))


def _unlisted(group: int, code: str) -> Outcome:
    if group in (UNDELIVERABLE, REJECTED):
        return Deferred(reason=Reason.UNKNOWN_CODE, code=code)
    return Unknown(reason=Reason.UNKNOWN_CODE, code=code)


def _is_logged_still(reply: Reply, sent: SentMessage) -> bool:
    """Whether a message of that age would stand in the log, by the provider's own clock."""
    try:
        now_s = parsedate_to_datetime(reply.headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return False
    return now_s - sent.sent_at_s < SURELY_LOGGED_S


def _pushed(request: ReceiptRequest) -> Mapping[str, Any]:
    try:
        pushed = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise NotAReceipt("not JSON") from None
    if not isinstance(pushed, dict) or not isinstance(pushed.get("results"), list):
        raise NotAReceipt("no results")
    return pushed


def _basic(login: str) -> str:
    """The header that "user:password" comes as; empty for none."""
    return f"Basic {b64encode(login.encode()).decode()}" if login else ""
