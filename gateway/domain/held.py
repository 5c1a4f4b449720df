"""What may become of a held notification: whether sending it now could be the second time.

Two things make it doubtful: an attempt of its step that was accepted or may have been, and a
restore, after which nobody knows what was sent since the backup. A doubt is harmless where the
account surely still remembers the reference and would refuse it a second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Prospect(StrEnum):
    """How a held notification stands. The words are shown to operators."""

    READY = "ready"
    ASK_AGAIN = "ask_again"  # the account of the doubtful attempt refuses a second copy
    MAYBE_SENT = "maybe_sent"
    LATE = "late"


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldView:
    """`since_backup_s` is None if it was accepted after the last restore; `earlier_doubt`: a try
    before the current one may have been sent; `account` made a doubtful current try."""

    pool: str
    late: bool = False
    since_backup_s: float | None = None
    earlier_doubt: bool = False
    account: str | None = None
    opened_s_ago: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """For how many seconds each account refuses a reference it has taken, and each pool's accounts.

    Another account of a pool knows nothing of what the first one sent.
    """

    account_s: Mapping[str, float]
    pools: Mapping[str, tuple[str, ...]]

    def of_pool(self, pool: str) -> float:
        accounts = self.pools.get(pool, ())
        return self.account_s.get(accounts[0], 0.0) if len(accounts) == 1 else 0.0


def prospect(held: HeldView, memory: Memory) -> Prospect:
    if held.late:
        return Prospect.LATE
    if held.earlier_doubt:
        return Prospect.MAYBE_SENT
    if held.account is not None:
        remembered = memory.account_s.get(held.account, 0.0) > (held.opened_s_ago or 0.0)
        return Prospect.ASK_AGAIN if remembered else Prospect.MAYBE_SENT
    if held.since_backup_s is not None and memory.of_pool(held.pool) <= held.since_backup_s:
        return Prospect.MAYBE_SENT
    return Prospect.READY
