"""What the caller's application is told of a simulated call: progress, and how it ended.

Source: twilio.com/docs/voice/api/call-resource, status callbacks.
"""

import secrets
from time import time

from gateway.sandbox.call import Call
from gateway.sandbox.course import Notice, Word, after_call
from gateway.sandbox.faults import Fault
from gateway.sandbox.postman import Letter
from gateway.sandbox.twilio_account import TwilioAccount, respelled, rfc_2822
from gateway.sandbox.world import World

EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
TOLD = {Word.SENT: "in-progress", Word.FAILED: "failed"}


def direction(call: Call) -> str:
    return "inbound" if call.incoming else "outbound-api"


class CallReports:
    """The voice of one call towards the application."""

    def __init__(self, world: World, account: TwilioAccount, call: Call, fault: Fault) -> None:
        self._world = world
        self._account = account
        self._call = call
        self._fault = fault

    def form(self, status: str) -> dict[str, str]:
        call = self._call
        form = {
            "AccountSid": self._account.setting.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": call.id,
            "CallStatus": status,
            "Direction": direction(call),
            "From": call.caller,
            "To": call.called,
        }
        return form | ({"AnsweredBy": call.answered_by} if call.answered_by else {})

    def progress(self, status: str) -> None:
        self._call.show("queued" if status == "initiated" else status)
        self._call.sequence += 1
        if EVENTS[status] in self._call.events and self._account.conduct.send_receipts:
            letter = self._status_letter(status, self._call.sequence - 1)
            self._world.postman.run(self._world.postman.deliver(letter))

    async def finish(self, status: str) -> None:
        call = self._call
        call.over(status)
        if "completed" in call.events:
            notices = after_call(self._fault, self._world.config.timing.late_receipt_s)
            await self._world.report(self._account, notices, self._write)

    def _write(self, notice: Notice) -> Letter:
        status = TOLD.get(notice.word, self._call.status)
        return self._status_letter(status, self._call.sequence, notice)

    def _status_letter(self, status: str, nth: int, notice: Notice | None = None) -> Letter:
        form = self.form(status) | {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(nth),
            "Timestamp": rfc_2822(time()) or "",
        }
        if self._call.ended:
            form["CallDuration"] = str(self._call.duration_s)
        url, forged = self._call.fields["StatusCallback"], False
        if notice:
            forged = notice.forged
            form["CallSid"] = respelled(self._call.id) if notice.respelled else self._call.id
            if notice.foreign:
                form["CallSid"], url = "CA" + secrets.token_hex(16), url.partition("?")[0]
        method = self._call.fields.get("StatusCallbackMethod", "POST")
        return self._account.letter(url, form, method=method, forged=forged)
