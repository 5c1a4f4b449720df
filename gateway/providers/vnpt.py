"""VNPT (VinaPhone) SMS brandname: registered templates with positional parameters, no free text.

Asking again may send again: that a repeated REQID is refused is only told of the interface for
banks. Nothing is reported; a status can be asked for, whose answer is not documented.
Source: public clients of /smsbn/api and /smsmarketing/api, with the error tables they carry.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.hours import ZONE
from gateway.domain.message import SentMessage, SmsBody, Submission
from gateway.domain.outcome import (
    Accepted,
    Blame,
    Deferred,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Unknown,
    Verdict,
)
from gateway.providers.contract import AccountAccess, NotAReceipt, ReceiptRequest, Terms
from gateway.providers.endings import account, by_http_status, coded, later, message, recipient
from gateway.providers.fields import word
from gateway.providers.outbound import BadReply, Call, Door, Reply

TAKEN, DUPLICATE = "0", "33"

CODES: Mapping[str, Outcome] = {
    TAKEN: Accepted(),
    # the recipient; 23 also stands for several operators in one request, and we send one number
    "23": recipient(Reason.PHONE_INVALID),
    # the message
    "2": message(Reason.PARAMETER_INVALID),
    "7": message(Reason.TEMPLATE_REFUSED),
    "11": message(Reason.PARAMETER_INVALID),
    "17": message(Reason.PARAMETER_INVALID),
    "24": message(Reason.PARAMETER_INVALID),
    "27": message(Reason.PARAMETER_INVALID),
    "28": message(Reason.PARAMETER_INVALID),
    "30": message(Reason.CONTENT_REFUSED),
    "32": message(Reason.TEMPLATE_REFUSED),
    # the account; 25 depends on the recipient's operator, so waiting does not help this message
    "1": account(Reason.CREDENTIALS),
    "3": account(Reason.ACCOUNT_MISCONFIGURED),
    "9": account(Reason.ACCOUNT_MISCONFIGURED),
    "10": account(Reason.ACCOUNT_MISCONFIGURED),
    "13": account(Reason.ACCOUNT_MISCONFIGURED),
    "14": account(Reason.SENDER_NOT_REGISTERED),
    "15": account(Reason.ACCOUNT_MISCONFIGURED),
    "20": account(Reason.WALLET_EMPTY),
    "21": account(Reason.WALLET_EMPTY),
    "22": account(Reason.WALLET_EMPTY),
    "29": account(Reason.SENDER_NOT_REGISTERED),
    "31": account(Reason.ACCOUNT_MISCONFIGURED),
    "25": Rejected(reason=Reason.SENDER_NOT_REGISTERED, blame=Blame.ACCOUNT),
    # the moment
    "8": later(Reason.NIGHT),
    "12": later(Reason.NIGHT),
    "16": later(Reason.RATE_LIMITED),
    "26": later(Reason.QUOTA),
    # may have been sent: an internal error, or a REQID that was used before
    "-1": Unknown(reason=Reason.UNKNOWN_CODE),
    DUPLICATE: Unknown(reason=Reason.UNKNOWN_CODE),
}


class Vnpt:
    terms = Terms(
        channel=Channel.SMS,
        receipts=Receipts.NONE,
        query_by=QueryBy.OUR_REFERENCE,
        # Code -1 also means one of the five characters that XML has for itself.
        refused_characters="<>&'\"",
        needs_registration=True,
        needs_settings=("agent_id", "contract_id", "label_id", "user_name"),
        needs_secrets=("api_user", "api_pass"),
        # It follows the host at once: one that begins with "@" would name another host.
        address_settings=("path",),
    )

    def __init__(self, access: AccountAccess, door: Door) -> None:
        settings = access.settings
        self._settings = settings
        self._door = door
        self._url = access.base_url + settings.get("path", "/smsbn/api")
        self._timeout_s = access.timeout_s
        self._takes_duplicate_for_taken = settings.get("duplicate_is_accepted", "0") == "1"
        self._has_status = settings.get("status_api", "0") == "1"
        self._account = {
            "CONTRACTID": settings["contract_id"],
            "AGENTID": settings["agent_id"],
            "APIUSER": access.secrets["api_user"],
            "APIPASS": access.secrets["api_pass"],
        }
        self._fixed_fields = self._account | {
            "LABELID": settings["label_id"],
            "CONTRACTTYPEID": settings.get("contract_type_id", "1"),
            "USERNAME": settings["user_name"],
            "ISTELCOSUB": settings.get("is_telco_sub", "0"),
            "SALEORDERID": settings.get("sale_order_id", ""),
            "PACKAGEID": settings.get("package_id", ""),
            "SCHEDULETIME": "",
        }

    async def send(self, submission: Submission) -> Outcome:
        body, registered = submission.body, submission.registered
        assert isinstance(body, SmsBody)
        if registered is None:
            return Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="no_registration")
        params = [
            {"NUM": str(place), "CONTENT": text}
            for place, text in enumerate(registered.params, start=1)
        ]
        fields = self._fixed_fields | {
            "REQID": request_id(submission.reference),
            "TEMPLATEID": registered.id,
            "PARAMS": params,
            "MOBILELIST": submission.phone.e164.removeprefix("+"),
            "DATACODING": "8" if body.accented else "0",
        }
        reply = await self._asked("send_sms_list", fields)
        if ended := by_http_status(reply):
            return ended
        code = word(_told(reply), "ERROR")
        if not code:
            raise BadReply("no_code")
        if code == TAKEN or (code == DUPLICATE and self._takes_duplicate_for_taken):
            return Accepted(code=code, segments=body.segments)
        return coded(CODES, code) or Unknown(reason=Reason.UNKNOWN_CODE, code=code)

    async def query(self, sent: SentMessage) -> Receipt | None:
        """Only the values that the account's settings name say anything about the message."""
        if not self._has_status:
            return None
        sent_at = datetime.fromtimestamp(sent.sent_at_s, ZONE)
        time_format = self._settings.get("status_time_format", "%d-%m-%Y %H:%M")
        fields = self._account | {
            "REQID": request_id(sent.reference),
            "SENDTIME": sent_at.strftime(time_format),
        }
        reply = await self._asked("get_sms_status_api", fields)
        if reply.status != 200:
            return None
        code = word(_told(reply), self._settings.get("status_field", "STATUS"))
        if not code:
            return None
        if code == self._settings.get("status_delivered"):
            return Receipt(verdict=Verdict.DELIVERED, reference=sent.reference, code=code)
        if code == self._settings.get("status_failed"):
            failed, why = Verdict.FAILED, Reason.CARRIER_REJECTED
            return Receipt(verdict=failed, reason=why, reference=sent.reference, code=code)
        return None

    def verify_receipt(self, request: ReceiptRequest) -> bool:  # noqa: ARG002
        return False

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:  # noqa: ARG002
        raise NotAReceipt("VNPT reports nothing")

    async def _asked(self, name: str, fields: Mapping[str, Any]) -> Reply:
        asked = {"RQST": {"name": name, **fields}}
        call = Call(method="POST", url=self._url, json=asked, timeout_s=self._timeout_s)
        return await self._door.request(call)


def request_id(reference: str) -> str:
    """At most 18 digits, the same for the same message. Clients in the field send digits and
    letters, up to 15 of them; what is allowed is not documented."""
    return str(int(reference[:15], 16) % 10**18)


def _told(reply: Reply) -> Mapping[str, Any]:
    told = reply.json().get("RPLY")
    if not isinstance(told, dict):
        raise BadReply("no_code")
    return told
