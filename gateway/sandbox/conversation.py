"""The person's side of a simulated call: rings, hears what is said, presses keys, hangs up. Whose
words lead it, and in what language, is the caller's affair."""

import asyncio
from collections.abc import Awaitable, Callable
from time import time
from typing import TypeVar

from aiohttp import ClientError

from gateway.sandbox.books import Row
from gateway.sandbox.call import Call, Persona
from gateway.sandbox.handsets import Handset, Line
from gateway.sandbox.postman import Letter
from gateway.sandbox.world import World

LETTERS_PER_S = 15
THINKS_S = 1.5
# A watching person has this part of the time for a key; then the simulated one presses.
PATIENCE = 0.8

Pressed = asyncio.Future[str]
T = TypeVar("T")


class Over(Exception):
    """The call ends; the argument is its status."""


def spoken_s(text: str) -> float:
    """How long it takes to say it."""
    return len(text) / LETTERS_PER_S


class Conversation:
    """`row` is credited once a person has heard the first words to their end."""

    def __init__(
        self, world: World, call: Call, persona: Persona, row: Row, handset: Handset
    ) -> None:
        self._world = world
        self._call = call
        self._persona = persona
        self._keys = list(persona.keys)
        self._row = row
        self._handset = handset
        self._credited = False

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
        self._row.content = " ".join(self._spoken())
        return status

    async def rings(self, delay_s: float, longest_s: float) -> None:
        """Until somebody takes the call. Raises Over where nobody does."""
        await asyncio.sleep(delay_s)
        if self._persona.ends == "no-answer":
            await self.passes(longest_s)
        if self._persona.ends:
            raise Over(self._persona.ends)
        self._call.started_at = time()

    def may_hang_up(self) -> None:
        """Raises Over where the person wants to hear nothing."""
        if self._persona.hangs_up:
            self._note("Người nghe gác máy ngay")
            self._call.talked_s = 1.0
            raise Over("completed")

    async def told(self, letter: Letter, understood: Callable[[str, bytes], T]) -> T:
        """What the caller's application wants to be done next. Raises Over where it errs."""
        try:
            status, content_type, body = await self._world.postman.ask(letter)
            if not 200 <= status < 300:
                raise ValueError(f"HTTP {status}")
            return understood(content_type, body)
        except (ClientError, TimeoutError, ValueError) as error:
            self._note(f"Không lấy được lời thoại: {type(error).__name__}")
            raise Over("failed") from None

    async def hears(self, text: str, pressed: Pressed | None = None) -> None:
        self._call.screen.lines.append(Line(by="caller", text=text))
        await self.passes(spoken_s(text), pressed)

    def hears_a_recording(self) -> None:
        self._note("Phát một bản ghi âm")

    def has_heard(self) -> None:
        """What was said until now has been heard to its end."""
        if self._spoken() and self._persona.is_human and not self._credited:
            self._credited = True
            self._row.delivered += 1

    async def is_asked(self, prompt: Callable[[Pressed], Awaitable[None]], limit_s: float) -> str:
        """The key that was pressed during the prompt or in time after it; empty for none."""
        if self._persona.leaves_at_questions and limit_s >= THINKS_S:
            self._note("Người nghe gác máy")
            raise Over("completed")
        pressed: Pressed = asyncio.get_running_loop().create_future()
        self._call.screen.press = lambda key: None if pressed.done() else pressed.set_result(key)
        try:
            await prompt(pressed)
            key = await self._key(pressed, limit_s)
        finally:
            self._call.screen.press = None
        person = f"Bấm phím {key}" if key else "Không bấm phím nào"
        self._call.screen.lines.append(Line(by="person" if key else "event", text=person))
        return key

    async def passes(self, seconds: float, pressed: Pressed | None = None) -> None:
        """Lets time pass in the call, shorter where a key is pressed meanwhile."""
        self._call.talked_s += seconds if self._call.started_at else 0.0
        pause_s = seconds * self._world.config.timing.pace
        if pressed:
            await asyncio.wait([pressed], timeout=pause_s)
        else:
            await asyncio.sleep(pause_s)

    async def _key(self, pressed: Pressed, limit_s: float) -> str:
        own = self._keys.pop(0) if self._keys and limit_s >= THINKS_S else ""
        if self._handset.watched():
            wait_s = limit_s * PATIENCE if own else limit_s
        else:
            wait_s = (THINKS_S if own else limit_s) * self._world.config.timing.pace
        await asyncio.wait([pressed], timeout=wait_s)
        return pressed.result() if pressed.done() else own

    def _spoken(self) -> list[str]:
        return [one.text for one in self._call.screen.lines if one.by == "caller"]

    def _note(self, text: str) -> None:
        self._call.screen.lines.append(Line(by="event", text=text))
