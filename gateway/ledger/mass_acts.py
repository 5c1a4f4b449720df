"""Acts on many notifications: on which, how far they got, and how each ended, by word."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

_PREPARE = """
INSERT INTO mass_act (id, user_id, actor, act, channel, notification_ids)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_FIND = """
SELECT id, user_id, act, channel, notification_ids, done, tally, begun_at, ended_at, stopped,
    stopped_by
FROM mass_act WHERE id = $1
"""
_LATEST = """
SELECT id, act, cardinality(notification_ids) AS total, done, begun_at, ended_at, stopped
FROM mass_act WHERE user_id = $1 AND begun_at IS NOT NULL ORDER BY id DESC LIMIT $2
"""
_BEGIN = """
UPDATE mass_act SET begun_at = now() WHERE id = $1 AND begun_at IS NULL RETURNING true
"""
_PROCEED = """
UPDATE mass_act SET done = $3, tally = $4::jsonb,
    ended_at = CASE WHEN $3 = cardinality(notification_ids) THEN now() END
WHERE id = $1 AND done = $2 AND ended_at IS NULL RETURNING ended_at IS NOT NULL
"""
_ENDED_SINCE = """
SELECT state = $2 AND reason = $3 AND ended_at >= $4 FROM notification WHERE id = $1
"""
_STANDING = """
SELECT state, count(*) AS times FROM notification
WHERE id = ANY ($1) AND ($2::text[] IS NULL OR unit = ANY ($2)) GROUP BY state
"""
_FORGET = """
DELETE FROM mass_act WHERE prepared_at < now() - interval '30 days'
    AND (begun_at IS NULL OR ended_at IS NOT NULL)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class MassAct:
    """`stopped`: a word for why it ended before its end."""

    id: UUID
    user_id: UUID
    act: str
    channel: str | None
    notification_ids: Sequence[UUID]
    done: int
    tally: Mapping[str, int]
    begun_at: datetime | None
    ended_at: datetime | None
    stopped: str = ""
    stopped_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BegunAct:
    """How far an act got that was confirmed."""

    id: UUID
    act: str
    total: int
    done: int
    begun_at: datetime
    ended_at: datetime | None
    stopped: str


async def prepare(connection: asyncpg.Connection, one: MassAct, actor: str) -> None:
    ids = list(one.notification_ids)
    await connection.execute(_PREPARE, one.id, one.user_id, actor, one.act, one.channel, ids)


async def find(connection: asyncpg.Connection, act_id: UUID) -> MassAct | None:
    return _act(await connection.fetchrow(_FIND, act_id))


async def latest(connection: asyncpg.Connection, user_id: UUID, limit: int) -> Sequence[BegunAct]:
    """Those somebody began, the newest first."""
    return [BegunAct(**row) for row in await connection.fetch(_LATEST, user_id, limit)]


async def begin(connection: asyncpg.Connection, act_id: UUID) -> bool:
    """Whether it begins just now."""
    return bool(await connection.fetchval(_BEGIN, act_id))


async def proceed(
    connection: asyncpg.Connection, act: MassAct, more: int, tally: Mapping[str, int]
) -> bool:
    """So many more are dealt with, unless somebody else has gone on from there meanwhile. Whether
    it has ended by that."""
    done = act.done + more
    return bool(await connection.fetchval(_PROCEED, act.id, act.done, done, json.dumps(tally)))


async def ended_since(
    connection: asyncpg.Connection, notification_id: UUID, state: str, reason: str, since: datetime
) -> bool:
    """It ended like this, and not before."""
    return bool(await connection.fetchval(_ENDED_SINCE, notification_id, state, reason, since))


async def standing(
    connection: asyncpg.Connection,
    notification_ids: Sequence[UUID],
    units: Sequence[str] | None,
) -> Counter[str]:
    """How many of them stand in which state; those of these units only."""
    rows = await connection.fetch(_STANDING, list(notification_ids), units)
    return Counter({row["state"]: row["times"] for row in rows})


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)


def _act(row: asyncpg.Record | None) -> MassAct | None:
    return MassAct(**{**row, "tally": json.loads(row["tally"])}) if row else None
