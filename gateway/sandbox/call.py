"""One simulated call, and the persons who may take it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time
from typing import Any

from gateway.sandbox.faults import Fault
from gateway.sandbox.handsets import CallScreen


@dataclass(frozen=True, kw_only=True, slots=True)
class Persona:
    """Who takes the call, or makes it. `ends` is the status of a call that nobody takes; of `keys`,
    one entry is pressed at each question, key by key, and none after them. `hangs_up_after` so many
    questions that were listened to, the next one finds nobody."""

    ends: str = ""
    answered_by: str = "human"
    hangs_up: bool = False
    hangs_up_after: int | None = None
    keys: tuple[str, ...] = ()

    @property
    def is_human(self) -> bool:
        return self.answered_by == "human"


STATES: Mapping[str, str] = {
    "queued": "Đang chờ gọi",
    "ringing": "Đang đổ chuông…",
    "in-progress": "Đang nghe",
    "completed": "Đã kết thúc",
    "busy": "Máy bận",
    "no-answer": "Không nghe máy",
    "failed": "Cuộc gọi lỗi",
    "canceled": "Đã hủy",
}

ORDINARY = Persona(keys=("2",))

PERSONAS: Mapping[Fault, Persona] = {
    Fault.FAILED: Persona(ends="failed"),
    Fault.BUSY: Persona(ends="busy"),
    Fault.NO_ANSWER: Persona(ends="no-answer"),
    Fault.MACHINE: Persona(answered_by="machine_start"),
    Fault.FAX: Persona(answered_by="fax"),
    Fault.HANGS_UP: Persona(hangs_up=True),
    Fault.PRESSES_NOTHING: Persona(),
    Fault.PRESSES_1_THEN_2: Persona(keys=("1", "2")),
    Fault.PRESSES_WRONG_KEY: Persona(keys=("5",)),
    Fault.DECLINES: Persona(keys=("9",)),
    Fault.HANGS_UP_LATE: Persona(hangs_up_after=0),
}


def persona_of(fault: Fault) -> Persona:
    return PERSONAS.get(fault, ORDINARY)


@dataclass(kw_only=True, slots=True)
class Call:
    """A call as its provider keeps it. `phone` (84…) is the person's, whoever calls; `caller` and
    `called` are spelled as the provider tells them; times are Unix seconds; `forced` is the status
    that was asked for while the call was running."""

    id: str
    reference: str
    phone: str
    caller: str
    called: str
    fields: Mapping[str, str]
    events: frozenset[str]
    created_at: float
    screen: CallScreen
    status: str = "queued"
    answered_by: str | None = None
    started_at: float | None = None
    ended_at: float | None = None
    talked_s: float = 0.0
    sequence: int = 0
    forced: str = ""
    task: asyncio.Task[Any] | None = field(default=None, repr=False)

    @property
    def ended(self) -> bool:
        return self.ended_at is not None

    @property
    def duration_s(self) -> int:
        """What the call would have lasted had nobody hurried the clock."""
        return 0 if self.started_at is None else max(1, round(self.talked_s))

    def show(self, status: str) -> None:
        self.status = status
        self.screen.state = STATES[status]

    def over(self, status: str) -> None:
        self.show(status)
        self.screen.running = False
        self.screen.hang_up = None
        self.screen.talked_s = self.duration_s
        self.ended_at = time()

    @property
    def incoming(self) -> bool:
        return self.screen.incoming

    def end(self, status: str) -> None:
        """Somebody ends it: `canceled` or `busy` before it is taken, `completed` at any time."""
        self.forced = status
        if self.task:
            self.task.cancel()
