"""One call handed to the simulated Twilio: whether it is right, and how it is described.

Source: twilio/twilio-oai, twilio_api_v2010; twilio.com/docs/voice.
"""

import secrets
from collections.abc import Mapping
from time import time
from typing import Any

from gateway.sandbox.archive import Archive
from gateway.sandbox.books import Entry, Row
from gateway.sandbox.call import Call, persona_of
from gateway.sandbox.call_reports import direction
from gateway.sandbox.call_run import CallRun
from gateway.sandbox.conversation import Conversation
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import CallScreen
from gateway.sandbox.twilio_account import TwilioAccount, rfc_2822
from gateway.sandbox.twilio_wire import (
    NUMBER,
    Invalid,
    coded_refusal,
    is_url,
    refusal,
)
from gateway.sandbox.wire import Answer, json_answer
from gateway.sandbox.world import World, now

PARAMETERS = (
    *("To", "From", "Url", "Method", "FallbackUrl", "FallbackMethod", "StatusCallback"),
    *("StatusCallbackMethod", "StatusCallbackEvent", "Timeout", "TimeLimit", "CallReason"),
    *("MachineDetection", "MachineDetectionTimeout", "MachineDetectionSpeechThreshold"),
    *("MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout"),
)
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
LONGEST_RING_S = 600


class Desk:
    """The calls of one account; no more are started in a second than the account is allowed."""

    def __init__(self, kept: int, calls_per_second: float) -> None:
        self.calls: Archive[Call] = Archive(kept)
        self._gap_s = 1 / calls_per_second if calls_per_second else 0.0
        self._next_at = 0.0

    def wait_s(self) -> float:
        """How long the next call has to wait for its turn."""
        at = time()
        start = max(at, self._next_at)
        self._next_at = start + self._gap_s
        return start - at


class CallSubmission:
    def __init__(
        self,
        world: World,
        account: TwilioAccount,
        desk: Desk,
        fields: Mapping[str, str],
        events: frozenset[str],
    ) -> None:
        self._world = world
        self._account = account
        self._desk = desk
        self._fields = fields
        self._events = events
        self._sid = "CA" + secrets.token_hex(16)
        known = account.reference_in(fields.get("StatusCallback", ""), fields["Url"])
        self.entry = Entry(
            provider="twilio_voice",
            account=account.code,
            reference=known or self._sid,
            phone=fields["To"].removeprefix("+"),
        )

    def refuse(self, fault: Fault) -> Answer | None:
        return refusal(fault)

    def refuse_with(self, code: str) -> Answer:
        return coded_refusal(code)

    async def take(self, fault: Fault, row: Row) -> Answer:
        call, persona = self._call(), persona_of(fault)
        self._desk.calls.add(call)
        person = Conversation(self._world, call, persona, self._world.rings_at(call), row)
        run = CallRun(self._world, self._account, call, person, fault)
        answer = json_answer(resource(call, self._account), 201)
        call.task = self._world.postman.run(run.ordered(persona, self._desk.wait_s()))
        return answer

    def _call(self) -> Call:
        sender = self._fields["From"]
        return Call(
            id=self._sid,
            reference=self.entry.reference,
            phone=self.entry.phone,
            caller=sender,
            called=self._fields["To"],
            fields=self._fields,
            events=self._events if self._fields.get("StatusCallback") else frozenset(),
            created_at=time(),
            screen=CallScreen(id=self._sid, at=now(), sender=sender),
        )


def check(fields: Mapping[str, str], events: frozenset[str], account: TwilioAccount) -> None:
    """Raises Invalid."""
    if not fields.get("To"):
        raise Invalid(21604)
    if not fields.get("From"):
        raise Invalid(21213)
    if not NUMBER.fullmatch(fields["To"]):
        raise Invalid(21211)
    if fields["From"] not in account.setting.senders:
        raise Invalid(21210)
    if not is_url(fields.get("Url", "")):
        raise Invalid(21205)
    if fields.get("StatusCallback") and not is_url(fields["StatusCallback"]):
        raise Invalid(21609)
    _check_options(fields, events)


def _check_options(fields: Mapping[str, str], events: frozenset[str]) -> None:
    """Raises Invalid."""
    ring_s = fields.get("Timeout", "60")
    if not ring_s.isdigit() or not 0 < int(ring_s) <= LONGEST_RING_S or events - EVENTS:
        raise Invalid(20001)
    methods = {fields.get("Method", "POST"), fields.get("StatusCallbackMethod", "POST")}
    detection = fields.get("MachineDetection", "Enable")
    if methods - {"GET", "POST"} or detection not in ("Enable", "DetectMessageEnd"):
        raise Invalid(20001)


def resource(call: Call, account: TwilioAccount) -> dict[str, Any]:
    uri = f"{account.path}/Calls/{call.id}"
    return {
        "account_sid": account.setting.account_sid,
        "answered_by": call.answered_by,
        "api_version": "2010-04-01",
        "date_created": rfc_2822(call.created_at),
        "date_updated": rfc_2822(call.ended_at or call.started_at or call.created_at),
        "direction": direction(call),
        "duration": str(call.duration_s) if call.ended else None,
        "end_time": rfc_2822(call.ended_at),
        "from": call.caller,
        "from_formatted": call.caller,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.id,
        "start_time": rfc_2822(call.started_at),
        "status": call.status,
        "subresource_uris": {},
        "to": call.called,
        "to_formatted": call.called,
        "uri": f"{uri}.json",
    }
