"""SpeedSMS.vn: SMS under a registered brandname.

There is no idempotency key, and a lost answer takes the only id with it: such a message is never
found again. Reports are unsigned, and what the status query answers is not public; so a report is
believed for the secret in its path, and only an account whose owner has the meaning of the query
confirmed (`status_query`) checks reports against it. Texts that people send come to the same
webhook, by what clients show without an id and unsigned; no page of SpeedSMS describes them.
Source: speedsms.vn/sms-api; clients alexzvn/speedsms-api and others for the webhook.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from gateway.domain.balance import Balance
from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import SentMessage, SmsBody, Submission
from gateway.domain.outcome import Accepted, Deferred, Missing, Outcome, Reason, Receipt, Verdict
from gateway.errors import DirectoryError
from gateway.providers.contract import (
    AccountAccess,
    IncomingText,
    NotAReceipt,
    ReceiptRequest,
    Terms,
)
from gateway.providers.endings import account, again, by_http_status, coded, message, recipient
from gateway.providers.fields import amount, whole, word
from gateway.providers.outbound import LONGEST_RETRY_AFTER_S, BadReply, Call, Door, Reply

TAKEN, REFUSED = "success", "error"

CODES: Mapping[str, Outcome] = {
    # the recipient
    "105": recipient(Reason.PHONE_INVALID),
    # the message
    "110": message(Reason.CONTENT_REFUSED),
    "113": message(Reason.CONTENT_REFUSED),
    # the account. Phone and text have codes of their own, so what is wrong with the parameters is
    # what stands in every request: sms_type or sender. Clients see 101 as "sender not found".
    "007": account(Reason.ACCOUNT_MISCONFIGURED),
    "008": account(Reason.ACCOUNT_MISCONFIGURED),
    "009": account(Reason.ACCOUNT_MISCONFIGURED),
    "101": account(Reason.ACCOUNT_MISCONFIGURED),
    "300": account(Reason.WALLET_EMPTY),
    # the moment: "please try again"
    "500": again(Reason.PROVIDER_UNAVAILABLE),
}
INVALID_PHONE = replace(recipient(Reason.PHONE_INVALID), code="invalidPhone")

# Statuses of a report: 0 is success, less than 64 a failure that the network still works on.
DELIVERED, FIRST_FINAL_FAILURE = 0, 64

SEND_PATH = "/index.php/sms/send"
STATUS_PATH = "/index.php/sms/status/"
INFO_PATH = "/index.php/user/info"
BRANDNAME = "3"
AS_REPORTS = "as_reports"
REPORT = "report"


class Speedsms:
    # A report tells what the network says; nobody documents that it comes from the handset.
    terms = Terms(
        channel=Channel.SMS,
        receipts=Receipts.NETWORK,
        query_by=QueryBy.PROVIDER_ID,
        needs_secrets=("access_token", "callback_token"),
    )

    def __init__(self, access: AccountAccess, door: Door) -> None:
        self._door = door
        self._timeout_s = access.timeout_s
        self._base_url = access.base_url
        self._login = (access.secrets["access_token"], "x")
        self._callback_token = access.secrets["callback_token"]
        self._fixed_fields = {"sms_type": _sms_type(access), "sender": access.sender}
        self._can_ask = access.settings.get("status_query") == AS_REPORTS

    async def send(self, submission: Submission) -> Outcome:
        body = submission.body
        assert isinstance(body, SmsBody)
        fields = self._fixed_fields | {
            "to": [submission.phone.e164.removeprefix("+")],
            "content": body.text,
        }
        reply = await self._door.request(self._call("POST", SEND_PATH, fields))
        return _by_status(reply) or _ending(reply.json(), body.segments)

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        if sent.provider_id is None or not self._can_ask:
            return None
        reply = await self._door.request(
            self._call("GET", STATUS_PATH + quote(sent.provider_id, safe=""))
        )
        if reply.status != 200:
            return None
        answer = reply.json()
        status = _status_of(answer.get("data"), sent.phone.e164)
        if answer.get("status") != TAKEN or status is None:
            return None
        return _receipt(status, reference=sent.reference, provider_id=sent.provider_id)

    async def balance(self) -> Balance | None:
        """The documentation shows the bare answer, clients find it under `data`."""
        reply = await self._door.request(self._call("GET", INFO_PATH))
        if reply.status != 200:
            return None
        answer = reply.json()
        told = answer.get("data", answer)
        if answer.get("status", TAKEN) != TAKEN or not isinstance(told, dict):
            return None
        left = amount(told, "balance")
        return None if left is None else Balance(amount=left, currency=word(told, "currency"))

    def verify_receipt(self, request: ReceiptRequest) -> bool:
        return request.came_by(self._callback_token)

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        """Somebody's answer to a message comes the same way and reports nothing."""
        event = request.json()
        provider_id, status = word(event, "tranId"), whole(event, "status")
        if not provider_id and "content" in event:
            return ()
        if not provider_id or status is None:
            raise NotAReceipt("no tranId with a status")
        return (_receipt(status, provider_id=provider_id, needs_query=self._can_ask),)

    def read_messages(self, request: ReceiptRequest) -> Sequence[IncomingText]:
        """Clients call the type "sms" or "incoming"; what tells a text is that it has one."""
        event = request.json()
        sender, text = word(event, "phone"), event.get("content")
        if event.get("type") == REPORT or not sender or not isinstance(text, str):
            raise NotAReceipt("no phone with a content")
        return (IncomingText(id="", sender=sender, text=text),)

    def reply_in_place(self, text: str | None) -> None:  # noqa: ARG002
        """Nobody says that an answer is read."""
        return

    def _call(self, method: str, path: str, fields: Mapping[str, Any] | None = None) -> Call:
        return Call(
            method=method,
            url=self._base_url + path,
            json=fields,
            basic=self._login,
            timeout_s=self._timeout_s,
        )


