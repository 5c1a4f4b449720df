"""What the simulators saw and took, message by message: the other side of the account in tests
that compare books with the gateway. One small row per reference, found by key, never scanned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One submission. `content` is the text, or the template id and parameters of a Zalo message;
    a call has none until it has spoken."""

    provider: str
    account: str
    reference: str
    phone: str
    content: Any = None


class Row:
    """`taken` counts the submissions that the provider took as a message of their own, `delivered`
    how often the person got it."""

    __slots__ = ("content", "delivered", "entry", "first_at", "last_at", "submissions", "taken")

    def __init__(self, entry: Entry, at: float) -> None:
        self.entry = entry
        self.content = entry.content
        self.submissions = 0
        self.taken = 0
        self.delivered = 0
        self.first_at = self.last_at = at

    def told(self) -> dict[str, Any]:
        return {
            "provider": self.entry.provider,
            "account": self.entry.account,
            "reference": self.entry.reference,
            "phone": self.entry.phone,
            "content": self.content,
            "submissions": self.submissions,
            "taken": self.taken,
            "delivered": self.delivered,
            "first_at": _moment(self.first_at),
            "last_at": _moment(self.last_at),
        }


class Books:
    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Row] = {}

    def submitted(self, entry: Entry) -> Row:
        """Counts a submission, whatever becomes of it."""
        now = time()
        key = (entry.account, entry.reference)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row(entry, now)
        row.submissions += 1
        row.last_at = now
        return row

    def empty(self) -> None:
        self._rows.clear()

    def rows(self, *, untaken: bool = False) -> Iterator[dict[str, Any]]:
        """The messages that were taken; with `untaken`, also the submissions that never were."""
        return (row.told() for row in self._rows.values() if row.taken or untaken)

    def summary(self) -> dict[str, Any]:
        """Counts per account and in all."""
        total, accounts = _counts(), dict[str, dict[str, int]]()
        for row in self._rows.values():
            for counts in (total, accounts.setdefault(row.entry.account, _counts())):
                counts["messages"] += bool(row.taken)
                counts["submissions"] += row.submissions
                counts["taken"] += row.taken
                counts["delivered"] += row.delivered
                counts["doubled"] += row.delivered > 1
        return {**total, "accounts": accounts}


def _counts() -> dict[str, int]:
    return dict.fromkeys(("messages", "submissions", "taken", "delivered", "doubled"), 0)


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
