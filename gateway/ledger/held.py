"""Held notifications: which there are, and what their attempts tell.

Each keeps a due row at infinity. Whoever decides about one locks that row first, as a claim does;
so nothing is decided twice, and nothing that is already on its way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.domain.held import HeldView

# An attempt that was accepted, or may have been, and of which nothing bad was reported since.
_HELD = """
SELECT n.id, n.source, n.unit, n.kind, n.reason, n.step, n.tries, d.pool, d.phone,
    n.latest_send_at <= now() AS late,
    extract(epoch FROM now() - r.backup_at) AS since_backup_s,
    coalesce(a.earlier, false) AS earlier_doubt, a.account,
    extract(epoch FROM now() - a.opened_at) AS opened_s_ago
FROM due d
JOIN notification n ON n.id = d.notification_id
LEFT JOIN LATERAL (
    SELECT max(backup_at) AS backup_at FROM restore WHERE backup_at >= n.accepted_at
) r ON true
LEFT JOIN LATERAL (
    SELECT bool_or(try <> n.tries) AS earlier,
        min(account) FILTER (WHERE try = n.tries) AS account,
        min(opened_at) FILTER (WHERE try = n.tries) AS opened_at
    FROM attempt a
    WHERE a.notification_id = n.id AND a.step = n.step
      AND (a.outcome IS NULL OR a.outcome IN ('accepted', 'unknown'))
      AND coalesce(a.verdict, 'progress') = 'progress'
) a ON true
WHERE d.due_at = 'infinity' AND d.notification_id > $1
  AND ($2::text IS NULL OR n.source = $2) AND ($3::text IS NULL OR n.unit = $3)
  AND ($4::text IS NULL OR n.kind = $4) AND ($5::text IS NULL OR n.reason = $5)
  AND ($6::timestamptz IS NULL OR n.accepted_at >= $6)
  AND ($7::timestamptz IS NULL OR n.accepted_at < $7)
  AND ($8::float IS NULL OR n.accepted_at < now() - $8 * interval '1 second')
ORDER BY d.notification_id LIMIT $9
"""

FIRST = UUID(int=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which held ones; None leaves a field open. Times are those of acceptance."""

    source: str | None = None
    unit: str | None = None
    kind: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    older_than_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldRow:
    id: UUID
    source: str
    unit: str
    kind: str
    reason: str
    step: int
    tries: int
    phone: bytes = field(repr=False)
    view: HeldView


async def read(
    connection: asyncpg.Connection, selection: Selection, after: UUID, limit: int
) -> Sequence[HeldRow]:
    """A page of held rows in the order of their ids."""
    return await _fetch(connection, _HELD, selection, after, limit)


async def take(
    connection: asyncpg.Connection, selection: Selection, after: UUID, limit: int
) -> Sequence[HeldRow]:
    """The same, locked to the end of the caller's transaction; rows others decide are left out."""
    locked = _HELD + " FOR UPDATE OF d SKIP LOCKED"
    return await _fetch(connection, locked, selection, after, limit)


async def _fetch(
    connection: asyncpg.Connection, statement: str, wanted: Selection, after: UUID, limit: int
) -> Sequence[HeldRow]:
    rows = await connection.fetch(
        statement,
        after,
        wanted.source,
        wanted.unit,
        wanted.kind,
        wanted.reason,
        wanted.since,
        wanted.until,
        wanted.older_than_s,
        limit,
    )
    return [_row(row) for row in rows]


def _row(row: asyncpg.Record) -> HeldRow:
    return HeldRow(
        id=row["id"],
        source=row["source"],
        unit=row["unit"],
        kind=row["kind"],
        reason=row["reason"] or "",
        step=row["step"],
        tries=row["tries"],
        phone=row["phone"],
        view=HeldView(
            pool=row["pool"],
            late=row["late"],
            since_backup_s=_seconds(row["since_backup_s"]),
            earlier_doubt=row["earlier_doubt"],
            account=row["account"],
            opened_s_ago=_seconds(row["opened_s_ago"]),
        ),
    )


def _seconds(found: object) -> float | None:
    return None if found is None else float(str(found))
