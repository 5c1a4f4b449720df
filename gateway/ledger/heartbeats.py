"""Who is at work, as they tell every few seconds: workers, with how their breakers stand, and the
clock that leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

import asyncpg

from gateway.domain.pool import BreakerState

# A process says at least so often that it is at work; silent for longer than this, it is gone.
EVERY_S = 5.0
GONE_AFTER_S = 20.0

_BEAT = """
INSERT INTO heartbeat (process, kind, breakers)
SELECT $1, $2, coalesce(jsonb_object_agg(account, jsonb_build_object('state', state, 'since',
    now() - make_interval(secs => for_s))) FILTER (WHERE account IS NOT NULL), '{}')
FROM unnest($3::text[], $4::text[], $5::float[]) AS b (account, state, for_s)
ON CONFLICT (process) DO UPDATE SET at = now(), breakers = excluded.breakers
"""

_LEAVE = "DELETE FROM heartbeat WHERE process = $1"

_ALIVE = """
SELECT count(*) FROM heartbeat WHERE kind = $1 AND at > now() - make_interval(secs => $2)
"""

_SILENT = """
SELECT max(at) AS at, extract(epoch FROM now() - max(at))::float AS silent_s
FROM heartbeat WHERE kind = $1
"""

_FORGET = """
DELETE FROM heartbeat h WHERE at < now() - interval '1 hour'
  AND EXISTS (SELECT FROM heartbeat o WHERE o.kind = h.kind AND o.at > h.at)
"""


class Beating(StrEnum):
    WORKER = "worker"
    CLOCK = "clock"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotClosed:
    """The breaker of one account in one process, and for how long it has not been closed."""

    state: BreakerState
    for_s: float


NONE: Mapping[str, NotClosed] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Last:
    """When one of a kind told last that it is at work, and how long ago."""

    at: datetime
    silent_s: float


async def beat(
    connection: asyncpg.Connection,
    process: UUID,
    kind: Beating,
    breakers: Mapping[str, NotClosed] = NONE,
) -> None:
    await connection.execute(
        _BEAT,
        process,
        kind,
        list(breakers),
        [one.state for one in breakers.values()],
        [one.for_s for one in breakers.values()],
    )


async def leave(connection: asyncpg.Connection, process: UUID) -> None:
    """It ends in an orderly way; nobody waits for its silence."""
    await connection.execute(_LEAVE, process)


async def alive(connection: asyncpg.Connection, kind: Beating) -> int:
    return int(await connection.fetchval(_ALIVE, kind, GONE_AFTER_S))


async def last(connection: asyncpg.Connection, kind: Beating) -> Last | None:
    """None where none of this kind ever told."""
    row = await connection.fetchrow(_SILENT, kind)
    return None if row["at"] is None else Last(**row)


async def forget_gone(connection: asyncpg.Connection) -> None:
    """But the last of each kind."""
    await connection.execute(_FORGET)
