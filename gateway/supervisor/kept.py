"""What must run all the time, and how soon it is started again after it has ended."""

from typing import Protocol

import structlog

from gateway.errors import BaotinError

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 5.0
# Who has run this long is trusted again: its next death is followed by the first delay.
STEADY_AFTER_S = 60.0
_log = structlog.get_logger(__name__)


class Startable(Protocol):
    """Something with a process id while it runs."""

    @property
    def pid(self) -> int | None: ...
    def start(self) -> object: ...


class Kept:
    """Starts its thing again, later each time unless it had run steadily. Times are monotonic."""

    def __init__(self, name: str, what: Startable) -> None:
        self._name = name
        self._what = what
        self._delay_s = 0.0
        self._started: float | None = None
        self._due: float | None = None

    def look(self, now: float) -> None:
        """Call this often. Starts at most once per call."""
        if self._what.pid is not None:
            self._started = now if self._started is None else self._started
        elif self._due is None:
            self._delay_s = self._next_delay(now)
            self._due = now + self._delay_s
            _log.error("child_ended", child=self._name, again_in_s=self._delay_s)
        elif now >= self._due:
            self._due = self._started = None
            self._start()

    def _next_delay(self, now: float) -> float:
        steady = self._started is not None and now - self._started >= STEADY_AFTER_S
        first = steady or not self._delay_s
        return FIRST_DELAY_S if first else min(self._delay_s * 2, LONGEST_DELAY_S)

    def _start(self) -> None:
        try:
            self._what.start()
        except BaotinError as error:
            _log.error("child_not_started", child=self._name, reason=str(error))
