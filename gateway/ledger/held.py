"""Held notifications: which there are, and what their attempts tell.

Each keeps a due row at infinity. Whoever decides about one locks that row first, as a claim does;
so nothing is decided twice, and nothing that is already on its way.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.domain.held import HeldView
from gateway.domain.route import Step

# An attempt that was accepted, or may have been, and of which nothing bad was reported since.
_ROWS = """
SELECT n.id, n.source, n.unit, n.kind, n.reason, n.step, n.tries, n.accepted_at, d.pool, d.phone,
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
"""

_WHERE = """
WHERE d.due_at = 'infinity' AND d.notification_id > $1
  AND ($2::text IS NULL OR n.source = $2) AND ($3::text IS NULL OR n.unit = $3)
  AND ($4::text IS NULL OR n.kind = $4) AND ($5::text IS NULL OR n.reason = $5)
  AND ($6::timestamptz IS NULL OR n.accepted_at >= $6)
  AND ($7::timestamptz IS NULL OR n.accepted_at < $7)
  AND ($8::float IS NULL OR n.accepted_at < now() - $8 * interval '1 second')
  AND ($9::text[] IS NULL OR n.unit = ANY ($9))
"""

_HELD = _ROWS + _WHERE + " ORDER BY d.notification_id LIMIT $10"

# Those of a group stand alike for every rule of `domain.held`; the last age stands for all of them,
# because they are parted by whether the account still remembers.
_GROUPS = f"""
SELECT h.source, h.unit, h.kind, h.reason, h.pool, h.late, h.since_backup_s, h.earlier_doubt,
    h.account, max(h.opened_s_ago) AS opened_s_ago, count(*) AS rows, min(h.accepted_at) AS oldest
FROM ({_ROWS} {_WHERE}) h
LEFT JOIN unnest($10::text[], $11::float[]) AS m (account, for_s) ON m.account = h.account
GROUP BY h.source, h.unit, h.kind, h.reason, h.pool, h.late, h.since_backup_s, h.earlier_doubt,
    h.account, h.opened_s_ago < m.for_s
"""

_OVERVIEW = """
SELECT n.source, n.reason, count(*) AS rows, min(n.accepted_at) AS oldest,
    max(n.accepted_at) AS newest
FROM due d JOIN notification n ON n.id = d.notification_id
WHERE d.due_at = 'infinity' AND ($1::text[] IS NULL OR n.unit = ANY ($1))
GROUP BY n.source, n.reason ORDER BY oldest
"""

_SAMPLES = f"""
SELECT n.id, n.kind, n.unit, n.publication, n.reference_seed, n.sealed, n.seal_key, n.step, n.steps
FROM due d JOIN notification n ON n.id = d.notification_id {_WHERE} AND n.sealed IS NOT NULL
ORDER BY d.notification_id LIMIT $10
"""

FIRST = UUID(int=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which held ones; None leaves a field open. Times are those of acceptance. `units` are those
    that somebody is limited to."""

    source: str | None = None
    unit: str | None = None
    kind: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    older_than_s: float | None = None
    units: Sequence[str] | None = None

    @property
    def arguments(self) -> Sequence[object]:
        units = None if self.units is None else list(self.units)
        return (
            self.source,
            self.unit,
            self.kind,
            self.reason,
            self.since,
            self.until,
            self.older_than_s,
            units,
        )


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


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldGroup:
    """So many held ones that stand alike."""

    source: str
    unit: str
    kind: str
    reason: str
    view: HeldView
    rows: int
    oldest: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldPile:
    """What is held of one source for one reason."""

    source: str
    reason: str
    rows: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldSample:
    """One of them with what its text is made of, still sealed."""

    id: UUID
    kind: str
    unit: str
    publication: int
    reference_seed: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    seal_key: int
    current: Step


async def now(connection: asyncpg.Connection) -> datetime:
    found: datetime = await connection.fetchval("SELECT now()")
    return found


async def overview(
    connection: asyncpg.Connection, units: Sequence[str] | None
) -> Sequence[HeldPile]:
    """The oldest first."""
    rows = await connection.fetch(_OVERVIEW, None if units is None else list(units))
    return [HeldPile(**{**row, "reason": row["reason"] or ""}) for row in rows]


async def groups(
    connection: asyncpg.Connection, selection: Selection, remembered_s: Mapping[str, float]
) -> Sequence[HeldGroup]:
    """All of them, counted. `remembered_s`: for how long each account refuses a second copy."""
    rows = await connection.fetch(
        _GROUPS,
        FIRST,
        *selection.arguments,
        list(remembered_s),
        list(remembered_s.values()),
    )
    return [
        HeldGroup(
            source=row["source"],
            unit=row["unit"],
            kind=row["kind"],
            reason=row["reason"] or "",
            view=_view(row),
            rows=row["rows"],
            oldest=row["oldest"],
        )
        for row in rows
    ]


async def samples(
    connection: asyncpg.Connection, selection: Selection, limit: int
) -> Sequence[HeldSample]:
    """The oldest of them."""
    rows = await connection.fetch(_SAMPLES, FIRST, *selection.arguments, limit)
    return [_sample(row) for row in rows]


def _sample(row: asyncpg.Record) -> HeldSample:
    found = dict(row)
    steps, step = json.loads(found.pop("steps")), found.pop("step")
    return HeldSample(**found, current=Step.from_json(steps[step]))


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
    rows = await connection.fetch(statement, after, *wanted.arguments, limit)
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
        view=_view(row),
    )


def _view(row: asyncpg.Record) -> HeldView:
    return HeldView(
        pool=row["pool"],
        late=row["late"],
        since_backup_s=_seconds(row["since_backup_s"]),
        earlier_doubt=row["earlier_doubt"],
        account=row["account"],
        opened_s_ago=_seconds(row["opened_s_ago"]),
    )


def _seconds(found: object) -> float | None:
    return None if found is None else float(str(found))
