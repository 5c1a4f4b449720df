"""Carries out a simulated Stringee call: rings, fetches the script, speaks it, reports each key and
goes on with what that report is answered with.

Source: developer.stringee.com (SCCO, event URL and answer URL); stringeecom/server-samples.
"""

from collections.abc import Sequence
from time import time

from gateway.sandbox import scco
from gateway.sandbox.books import Row
from gateway.sandbox.call import Call, persona_of
from gateway.sandbox.conversation import Conversation, Over, Pressed, spoken_s
from gateway.sandbox.faults import Fault
from gateway.sandbox.stringee_account import StringeeAccount
from gateway.sandbox.stringee_events import StringeeEvents
from gateway.sandbox.world import World

LONGEST_RING_S = 60.0
MOST_LISTS = 50


class StringeeRun:
    def __init__(
        self, world: World, account: StringeeAccount, call: Call, fault: Fault, row: Row
    ) -> None:
        self._account = account
        self._call = call
        self._events = StringeeEvents(world, account, call, fault)
        handset = world.handsets.show(call.phone, call.screen)
        self._person = Conversation(world, call, persona_of(fault), row, handset)

    async def run(self) -> None:
        await self._events.finish(await self._person.ended(self._course()))

    async def _course(self) -> None:
        """Carries out one list of actions after the other. Raises Over at the end of the call."""
        for status in ("created", "started", "ringing"):
            self._events.progress(status)
        await self._person.rings(self._account.conduct.receipt_delay_ms / 1000, LONGEST_RING_S)
        self._events.progress("answered")
        actions = await self._script()
        self._person.may_hang_up()
        for _ in range(MOST_LISTS):
            actions = await self._carry_out(actions)

    async def _carry_out(self, actions: Sequence[scco.Action]) -> Sequence[scco.Action]:
        """The list that takes this one's place. Raises Over at the end of the call, which does not
        wait for a talk that may be cut short."""
        prompts: list[scco.Talk] = []
        for action in actions:
            match action:
                case scco.Talk(barge_in=True):
                    prompts.append(action)
                case scco.Talk():
                    for _ in range(action.loop):
                        await self._person.hears(action.text)
                case scco.Input():
                    self._person.has_heard()
                    if instead := await self._key_reported(action, prompts):
                        return instead
                    prompts = []
        self._person.has_heard()
        raise Over("completed")

    async def _key_reported(
        self, question: scco.Input, prompts: Sequence[scco.Talk]
    ) -> Sequence[scco.Action]:
        key = await self._key(question, prompts)
        report = {
            "time": str(round(time() * 1000)),
            "dtmf": key,
            "call_id": self._call.id,
            "customField": question.custom_field,
            "timeout": not key,
        }
        letter = self._account.report(question.event_url, report)
        return await self._person.told(letter, scco.actions_of)

    async def _key(self, question: scco.Input, prompts: Sequence[scco.Talk]) -> str:
        """The time for a key begins with the prompt: one that is longer leaves none."""
        left_s = question.time_out_s - sum(spoken_s(one.text) * one.loop for one in prompts)

        async def prompt(pressed: Pressed) -> None:
            for one in prompts:
                if not pressed.done():
                    await self._person.hears(one.text, pressed)

        if left_s > 0:
            return await self._person.is_asked(prompt, left_s)
        await self._person.passes(question.time_out_s)
        return ""

    async def _script(self) -> Sequence[scco.Action]:
        call = self._call
        question = self._account.question(
            call.fields["answer_url"],
            **{"from": call.sender, "to": call.phone, "fromInternal": "false", "callId": call.id},
            projectId=str(self._account.setting.project_id),
        )
        return await self._person.told(question, scco.actions_of)
