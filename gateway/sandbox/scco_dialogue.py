"""Carries out SCCO in a running call, list after list, whoever has called.

That the time of an input runs anew with each key is not documented; Vonage's NCCO, on which it is
modelled, counts "after the last action". Source: developer.stringee.com, "Stringee Call Control
Object"; stringeecom/server-samples.
"""

from collections.abc import Sequence
from time import time

from gateway.sandbox import scco
from gateway.sandbox.call import Call
from gateway.sandbox.conversation import RECORDING_S, Conversation, Over, spoken_s
from gateway.sandbox.keypad import Keypad
from gateway.sandbox.stringee_account import StringeeAccount


class SccoDialogue:
    def __init__(self, account: StringeeAccount, call: Call, person: Conversation) -> None:
        self._account = account
        self._call = call
        self._person = person

    async def carry_out(self, actions: Sequence[scco.Action]) -> Sequence[scco.Action]:
        """The list that takes this one's place. Raises Over at the end of the call, which does not
        wait for what may be cut short."""
        prompts: list[scco.Heard] = []
        for action in actions:
            match action:
                case scco.Input():
                    self._person.has_heard()
                    if instead := await self._keys_reported(action, prompts):
                        return instead
                    prompts = []
                case scco.Talk(barge_in=True) | scco.Play(barge_in=True):
                    prompts.append(action)
                case _:
                    await self._hears(action, None)
        self._person.has_heard()
        raise Over("completed")

    async def _keys_reported(
        self, question: scco.Input, prompts: Sequence[scco.Heard]
    ) -> Sequence[scco.Action]:
        keypad = Keypad(question.max_digits, "#" if question.submit_on_hash else "")
        keys = await self._keys(question, prompts, keypad)
        report = {
            "time": str(round(time() * 1000)),
            "dtmf": keys,
            "call_id": self._call.id,
            "customField": question.custom_field,
            "timeout": not keys,
        }
        letter = self._account.report(question.event_url, report)
        return await self._person.told(letter, scco.actions_of)

    async def _keys(
        self, question: scco.Input, prompts: Sequence[scco.Heard], keypad: Keypad
    ) -> str:
        """The time for a key begins with the prompt: one that is longer leaves none."""
        left_s = question.time_out_s - sum(_lasts_s(one) * one.loop for one in prompts)

        async def prompt(keypad: Keypad) -> None:
            for one in prompts:
                if not keypad.pressed:
                    await self._hears(one, keypad)

        if left_s > 0:
            return await self._person.is_asked(prompt, left_s, keypad)
        await self._person.passes(question.time_out_s)
        return ""

    async def _hears(self, action: scco.Heard, keypad: Keypad | None) -> None:
        for _ in range(action.loop):
            if isinstance(action, scco.Talk):
                await self._person.hears(action.text, keypad)
            elif action.file_name in self._account.setting.files:
                await self._person.hears_recording(action.file_name, keypad)
            else:
                self._person.fails(f"Không có tệp {action.file_name}")


def _lasts_s(action: scco.Heard) -> float:
    return spoken_s(action.text) if isinstance(action, scco.Talk) else RECORDING_S
