"""What the clock looks after: leases, queries and receipt windows that have run out, late ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from gateway.domain.notification import Lane, LaneClass, WatchKind
from gateway.domain.route import Step
from gateway.ledger.horizon import Horizon
from gateway.ledger.pauses import shut
from gateway.ledger.receipts import Matched, matched

# Reserved while a provider may be asked, so that a second clock leaves them alone; a crash then
# loses time only.
_TAKE = """
WITH run_out AS (
    UPDATE watch w SET until = now()
        + CASE w.kind WHEN 'lease' THEN interval '20 seconds' ELSE interval '2 minutes' END
    FROM (SELECT notification_id, step, try, until AS ran_out_at FROM watch
          WHERE until <= now() AND until >= $2
          ORDER BY until LIMIT $1 FOR UPDATE SKIP LOCKED) d
    WHERE (w.notification_id, w.step, w.try) = (d.notification_id, d.step, d.try)
    RETURNING w.*, d.ran_out_at
)
SELECT w.kind AS watch_kind, w.notification_id, w.step, w.try,
    coalesce(a.channel, '') AS channel, coalesce(a.account, '') AS account,
    coalesce(a.reference, '') AS reference, a.provider_id, a.outcome, a.verdict,
    a.closed_at IS NOT NULL AS closed, a.asked,
    coalesce(a.opened_at, now()) AS opened_at, n.state, n.reason, n.step AS current_step,
    n.tries AS current_try, n.steps, n.source, n.unit, n.kind, n.publication,
    n.reference_seed, n.sealed, n.seal_key, n.latest_send_at, n.accepted_at, now() AS now,
    w.ran_out_at
FROM run_out w
JOIN notification n ON n.id = w.notification_id
LEFT JOIN attempt a
    ON a.notification_id = w.notification_id AND a.step = w.step AND a.try = w.try
"""

_DROP = """
DELETE FROM watch w USING unnest($1::uuid[], $2::smallint[], $3::smallint[]) AS d (id, step, try)
WHERE (w.notification_id, w.step, w.try) = (d.id, d.step, d.try)
"""

_LATE = """
SELECT d.notification_id, n.step, n.tries FROM due d
JOIN notification n ON n.id = d.notification_id
WHERE d.latest_at <= now() AND n.state IN ('waiting', 'held')
  -- One that is to be asked about gets an hour's grace: the answer tells what became of it.
  AND (d.ask_again IS NULL OR d.due_at < now() - interval '1 hour')
LIMIT $1
"""

# The due row is locked first, as a claim does.
_STRANDED = f"""
WITH waiting AS (
    SELECT notification_id FROM due
    WHERE pool = $1 AND due_at <= now() - make_interval(secs => $4) AND ask_again IS NULL
      AND notification_id > $3
      AND NOT {shut("$1", "$5")}
      AND unit NOT IN (SELECT code FROM pause WHERE scope = 'unit')
    ORDER BY notification_id LIMIT $2 FOR UPDATE SKIP LOCKED
)
SELECT w.notification_id AS id, n.step, n.tries, n.steps FROM waiting w
LEFT JOIN notification n ON n.id = w.notification_id
    AND n.state = 'waiting' AND n.step + 1 < json_array_length(n.steps)
ORDER BY w.notification_id
"""

_LANES = f"""
SELECT l.pool, l.class, first.due_at, now() AS now
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
    AS l (pool, class, since, channel)
LEFT JOIN LATERAL (
    SELECT due_at FROM due d
    WHERE d.pool = l.pool AND d.class = l.class AND d.due_at <= now() AND d.due_at >= l.since
      AND d.unit NOT IN (SELECT code FROM pause WHERE scope = 'unit')
      AND (d.ask_again IS NULL
           OR d.ask_again NOT IN
               (SELECT code FROM pause WHERE scope = 'account' AND NOT drains))
    ORDER BY due_at LIMIT 1
) first ON true
WHERE NOT {shut("l.pool", "l.channel")}
"""

# Held ones stand at infinity.
_WAITING = """
SELECT pool, class, count(*) AS rows FROM due WHERE due_at < 'infinity' GROUP BY pool, class
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOut:
    """A watch whose time came. `closed` False: the attempt's call never came back, or none was
    opened (`asked` None)."""

    kind: WatchKind
    closed: bool
    asked: int | None
    about: Matched


async def take_run_out(
    connection: asyncpg.Connection, limit: int, horizon: Horizon[datetime], now: datetime
) -> list[RunOut]:
    rows = await connection.fetch(_TAKE, limit, horizon.look())
    horizon.saw(min((row["ran_out_at"] for row in rows), default=now))
    return [
        RunOut(
            kind=WatchKind(row["watch_kind"]),
            closed=row["closed"],
            asked=row["asked"],
            about=matched(row),
        )
        for row in rows
    ]


async def drop(connection: asyncpg.Connection, abouts: Sequence[Matched]) -> None:
    await connection.execute(
        _DROP,
        [about.notification_id for about in abouts],
        [about.step for about in abouts],
        [about.try_no for about in abouts],
    )


async def late(connection: asyncpg.Connection, limit: int) -> list[tuple[UUID, int, int]]:
    """Waiting notifications whose latest time has passed: (id, step, tries)."""
    return [tuple(row) for row in await connection.fetch(_LATE, limit)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stranded:
    """A notification that waits for a pool which can send nothing, and could go on elsewhere."""

    id: UUID
    step: int
    tries: int
    steps: tuple[Step, ...]


async def stranded(
    connection: asyncpg.Connection,
    pool: str,
    channel: str,
    limit: int,
    after: UUID,
    waited_s: float,
) -> tuple[list[Stranded], UUID | None]:
    """One page of those that have been due for so long, in the order of their ids, and where the
    next page begins; None after the last. Locks what it looks at, in the caller's transaction."""
    rows = await connection.fetch(_STRANDED, pool, limit, after, waited_s, channel)
    found = [
        Stranded(
            id=row["id"],
            step=row["step"],
            tries=row["tries"],
            steps=tuple(Step.from_json(step) for step in orjson.loads(row["steps"])),
        )
        for row in rows
        if row["steps"] is not None
    ]
    return found, rows[-1]["id"] if len(rows) == limit else None


async def due_lanes(
    connection: asyncpg.Connection,
    horizons: Mapping[Lane, Horizon[datetime]],
    channels: Mapping[str, str],
) -> dict[Lane, float]:
    """Those of these lanes that have something due, with the oldest's age in seconds. `channels`
    are those of their pools."""
    rows = await connection.fetch(
        _LANES,
        [lane.pool for lane in horizons],
        [lane.klass.value for lane in horizons],
        [horizon.look() for horizon in horizons.values()],
        [channels.get(lane.pool, "") for lane in horizons],
    )
    due = {}
    for row in rows:
        lane = Lane(pool=row["pool"], klass=LaneClass(row["class"]))
        horizons[lane].saw(row["due_at"] or row["now"])
        if row["due_at"] is not None:
            due[lane] = (row["now"] - row["due_at"]).total_seconds()
    return due


async def waiting_rows(connection: asyncpg.Connection) -> dict[Lane, int]:
    return {
        Lane(pool=row["pool"], klass=LaneClass(row["class"])): row["rows"]
        for row in await connection.fetch(_WAITING)
    }
