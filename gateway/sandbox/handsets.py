"""The citizens' phones: what each one shows. Only the newest messages of all phones are kept."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import ClassVar

from gateway.sandbox.keypad import Keypad

# A page that asked this recently is taken to have a person in front of it.
WATCHED_S = 4.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ZaloCard:
    kind: ClassVar[str] = "zalo"
    at: datetime
    sender: str
    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsBubble:
    kind: ClassVar[str] = "sms"
    at: datetime
    sender: str
    text: str
    segments: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnText:
    """What the person wrote to one of an account's numbers."""

    kind: ClassVar[str] = "own"
    at: datetime
    to: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Something said or done in a call; `by` is voice (the automatic one), person or event."""

    by: str
    text: str


@dataclass(kw_only=True, slots=True)
class CallScreen:
    """`keypad` is there while the call waits for keys, `hang_up` while it is running. An incoming
    call is one that the phone made, `sender` the number at its other end."""

    kind: ClassVar[str] = "call"
    id: str
    at: datetime
    sender: str
    incoming: bool = False
    state: str = "Đang gọi…"
    lines: list[Line] = field(default_factory=list)
    keypad: Keypad | None = None
    hang_up: Callable[[], None] | None = None
    running: bool = True
    talked_s: int = 0


Item = ZaloCard | SmsBubble | OwnText | CallScreen


@dataclass(slots=True)
class Handset:
    phone: str
    items: deque[Item] = field(default_factory=deque)
    looked_at: float = float("-inf")

    def watched(self) -> bool:
        return monotonic() - self.looked_at < WATCHED_S

    @property
    def running(self) -> CallScreen | None:
        """The newest call that is not over."""
        calls = (one for one in reversed(self.items) if isinstance(one, CallScreen))
        return next((call for call in calls if call.running), None)

    def call(self, call_id: str) -> CallScreen | None:
        calls = (one for one in self.items if isinstance(one, CallScreen))
        return next((call for call in calls if call.id == call_id), None)


class Handsets:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._handsets: dict[str, Handset] = {}
        self._order: deque[str] = deque()

    def show(self, phone: str, item: Item) -> Handset:
        if len(self._order) >= self._limit:
            self._forget_oldest()
        handset = self._handsets.pop(phone, None) or Handset(phone)
        self._handsets[phone] = handset
        handset.items.append(item)
        self._order.append(phone)
        return handset

    def get(self, phone: str) -> Handset | None:
        return self._handsets.get(phone)

    def recent(self) -> Iterator[Handset]:
        """Those most recently written to first."""
        return reversed(self._handsets.values())

    def empty(self) -> None:
        self._handsets.clear()
        self._order.clear()

    def _forget_oldest(self) -> None:
        handset = self._handsets[self._order.popleft()]
        handset.items.popleft()
        if not handset.items:
            del self._handsets[handset.phone]
