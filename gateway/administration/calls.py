"""What operators see of calls: how many were answered, heard and understood, and what people asked
the line."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.administration.reached import ledger_of
from gateway.ledger import calls
from gateway.settings import Settings

# Endings of calls that somebody, or something, answered.
_ANSWERED = ("understood", "heard", "declined", "hung_up", "machine", "fax")
_HEARD = ("understood", "heard", "declined")


async def summary(settings: Settings, days: int, unit: str | None) -> dict[str, Any]:
    """The calls of the last `days`; those of one unit, or all."""
    since = datetime.now(UTC) - timedelta(days=days)
    async with ledger_of(settings) as database, database.connection() as connection:
        endings = await calls.outgoing(connection, since, unit)
        coming, coming_s, asked = await calls.incoming(connection, since)
    counts = {ending: count for ending, (count, _) in endings.items()}
    return {
        "outgoing": {
            "calls": sum(counts.values()),
            "answered": _sum(counts, _ANSWERED),
            "heard": _sum(counts, _HEARD),
            "understood": counts.get("understood", 0),
            "talked_s": sum(talked_s for _, talked_s in endings.values()),
            "by_ending": counts,
        },
        "line": {"calls": coming, "talked_s": coming_s, "asked": dict(asked)},
    }


def _sum(counts: dict[str, int], endings: tuple[str, ...]) -> int:
    return sum(counts.get(ending, 0) for ending in endings)
