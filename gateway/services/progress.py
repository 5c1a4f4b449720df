"""How far a walk through the ledger has come: rows are met in the order in which they were made."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.domain.identity import minted_at


@dataclass(frozen=True, kw_only=True)
class Progress:
    """`share` from 0 to 1; None for a table whose keys tell no time."""

    table: str
    rows: int
    share: float | None = None

    def __str__(self) -> str:
        percent = "" if self.share is None else f" {self.share:.0%},"
        return f"{self.table}:{percent} {self.rows} rows"


def share_of_time(first: object, now_at: object, last: datetime) -> float | None:
    """How much of the time from `first` to `last` lies behind the row at `now_at`."""
    if not isinstance(first, UUID) or not isinstance(now_at, UUID):
        return None
    whole_s = (last - minted_at(first)).total_seconds()
    gone_s = (minted_at(now_at) - minted_at(first)).total_seconds()
    return min(1.0, gone_s / whole_s) if whole_s > 0 else 1.0
