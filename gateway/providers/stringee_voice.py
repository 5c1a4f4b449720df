"""Stringee: an automatic call whose script Stringee fetches from us as SCCO, question by question.

Its events go to the Event URL of the project, not of the call; our reference comes back in them as
the alias of the number that was called. Nothing tells a voicemail from a person: it hears the core
and presses nothing. No status of a single call can be asked for, so a lost answer waits for events.
Source: developer.stringee.com (make outbound call; call error codes, as public clients quote them).
"""

from collections.abc import Mapping, Sequence
from time import time
from typing import Any

from gateway.domain.call import Turn
from gateway.domain.channel import Channel, Receipts
from gateway.domain.message import SentMessage, Submission
from gateway.domain.outcome import Accepted, Missing, Outcome, Reason, Receipt, Unknown
from gateway.errors import DirectoryError
from gateway.providers import stringee_event
from gateway.providers.contract import (
    AccountAccess,
    CallReport,
    ReceiptRequest,
    Terms,
    VoiceAnswer,
)
from gateway.providers.endings import account, by_http_status, coded, later, recipient
from gateway.providers.outbound import BadReply, Call, Door
from gateway.providers.stringee_auth import auth_token
from gateway.providers.stringee_speech import Speech

CODES: Mapping[int, Outcome] = {
    # our address, our SCCO, our way of asking
    1: account(Reason.ACCOUNT_MISCONFIGURED),
    2: account(Reason.ACCOUNT_MISCONFIGURED),
    3: account(Reason.ACCOUNT_MISCONFIGURED),
    18: account(Reason.ACCOUNT_MISCONFIGURED),
    # the account; 10 is the form of either number, and the recipient's was checked before
    4: account(Reason.SENDER_NOT_REGISTERED),
    5: account(Reason.SENDER_NOT_REGISTERED),
    6: account(Reason.ACCOUNT_MISCONFIGURED),
    7: account(Reason.ACCOUNT_MISCONFIGURED),
    8: account(Reason.WALLET_EMPTY),
    10: account(Reason.ACCOUNT_MISCONFIGURED),
    11: account(Reason.ACCOUNT_MISCONFIGURED),
    15: account(Reason.SENDER_NOT_REGISTERED),
    16: account(Reason.ACCOUNT_MISCONFIGURED),
    17: account(Reason.ACCOUNT_MISCONFIGURED),
    19: account(Reason.ACCOUNT_MISCONFIGURED),
    # the recipient
    14: recipient(Reason.PHONE_INVALID),
    # the moment
    12: later(Reason.RATE_LIMITED),
    # "unknown error", and "wait for the speech": the call may be made all the same
    9: Unknown(reason=Reason.UNKNOWN_CODE),
    13: Unknown(reason=Reason.UNKNOWN_CODE),
}

CALLOUT_PATH = "/v1/call2/callout"


class StringeeVoice:
    terms = Terms(
        channel=Channel.VOICE,
        receipts=Receipts.HANDSET,
        needs_settings=("key_sid",),
        needs_secrets=("key_secret", "signing_secret"),
        proof_headers=(stringee_event.SIGNATURE,),
    )

    def __init__(self, access: AccountAccess, door: Door) -> None:
        self._speech = Speech(
            voice=access.settings.get("voice", "female"),
            speed=_speed(access),
            uploaded=access.settings.get("prompts") == "uploaded",
        )
        self._access = access
        self._door = door

    async def send(self, submission: Submission) -> Outcome:
        access = self._access
        token = auth_token(access.settings["key_sid"], access.secrets["key_secret"], time())
        call = Call(
            method="POST",
            url=access.base_url + CALLOUT_PATH,
            json=self._fields(submission),
            headers={"X-STRINGEE-AUTH": token},
            timeout_s=access.timeout_s,
        )
        reply = await self._door.request(call)
        return by_http_status(reply) or _ending(reply.json())

    def _fields(self, submission: Submission) -> dict[str, Any]:
        """Numbers are written without "+"; with it they are refused."""
        sender = self._access.sender.removeprefix("+")
        phone = submission.phone.e164.removeprefix("+")
        as_number = self._access.settings.get("to_alias", "reference") == "number"
        return {
            "from": _party(sender, sender),
            "to": [_party(phone, phone if as_number else submission.reference)],
            "answer_url": submission.voice_url,
        }

    async def query(self, sent: SentMessage) -> Receipt | Missing | None:  # noqa: ARG002
        return None

    def verify_receipt(self, request: ReceiptRequest) -> bool:
        signed = stringee_event.signed_by(self._access.secrets["signing_secret"], request)
        return signed and stringee_event.told_to_the_right_address(request)

    def parse_receipts(self, request: ReceiptRequest) -> Sequence[Receipt]:
        return [stringee_event.receipt(request)]

    def read_call(self, request: ReceiptRequest) -> CallReport:
        """The script is asked for by GET, with the call in the query; keys are posted. For a call
        that comes in, the documentation has a `uuid` there and the samples a `callId`. `machine` is
        never true: Stringee does not tell."""
        report, query = stringee_event.input_report(request) or {}, request.query
        return CallReport(
            call_id=str(report.get("call_id") or query.get("callId") or query.get("uuid", "")),
            caller=request.query.get("from", ""),
            keys=str(report.get("dtmf") or "") or None,
        )

    def speak(self, turn: Turn, next_url: str, prompts_url: str) -> VoiceAnswer:  # noqa: ARG002
        return self._speech.speak(turn, next_url)


def _speed(access: AccountAccess) -> int:
    speed = access.settings.get("speed", "0")
    if speed not in {str(n) for n in range(-3, 4)}:
        raise DirectoryError(f"account {access.code}: speed is a whole number from -3 to 3")
    return int(speed)


def _party(number: str, alias: str) -> dict[str, str]:
    return {"type": "external", "number": number, "alias": alias}


def _ending(answer: Mapping[str, Any]) -> Outcome:
    code = answer.get("r")
    if not isinstance(code, int) or isinstance(code, bool):
        raise BadReply("no_r")
    if code == 0:
        # Not documented; seen under both names. Without it, events are matched by our reference.
        call_id = answer.get("call_id") or answer.get("callId")
        return Accepted(provider_id=call_id if isinstance(call_id, str) else None, code="0")
    return coded(CODES, code) or Unknown(reason=Reason.UNKNOWN_CODE, code=str(code))
