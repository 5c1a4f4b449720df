"""Viettel bulk SMS (SOAP): SMS under a brandname, refused in words rather than codes.

The RequestID is no key: most clients send the same one for ever, so asking again may send again.
Nothing is reported about a message; a list names the numbers that were not reached on a day.
Source: VietOpenCPS/opencps-v2, ws/bulkSms/impl; viettelsolution.com.vn; clients in the field.
"""

import re
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.hours import ZONE
from gateway.domain.message import SentMessage, SmsBody, Submission
from gateway.domain.outcome import (
    Accepted,
    Blame,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Unknown,
    Verdict,
)
from gateway.errors import DirectoryError
from gateway.providers import viettel_soap
from gateway.providers.contract import AccountAccess, NotAReceipt, ReceiptRequest, Terms
from gateway.providers.endings import account, by_http_status, coded, message, recipient
from gateway.providers.outbound import BadReply, Door
from gateway.providers.viettel_failed import FailedNumbers

TAKEN, DUPLICATE = "1", "DUPLICATE MESSAGE"

# The alias is missing at the recipient's operator, so waiting does not help this message.
_NOT_REGISTERED_THERE = Rejected(reason=Reason.SENDER_NOT_REGISTERED, blame=Blame.ACCOUNT)

# What a refusal is recognised by. Of several that fit, the first counts.
FAILURES: Mapping[str, Outcome] = {
    # the recipient
    "ReceiverID: NULL_OR_BLANK": recipient(Reason.PHONE_INVALID),
    "ReceiverID: FORMAT_ERROR": recipient(Reason.PHONE_INVALID),
    "Length of ReceiverID is invalid": recipient(Reason.PHONE_INVALID),
    "Unable to check telco": recipient(Reason.PHONE_INVALID),
    # the message
    "RequestID: NULL_OR_BLANK": message(Reason.PARAMETER_INVALID),
    "NOT_NUMBER": message(Reason.PARAMETER_INVALID),
    "UserID: NULL_OR_BLANK": message(Reason.PARAMETER_INVALID),
    "UserID_NOT_EQUAL_ReceiverID": message(Reason.PARAMETER_INVALID),
    "Content: NULL_OR_BLANK": message(Reason.PARAMETER_INVALID),
    "MAXLENGTH_LIMIT": message(Reason.PARAMETER_INVALID),
    "MSG_ERROR_CONTAIN_BLACKLIST": message(Reason.CONTENT_REFUSED),
    "CONTENT_NOT_MATCH_TEMPLATE": message(Reason.TEMPLATE_REFUSED),
    # the account
    "Cp_code: NULL_OR_BLANK": account(Reason.CREDENTIALS),
    "UserName: NULL_OR_BLANK": account(Reason.CREDENTIALS),
    "Password: NULL_OR_BLANK": account(Reason.CREDENTIALS),
    "CP_CODE_NOT_FOUND": account(Reason.CREDENTIALS),
    "WRONG_INFORMATION_AUTHENTICATE": account(Reason.CREDENTIALS),
    "IP_INVALID": account(Reason.ACCOUNT_MISCONFIGURED),
    "CommandCode: NULL_OR_BLANK": account(Reason.ACCOUNT_MISCONFIGURED),
    "COMMAND_CODE_ERROR": account(Reason.ACCOUNT_MISCONFIGURED),
    "ALIAS_INVALID:TELCO=VT": _NOT_REGISTERED_THERE,
    "ALIAS_INVALID:TELCO=VN": _NOT_REGISTERED_THERE,
    "ALIAS_INVALID:TELCO=MB": _NOT_REGISTERED_THERE,
    "ALIAS_INVALID:TELCO=VM": _NOT_REGISTERED_THERE,
    "ALIAS_INVALID": _NOT_REGISTERED_THERE,
    # The same text went to this number a short while ago: by an earlier try or another notice.
    DUPLICATE: Unknown(reason=Reason.UNKNOWN_CODE),
    # "General error of the system", which does not say how far the message had come
    "Check information error": Unknown(reason=Reason.UNKNOWN_CODE),
}
# All that is kept of other words, which could quote the message: words joined like their codes are.
_LIKE_A_CODE = re.compile(r"\b(?=[A-Z_]{5,40}\b)[A-Z]+(?:_[A-Z]+)+\b", re.ASCII)

PAGE_SIZE = 200


