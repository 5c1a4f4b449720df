"""Whether notices arrive as they used to: judged by how many ended how, and only of enough of them.

A share of a few says nothing, and neither does one that chance alone may have made. So a small
centre is judged by its day where its hour has too few.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.statistics import GROUP_OF, Group
from gateway.domain.status import State

WEEK = timedelta(days=7)
QUARTER = timedelta(minutes=15)
_JUDGED = (Group.ARRIVED, Group.UNCERTAIN, Group.LOST)
# A difference of so many standard deviations is no chance, even if looked for every minute.
_SURELY = 4.0
# Half of the way back is well again, so that an alert does not come and go.
_BACK = 0.5


class Verdict(StrEnum):
    WELL = "well"
    BETWEEN = "between"
    WRONG = "wrong"
    TOO_FEW = "too_few"


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrivalRules:
    """An hour with fewer endings than `least_ended` is not judged. Deliveries fall where the share
    that arrived is below `fell_to` times that of a week before; reports are missing where that part
    of what an account took ended without one."""

    least_ended: int
    fell_to: float
    reports_missing: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """So many of a whole."""

    part: int = 0
    whole: int = 0

    @property
    def share(self) -> float:
        return self.part / self.whole if self.whole else 0.0

    def __add__(self, other: "Part") -> "Part":
        return Part(part=self.part + other.part, whole=self.whole + other.whole)


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What was found, and by which figures; `before` are those of a week earlier."""

    verdict: Verdict
    now: Part
    before: Part = Part()


def stretches(now: datetime, hours: Sequence[int]) -> list[tuple[datetime, datetime]]:
    """The last so many hours, up to the last full quarter."""
    until = now - (now - datetime(2000, 1, 1, tzinfo=now.tzinfo)) % QUARTER
    return [(until - timedelta(hours=one), until) for one in hours]


def arrived(states: Mapping[State, int]) -> Part:
    """Of those that ended and were owed, the part that is known to have arrived."""
    groups = [(GROUP_OF[state], count) for state, count in states.items()]
    return Part(
        part=sum(count for group, count in groups if group is Group.ARRIVED),
        whole=sum(count for group, count in groups if group in _JUDGED),
    )


def deliveries(now: Part, before: Part, rules: ArrivalRules) -> Looked:
    """Held against the same time a week before."""
    verdict = Verdict.TOO_FEW
    if min(now.whole, before.whole) >= rules.least_ended:
        limit = rules.fell_to * before.share
        well = limit + _BACK * (before.share - limit)
        verdict = Verdict.WELL if now.share >= well else Verdict.BETWEEN
        if now.share < limit and _is_no_chance(now, before):
            verdict = Verdict.WRONG
    return Looked(verdict=verdict, now=now, before=before)


def reports(missing: Part, rules: ArrivalRules) -> Looked:
    """`missing` of what an account took."""
    verdict = Verdict.TOO_FEW
    if missing.whole >= rules.least_ended:
        limit = rules.reports_missing
        verdict = Verdict.WRONG if missing.share > limit else Verdict.BETWEEN
        verdict = Verdict.WELL if missing.share <= limit * _BACK else verdict
    return Looked(verdict=verdict, now=missing)


def _is_no_chance(now: Part, before: Part) -> bool:
    both = now + before
    spread = math.sqrt(both.share * (1 - both.share) * (1 / now.whole + 1 / before.whole))
    return before.share - now.share > _SURELY * spread
