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
SELECT id, act, channel, notification_ids, done, tally, begun_at, ended_at FROM mass_act
WHERE id = $1 AND user_id = $2
"""
_BEGIN = """
UPDATE mass_act SET begun_at = now() WHERE id = $1 AND begun_at IS NULL RETURNING true
"""
_PROCEED = """
UPDATE mass_act SET done = $3, tally = $4::jsonb,
    ended_at = CASE WHEN $3 = cardinality(notification_ids) THEN now() END
WHERE id = $1 AND done = $2
"""
_STANDING = """
SELECT state, count(*) AS times FROM notification
WHERE id = ANY ($1) AND ($2::text[] IS NULL OR unit = ANY ($2)) GROUP BY state
"""
_FORGET = "DELETE FROM mass_act WHERE prepared_at < now() - interval '30 days'"


@dataclass(frozen=True, kw_only=True, slots=True)
class MassAct:
    id: UUID
    act: str
    channel: str | None
    notification_ids: Sequence[UUID]
    done: int
    tally: Mapping[str, int]
    begun_at: datetime | None
    ended_at: datetime | None


async def prepare(connection: asyncpg.Connection, one: MassAct, user_id: UUID, actor: str) -> None:
    ids = list(one.notification_ids)
    await connection.execute(_PREPARE, one.id, user_id, actor, one.act, one.channel, ids)


async def find(connection: asyncpg.Connection, act_id: UUID, user_id: UUID) -> MassAct | None:
    return _act(await connection.fetchrow(_FIND, act_id, user_id))


async def begin(connection: asyncpg.Connection, act_id: UUID) -> bool:
    """Whether it begins just now."""
    return bool(await connection.fetchval(_BEGIN, act_id))


async def proceed(
    connection: asyncpg.Connection, act: MassAct, more: int, tally: Mapping[str, int]
) -> None:
    """So many more are dealt with, unless somebody else has gone on from there meanwhile."""
    await connection.execute(_PROCEED, act.id, act.done, act.done + more, json.dumps(tally))


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
