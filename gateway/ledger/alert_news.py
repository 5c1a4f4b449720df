"""What is still to be told about alerts, by each way out. The alerts themselves say what there is
to tell, so nothing is lost with a process; what was told is noted afterwards, at least once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from gateway.domain.alert import Alert, AlertKind

# An alert that comes back soon after it was told of is told of later, if it is still open then.
_OWE = """
INSERT INTO alert_told (way, kind, subject, since)
SELECT w.way, a.kind, a.subject, a.since
FROM alert a CROSS JOIN unnest($1::text[]) AS w (way)
WHERE a.cleared_at IS NULL AND a.kind = ANY ($2) AND NOT EXISTS (
    SELECT FROM alert_told t
    WHERE (t.way, t.kind, t.subject) = (w.way, a.kind, a.subject)
      AND (t.since = a.since OR t.opened_at > now() - make_interval(secs => $3)))
ON CONFLICT DO NOTHING
"""

# Taken for a while, so that two who tell at once do not tell the same; a crash loses time only.
_TAKE = """
UPDATE alert_told t SET next_at = now() + make_interval(secs => $4)
FROM (
    SELECT t.way, t.kind, t.subject, t.since, a.detail, a.times, a.last_at, a.cleared_at
    FROM alert_told t
    JOIN alert a ON (a.kind, a.subject, a.since) = (t.kind, t.subject, t.since)
    WHERE t.way = $1 AND t.over_at IS NULL AND t.next_at <= now()
      AND (t.opened_at IS NULL OR a.cleared_at IS NOT NULL) AND t.kind = ANY ($2)
    ORDER BY t.since LIMIT $3 FOR UPDATE OF t SKIP LOCKED
) d
WHERE (t.way, t.kind, t.subject, t.since) = (d.way, d.kind, d.subject, d.since)
RETURNING t.kind, t.subject, t.since, t.tries, d.detail, d.times, d.last_at, d.cleared_at
"""

_TOLD = """
UPDATE alert_told t SET opened_at = coalesce(t.opened_at, now()), tries = 0, next_at = now(),
    over_at = CASE WHEN d.is_over THEN now() END
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::bool[])
    AS d (kind, subject, since, is_over)
WHERE (t.way, t.kind, t.subject, t.since) = ($1, d.kind, d.subject, d.since)
"""

_LATER = """
UPDATE alert_told t SET tries = tries + 1, next_at = now() + make_interval(secs => $5)
FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS d (kind, subject, since)
WHERE (t.way, t.kind, t.subject, t.since) = ($1, d.kind, d.subject, d.since)
"""

_FORGET = """
DELETE FROM alert_told t WHERE since < now() - interval '30 days' AND NOT EXISTS (
    SELECT FROM alert a WHERE (a.kind, a.subject, a.since) = (t.kind, t.subject, t.since)
      AND a.cleared_at IS NULL)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """An alert that is open, or is over (`over_at`)."""

    alert: Alert
    since: datetime
    last_at: datetime
    times: int
    over_at: datetime | None = None
    tries: int = 0


async def owe(connection: asyncpg.Connection, ways: Sequence[str], quiet_s: float) -> None:
    """Every open alert is to be told by every way, unless it was told within `quiet_s`."""
    await connection.execute(_OWE, list(ways), list(AlertKind), quiet_s)


async def take(connection: asyncpg.Connection, way: str, limit: int, for_s: float) -> list[News]:
    """What is to be told by this way now, oldest first. Nobody else takes it for so long."""
    rows = await connection.fetch(_TAKE, way, list(AlertKind), limit, for_s)
    return [_news(row) for row in sorted(rows, key=lambda row: row["since"])]


async def told(connection: asyncpg.Connection, way: str, news: Sequence[News]) -> None:
    await connection.execute(_TOLD, way, *_keys(news), [one.over_at is not None for one in news])


async def later(
    connection: asyncpg.Connection, way: str, news: Sequence[News], in_s: float
) -> None:
    await connection.execute(_LATER, way, *_keys(news), in_s)


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)


def _news(row: asyncpg.Record) -> News:
    return News(
        alert=Alert(kind=AlertKind(row["kind"]), subject=row["subject"], detail=row["detail"]),
        since=row["since"],
        last_at=row["last_at"],
        times=row["times"],
        over_at=row["cleared_at"],
        tries=row["tries"],
    )


def _keys(news: Sequence[News]) -> tuple[list[str], list[str], list[datetime]]:
    return (
        [one.alert.kind for one in news],
        [one.alert.subject for one in news],
        [one.since for one in news],
    )
