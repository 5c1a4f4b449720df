"""Twilio Voice: an automatic call whose script is given to Twilio step by step as TwiML.

"completed" only says that the call was answered; what was heard and pressed is reported during
the call. A lost answer is resolved as for SMS: by listing, or by a receipt with our reference.
Source: twilio.com/docs/voice, twilio/twilio-oai.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.domain.balance import Balance
from gateway.domain.call import Turn
from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import SentMessage, Submission, VoiceBody
from gateway.domain.outcome import Accepted, Missing, Outcome, Reason, Receipt, Verdict
from gateway.providers import twilio_callback, twilio_client
from gateway.providers.contract import (
    AccountAccess,
    CallReport,
    NotAReceipt,
    ReceiptRequest,
    Terms,
    VoiceAnswer,
)
from gateway.providers.outbound import BadReply, Door
from gateway.providers.twilio_speech import Speech

# A completed call proves only that somebody took it; that the core was heard is known from the
# call itself, and outranks this.
STATUSES: Mapping[str, tuple[Verdict, Reason]] = {
    "completed": (Verdict.TRY_AGAIN, Reason.HUNG_UP),
    "busy": (Verdict.TRY_AGAIN, Reason.BUSY),
    "no-answer": (Verdict.TRY_AGAIN, Reason.NO_ANSWER),
    "failed": (Verdict.FAILED, Reason.RECIPIENT_UNAVAILABLE),
    "canceled": (Verdict.FAILED, Reason.WITHDRAWN),
}

ANSWERED_BY: Mapping[str, tuple[Verdict, Reason]] = {
    "machine_start": (Verdict.TRY_AGAIN, Reason.MACHINE),
    "machine_end_beep": (Verdict.TRY_AGAIN, Reason.MACHINE),
    "machine_end_silence": (Verdict.TRY_AGAIN, Reason.MACHINE),
    "machine_end_other": (Verdict.TRY_AGAIN, Reason.MACHINE),
    "fax": (Verdict.FAILED, Reason.FAX),
}


class TwilioVoice:
    terms = Terms(
        channel=Channel.VOICE,
        receipts=Receipts.HANDSET,
        query_by=QueryBy.RECIPIENT_AND_TIME,
        query_gives_up_after_s=120,
        needs_settings=twilio_client.NEEDS_SETTINGS,
        needs_secrets=twilio_client.NEEDS_SECRETS,
        proof_headers=(twilio_callback.SIGNATURE,),
    )

    def __init__(self, access: AccountAccess, door: Door) -> None:
        self._speech = Speech(
            voice=access.settings.get("voice", "Google.vi-VN-Wavenet-A"),
            language=access.settings.get("language", "vi-VN"),
        )
        self._access = access
        self._client = twilio_client.client_of(access, door)
        self._calls = self._client.calls

    async def send(self, submission: Submission) -> Outcome:
        assert isinstance(submission.body, VoiceBody)
        assert submission.voice_url is not None
        creation = self._calls.create_async(
            to=submission.phone.e164,
            from_=self._access.sender,
            url=submission.voice_url,
            method="POST",
            fallback_url=submission.voice_url,
            fallback_method="POST",
            status_callback=twilio_callback.receipt_url(submission, self._access),
            status_callback_method="POST",
            machine_detection=self._access.settings.get("machine_detection", "Enable"),
            timeout=int(self._access.settings.get("ring_s", "40")),
            time_limit=int(self._access.settings.get("longest_call_s", "240")),
        )
        try:
            made = await twilio_client.understood(creation)
        except twilio_client.Refused as refused:
            return refused.ending()
        if not isinstance(made.sid, str):
            raise BadReply("no_sid")
        return Accepted(provider_id=made.sid, code=str(made.status))

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:
        found = await twilio_client.look_up(self._calls, sent, self._access.timeout_s)
        if found is None or isinstance(found, Missing):
            return found
        return _receipt(sent.reference, found.sid, str(found.status), str(found.answered_by or ""))

    async def balance(self) -> Balance | None:
        return await twilio_client.balance_of(self._client)

    def verify_receipt(self, request: ReceiptRequest) -> bool:
        return twilio_callback.signed_by(self._access.secrets["auth_token"], request)

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        form = twilio_callback.form_of(request)
        sid, status = form.get("CallSid"), form.get("CallStatus")
        if not sid or not status:
            raise NotAReceipt("no CallSid with a CallStatus")
        reference = request.query.get("ref") or None
        told = _receipt(reference, sid, status, form.get("AnsweredBy", ""))
        talked_s = form.get("CallDuration", "")
        return [replace(told, talked_s=int(talked_s)) if talked_s.isdecimal() else told]

    def read_call(self, request: ReceiptRequest) -> CallReport:
        form = twilio_callback.form_of(request)
        return CallReport(
            call_id=form.get("CallSid", ""),
            caller=form.get("From", ""),
            keys=form.get("Digits") or None,
            machine=form.get("AnsweredBy", "") in ANSWERED_BY,
        )

    def speak(self, turn: Turn, next_url: str, prompts_url: str) -> VoiceAnswer:
        return self._speech.speak(turn, next_url, prompts_url)


def _receipt(reference: str | None, sid: str | None, status: str, answered_by: str) -> Receipt:
    verdict, reason = STATUSES.get(status, (Verdict.PROGRESS, None))
    if status == "completed":
        verdict, reason = ANSWERED_BY.get(answered_by, (verdict, reason))
    return Receipt(
        verdict=verdict,
        reference=reference,
        provider_id=sid,
        reason=reason,
        code=f"{status}:{answered_by}" if answered_by else status,
    )
