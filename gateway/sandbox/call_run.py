"""Carries out a simulated call: rings, asks the caller's application what to say, says it, lets
the person press keys, and reports how it ended.

Source: twilio.com/docs/voice (TwiML, webhooks); twilio/twilio-oai.
"""

import asyncio
from time import time
from urllib.parse import urljoin

from aiohttp import ClientError

from gateway.sandbox import twiml
from gateway.sandbox.books import Row
from gateway.sandbox.call import Call, persona_of
from gateway.sandbox.call_reports import CallReports
from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import Handset, Line
from gateway.sandbox.twilio_account import TwilioAccount
from gateway.sandbox.world import World

LETTERS_PER_S = 15
THINKS_S = 1.5
# A watching person has this part of the time for a key; then the simulated one presses.
PATIENCE = 0.8
MOST_DOCUMENTS = 50


class _Over(Exception):
    """The call ends; the argument is its status."""


class CallRun:
    """`row` is credited once a person has heard the first words to their end."""

    def __init__(
        self, world: World, account: TwilioAccount, call: Call, fault: Fault, row: Row
    ) -> None:
        self._row = row
        self._credited = False
        self._world = world
        self._account = account
        self._call = call
        self._reports = CallReports(world, account, call, fault)
        self._persona = persona_of(fault)
        self._keys = list(self._persona.keys)

    async def run(self, handset: Handset, start_in_s: float) -> None:
        try:
            await asyncio.sleep(start_in_s)
            await self._ring()
            await self._talk(handset)
        except _Over as over:
            status = str(over)
        except asyncio.CancelledError:
            if not self._call.forced:
                raise
            status = self._call.forced
        self._row.content = " ".join(self._spoken())
        await self._reports.finish(status)

    async def _ring(self) -> None:
        self._reports.progress("initiated")
        self._reports.progress("ringing")
        await asyncio.sleep(self._account.conduct.receipt_delay_ms / 1000)
        if self._persona.ends == "no-answer":
            await self._pass(float(self._call.fields.get("Timeout", "60")))
        if self._persona.ends:
            raise _Over(self._persona.ends)
        self._call.started_at = time()
        if "MachineDetection" in self._call.fields:
            self._call.answered_by = self._persona.answered_by
        self._reports.progress("in-progress")

    async def _talk(self, handset: Handset) -> None:
        """Carries out one document after the other. Always raises _Over at the end."""
        url, method = self._call.fields["Url"], self._call.fields.get("Method", "POST")
        digits: str | None = None
        for _ in range(MOST_DOCUMENTS):
            verbs = await self._fetch(url, method, digits)
            if self._persona.hangs_up:
                self._note("Người nghe gác máy ngay")
                self._call.talked_s = 1.0
                raise _Over("completed")
            url, method, digits = await self._carry_out(verbs, url, handset)
        raise _Over("failed")

    async def _carry_out(
        self, verbs: tuple[twiml.Verb, ...], url: str, handset: Handset
    ) -> tuple[str, str, str | None]:
        """The next document's address, method and digits. Raises _Over at the end of the call."""
        for verb in verbs:
            if isinstance(verb, twiml.Say | twiml.Play | twiml.Pause):
                await self._speak(verb, None)
                continue
            self._credit()
            match verb:
                case twiml.Hangup():
                    raise _Over("completed")
                case twiml.Redirect():
                    return urljoin(url, verb.url), verb.method, None
            digits = await self._gather(verb, handset)
            if digits or verb.on_empty:
                return urljoin(url, verb.action), verb.method, digits
        self._credit()
        raise _Over("completed")

    def _credit(self) -> None:
        if self._spoken() and self._persona.is_human and not self._credited:
            self._credited = True
            self._row.delivered += 1

    def _spoken(self) -> list[str]:
        return [one.text for one in self._call.screen.lines if one.by == "caller"]

    async def _gather(self, gather: twiml.Gather, handset: Handset) -> str:
        """The key that was pressed in time; empty for none."""
        pressed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._call.screen.press = lambda key: None if pressed.done() else pressed.set_result(key)
        try:
            for prompt in gather.prompts:
                if not pressed.done():
                    await self._speak(prompt, pressed)
            key = await self._key(pressed, gather.timeout_s, handset)
        finally:
            self._call.screen.press = None
        person = f"Bấm phím {key}" if key else "Không bấm phím nào"
        self._call.screen.lines.append(Line(by="person" if key else "event", text=person))
        return key

    async def _key(self, pressed: asyncio.Future[str], limit_s: int, handset: Handset) -> str:
        own = self._keys.pop(0) if self._keys else ""
        if handset.watched():
            wait_s = limit_s * PATIENCE if own else float(limit_s)
        else:
            wait_s = (THINKS_S if own else limit_s) * self._world.config.timing.pace
        await asyncio.wait([pressed], timeout=wait_s)
        return pressed.result() if pressed.done() else own

    async def _speak(
        self, verb: twiml.Say | twiml.Play | twiml.Pause, pressed: asyncio.Future[str] | None
    ) -> None:
        match verb:
            case twiml.Say():
                for _ in range(verb.loop):
                    self._call.screen.lines.append(Line(by="caller", text=verb.text))
                    await self._pass(len(verb.text) / LETTERS_PER_S, pressed)
            case twiml.Play():
                self._note("Phát một bản ghi âm")
            case twiml.Pause():
                await self._pass(verb.length_s, pressed)

    async def _pass(self, seconds: float, pressed: asyncio.Future[str] | None = None) -> None:
        """Lets time pass in the call, shorter where a key is pressed meanwhile."""
        self._call.talked_s += seconds if self._call.started_at else 0.0
        pause_s = seconds * self._world.config.timing.pace
        if pressed:
            await asyncio.wait([pressed], timeout=pause_s)
        else:
            await asyncio.sleep(pause_s)

    async def _fetch(self, url: str, method: str, digits: str | None) -> tuple[twiml.Verb, ...]:
        form = self._reports.form("in-progress")
        if digits is not None:
            form["Digits"] = digits
        letter = self._account.letter(url, form, method=method)
        try:
            status, content_type, body = await self._world.postman.ask(letter)
            if not 200 <= status < 300:
                raise twiml.BadTwiml(f"HTTP {status}")
            return twiml.verbs_of(content_type, body)
        except (ClientError, TimeoutError, ValueError) as error:
            self._note(f"Không lấy được lời thoại: {type(error).__name__}")
            raise _Over("failed") from None

    def _note(self, text: str) -> None:
        self._call.screen.lines.append(Line(by="event", text=text))
