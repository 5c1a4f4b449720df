"""What worker processes say of their breakers, and what they say together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from gateway.domain.pool import BreakerState

# A process says at least so often that it is there; silent for longer, it has ended.
TOLD_EVERY_S = 5.0
_GONE_AFTER_S = 20.0

_TELL = """
INSERT INTO worker_seen (process, breakers)
SELECT $1, coalesce(jsonb_object_agg(account, jsonb_build_object('state', state, 'since',
    now() - make_interval(secs => for_s))) FILTER (WHERE account IS NOT NULL), '{}')
FROM unnest($2::text[], $3::text[], $4::float[]) AS b (account, state, for_s)
ON CONFLICT (process) DO UPDATE SET seen_at = now(), breakers = excluded.breakers
"""

_HEARD = """
SELECT breakers FROM worker_seen WHERE seen_at > now() - make_interval(secs => $1)
"""

_FORGET = "DELETE FROM worker_seen WHERE seen_at < now() - interval '1 hour'"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotClosed:
    """The breaker of one account in one process, and for how long it has not been closed."""

    state: BreakerState
    for_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """Of so many workers, how many say that the breaker of an account is open, or being probed;
    `since` is when the first of them opened it. Without workers nothing is known."""

    workers: int
    open: int = 0
    probing: int = 0
    since: datetime | None = None


async def tell(
    connection: asyncpg.Connection, process: UUID, breakers: Mapping[str, NotClosed]
) -> None:
    await connection.execute(
        _TELL,
        process,
        list(breakers),
        [one.state for one in breakers.values()],
        [one.for_s for one in breakers.values()],
    )


async def leave(connection: asyncpg.Connection, process: UUID) -> None:
    await connection.execute("DELETE FROM worker_seen WHERE process = $1", process)


async def heard(connection: asyncpg.Connection) -> tuple[int, Mapping[str, Heard]]:
    """How many workers there are, and what they say of accounts whose breaker one of them has not
    closed."""
    rows = [orjson.loads(row["breakers"]) for row in await connection.fetch(_HEARD, _GONE_AFTER_S)]
    told: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        for account, one in row.items():
            told.setdefault(account, []).append(one)
    return len(rows), {account: _together(len(rows), found) for account, found in told.items()}


async def forget_gone(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)


def _together(workers: int, found: list[Mapping[str, str]]) -> Heard:
    states = [one["state"] for one in found]
    return Heard(
        workers=workers,
        open=states.count(BreakerState.OPEN),
        probing=states.count(BreakerState.PROBING),
        since=min(datetime.fromisoformat(one["since"]) for one in found),
    )
