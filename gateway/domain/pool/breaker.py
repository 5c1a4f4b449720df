"""A breaker: after faults in a row an account is left alone, then tried with one call at a time.

A fault is an answer that never came or said that the provider is unwell; what a provider says about
one recipient or message is no fault.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class BreakerState(StrEnum):
    """`probing`: one call at a time may go, or is on its way."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Caution:
    """Opens after `faults` in a row, or after `few` where nothing went well for `silence_s`. It
    stays open for `open_s`, then twice as long after each probe that fails, up to `longest_s`."""

    faults: int = 10
    few: int = 3
    silence_s: float = 60.0
    open_s: float = 5.0
    longest_s: float = 300.0


@dataclass(slots=True)
class Breaker:
    """`clock` tells seconds that only ever grow."""

    caution: Caution
    clock: Callable[[], float]
    _in_a_row: int = field(default=0, init=False)
    _well_at: float = field(init=False)
    _opens_s: float = field(default=0.0, init=False)
    _open_until: float = field(default=0.0, init=False)
    _opened_at: float = field(default=0.0, init=False)
    _probing: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._well_at = self.clock()

    @property
    def is_closed(self) -> bool:
        return self._opens_s == 0

    @property
    def state(self) -> BreakerState:
        if self.is_closed:
            return BreakerState.CLOSED
        waits = not self._probing and self.clock() < self._open_until
        return BreakerState.OPEN if waits else BreakerState.PROBING

    @property
    def open_for_s(self) -> float:
        """Since it was closed last; 0 while it is."""
        return 0.0 if self.is_closed else self.clock() - self._opened_at

    def room(self, room: int) -> int:
        """How many of `room` calls may begin now."""
        if self.is_closed:
            return room
        if self._probing or self.clock() < self._open_until:
            return 0
        return min(room, 1)

    def began(self) -> None:
        self._probing = not self.is_closed

    def went_well(self) -> None:
        self._in_a_row, self._opens_s, self._probing = 0, 0.0, False
        self._well_at = self.clock()

    def told_nothing(self) -> None:
        """The call says nothing about the account's health."""
        self._probing = False

    def fault(self) -> bool:
        """Whether this fault opened the breaker, or opened it anew."""
        self._in_a_row += 1
        if not self.is_closed and not self._probing:
            return False  # it was under way when the breaker opened
        self._probing = False
        if self.is_closed and not self._too_many():
            return False
        caution = self.caution
        self._opened_at = self.clock() if self.is_closed else self._opened_at
        self._opens_s = min(2 * self._opens_s or caution.open_s, caution.longest_s)
        self._open_until = self.clock() + self._opens_s
        return True

    def half_open(self) -> None:
        """Go on with one call at a time, whatever was before."""
        self._opened_at = self.clock() if self.is_closed else self._opened_at
        self._opens_s = self._opens_s or self.caution.open_s
        self._open_until, self._probing = self.clock(), False

    def _too_many(self) -> bool:
        silent_s = self.clock() - self._well_at
        few = self._in_a_row >= self.caution.few and silent_s >= self.caution.silence_s
        return few or self._in_a_row >= self.caution.faults
