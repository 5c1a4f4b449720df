"""Where an attempt stands when something happens to it: step, promises, moment."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.hours import SendingHours

JITTER = 0.2


class UnknownPolicy(StrEnum):
    """What to do with an attempt that may have been sent and that nothing could resolve."""

    STOP = "stop"
    RESEND = "resend"


@dataclass(frozen=True, kw_only=True, slots=True)
class StepView:
    """A step and its latest attempt.

    `tries_s` are the waits before each try; `tries_used` counts the tries begun, `times_asked` the
    calls made for the latest attempt, both with the present one. `accepted`: the account took it.
    """

    channel: Channel
    tries_s: tuple[int, ...]
    tries_used: int
    times_asked: int
    opened_at: datetime
    window_s: float
    escalate_on_silence: bool = False
    accepted: bool = False
    has_provider_id: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TermsView:
    """What the attempt's account promises, and what its owner wants done where it cannot tell."""

    receipts: Receipts
    dedupe_window_s: float = 0
    query_by: QueryBy = QueryBy.NONE
    query_gives_up_after_s: float = 0
    unknown_policy: UnknownPolicy = UnknownPolicy.STOP

    @property
    def reports_delivery(self) -> bool:
        return self.receipts in (Receipts.HANDSET, Receipts.NETWORK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """Where an attempt stands now. `jitter` is a random number in [0, 1)."""

    step: StepView
    terms: TermsView
    now: datetime
    hours: SendingHours
    jitter: float

    @property
    def age_s(self) -> float:
        return (self.now - self.step.opened_at).total_seconds()

    @property
    def can_be_queried(self) -> bool:
        if self.terms.query_by is QueryBy.PROVIDER_ID:
            return self.step.has_provider_id
        return self.terms.query_by is not QueryBy.NONE

    @property
    def can_be_resolved(self) -> bool:
        return self.terms.receipts is not Receipts.NONE or self.can_be_queried

    def as_accepted(self, *, has_provider_id: bool) -> "Situation":
        """The same moment, now that the account is known to have the message."""
        step = replace(self.step, accepted=True, has_provider_id=has_provider_id)
        return replace(self, step=step)

    def until_open_s(self, delay_s: float) -> float:
        """`delay_s`, or longer where the channel is closed then."""
        due = self.now + timedelta(seconds=delay_s)
        return (self.hours.next_open(self.step.channel, due) - self.now).total_seconds()


def schedule(tries_s: tuple[int, ...], tries_used: int, jitter: float) -> float | None:
    """Seconds to the next try, give or take a fifth; None where all tries are used up."""
    return spread(tries_s[tries_used], jitter) if tries_used < len(tries_s) else None


def spread(seconds: float, jitter: float) -> float:
    return seconds * (1 - JITTER + 2 * JITTER * jitter)
