"""How long what was claimed is this worker's, by a clock that also runs while the worker does not.

A process may be stopped, swapped out or moved to another host between its claim and its call. When
it wakes, others may have gone on already: what it would send now would come twice.
"""

import time
from dataclasses import dataclass, field

# What writing how a call ended, or that there was none, may take; a quarter of a short margin.
_TO_WRITE_S = 5.0


class LeaseLost(Exception):
    """Others go on with it. Nothing was sent, and nothing of it is to be written."""


def _running_s() -> float:
    """Seconds of this machine, those in which it slept included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """Made before the claim, so that it ends no later than the ledger's own. `margin_s` is what it
    has beyond the longest call."""

    margin_s: float
    longest_call_s: float
    began_s: float = field(default_factory=_running_s)

    @property
    def whole_s(self) -> float:
        return self.margin_s + self.longest_call_s

    def leaves_time_to_call(self) -> bool:
        """Whether a call that begins now ends within the lease. Raises LeaseLost where not even
        giving it back would be in time."""
        left_s = self.whole_s - (_running_s() - self.began_s)
        to_write_s = min(_TO_WRITE_S, self.margin_s / 4)
        if left_s < to_write_s:
            raise LeaseLost
        return left_s >= self.longest_call_s + to_write_s
