"""eSMS.vn: SMS under a registered brandname.

A repeated RequestId is refused with code 124, so a lost answer is resolved by asking again. Its
reports are unsigned and are only believed after a status query.
Source: developers.esms.vn, repository devesms/gitbook_esms_for_develop_v2.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.domain.balance import Balance
from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import SentMessage, SmsBody, Submission
from gateway.domain.outcome import (
    Accepted,
    Blame,
    Missing,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Unknown,
    Verdict,
)
from gateway.providers.contract import AccountAccess, NotAReceipt, ReceiptRequest, Terms
from gateway.providers.endings import account, by_http_status, coded, later, message, recipient
from gateway.providers.fields import amount, whole, word
from gateway.providers.outbound import BadReply, Call, Door

ACCEPTED, NOT_FOUND, TAKEN_BEFORE = "100", "105", "124"

CODES: Mapping[str, Outcome] = {
    ACCEPTED: Accepted(),
    TAKEN_BEFORE: Accepted(),
    # the recipient
    "99": recipient(Reason.RECIPIENT_REFUSED),
    "108": recipient(Reason.PHONE_INVALID),
    # the message
    "110": message(Reason.PARAMETER_INVALID),
    "120": message(Reason.PARAMETER_INVALID),
    "146": message(Reason.TEMPLATE_REFUSED),
    "163": message(Reason.PARAMETER_INVALID),
    "201": message(Reason.CONTENT_REFUSED),
    "210": message(Reason.PARAMETER_INVALID),
    # what belongs to advertising, recordings, hashed numbers and bulk lists
    "105": message(Reason.PARAMETER_INVALID),
    "106": message(Reason.PARAMETER_INVALID),
    "107": message(Reason.PARAMETER_INVALID),
    "115": message(Reason.PARAMETER_INVALID),
    "687": message(Reason.PARAMETER_INVALID),
    # the account; 177 depends on the recipient's network, so waiting does not help this message
    "101": account(Reason.CREDENTIALS),
    "102": account(Reason.ACCOUNT_MISCONFIGURED),
    "103": account(Reason.WALLET_EMPTY),
    "104": account(Reason.SENDER_NOT_REGISTERED),
    "118": account(Reason.ACCOUNT_MISCONFIGURED),
    "204": account(Reason.ACCOUNT_MISCONFIGURED),
    "789": account(Reason.ACCOUNT_MISCONFIGURED),
    "790": account(Reason.ACCOUNT_MISCONFIGURED),
    "791": account(Reason.ACCOUNT_MISCONFIGURED),
    "799": account(Reason.ACCOUNT_MISCONFIGURED),
    "140": account(Reason.ACCOUNT_MISCONFIGURED),
    "143": account(Reason.ACCOUNT_MISCONFIGURED),
    "177": Rejected(reason=Reason.SENDER_NOT_REGISTERED, blame=Blame.ACCOUNT),
    # the moment
    "160": later(Reason.RATE_LIMITED),
    "801": later(Reason.QUOTA),
    "802": later(Reason.QUOTA),
    # listed without a meaning; asking again under the same RequestId tells
    "199": Unknown(reason=Reason.UNKNOWN_CODE),
    "300": Unknown(reason=Reason.UNKNOWN_CODE),
    "301": Unknown(reason=Reason.UNKNOWN_CODE),
    "851": Unknown(reason=Reason.UNKNOWN_CODE),
    "854": Unknown(reason=Reason.UNKNOWN_CODE),
}

REFUSED, FINISHED = "4", "5"

# The documentation has said both "24 hours" and "until midnight" of a RequestId. Three hours after
# the last sending hour of the day (21:00) are right either way.
SURELY_REMEMBERED_S = 3 * 3600

SEND_PATH = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
STATUS_PATH = "/MainService.svc/json/GetSendStatus"
BALANCE_PATH = "/MainService.svc/json/GetBalance_json"


class Esms:
    terms = Terms(
        channel=Channel.SMS,
        receipts=Receipts.HANDSET,
        dedupe_window_s=SURELY_REMEMBERED_S,
        query_by=QueryBy.PROVIDER_ID,
        query_gives_up_after_s=300,
        needs_secrets=("api_key", "secret_key", "callback_token"),
    )

    def __init__(self, access: AccountAccess, door: Door) -> None:
        self._door = door
        self._timeout_s = access.timeout_s
        self._send_url = access.base_url + SEND_PATH
        self._status_url = access.base_url + STATUS_PATH
        self._balance_url = access.base_url + BALANCE_PATH
        self._callback_token = access.secrets["callback_token"]
        self._credentials = {
            "ApiKey": access.secrets["api_key"],
            "SecretKey": access.secrets["secret_key"],
        }
        self._fixed_fields = self._credentials | {
            "Brandname": access.sender,
            "SmsType": access.settings.get("sms_type", "2"),
            "Sandbox": access.settings.get("sandbox", "0"),
        }

    async def send(self, submission: Submission) -> Outcome:
        body = submission.body
        assert isinstance(body, SmsBody)
        fields = self._fixed_fields | {
            "Phone": "0" + submission.phone.e164.removeprefix("+84"),
            "Content": body.text,
            "IsUnicode": "1" if body.accented else "0",
            "RequestId": submission.reference,
            "CallbackUrl": submission.callback_url,
        }
        call = Call(method="POST", url=self._send_url, json=fields, timeout_s=self._timeout_s)
        reply = await self._door.request(call)
        return by_http_status(reply) or _ending(reply.json(), body.segments)

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        if sent.provider_id is None:
            return None
        params = self._credentials | {"RefId": sent.provider_id}
        call = Call(method="GET", url=self._status_url, params=params, timeout_s=self._timeout_s)
        reply = await self._door.request(call)
        if reply.status != 200:
            return None
        status = reply.json()
        # This call alone is documented to name its code differently.
        code = word(status, "CodeResponse") or word(status, "CodeResult")
        if code == NOT_FOUND:
            return Missing()
        if code != ACCEPTED:
            return None
        return _receipt(status, reference=sent.reference, provider_id=sent.provider_id)

    async def balance(self) -> Balance | None:
        """Of the main account; a refusal says 0, too."""
        fields, timeout_s = self._credentials, self._timeout_s
        call = Call(method="POST", url=self._balance_url, json=fields, timeout_s=timeout_s)
        reply = await self._door.request(call)
        if reply.status != 200 or word(answer := reply.json(), "CodeResponse") != ACCEPTED:
            return None
        left = amount(answer, "Balance")
        return None if left is None else Balance(amount=left, currency="VND")

    def verify_receipt(self, request: ReceiptRequest) -> bool:
        return request.came_by(self._callback_token)

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        report = request.query
        provider_id, reference = report.get("SMSID") or None, report.get("RequestId") or None
        if "SendStatus" not in report or not (provider_id or reference):
            raise NotAReceipt("no SMSID or RequestId with a SendStatus")
        return [_receipt(report, reference=reference, provider_id=provider_id, needs_query=True)]


def _ending(answer: Mapping[str, Any], segments: int) -> Outcome:
    code = word(answer, "CodeResult")
    if not code:
        raise BadReply("no_code")
    if code in (ACCEPTED, TAKEN_BEFORE):
        provider_id = word(answer, "SMSID") or None
        return Accepted(provider_id=provider_id, code=code, segments=segments)
    # Asking again under the same RequestId is safe, so an unlisted code costs nothing to resolve.
    return coded(CODES, code) or Unknown(reason=Reason.UNKNOWN_CODE, code=code)


def _receipt(
    report: Mapping[str, Any],
    *,
    reference: str | None,
    provider_id: str | None,
    needs_query: bool = False,
) -> Receipt:
    verdict, reason = _verdict(report)
    return Receipt(
        verdict=verdict,
        reason=reason,
        reference=reference,
        provider_id=provider_id,
        code=word(report, "SendStatus"),
        cost_vnd=whole(report, "TotalPrice"),
        needs_query=needs_query,
    )


def _verdict(report: Mapping[str, Any]) -> tuple[Verdict, Reason | None]:
    """Status 5 only means finished; the two counters say how."""
    status = word(report, "SendStatus")
    if status == FINISHED and whole(report, "SendSuccess"):
        return Verdict.DELIVERED, None
    if status == REFUSED or (status == FINISHED and whole(report, "SendFailed")):
        return Verdict.FAILED, Reason.CARRIER_REJECTED
    return Verdict.PROGRESS, None
