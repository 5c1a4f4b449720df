"""What the caller's application is told of a simulated call: progress, and how it ended.

Source: twilio.com/docs/voice/api/call-resource, status callbacks.
"""

import secrets
from collections.abc import Mapping
from time import time

from gateway.sandbox.call import Call
from gateway.sandbox.course import Course, Notice, Word, course, only_final
from gateway.sandbox.faults import Fault
from gateway.sandbox.postman import Letter
from gateway.sandbox.twilio_account import TwilioAccount, respelled, rfc_2822
from gateway.sandbox.world import World

EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
TOLD = {Word.SENT: "in-progress", Word.FAILED: "failed"}
STATES: Mapping[str, str] = {
    "queued": "Đang chờ gọi",
    "ringing": "Đang đổ chuông…",
    "in-progress": "Đang nghe",
    "completed": "Đã kết thúc",
    "busy": "Máy bận",
    "no-answer": "Không nghe máy",
    "failed": "Cuộc gọi lỗi",
    "canceled": "Đã hủy",
}


class CallReports:
    """The voice of one call towards the application that ordered it."""

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
            "Direction": "outbound-api",
            "From": call.sender,
            "To": f"+{call.phone}",
        }
        return form | ({"AnsweredBy": call.answered_by} if call.answered_by else {})

    def progress(self, status: str) -> None:
        self._call.status = "queued" if status == "initiated" else status
        self._call.screen.state = STATES[self._call.status]
        self._call.sequence += 1
        if EVENTS[status] in self._call.events and self._account.conduct.send_receipts:
            letter = self._status_letter(status, self._call.sequence - 1)
            self._world.postman.run(self._world.postman.deliver(letter))

    async def finish(self, status: str) -> None:
        call = self._call
        call.status, call.ended_at = status, time()
        call.screen.state, call.screen.running = STATES[status], False
        if "completed" in call.events:
            notices = _ending(self._fault, self._world.config.timing.late_receipt_s)
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
            form["CallDuration"] = str(duration_s(self._call))
        url, forged = self._call.fields["StatusCallback"], False
        if notice:
            forged = notice.forged
            form["CallSid"] = respelled(self._call.id) if notice.respelled else self._call.id
            if notice.foreign:
                form["CallSid"], url = "CA" + secrets.token_hex(16), url.partition("?")[0]
        method = self._call.fields.get("StatusCallbackMethod", "POST")
        return self._account.letter(url, form, method=method, forged=forged)


def duration_s(call: Call) -> int:
    """What the call would have lasted had nobody hurried the clock."""
    if call.started_at is None:
        return 0
    return max(1, round(call.talked_s))


def _ending(fault: Fault, late_s: float) -> Course:
    """What is reported after the end of a call, and how."""
    notices = course(fault, 0.001, late_s)
    return notices if fault is Fault.RECEIPTS_SWAPPED else only_final(notices)