class Viettel:
    terms = Terms(
        channel=Channel.SMS,
        receipts=Receipts.NEGATIVE_ONLY,
        query_by=QueryBy.RECIPIENT_AND_TIME,
        longest_text=480,
        refused_characters="&",
        needs_settings=("cp_code",),
        needs_secrets=("user", "password"),
        # It follows the host at once: one that begins with "@" would name another host.
        address_settings=("path",),
    )

    def __init__(self, access: AccountAccess, door: Door) -> None:
        settings = access.settings
        self._access = access
        self._door = door
        self._url = access.base_url + settings.get("path", "/bulkapi")
        self._command_code = settings.get("command_code", "bulksms")
        self._accented_type = settings.get("accented_content_type", "1")
        self._takes_duplicate_for_taken = settings.get("duplicate_is_accepted", "0") == "1"
        self._has_failed_list = settings.get("failed_list", "0") == "1"
        self._date_format = settings.get("failed_list_date", "%d/%m/%Y")
        self._failed = FailedNumbers(self._failed_page, _seconds(access, "failed_list_every_s"))

    async def send(self, submission: Submission) -> Outcome:
        body = submission.body
        assert isinstance(body, SmsBody)
        phone = submission.phone.e164.removeprefix("+")
        fields = {
            "User": self._access.secrets["user"],
            "Password": self._access.secrets["password"],
            "CPCode": self._access.settings["cp_code"],
            "RequestID": request_id(submission.reference),
            "UserID": phone,
            "ReceiverID": phone,
            "ServiceID": self._access.sender,
            "CommandCode": self._command_code,
            "Content": body.text,
            "ContentType": self._accented_type if body.accented else "0",
        }
        call = viettel_soap.call(self._url, "wsCpMt", fields, self._access.timeout_s)
        reply = await self._door.request(call)
        if ended := by_http_status(reply):
            return ended
        told = viettel_soap.returned(reply)
        result = (told.findtext("{*}result") or "").strip()
        if not result:
            raise BadReply("no_result")
        if result == TAKEN:
            return Accepted(code=TAKEN, segments=body.segments)
        refused = _refusal(told.findtext("{*}message") or "")
        if refused.code == DUPLICATE and self._takes_duplicate_for_taken:
            return Accepted(code=DUPLICATE, segments=body.segments)
        return refused

    async def query(self, sent: SentMessage) -> Receipt | None:
        """Another message to this number on the same day can have put it on the list; that it is
        absent proves nothing."""
        if not self._has_failed_list:
            return None
        day = datetime.fromtimestamp(sent.sent_at_s, ZONE).date()
        if _subscriber(sent.phone.e164) not in await self._failed.of(day):
            return None
        return Receipt(
            verdict=Verdict.FAILED,
            reason=Reason.CARRIER_REJECTED,
            reference=sent.reference,
            code="failed_list",
        )

    def verify_receipt(self, request: ReceiptRequest) -> bool:  # noqa: ARG002
        return False

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:  # noqa: ARG002
        raise NotAReceipt("Viettel reports nothing")

    async def _failed_page(self, day: date, page: int) -> Set[str]:
        fields = {
            "username": self._access.secrets["user"],
            "password": self._access.secrets["password"],
            "cpCode": self._access.settings["cp_code"],
            "alias": self._access.sender,
            "date": day.strftime(self._date_format),
            "pageNumber": str(page),
            "pageSize": str(PAGE_SIZE),
        }
        call = viettel_soap.call(self._url, "getFailSub", fields, self._access.timeout_s)
        told = viettel_soap.returned(await self._door.request(call))
        rows = told.iterfind("{*}result")
        return {_subscriber(one.get("receiver", "")) for one in rows} - {""}


def request_id(reference: str) -> str:
    """A number that fits into 64 bits with a sign, the same for the same message."""
    return str(int(reference[:15], 16))


def _refusal(words: str) -> Outcome:
    known = next((text for text in FAILURES if text in words), "")
    found = _LIKE_A_CODE.search(words)
    unlisted = Unknown(reason=Reason.UNKNOWN_CODE, code=found[0] if found else "unlisted")
    return coded(FAILURES, known) or unlisted


def _subscriber(number: str) -> str:
    """A number without its country code or zero, however it is written."""
    return "".join(filter(str.isdecimal, number))[-9:]


def _seconds(access: AccountAccess, name: str) -> float:
    written = access.settings.get(name, "300")
    if not (written.isascii() and written.isdigit()):
        raise DirectoryError(f"account {access.code}: setting {name} is not a whole number")
    return float(written)
