"""Carries out a simulated Twilio call: rings, asks the caller's application what to say, says it,
lets the person press keys, and reports how it ended.

Source: twilio.com/docs/voice (TwiML, webhooks); twilio/twilio-oai.
"""

import asyncio
from urllib.parse import urljoin

from gateway.sandbox import twiml
from gateway.sandbox.books import Row
from gateway.sandbox.call import Call, persona_of
from gateway.sandbox.call_reports import CallReports
from gateway.sandbox.conversation import Conversation, Over, Pressed
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import Handset
from gateway.sandbox.twilio_account import TwilioAccount
from gateway.sandbox.world import World

MOST_DOCUMENTS = 50


class CallRun:
    def __init__(
        self,
        world: World,
        account: TwilioAccount,
        call: Call,
        fault: Fault,
        row: Row,
        handset: Handset,
    ) -> None:
        self._account = account
        self._call = call
        self._persona = persona_of(fault)
        self._person = Conversation(world, call, self._persona, row, handset)
        self._reports = CallReports(world, account, call, fault)

    async def run(self, start_in_s: float) -> None:
        await self._reports.finish(await self._person.ended(self._course(start_in_s)))

    async def _course(self, start_in_s: float) -> None:
        """Carries out one document after the other. Raises Over at the end of the call."""
        await asyncio.sleep(start_in_s)
        await self._ring()
        url, method = self._call.fields["Url"], self._call.fields.get("Method", "POST")
        digits: str | None = None
        for _ in range(MOST_DOCUMENTS):
            verbs = await self._fetch(url, method, digits)
            self._person.may_hang_up()
            url, method, digits = await self._carry_out(verbs, url)

    async def _ring(self) -> None:
        self._reports.progress("initiated")
        self._reports.progress("ringing")
        longest_s = float(self._call.fields.get("Timeout", "60"))
        await self._person.rings(self._account.conduct.receipt_delay_ms / 1000, longest_s)
        if "MachineDetection" in self._call.fields:
            self._call.answered_by = self._persona.answered_by
        self._reports.progress("in-progress")

    async def _carry_out(
        self, verbs: tuple[twiml.Verb, ...], url: str
    ) -> tuple[str, str, str | None]:
        """The next document's address, method and digits. Raises Over at the end of the call."""
        for verb in verbs:
            if isinstance(verb, twiml.Say | twiml.Play | twiml.Pause):
                await self._speak(verb, None)
                continue
            self._person.has_heard()
            match verb:
                case twiml.Hangup():
                    raise Over("completed")
                case twiml.Redirect():
                    return urljoin(url, verb.url), verb.method, None
            digits = await self._gather(verb)
            if digits or verb.on_empty:
                return urljoin(url, verb.action), verb.method, digits
        self._person.has_heard()
        raise Over("completed")

    async def _gather(self, gather: twiml.Gather) -> str:
        """The key that was pressed in time; empty for none."""

        async def prompt(pressed: Pressed) -> None:
            for one in gather.prompts:
                if not pressed.done():
                    await self._speak(one, pressed)

        return await self._person.is_asked(prompt, gather.timeout_s)

    async def _speak(
        self, verb: twiml.Say | twiml.Play | twiml.Pause, pressed: Pressed | None
    ) -> None:
        match verb:
            case twiml.Say():
                for _ in range(verb.loop):
                    await self._person.hears(verb.text, pressed)
            case twiml.Play():
                self._person.hears_a_recording()
            case twiml.Pause():
                await self._person.passes(verb.length_s, pressed)

    async def _fetch(self, url: str, method: str, digits: str | None) -> tuple[twiml.Verb, ...]:
        form = self._reports.form("in-progress")
        if digits is not None:
            form["Digits"] = digits
        letter = self._account.letter(url, form, method=method)
        return await self._person.told(letter, twiml.verbs_of)