def _sms_type(access: AccountAccess) -> int:
    text = access.settings.get("sms_type", BRANDNAME)
    if not (text.isascii() and text.isdecimal()):
        raise DirectoryError(f"account {access.code}: sms_type is a number from 2 to 8")
    return int(text)


def _by_status(reply: Reply) -> Outcome | None:
    ending = by_http_status(reply)
    if reply.status == 429 and isinstance(ending, Deferred) and ending.retry_after_s is None:
        return replace(ending, retry_after_s=_reset_after_s(reply))
    return ending


def _reset_after_s(reply: Reply) -> float | None:
    """How long `X-Rate-Limit-Reset` asks to wait. Whether it counts seconds or names a time is not
    documented: what is longer than a day is a time, compared with the provider's own clock."""
    text = reply.headers.get("X-Rate-Limit-Reset", "").strip()
    if not (text.isascii() and text.isdigit()):
        return None
    value = float(text)
    if value <= LONGEST_RETRY_AFTER_S:
        return value
    try:
        wait_s = value - parsedate_to_datetime(reply.headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None
    return min(max(wait_s, 0.0), LONGEST_RETRY_AFTER_S)


def _ending(answer: Mapping[str, Any], segments: int) -> Outcome:
    status, code = answer.get("status"), word(answer, "code")
    if status == TAKEN:
        return _taken(answer.get("data"), code, segments)
    if status != REFUSED or not code:
        raise BadReply("no_status")
    return coded(CODES, code) or Deferred(reason=Reason.UNKNOWN_CODE, code=code)


def _taken(data: object, code: str, segments: int) -> Outcome:
    """A success may list numbers that it was no success for, and we send to one number."""
    if not isinstance(data, dict):
        raise BadReply("no_data")
    if data.get("invalidPhone"):
        return INVALID_PHONE
    count = whole(data, "totalSMS")
    if count == 0:
        raise BadReply("nothing_sent")
    return Accepted(
        provider_id=word(data, "tranId") or None,
        code=code,
        segments=segments if count is None else count,
        cost_vnd=whole(data, "totalPrice"),
    )


def _receipt(
    status: int, *, provider_id: str, reference: str | None = None, needs_query: bool = False
) -> Receipt:
    failed = status >= FIRST_FINAL_FAILURE
    verdict = Verdict.DELIVERED if status == DELIVERED else Verdict.PROGRESS
    return Receipt(
        verdict=Verdict.FAILED if failed else verdict,
        reason=Reason.CARRIER_REJECTED if failed else None,
        reference=reference,
        provider_id=provider_id,
        code=str(status),
        needs_query=needs_query,
    )


def _status_of(data: object, e164: str) -> int | None:
    """The status of our number in the list that a query answers with."""
    entries = data if isinstance(data, list) else []
    ours = e164.removeprefix("+84")
    for entry in entries:
        if isinstance(entry, dict) and word(entry, "phone").endswith(ours):
            return whole(entry, "status")
    return None
