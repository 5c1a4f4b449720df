"""From where on a queue is looked at.

Rows that were taken stay in a table's indexes for as long as somebody may still see them: a report,
a backup, a forgotten session. Walking over them would make each look longer than the last. So a
look begins a little before the first row that the last one found, and only every few seconds at
the very beginning, for rows that came to lie further back: committed late, or freed from a pause.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

Point = TypeVar("Point", datetime, int)

_FROM_THE_BEGINNING_EVERY_S = 5.0
# No statement of ours runs so long, and none puts so many rows at once.
_COMMITTED_LATE = timedelta(seconds=60)
_COMMITTED_LATE_ROWS = 10_000


@dataclass
class Horizon(Generic[Point]):
    """One queue's, in one process. `beginning` lies before every row."""

    beginning: Point
    margin: Any
    monotonic: Callable[[], float] = time.monotonic
    _since: Point = field(init=False)
    _began_at: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        self._since = self.beginning

    def look(self) -> Point:
        """Where the next look begins."""
        now = self.monotonic()
        if now - self._began_at < _FROM_THE_BEGINNING_EVERY_S:
            return self._since
        self._began_at = now
        return self.beginning

    def saw(self, first: Point) -> None:
        """The first row that was found, or the present end of the queue where there was none."""
        self._since = max(self.beginning, first - self.margin)


def of_times() -> Horizon[datetime]:
    """For a queue in the order of due times, which are the database's."""
    return Horizon(beginning=datetime(2000, 1, 1, tzinfo=UTC), margin=_COMMITTED_LATE)


def of_numbers() -> Horizon[int]:
    """For a queue in the order of an identity column."""
    return Horizon(beginning=0, margin=_COMMITTED_LATE_ROWS)
