"""The three books, and whether they agree: what sources were told, what the ledger says, what the
simulated providers delivered."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.survive.crowd import Heard

OPEN = frozenset({"held", "waiting", "sending", "sent"})
_REACHED = frozenset({"delivered", "acknowledged"})
# Ends that say that nobody got anything.
_UNSENT = frozenset({"failed", "expired", "cancelled", "suppressed"})

NOTIFICATIONS = """
SELECT 'ntf_' || replace(id::text, '-', '') AS id, state, reason, ended_at FROM notification
"""
ATTEMPTS = """
SELECT 'ntf_' || replace(a.notification_id::text, '-', '') AS id, a.step, a.try, a.account,
    a.reference, a.outcome, a.reason, a.verdict, a.asked,
    EXISTS (SELECT FROM history h WHERE h.notification_id = a.notification_id
            AND h.step = a.step AND h.try = a.try
            AND h.reason IN ('unknown_outcome', 'lease_expired')) AS doubted,
    EXISTS (SELECT FROM history h WHERE h.notification_id = a.notification_id
            AND h.step > a.step AND h.reason = 'receipt_missing') AS silent
FROM attempt a
"""


@dataclass(kw_only=True)
class Verdict:
    """Counts of what must not be, and of what may."""

    accepted: int
    lost: int
    not_ended: int
    doubled: int
    told_twice: int
    said_delivered_in_vain: int
    delivered_but_called_unsent: int
    unknowns: int
    states: Counter[str] = field(default_factory=Counter)
    excused: int = 0

    @property
    def wrong(self) -> list[str]:
        """What the case fails for."""
        counts = {
            "accepted and lost": self.lost,
            "not ended": self.not_ended,
            "references delivered twice": self.doubled,
            "people told twice": self.told_twice,
            "called delivered in vain": self.said_delivered_in_vain,
            "delivered but called unsent": self.delivered_but_called_unsent,
        }
        return [f"{what}: {count}" for what, count in counts.items() if count]


def compare(
    heard: Heard,
    notifications: Sequence[Mapping[str, Any]],
    attempts: Sequence[Mapping[str, Any]],
    delivered: Sequence[Mapping[str, Any]],
    may_wait: Collection[str] = (),
) -> Verdict:
    """`may_wait` are reasons for which a notice rightly waits beyond the end of the case."""
    ledger = {row["id"]: row for row in notifications}
    tries: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in attempts:
        tries[row["id"]].append(row)
    got = {(row["account"], row["reference"]): row["delivered"] for row in delivered}
    promised = {one for ids in heard.accepted.values() for one in ids}
    times = {
        one: sum(got.get((row["account"], row["reference"]), 0) for row in tries[one])
        for one in ledger
    }
    # What the ledger itself calls unknown, or calls silent, may be told again: the account's
    # policy and the route say so.
    doubted = {one for one in ledger if any(_in_doubt(row) or row["silent"] for row in tries[one])}
    twice = {one for one, count in times.items() if count > 1}
    return Verdict(
        accepted=len(promised),
        lost=len(promised - ledger.keys()),
        not_ended=sum(
            row["state"] in OPEN and row["reason"] not in may_wait for row in ledger.values()
        ),
        doubled=sum(count > 1 for count in got.values()),
        told_twice=len(twice - doubted),
        said_delivered_in_vain=sum(
            row["state"] in _REACHED and not times[one] for one, row in ledger.items()
        ),
        delivered_but_called_unsent=sum(
            row["state"] in _UNSENT and times[one] > 0 for one, row in ledger.items()
        ),
        unknowns=sum(_in_doubt(row) for row in attempts),
        states=Counter(
            f"{row['state']}: {row['reason']}" if row["reason"] else row["state"]
            for row in ledger.values()
        ),
        excused=len(twice & doubted),
    )


def _in_doubt(attempt: Mapping[str, Any]) -> bool:
    return bool(attempt["doubted"]) or attempt["outcome"] == "unknown" or attempt["asked"] > 1
