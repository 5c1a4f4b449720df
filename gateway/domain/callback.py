"""Callbacks: how one try to tell a source of an ending can end, and when the next one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """How one try ended."""

    DELIVERED = "delivered"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    GONE = "gone"
    THROTTLED = "throttled"
    FAILED = "failed"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    PRIVATE_ADDRESS = "private_address"
    BAD_ADDRESS = "bad_address"
    NO_SECRET = "no_secret"  # noqa: S105 - a word for its absence
    BROKEN = "broken"


# The receiver as a whole is in trouble, not this one callback.
TROUBLES = frozenset(
    {
        Ending.THROTTLED,
        Ending.FAILED,
        Ending.TIMEOUT,
        Ending.UNREACHABLE,
        Ending.PRIVATE_ADDRESS,
    }
)

# Jitter and pauses stretch the day; what is older than this beyond it is given up.
_STRETCH = 1.2


def ending_of(status: int) -> Ending:
    """What an HTTP status says, by Standard Webhooks: only 2xx is a success."""
    match status:
        case 410:
            return Ending.GONE
        case 429:
            return Ending.THROTTLED
        case _ if 200 <= status < 300:
            return Ending.DELIVERED
        case _ if 300 <= status < 400:
            return Ending.REDIRECTED
        case _ if 400 <= status < 500:
            return Ending.REFUSED
    return Ending.FAILED


@dataclass(frozen=True, kw_only=True, slots=True)
class Retries:
    """`waits_s[n]` is the wait after the n+1st try; after the last one it is given up."""

    waits_s: Sequence[float]

    @property
    def longest_s(self) -> float:
        return sum(self.waits_s) * _STRETCH

    def wait_s(
        self, tries: int, age_s: float, stretch: float, retry_after_s: float | None
    ) -> float | None:
        """How long after try number `tries` the next one is; None: give up.

        `stretch` is the jitter as a factor around 1. The receiver may ask for more time, but for
        no more than twice the step.
        """
        if tries > len(self.waits_s) or age_s > self.longest_s:
            return None
        step_s = self.waits_s[tries - 1]
        return max(step_s * stretch, min(retry_after_s or 0.0, 2 * step_s))
