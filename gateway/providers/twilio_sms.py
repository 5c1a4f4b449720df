"""Twilio Programmable Messaging.

There is no idempotency key, so a lost answer is resolved by listing what was sent to this number
at this time, or by a receipt: our reference travels in the address of the status callback.
Texts that people send are answered where they are delivered, in TwiML.
Source: twilio/twilio-oai, twilio_api_v2010; twilio.com/docs/api/errors; twilio.com/docs/messaging
(guides/webhook-request, twiml).
"""

from collections.abc import Mapping, Sequence

from twilio.twiml.messaging_response import MessagingResponse

from gateway.domain.balance import Balance
from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import SentMessage, SmsBody, Submission
from gateway.domain.outcome import Accepted, Missing, Outcome, Reason, Receipt, Verdict
from gateway.providers import twilio_callback, twilio_client
from gateway.providers.contract import (
    AccountAccess,
    IncomingText,
    NotAReceipt,
    ReceiptRequest,
    Terms,
    TextAnswer,
)
from gateway.providers.outbound import BadReply, Door

STATUSES: Mapping[str, Verdict] = {
    "delivered": Verdict.DELIVERED,
    "read": Verdict.DELIVERED,
    "undelivered": Verdict.FAILED,
    "failed": Verdict.FAILED,
    "canceled": Verdict.FAILED,
}

FAILURES: Mapping[int, tuple[Verdict, Reason]] = {
    21610: (Verdict.FAILED, Reason.OPTED_OUT),
    30001: (Verdict.TRY_AGAIN, Reason.RATE_LIMITED),
    30002: (Verdict.FAILED, Reason.ACCOUNT_MISCONFIGURED),
    30003: (Verdict.TRY_AGAIN, Reason.HANDSET_UNREACHABLE),
    30004: (Verdict.FAILED, Reason.RECIPIENT_REFUSED),
    30005: (Verdict.FAILED, Reason.RECIPIENT_UNAVAILABLE),
    30006: (Verdict.FAILED, Reason.PHONE_LANDLINE),
    30007: (Verdict.FAILED, Reason.CONTENT_REFUSED),
    30008: (Verdict.TRY_AGAIN, Reason.CARRIER_REJECTED),
    30010: (Verdict.FAILED, Reason.ACCOUNT_MISCONFIGURED),
    30500: (Verdict.TRY_AGAIN, Reason.PROVIDER_UNAVAILABLE),
}


class TwilioSms:
    terms = Terms(
        channel=Channel.SMS,
        receipts=Receipts.NETWORK,
        query_by=QueryBy.RECIPIENT_AND_TIME,
        query_gives_up_after_s=120,
        longest_text=1600,
        needs_settings=twilio_client.NEEDS_SETTINGS,
        needs_secrets=twilio_client.NEEDS_SECRETS,
        proof_headers=(twilio_callback.SIGNATURE,),
    )

    def __init__(self, access: AccountAccess, door: Door) -> None:
        self._access = access
        self._client = twilio_client.client_of(access, door)
        self._messages = self._client.messages
        in_service = access.sender.startswith("MG")
        self._sender = {"messaging_service_sid" if in_service else "from_": access.sender}

    async def send(self, submission: Submission) -> Outcome:
        body = submission.body
        assert isinstance(body, SmsBody)
        creation = self._messages.create_async(
            to=submission.phone.e164,
            body=body.text,
            status_callback=twilio_callback.receipt_url(submission, self._access),
            **self._sender,
        )
        try:
            made = await twilio_client.understood(creation)
        except twilio_client.Refused as refused:
            return refused.ending()
        if not isinstance(made.sid, str):
            raise BadReply("no_sid")
        billed = str(made.num_segments)
        # A messaging service only counts the parts later and says 0 at first.
        segments = int(billed) if billed.isdecimal() and billed != "0" else body.segments
        return Accepted(provider_id=made.sid, code=str(made.status), segments=segments)

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        found = await twilio_client.look_up(self._messages, sent, self._access.timeout_s)
        if found is None or isinstance(found, Missing):
            return found
        error = found.error_code if isinstance(found.error_code, int) else None
        return _receipt(sent.reference, found.sid, str(found.status), error)

    async def balance(self) -> Balance | None:
        return await twilio_client.balance_of(self._client)

    def verify_receipt(self, request: ReceiptRequest) -> bool:
        return twilio_callback.signed_by(self._access.secrets["auth_token"], request)

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        form = twilio_callback.form_of(request)
        sid, status = form.get("MessageSid"), form.get("MessageStatus")
        if not sid or not status:
            raise NotAReceipt("no MessageSid with a MessageStatus")
        error = form.get("ErrorCode", "")
        code = int(error) if error.isascii() and error.isdigit() else None
        return [_receipt(request.query.get("ref") or None, sid, status, code)]

    def read_messages(self, request: ReceiptRequest) -> Sequence[IncomingText]:
        """To STOP, HELP and the like Twilio has replied itself, and says so by `OptOutType`."""
        told = request.query if request.method == "GET" else twilio_callback.form_of(request)
        sid, sender, text = told.get("MessageSid"), told.get("From"), told.get("Body")
        if not sid or not sender or text is None:
            raise NotAReceipt("no MessageSid with a From and a Body")
        if told.get("OptOutType"):
            return ()
        return (IncomingText(id=sid, sender=sender, text=text),)

    def reply_in_place(self, text: str | None) -> TextAnswer:
        response = MessagingResponse()
        if text is not None:
            response.message(text)
        return TextAnswer(content_type="text/xml; charset=utf-8", body=str(response).encode())


def _receipt(reference: str | None, sid: str | None, status: str, error: int | None) -> Receipt:
    verdict, reason = STATUSES.get(status, Verdict.PROGRESS), None
    if verdict is Verdict.FAILED:
        unlisted = (verdict, Reason.CARRIER_REJECTED)
        verdict, reason = FAILURES.get(error or 0, unlisted)
    return Receipt(
        verdict=verdict,
        reference=reference,
        provider_id=sid,
        reason=reason,
        code=f"{status}:{error}" if error else status,
    )
