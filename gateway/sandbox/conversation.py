"""The person's side of a simulated call: rings, hears what is said, presses keys, hangs up. Whose
words lead it, and in what language, is the affair of who speaks."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic, time
from typing import NoReturn, TypeVar

from gateway.sandbox.books import Row
from gateway.sandbox.call import Call, Persona
from gateway.sandbox.handsets import Handset, Line
from gateway.sandbox.keypad import Keypad
from gateway.sandbox.postman import Letter, Unanswered
from gateway.sandbox.world import World

LETTERS_PER_S = 15
THINKS_S = 1.5
RECORDING_S = 3.0
# A watching person has this part of the time for a key; then the simulated one presses.
PATIENCE = 0.8

T = TypeVar("T")


class Over(Exception):
    """The call ends; the argument is its status."""


def spoken_s(text: str) -> float:
    """How long it takes to say it."""
    return len(text) / LETTERS_PER_S


class Conversation:
    """`row` is credited once a person has heard the first words to their end."""

    def __init__(
        self,
        world: World,
        call: Call,
        persona: Persona,
        handset: Handset,
        row: Row | None = None,
    ) -> None:
        self._world = world
        self._call = call
        self._persona = persona
        self._keys = list(persona.keys)
        self._questions = 0
        self._row = row
        self._handset = handset
        self._credited = False
        call.screen.hang_up = self._hang_up

    async def ended(self, course: Awaitable[None]) -> str:
        """The status with which a call ends that takes this course."""
        try:
            await course
            status = "failed"
        except Over as over:
            status = str(over)
        except asyncio.CancelledError:
            if not self._call.forced:
                raise
            status = self._call.forced
        if self._row:
            self._row.content = " ".join(self._spoken())
        return status

    async def rings(self, delay_s: float, longest_s: float) -> None:
        """Until somebody takes the call. Raises Over where nobody does."""
        await asyncio.sleep(delay_s)
        if self._persona.ends == "no-answer":
            await self.passes(longest_s)
        if self._persona.ends:
            raise Over(self._persona.ends)
        self.begins()

    def begins(self) -> None:
        self._call.started_at = time()

    def may_hang_up(self) -> None:
        """Raises Over where the person wants to hear nothing."""
        if self._persona.hangs_up:
            self._note(f"{self._who} gác máy ngay")
            self._call.talked_s = 1.0
            raise Over("completed")

    async def told(self, letter: Letter, understood: Callable[[str, bytes], T]) -> T:
        """What the application wants to be done next. Raises Over where it errs."""
        try:
            content_type, body = await self._world.postman.answer_to(letter)
            return understood(content_type, body)
        except (Unanswered, ValueError) as error:
            self._note(f"Không lấy được lời thoại: {error}")
            raise Over("failed") from None

    async def hears(self, text: str, keypad: Keypad | None = None) -> None:
        self._call.screen.lines.append(Line(by="voice", text=text))
        await self.passes(spoken_s(text), keypad)

    async def hears_recording(self, name: str, keypad: Keypad | None = None) -> None:
        self._call.screen.lines.append(Line(by="voice", text=f"♪ {name}"))
        await self.passes(RECORDING_S, keypad)

    def has_heard(self) -> None:
        """What was said until now has been heard to its end."""
        if self._row and self._spoken() and self._persona.is_human and not self._credited:
            self._credited = True
            self._row.delivered += 1

    async def is_asked(
        self, prompt: Callable[[Keypad], Awaitable[None]], limit_s: float, keypad: Keypad
    ) -> str:
        """What was pressed during the prompt or in time after it; empty for nothing. The time runs
        anew with each key. A question that leaves no time to think is none to the simulated
        person."""
        keys = self._own_keys() if limit_s >= THINKS_S else ""
        self._call.screen.keypad = keypad
        try:
            await prompt(keypad)
            await self._presses(keys, limit_s, keypad)
        finally:
            self._call.screen.keypad = None
        self._tell(keypad.pressed)
        return keypad.digits

    async def passes(self, seconds: float, keypad: Keypad | None = None) -> None:
        """Lets time pass in the call, shorter where a key is pressed meanwhile."""
        self._call.talked_s += seconds if self._call.started_at else 0.0
        pause_s = seconds * self._pace
        if keypad:
            await keypad.touched(pause_s)
        else:
            await asyncio.sleep(pause_s)

    def _own_keys(self) -> str:
        """What the simulated person presses now. Raises Over where there is nobody any more."""
        if self._persona.hangs_up_after == self._questions:
            self._note(f"{self._who} gác máy")
            raise Over("completed")
        self._questions += 1
        return self._keys.pop(0) if self._keys else ""

    async def _presses(self, keys: str, limit_s: float, keypad: Keypad) -> None:
        watched, began = self._handset.watched(), monotonic()
        thinks_s = THINKS_S if keys else limit_s
        wait_s = limit_s * (PATIENCE if keys else 1) if watched else thinks_s * self._pace
        while not keypad.complete and await keypad.another(wait_s):
            wait_s = limit_s
        self._call.talked_s += monotonic() - began if watched else thinks_s
        if keypad.pressed:
            return
        for key in keys:
            keypad.press(key)
        if keys and not keypad.complete:
            await self.passes(limit_s)

    def _hang_up(self) -> None:
        self._note(f"{self._who} gác máy")
        before = "canceled" if self._call.incoming else "busy"
        self._call.end("completed" if self._call.started_at else before)

    def _tell(self, pressed: str) -> None:
        word = "phím" if len(pressed) == 1 else "các phím"
        text = f"Bấm {word} {pressed}" if pressed else "Không bấm phím nào"
        self._call.screen.lines.append(Line(by="person" if pressed else "event", text=text))

    @property
    def _pace(self) -> float:
        return self._world.config.timing.pace

    @property
    def _who(self) -> str:
        return "Người gọi" if self._call.incoming else "Người nghe"

    def _spoken(self) -> list[str]:
        return [one.text for one in self._call.screen.lines if one.by == "voice"]

    def fails(self, why: str) -> NoReturn:
        """Raises Over."""
        self._note(why)
        raise Over("failed")

    def _note(self, text: str) -> None:
        self._call.screen.lines.append(Line(by="event", text=text))
