"""Calls that a person makes to the number of a simulated Twilio account.

The number's own settings say which address is asked for TwiML (`line_url`) and which one is told of
the end (`line_status_url`). A withheld number arrives as a word, or spelled on a keypad
(+266696687), so the caller of this may say how. Source: twilio.com/docs/voice/twiml, "request
parameters"; changelog of 2022-11-16, withheld caller ids.
"""

import secrets
from time import time

from gateway.sandbox.archive import Archive
from gateway.sandbox.call import Call
from gateway.sandbox.call_run import CallRun
from gateway.sandbox.conversation import Conversation
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import CallScreen
from gateway.sandbox.switchboard import Caller
from gateway.sandbox.twilio_account import TwilioAccount
from gateway.sandbox.world import World, now


class TwilioSwitchboard:
    def __init__(self, world: World, account: TwilioAccount, kept: Archive[Call]) -> None:
        self._world = world
        self._account = account
        self._kept = kept

    @property
    def number(self) -> str:
        return self._account.number.removeprefix("+")

    def connect(self, caller: Caller) -> Call:
        call = self._call(caller)
        self._kept.add(call)
        handset = self._world.rings_at(call)
        person = Conversation(self._world, call, caller.persona, handset)
        run = CallRun(self._world, self._account, call, person, Fault.NONE)
        call.task = self._world.postman.run(run.dialled())
        return call

    def _call(self, caller: Caller) -> Call:
        setting, sid = self._account.setting, "CA" + secrets.token_hex(16)
        fields = {"Url": setting.line_url, "StatusCallback": setting.line_status_url}
        return Call(
            id=sid,
            reference=sid,
            phone=caller.phone,
            caller=caller.shown(f"+{caller.phone}"),
            called=self._account.number,
            fields=fields,
            events=frozenset({"completed"} if setting.line_status_url else ()),
            created_at=time(),
            screen=CallScreen(id=sid, at=now(), sender=self._account.number, incoming=True),
        )
