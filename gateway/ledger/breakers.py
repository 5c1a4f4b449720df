"""What all worker processes together say of the breakers of accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import orjson

from gateway.domain.pool import BreakerState
from gateway.ledger.heartbeats import GONE_AFTER_S, Beating

_HEARD = """
SELECT breakers FROM heartbeat WHERE kind = $1 AND at > now() - make_interval(secs => $2)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """Of so many workers, how many say that the breaker of an account is open, or being probed;
    `since` is when the first of them opened it. Without workers nothing is known."""

    workers: int
    open: int = 0
    probing: int = 0
    since: datetime | None = None


async def heard(connection: asyncpg.Connection) -> tuple[int, Mapping[str, Heard]]:
    """How many workers there are, and what they say of accounts whose breaker one of them has not
    closed."""
    found = await connection.fetch(_HEARD, Beating.WORKER, GONE_AFTER_S)
    rows = [orjson.loads(row["breakers"]) for row in found]
    told: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        for account, one in row.items():
            told.setdefault(account, []).append(one)
    return len(rows), {account: _together(len(rows), said) for account, said in told.items()}


def _together(workers: int, found: list[Mapping[str, str]]) -> Heard:
    states = [one["state"] for one in found]
    return Heard(
        workers=workers,
        open=states.count(BreakerState.OPEN),
        probing=states.count(BreakerState.PROBING),
        since=min(datetime.fromisoformat(one["since"]) for one in found),
    )
