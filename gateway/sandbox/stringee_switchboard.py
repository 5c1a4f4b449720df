"""Calls that a person makes to the number of a simulated Stringee project. Its Answer URL is asked
for a script (`line_url`), and its Event URL is told of the call. How a withheld number is written
is not documented; where not said otherwise, as a word.

Source: stringeecom/server-samples, answer_url; the reason EXTERNAL_CALL_IN as public clients read
it.
"""

from time import time

from gateway.sandbox.call import Call
from gateway.sandbox.conversation import Conversation
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import CallScreen
from gateway.sandbox.stringee_account import StringeeAccount
from gateway.sandbox.stringee_events import call_id
from gateway.sandbox.stringee_run import StringeeRun
from gateway.sandbox.switchboard import Caller
from gateway.sandbox.world import World, now


class StringeeSwitchboard:
    def __init__(self, world: World, account: StringeeAccount) -> None:
        self._world = world
        self._account = account

    @property
    def number(self) -> str:
        return self._account.setting.numbers[0]

    def connect(self, caller: Caller) -> Call:
        call = self._call(caller)
        person = Conversation(self._world, call, caller.persona, self._world.rings_at(call))
        run = StringeeRun(self._world, self._account, call, person, Fault.NONE)
        call.task = self._world.postman.run(run.dialled())
        return call

    def _call(self, caller: Caller) -> Call:
        own_id, number = call_id(), self.number
        return Call(
            id=own_id,
            reference=own_id,
            phone=caller.phone,
            caller=caller.shown(caller.phone),
            called=number,
            fields={"answer_url": self._account.setting.line_url, "alias": number},
            events=frozenset(),
            created_at=time(),
            screen=CallScreen(id=own_id, at=now(), sender=number, incoming=True),
        )
