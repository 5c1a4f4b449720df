"""Jobs: what a person confirmed and workers work off part by part. A row while one runs.

Whoever takes a job has it until its lease runs out; what the part brought is written in one
transaction with the row, and only by its holder, so that nothing is counted twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

# Many times what a part takes. After this long a killed worker's part is taken by another.
LEASE_S = 20

_BEGIN = "INSERT INTO job (id, kind, user_id, unit) VALUES ($1, $2, $3, $4)"

# A release before these rows, which works beside this one during an upgrade, begins without them.
_ADOPT = (
    "INSERT INTO job (id, kind, user_id, unit) SELECT l.id, 'hand_list', u.id, l.unit"
    " FROM hand_list l JOIN console_user u ON u.name = l.uploader WHERE l.state = 'running'"
    " ON CONFLICT (id) DO NOTHING",
    "INSERT INTO job (id, kind, user_id) SELECT id, 'mass_act', user_id FROM mass_act"
    " WHERE begun_at IS NOT NULL AND ended_at IS NULL ON CONFLICT (id) DO NOTHING",
)

_DUE = "SELECT EXISTS (SELECT FROM job WHERE leased_until < now())"

# What has waited longest is next, so that a long job holds up no short one.
_TAKE = """
UPDATE job SET holder = $1, leased_until = now() + $2 * interval '1 second', tries = tries + 1,
    part_since = coalesce(part_since, now())
WHERE id = (
    SELECT id FROM job WHERE leased_until < now() ORDER BY moved_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, kind, user_id, holder, begun_at, part_since, tries, stop_by
"""

_HOLD = "SELECT stop_by FROM job WHERE id = $1 AND holder = $2 FOR UPDATE"

_MOVE = """
UPDATE job SET moved_at = now(), leased_until = '-infinity', holder = NULL, part_since = NULL,
    tries = 0
WHERE id = $1
"""

_END = "DELETE FROM job WHERE id = $1"

_ASK_TO_STOP = """
UPDATE job SET stop_by = coalesce(stop_by, $2) WHERE id = $1 RETURNING part_since IS NULL
"""

_STOP = {
    "hand_list": "UPDATE hand_list SET state = 'done', stopped = $2, stopped_by = $3 WHERE id = $1",
    "mass_act": "UPDATE mass_act SET ended_at = now(), stopped = $2, stopped_by = $3 WHERE id = $1",
    "held_act": "UPDATE held_act SET ended_at = now(), stopped = $2, stopped_by = $3 WHERE id = $1",
}

_RUNNING = """
SELECT j.id, j.kind, j.user_id, u.name AS user_name, j.unit, j.begun_at, j.moved_at, j.stop_by,
    j.moved_at < now() - interval '2 minutes' AS is_late,
    coalesce(l.done, m.done, h.looked_at) AS done,
    coalesce(l.rows, cardinality(m.notification_ids), h.total) AS total,
    coalesce(m.act, h.act, '') AS act
FROM job j JOIN console_user u ON u.id = j.user_id
LEFT JOIN hand_list l ON l.id = j.id
LEFT JOIN mass_act m ON m.id = j.id
LEFT JOIN held_act h ON h.id = j.id
WHERE $1::uuid IS NULL OR j.id = $1
ORDER BY j.begun_at
"""

_UNDER_WAY = """
SELECT EXISTS (SELECT FROM job WHERE id = ANY ($1) AND leased_until > now() AND part_since <= $2)
"""


class JobKind(StrEnum):
    HAND_LIST = "hand_list"
    MASS_ACT = "mass_act"
    HELD_ACT = "held_act"


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A job in our hands. `tries` above 1: its part was begun before and is not noted."""

    id: UUID
    kind: JobKind
    user_id: UUID
    holder: UUID
    begun_at: datetime
    part_since: datetime
    tries: int
    stop_by: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """How a job stands; of what it is about only figures. `stop_by` has asked it to stop."""

    id: UUID
    kind: JobKind
    user_id: UUID
    user_name: str
    unit: str | None
    begun_at: datetime
    moved_at: datetime
    stop_by: str | None
    is_late: bool
    done: int
    total: int
    act: str


async def begin(
    connection: asyncpg.Connection, job_id: UUID, kind: JobKind, user_id: UUID, unit: str | None
) -> None:
    await connection.execute(_BEGIN, job_id, kind.value, user_id, unit)


async def adopt(connection: asyncpg.Connection) -> None:
    """Whatever runs has a row."""
    for statement in _ADOPT:
        await connection.execute(statement)


async def is_due(connection: asyncpg.Connection) -> bool:
    """Something runs that nobody has in hand."""
    return bool(await connection.fetchval(_DUE))


async def take(connection: asyncpg.Connection, holder: UUID) -> Taken | None:
    row = await connection.fetchrow(_TAKE, holder, LEASE_S)
    return Taken(**{**row, "kind": JobKind(row["kind"])}) if row else None


async def hold(connection: asyncpg.Connection, taken: Taken) -> tuple[bool, str | None]:
    """Whether it is still ours, to the end of the transaction; and who asked it to stop."""
    row = await connection.fetchrow(_HOLD, taken.id, taken.holder)
    return (True, row["stop_by"]) if row else (False, None)


async def move(connection: asyncpg.Connection, job_id: UUID) -> None:
    """A part further: anybody may take the next one."""
    await connection.execute(_MOVE, job_id)


async def end(connection: asyncpg.Connection, job_id: UUID) -> None:
    await connection.execute(_END, job_id)


async def stop(
    connection: asyncpg.Connection, job_id: UUID, kind: JobKind, word: str, name: str
) -> None:
    """End it before its end. What was done stays done."""
    await connection.execute(_STOP[kind], job_id, word, name)
    await end(connection, job_id)


async def ask_to_stop(connection: asyncpg.Connection, job_id: UUID, name: str) -> bool:
    """True where no part of it was begun: then the caller stops it, in the same transaction.
    Otherwise it stops once that part is noted, so that what was done is counted."""
    return bool(await connection.fetchval(_ASK_TO_STOP, job_id, name))


async def running(connection: asyncpg.Connection) -> Sequence[Running]:
    """All of them, the oldest first."""
    return [_running(row) for row in await connection.fetch(_RUNNING, None)]


async def find(connection: asyncpg.Connection, job_id: UUID) -> Running | None:
    row = await connection.fetchrow(_RUNNING, job_id)
    return _running(row) if row else None


async def under_way(
    connection: asyncpg.Connection, job_ids: Sequence[UUID], begun_by: datetime
) -> bool:
    """Somebody works on a part of one of them that was taken by then."""
    return bool(await connection.fetchval(_UNDER_WAY, list(job_ids), begun_by))


def _running(row: asyncpg.Record) -> Running:
    return Running(**{**row, "kind": JobKind(row["kind"])})
