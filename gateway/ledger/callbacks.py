"""Callbacks that are owed: written with the feed's positions, claimed, and closed or put off.

At most one callback of a notification is under way. First tries go by revision; an older one that
failed is dropped when a newer one is claimed, so that no source hears them the wrong way round.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

_STOPPED = """EXISTS (
    SELECT FROM callback_stop s WHERE s.source = {source} AND s.directory_revision >= coalesce(
        (SELECT max(revision) FROM directory_entry WHERE kind = 'source' AND code = s.source), 0))
"""

_CLAIM = f"""
WITH wanted AS (
    SELECT w.source, w.room
    FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS w (source, room, turn)
    WHERE NOT {_STOPPED.format(source="w.source")} ORDER BY w.turn
), chosen AS (
    SELECT c.position, c.notification_id FROM wanted w CROSS JOIN LATERAL (
        SELECT c.position, c.notification_id FROM callback c
        WHERE c.source = w.source AND c.fate <> 'dead' AND c.next_at <= now() AND NOT EXISTS (
            SELECT FROM callback o WHERE o.notification_id = c.notification_id
              AND ((o.fate = 'sending' AND o.next_at > now())
                   OR (o.position < c.position AND o.fate = 'waiting' AND o.tries = 0)
                   OR (o.position > c.position AND c.tries > 0)))
        ORDER BY c.next_at, c.position LIMIT w.room FOR UPDATE OF c SKIP LOCKED
    ) c LIMIT $3
), overtaken AS (
    DELETE FROM callback o USING chosen c
    WHERE o.notification_id = c.notification_id AND o.position < c.position
      AND NOT (o.fate = 'sending' AND o.next_at > now())
    RETURNING o.notification_id
)
UPDATE callback c
SET fate = 'sending', tries = c.tries + 1, next_at = now() + $4 * interval '1 second'
FROM chosen, notification n
WHERE c.position = chosen.position AND n.id = chosen.notification_id
RETURNING c.position, c.notification_id, c.revision, c.source, c.state, c.reason, c.ended_at,
    c.tries, extract(epoch FROM now() - c.since)::float AS age_s, n.event_id, n.unit, n.kind,
    n.mode, n.sealed, n.seal_key,
    (SELECT count(*) FROM overtaken o WHERE o.notification_id = c.notification_id) AS overtaken
"""

_DELIVERED = "DELETE FROM callback WHERE position = ANY ($1)"

# A try whose lease ran out has been taken by another, which alone may judge the row now.
_FAILED = """
UPDATE callback c SET
    fate = CASE WHEN f.wait_s IS NULL THEN 'dead' ELSE 'waiting' END,
    next_at = now() + coalesce(f.wait_s, 0) * interval '1 second',
    last_ending = f.ending, last_at = now()
FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::float[])
    AS f (position, tries, ending, wait_s)
WHERE c.position = f.position AND c.tries = f.tries AND c.fate = 'sending'
"""

_STOP = """
INSERT INTO callback_stop (source, directory_revision) VALUES ($1, $2)
ON CONFLICT (source) DO UPDATE SET since = now(),
    directory_revision = greatest(callback_stop.directory_revision, excluded.directory_revision)
"""

_BURY = f"""
UPDATE callback c SET fate = 'dead'
WHERE c.fate <> 'dead' AND c.next_at <= now() AND c.since < now() - $1 * interval '1 second'
  AND (c.source <> ALL ($2::text[]) OR {_STOPPED.format(source="c.source")})
"""

_QUEUES = f"""
SELECT c.source, count(*) FILTER (WHERE fate <> 'dead') AS waiting,
    count(*) FILTER (WHERE fate = 'dead') AS dead,
    min(c.since) FILTER (WHERE fate <> 'dead') AS oldest, {_STOPPED.format(source="c.source")}
    AS stopped
FROM callback c GROUP BY c.source ORDER BY c.source
"""

_DEAD = """
SELECT position, notification_id, revision, source, state, ended_at, tries, last_ending, last_at
FROM callback WHERE fate = 'dead' AND ($1::text IS NULL OR source = $1)
ORDER BY position LIMIT $2
"""

_REDRIVE = """
UPDATE callback SET fate = 'waiting', tries = 0, next_at = now(), since = now()
WHERE ($1::text IS NULL OR source = $1) AND ($2::uuid IS NULL OR notification_id = $2)
  AND (fate = 'dead' OR (fate = 'waiting' AND next_at > now()))
"""

_UNSTOP = "DELETE FROM callback_stop WHERE $1::text IS NULL OR source = $1"


@dataclass(frozen=True, kw_only=True, slots=True)
class DueCallback:
    """One to be told now. `tries` counts this one; `overtaken` older ones of it were dropped."""

    position: int
    notification_id: UUID
    revision: int
    source: str
    state: str
    reason: str | None
    ended_at: datetime
    tries: int
    age_s: float
    event_id: UUID
    unit: str
    kind: str
    mode: str
    sealed: bytes | None
    seal_key: int | None
    overtaken: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedCallback:
    """A try that failed; without a wait it was the last."""

    position: int
    tries: int
    ending: str
    wait_s: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallbackQueue:
    """What one source has not been told. Stopped: it answered 410."""

    source: str
    waiting: int
    dead: int
    oldest: datetime | None
    stopped: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadCallback:
    """One that was given up."""

    position: int
    notification_id: UUID
    revision: int
    source: str
    state: str
    ended_at: datetime
    tries: int
    last_ending: str | None
    last_at: datetime | None


async def claim(
    connection: asyncpg.Connection, rooms: Mapping[str, int], most: int, lease_s: float
) -> list[DueCallback]:
    """Lease what is due, for each source as many as it has room for."""
    rows = await connection.fetch(_CLAIM, list(rooms), list(rooms.values()), most, lease_s)
    return [DueCallback(**row) for row in rows]


async def delivered(connection: asyncpg.Connection, positions: Sequence[int]) -> None:
    await connection.execute(_DELIVERED, list(positions))


async def failed(connection: asyncpg.Connection, failures: Sequence[FailedCallback]) -> None:
    await connection.execute(
        _FAILED,
        [one.position for one in failures],
        [one.tries for one in failures],
        [one.ending for one in failures],
        [one.wait_s for one in failures],
    )


async def stop(connection: asyncpg.Connection, source: str, directory_revision: int) -> None:
    """Tell this source nothing more until its entry is newer than `directory_revision`."""
    await connection.execute(_STOP, source, directory_revision)


async def bury(connection: asyncpg.Connection, older_than_s: float, told: Collection[str]) -> int:
    """Give up what has waited too long for a source that is stopped or not among `told`."""
    done: str = await connection.execute(_BURY, older_than_s, list(told))
    return int(done.rsplit(" ", 1)[-1])


async def queues(connection: asyncpg.Connection) -> list[CallbackQueue]:
    return [CallbackQueue(**row) for row in await connection.fetch(_QUEUES)]


async def dead(
    connection: asyncpg.Connection, source: str | None, limit: int
) -> list[DeadCallback]:
    return [DeadCallback(**row) for row in await connection.fetch(_DEAD, source, limit)]


async def redrive(
    connection: asyncpg.Connection, source: str | None, notification_id: UUID | None
) -> int:
    """Make due at once what was given up or put off, and lift stops; how many there were."""
    done: str = await connection.execute(_REDRIVE, source, notification_id)
    if notification_id is None:
        await connection.execute(_UNSTOP, source)
    return int(done.rsplit(" ", 1)[-1])
