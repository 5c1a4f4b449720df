"""A simulated Twilio call from its first ring to its last report: one that the application ordered,
or one that a person makes to the account's number.

The first is answered before words are fetched, the second by fetching them: its first request says
`ringing`. Source: twilio.com/docs/voice (webhooks, TwiML); twilio/twilio-oai.
"""

import asyncio

from gateway.sandbox import twiml
from gateway.sandbox.call import Call, Persona
from gateway.sandbox.call_reports import CallReports
from gateway.sandbox.conversation import Conversation
from gateway.sandbox.faults import Fault
from gateway.sandbox.twilio_account import TwilioAccount
from gateway.sandbox.twiml_dialogue import carry_out
from gateway.sandbox.world import World

MOST_DOCUMENTS = 50


class CallRun:
    def __init__(
        self, world: World, account: TwilioAccount, call: Call, person: Conversation, fault: Fault
    ) -> None:
        self._account = account
        self._call = call
        self._person = person
        self._reports = CallReports(world, account, call, fault)

    async def ordered(self, persona: Persona, start_in_s: float) -> None:
        await self._reports.finish(await self._person.ended(self._to(persona, start_in_s)))

    async def dialled(self) -> None:
        await self._reports.finish(await self._person.ended(self._from()))

    async def _to(self, persona: Persona, start_in_s: float) -> None:
        await asyncio.sleep(start_in_s)
        self._reports.progress("initiated")
        self._reports.progress("ringing")
        longest_s = float(self._call.fields.get("Timeout", "60"))
        await self._person.rings(self._account.conduct.receipt_delay_ms / 1000, longest_s)
        if "MachineDetection" in self._call.fields:
            self._call.answered_by = persona.answered_by
        self._reports.progress("in-progress")
        await self._talk("in-progress")

    async def _from(self) -> None:
        self._reports.progress("ringing")
        await self._talk("ringing")

    async def _talk(self, status: str) -> None:
        """Carries out one document after the other. Raises Over at the end of the call."""
        url, method = self._call.fields["Url"], self._call.fields.get("Method", "POST")
        verbs = await self._fetch(url, method, status, None)
        if status == "ringing":
            self._person.begins()
            self._reports.progress("in-progress")
        self._person.may_hang_up()
        for _ in range(MOST_DOCUMENTS):
            url, method, digits = await carry_out(self._person, verbs, url)
            verbs = await self._fetch(url, method, "in-progress", digits)

    async def _fetch(
        self, url: str, method: str, status: str, digits: str | None
    ) -> tuple[twiml.Verb, ...]:
        form = self._reports.form(status)
        if digits is not None:
            form["Digits"] = digits
        letter = self._account.letter(url, form, method=method)
        return await self._person.told(letter, twiml.verbs_of)
