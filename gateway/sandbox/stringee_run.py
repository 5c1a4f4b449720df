"""A simulated Stringee call from its first ring to its last event: one that the application
ordered, or one that a person makes to the project's number. It fetches a script, and goes on with
what each report of keys is answered with.

Source: developer.stringee.com (event URL and answer URL); stringeecom/server-samples, answer_url.
"""

from collections.abc import Sequence

from gateway.sandbox import scco
from gateway.sandbox.call import Call
from gateway.sandbox.conversation import Conversation
from gateway.sandbox.faults import Fault
from gateway.sandbox.scco_dialogue import SccoDialogue
from gateway.sandbox.stringee_account import StringeeAccount
from gateway.sandbox.stringee_events import StringeeEvents
from gateway.sandbox.world import World

LONGEST_RING_S = 60.0
MOST_LISTS = 50


class StringeeRun:
    def __init__(
        self, world: World, account: StringeeAccount, call: Call, person: Conversation, fault: Fault
    ) -> None:
        self._account = account
        self._call = call
        self._person = person
        self._dialogue = SccoDialogue(account, call, person)
        self._events = StringeeEvents(world, account, call, fault)

    async def ordered(self) -> None:
        await self._events.finish(await self._person.ended(self._to()))

    async def dialled(self) -> None:
        await self._events.finish(await self._person.ended(self._from()))

    async def _to(self) -> None:
        for status in ("created", "started", "ringing"):
            self._events.progress(status)
        await self._person.rings(self._account.conduct.receipt_delay_ms / 1000, LONGEST_RING_S)
        self._events.progress("answered")
        await self._talk(await self._script({}))

    async def _from(self) -> None:
        for status in ("created", "ringing"):
            self._events.progress(status)
        actions = await self._script({"userId": ""})
        self._person.begins()
        self._events.progress("answered")
        await self._talk(actions)

    async def _talk(self, actions: Sequence[scco.Action]) -> None:
        """Carries out one list of actions after the other. Raises Over at the end of the call."""
        self._person.may_hang_up()
        for _ in range(MOST_LISTS):
            actions = await self._dialogue.carry_out(actions)

    async def _script(self, more: dict[str, str]) -> Sequence[scco.Action]:
        call = self._call
        question = self._account.question(
            call.fields["answer_url"],
            **{"from": call.caller, "to": call.called, "fromInternal": "false", **more},
            projectId=str(self._account.setting.project_id),
            callId=call.id,
        )
        return await self._person.told(question, scco.actions_of)
