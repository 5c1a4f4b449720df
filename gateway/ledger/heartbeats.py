"""Who is at work, as they tell every few seconds: workers, and the clock that leads."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

# A process that has been silent for this long is gone.
GONE_AFTER_S = 20.0

_BEAT = """
INSERT INTO heartbeat (holder, kind) VALUES ($1, $2)
ON CONFLICT (holder) DO UPDATE SET kind = excluded.kind, at = now()
"""

_LEAVE = "DELETE FROM heartbeat WHERE holder = $1"

_ALIVE = """
SELECT count(*) FROM heartbeat WHERE kind = $1 AND at > now() - make_interval(secs => $2)
"""

_SILENT = """
SELECT max(at) AS at, extract(epoch FROM now() - max(at))::float AS silent_s
FROM heartbeat WHERE kind = $1
"""

_FORGET = """
DELETE FROM heartbeat h WHERE at < now() - interval '1 day'
  AND EXISTS (SELECT FROM heartbeat o WHERE o.kind = h.kind AND o.at > h.at)
"""


class Beating(StrEnum):
    WORKER = "worker"
    CLOCK = "clock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Last:
    """When one of a kind told last that it is at work, and how long ago."""

    at: datetime
    silent_s: float


async def beat(connection: asyncpg.Connection, holder: str, kind: Beating) -> None:
    await connection.execute(_BEAT, holder, kind)


async def leave(connection: asyncpg.Connection, holder: str) -> None:
    """It ends in an orderly way; nobody waits for its silence."""
    await connection.execute(_LEAVE, holder)


async def alive(connection: asyncpg.Connection, kind: Beating) -> int:
    return int(await connection.fetchval(_ALIVE, kind, GONE_AFTER_S))


async def last(connection: asyncpg.Connection, kind: Beating) -> Last | None:
    """None where none of this kind ever told."""
    row = await connection.fetchrow(_SILENT, kind)
    return None if row["at"] is None else Last(**row)


async def forget_gone(connection: asyncpg.Connection) -> None:
    """But the last of each kind."""
    await connection.execute(_FORGET)
