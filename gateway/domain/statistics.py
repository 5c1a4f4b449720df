"""What notifications are counted by, and the words and classes of those counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.status import OPEN, State

# How fast a notice arrived: class 1 within the first of these seconds, class 2 within the second …;
# the class after the last is for all others, and 0 for what has not arrived.
SPEEDS_S = (60, 300, 900, 3_600, 14_400, 86_400)


class Ending(StrEnum):
    """What is known of one attempt, a provider's report before its answer."""

    OPEN = "open"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    TAKEN = "taken"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    TRY_AGAIN = "try_again"


class Group(StrEnum):
    """States as people ask for them: did it arrive?"""

    ARRIVED = "arrived"
    UNDER_WAY = "under_way"
    UNCERTAIN = "uncertain"
    LOST = "lost"
    NOT_OWED = "not_owed"


GROUP_OF: Mapping[State, Group] = {
    **dict.fromkeys(OPEN, Group.UNDER_WAY),
    State.DELIVERED: Group.ARRIVED,
    State.ACKNOWLEDGED: Group.ARRIVED,
    State.UNCONFIRMED: Group.UNCERTAIN,
    State.FAILED: Group.LOST,
    State.EXPIRED: Group.LOST,
    State.CANCELLED: Group.NOT_OWED,
    State.SUPPRESSED: Group.NOT_OWED,
}
# A provider took it, whatever it says of it later; or may have, which is counted apart.
SENT = frozenset({State.SENT, State.UNCONFIRMED, State.DELIVERED, State.ACKNOWLEDGED})


def grouped(states: Mapping[State, int]) -> dict[Group, int]:
    """Every group, also those without any."""
    found = dict.fromkeys(Group, 0)
    for state, count in states.items():
        found[GROUP_OF[state]] += count
    return found


def surely_sent(states: Mapping[State, int], doubtful: int) -> int:
    """`doubtful` of them ended in a call whose outcome nobody knows: they may never have left."""
    return sum(count for state, count in states.items() if state in SENT) - doubtful


def arrived_share(groups: Mapping[Group, int]) -> float | None:
    """The part that arrived of those that ended and were owed; None before any has ended."""
    ended = groups[Group.ARRIVED] + groups[Group.UNCERTAIN] + groups[Group.LOST]
    return groups[Group.ARRIVED] / ended if ended else None


class Concern(StrEnum):
    """Why not all is well; the gravest first."""

    PAUSED = "paused"
    ALERTS = "alerts"
    ACCOUNTS_FAIL = "accounts_fail"
    WAITS_LONG = "waits_long"
    FEW_ARRIVE = "few_arrive"
    OVER_BUDGET = "over_budget"
    NOT_CURRENT = "not_current"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signs:
    """What is looked at to tell whether all is well. `oldest_s`: how long the oldest notice is
    overdue whose channel is open. `failing`: accounts that fail and have no alert of their own."""

    is_current: bool
    alerts: int
    failing: int
    pauses: int
    oldest_s: float
    today: Mapping[Group, int]
    budgets_spent: Sequence[float]


_WAITS_LONG_S = 900.0
_FEW_ARRIVE = 0.8
# With fewer that ended, a share says nothing.
_LEAST_ENDED = 50


def concerns(signs: Signs) -> Iterator[Concern]:
    if signs.pauses:
        yield Concern.PAUSED
    if signs.alerts:
        yield Concern.ALERTS
    if signs.failing:
        yield Concern.ACCOUNTS_FAIL
    if signs.oldest_s > _WAITS_LONG_S:
        yield Concern.WAITS_LONG
    share = arrived_share(signs.today)
    ended = sum(signs.today[one] for one in (Group.ARRIVED, Group.UNCERTAIN, Group.LOST))
    if share is not None and share < _FEW_ARRIVE and ended >= _LEAST_ENDED:
        yield Concern.FEW_ARRIVE
    if any(spent > 1 for spent in signs.budgets_spent):
        yield Concern.OVER_BUDGET
    if not signs.is_current:
        yield Concern.NOT_CURRENT
