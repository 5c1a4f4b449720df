"""What the project's Event URL is told of a simulated Stringee call.

Source: developer.stringee.com, call events.
"""

import secrets
from collections.abc import Mapping
from time import time
from typing import Any

from gateway.sandbox.call import Call
from gateway.sandbox.course import Notice, Word, after_call, course
from gateway.sandbox.faults import Fault
from gateway.sandbox.postman import Letter
from gateway.sandbox.stringee_account import StringeeAccount
from gateway.sandbox.world import World

SHOWN = {"ringing": "ringing", "answered": "in-progress"}
CAUSES: Mapping[str, str] = {
    "completed": "USER_END_CALL",
    "busy": "486 Busy Here",
    "no-answer": "NO_ANSWER",
    "failed": "404 Not Found",
    "canceled": "CALL_CANCEL",
}
ORDERED = "SERVER_CALL_OUT_BY_MAKE_CALL_TO_EXTERNAL_BEFORE"
DIALLED = "EXTERNAL_CALL_IN"


class StringeeEvents:
    def __init__(self, world: World, account: StringeeAccount, call: Call, fault: Fault) -> None:
        self._world = world
        self._account = account
        self._call = call
        self._notices = after_call(fault, world.config.timing.late_receipt_s)
        self._tells_the_way = account.conduct.send_receipts and _tells_the_way(fault)

    def progress(self, status: str) -> None:
        self._call.show(SHOWN.get(status, "queued"))
        if self._tells_the_way:
            letter = self._account.report(self._account.setting.event_url, self._event(status))
            self._world.postman.run(self._world.postman.deliver(letter))

    async def finish(self, status: str) -> None:
        self._call.over(status)
        await self._world.report(self._account, self._notices, self._write)

    def _write(self, notice: Notice) -> Letter:
        event = self._event("answered") if notice.word is Word.SENT else self._end(notice)
        if notice.respelled:
            event["call_id"] = self._call.id.upper()
        if notice.foreign:
            event["call_id"] = call_id()
            event["to"] = event["to"] | {"alias": self._call.phone}
        url = self._account.setting.event_url
        return self._account.report(url, event, forged=notice.forged)

    def _end(self, notice: Notice) -> dict[str, Any]:
        failed = notice.word is Word.FAILED
        return self._event("ended") | {
            "callCreatedReason": DIALLED if self._call.incoming else ORDERED,
            "endCallCause": CAUSES["failed" if failed else self._call.status],
            "endedBy": "EXTERNAL",
            "callType": "CALL",
            "duration": self._call.duration_s,
            "answerDuration": 0 if failed else self._call.duration_s,
        }

    def _event(self, status: str) -> dict[str, Any]:
        call, setting = self._call, self._account.setting
        return {
            "type": "stringee_call",
            "call_status": status,
            "call_id": call.id,
            "project_id": setting.project_id,
            "request_from_user_id": "",
            "account_sid": f"AC{setting.code}",
            "timestamp_ms": round(time() * 1000),
            "from": _party(call.caller, call.caller),
            "to": _party(call.called, call.fields["alias"]),
            "clientCustomData": "",
        }


def call_id() -> str:
    """An id as Stringee writes it."""
    return f"call-vn-1-{secrets.token_hex(5).upper()}-{round(time() * 1000)}"


def _party(number: str, alias: str) -> dict[str, Any]:
    return {"number": number, "alias": alias, "is_online": False, "type": "external"}


def _tells_the_way(fault: Fault) -> bool:
    """Reports that are lost, forged or too early are not announced by others before them."""
    return any(one.word is Word.SENT and one.told for one in course(fault, 1, 1))
