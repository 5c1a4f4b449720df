"""VietGuys: SMS under a registered brandname.

`bid` is our own id for a message; nobody says that a repeated one is refused. No report and no
status query is public, so nothing is ever learnt about a lost answer.
The form is documented as multipart; a client in the field (bonbonmobility/auth @0bc3791) sends the
same fields urlencoded to the same address, and so do we.
`pwd` is the fixed one of the account: access tokens that run out are not fetched here.
Source: developers.vietguys.biz, as public clients quote it, for the request, the fields of an
answer, and codes -7 and -21. The other codes are in tables of clients: -1 to -22 in
xuanhuy95/nest-deployment-test @5dfac5c; -23, and `error` 1 for every refusal, in tuanhm2703/theciu
@040ff57; -17 in nnson1307/Epoints-Portal @86e2d3c. -15 is in none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from re import fullmatch
from typing import Any

from gateway.domain.channel import Channel, Receipts
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
)
from gateway.providers.contract import AccountAccess, NotAReceipt, ReceiptRequest, Terms
from gateway.providers.endings import (
    account,
    again,
    by_http_status,
    coded,
    later,
    message,
    recipient,
)
from gateway.providers.fields import word
from gateway.providers.outbound import BadReply, Call, Door

TAKEN = "0"

# The same text to the same number is refused within a minute, whether or not the first arrived.
SAME_TEXT_AGAIN_S = 60

CODES: Mapping[str, Outcome] = {
    # the recipient
    "-10": recipient(Reason.PHONE_INVALID),
    "-11": recipient(Reason.RECIPIENT_REFUSED),
    # the message
    "-14": message(Reason.CONTENT_REFUSED),
    "-18": message(Reason.CONTENT_REFUSED),
    "-20": message(Reason.TEMPLATE_REFUSED),
    # the account. Phone and text have codes of their own, so what is missing among the parameters
    # stands in every request; and we send no one-time passwords, so an account that takes nothing
    # else (-21) is the wrong one.
    "-1": account(Reason.ACCOUNT_MISCONFIGURED),
    "-3": account(Reason.CREDENTIALS),
    "-4": account(Reason.ACCOUNT_MISCONFIGURED),
    "-5": account(Reason.CREDENTIALS),
    "-6": account(Reason.ACCOUNT_MISCONFIGURED),
    "-7": account(Reason.ACCOUNT_MISCONFIGURED),
    "-8": account(Reason.SENDER_NOT_REGISTERED),
    "-9": account(Reason.WALLET_EMPTY),
    "-12": account(Reason.WALLET_EMPTY),
    "-13": account(Reason.SENDER_NOT_REGISTERED),
    "-21": account(Reason.ACCOUNT_MISCONFIGURED),
    "-23": account(Reason.ACCOUNT_MISCONFIGURED),
    # depends on the recipient's network, so waiting does not help this message
    "-22": Rejected(reason=Reason.SENDER_NOT_REGISTERED, blame=Blame.ACCOUNT),
    # the moment
    "-2": again(Reason.PROVIDER_UNAVAILABLE),
    "-16": replace(later(Reason.REPEATED_TEXT), retry_after_s=SAME_TEXT_AGAIN_S),
    "-17": later(Reason.QUOTA),
    "-19": later(Reason.QUOTA),
}

SEND_PATH = "/api/index.php"


class Vietguys:
    """Settings: `phone_form` (84 or 0), and the `type` of texts without and with accents,
    `sms_type` and `accented_sms_type`."""

    terms = Terms(
        channel=Channel.SMS,
        receipts=Receipts.NONE,
        longest_text=459,
        needs_secrets=("user", "password"),
    )

    def __init__(self, access: AccountAccess, door: Door) -> None:
        self._access = access
        self._door = door
        self._prefix = "0" if access.settings.get("phone_form") == "0" else "84"
        self._plain_type = access.settings.get("sms_type", "0")
        self._accented_type = access.settings.get("accented_sms_type", "0")

    async def send(self, submission: Submission) -> Outcome:
        body = submission.body
        assert isinstance(body, SmsBody)
        form = {
            "from": self._access.sender,
            "u": self._access.secrets["user"],
            "pwd": self._access.secrets["password"],
            "phone": self._prefix + submission.phone.e164.removeprefix("+84"),
            "sms": body.text,
            "bid": submission.reference,
            "type": self._accented_type if body.accented else self._plain_type,
            "json": "1",
        }
        url = self._access.base_url + SEND_PATH
        call = Call(method="POST", url=url, form=form, timeout_s=self._access.timeout_s)
        reply = await self._door.request(call)
        return by_http_status(reply) or _ending(reply.json(), body.segments)

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:  # noqa: ARG002
        return None

    def verify_receipt(self, request: ReceiptRequest) -> bool:  # noqa: ARG002
        return False

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:  # noqa: ARG002
        raise NotAReceipt("VietGuys is not known to report anything")


def _ending(answer: Mapping[str, Any], segments: int) -> Outcome:
    error, code = word(answer, "error"), word(answer, "error_code")
    if error == TAKEN:
        message_id = word(answer, "msgid")
        if not message_id:
            raise BadReply("no_msgid")
        return Accepted(provider_id=message_id, segments=segments)
    # Longer numbers may be a phone, and a sentence may quote the text.
    if not error or not fullmatch(r"-?[0-9]{1,4}", code):
        raise BadReply("no_code")
    # Nobody says that an unlisted refusal always comes before anything is sent.
    return coded(CODES, code) or Unknown(reason=Reason.UNKNOWN_CODE, code=code)
