"""Attempts by account as rows of figures: how many arrived, failed, or are still open to both.

What an attempt of unknown outcome would cost, and its parts, are counted apart: nobody knows
whether it was made.
"""

from collections.abc import Sequence
from typing import Any

from gateway.domain.statistics import Ending
from gateway.ledger.statistics import Attempts

_ARRIVED = (Ending.DELIVERED, Ending.ACKNOWLEDGED)
_FAILED = (Ending.REJECTED, Ending.FAILED, Ending.TRY_AGAIN)
_SUMS = ("attempts", "arrived", "failed", "unknown", "segments", "cost_vnd", "doubtful_vnd")


def by_account(attempts: Sequence[Attempts]) -> list[dict[str, Any]]:
    """Ordered as they come. `share` is that of what is judged, None before anything is."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in attempts:
        row = found.setdefault(
            (one.channel, one.account),
            {"channel": one.channel, "account": one.account, **dict.fromkeys(_SUMS, 0)},
        )
        row["attempts"] += one.attempts
        if one.ending == Ending.UNKNOWN:
            row["unknown"] += one.attempts
            row["doubtful_vnd"] += one.cost_vnd
        else:
            row["segments"] += one.segments
            row["cost_vnd"] += one.cost_vnd
        row["arrived"] += one.attempts if one.ending in _ARRIVED else 0
        row["failed"] += one.attempts if one.ending in _FAILED else 0
    for row in found.values():
        judged = row["arrived"] + row["failed"]
        row["share"] = row["arrived"] / judged if judged else None
    return list(found.values())
