"""What must be known before a notice is sent once more, read under a lock of its family: the first
one, its resends, and theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.domain.status import ARRIVED, OPEN, State

# The one at the end of each chain that is still kept.
_FIRSTS = """
WITH RECURSIVE up AS (
    SELECT n.id AS asked, n.id, n.resend_of, 0 AS steps
    FROM unnest($1::uuid[]) AS a (id) JOIN notification n ON n.id = a.id
    UNION ALL
    SELECT up.asked, n.id, n.resend_of, up.steps + 1
    FROM up JOIN notification n ON n.id = up.resend_of
)
SELECT DISTINCT ON (asked) asked, id FROM up ORDER BY asked, steps DESC
"""

# In one order, so that two of these do not wait for each other.
_LOCK = "SELECT FROM notification WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE"

# Delivered, perhaps, or on its way; or accepted or of unknown outcome, and nothing has denied it
# since. Not EXISTS, for which the planner may read every attempt there is.
_REACHING = """
WITH RECURSIVE family AS (
    SELECT id AS first, id FROM unnest($1::uuid[]) AS a (id)
    UNION
    SELECT f.first, n.id FROM family f JOIN notification n ON n.resend_of = f.id
)
SELECT DISTINCT f.first, n.mode FROM family f JOIN notification n ON n.id = f.id
WHERE n.state = ANY ($2) OR coalesce((
    SELECT bool_or((a.outcome IS NULL OR a.outcome IN ('accepted', 'unknown'))
        AND coalesce(a.verdict, 'progress') IN ('progress', 'delivered', 'acknowledged'))
    FROM attempt a WHERE a.notification_id = n.id), false)
"""

_REACHED_BEFORE = """
WITH RECURSIVE up AS (
    SELECT resend_of FROM notification WHERE id = $1
    UNION ALL
    SELECT n.resend_of FROM up JOIN notification n ON n.id = up.resend_of
)
SELECT EXISTS (SELECT FROM up JOIN notification n ON n.id = up.resend_of WHERE n.state = ANY ($2))
"""

_LAST_REPORTS = "SELECT key, last_kind, last_at FROM dossier WHERE key = ANY ($1)"

_MAY_REACH = OPEN | ARRIVED | {State.UNCONFIRMED}
_LIVE = "live"


@dataclass(frozen=True, kw_only=True, slots=True)
class LastReport:
    """What a dossier's source reported last about it."""

    kind: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """Known by its first one. `reaching`: in which modes any of it was delivered, may have been, or
    may still be."""

    first: UUID
    reaching: frozenset[str]

    def may_reach_somebody(self, mode: str) -> bool:
        """When it is sent once more in this mode. A rehearsal reaches nobody."""
        return _LIVE in self.reaching or (mode != _LIVE and bool(self.reaching))


async def lock(connection: asyncpg.Connection, notification_id: UUID) -> None:
    """Let no other resend of its family begin before this transaction ends."""
    firsts = await _firsts(connection, [notification_id])
    await connection.execute(_LOCK, [notification_id, *firsts.values()])


async def families(
    connection: asyncpg.Connection, notification_ids: Sequence[UUID]
) -> dict[UUID, Family]:
    """That of each which is still kept."""
    firsts = await _firsts(connection, notification_ids)
    rows = await connection.fetch(_REACHING, list(set(firsts.values())), list(_MAY_REACH))
    reaching: dict[UUID, set[str]] = {}
    for row in rows:
        reaching.setdefault(row["first"], set()).add(row["mode"])
    return {
        one: Family(first=first, reaching=frozenset(reaching.get(first, ())))
        for one, first in firsts.items()
    }


async def _firsts(
    connection: asyncpg.Connection, notification_ids: Sequence[UUID]
) -> dict[UUID, UUID]:
    rows = await connection.fetch(_FIRSTS, list(notification_ids))
    return {row["asked"]: row["id"] for row in rows}


async def reached_before(connection: asyncpg.Connection, notification_id: UUID) -> bool:
    """Whether one that it is a resend of has been delivered by now."""
    reached: bool = await connection.fetchval(_REACHED_BEFORE, notification_id, list(ARRIVED))
    return reached


async def last_reports(
    connection: asyncpg.Connection, dossier_keys: Sequence[bytes]
) -> dict[bytes, LastReport]:
    """By the keyed hashes of dossiers under which they are known."""
    rows = await connection.fetch(_LAST_REPORTS, list(dossier_keys))
    return {row["key"]: LastReport(kind=row["last_kind"], at=row["last_at"]) for row in rows}


def last_of(
    reports: Mapping[bytes, LastReport], dossier_keys: Sequence[bytes]
) -> LastReport | None:
    """The latest about one dossier; `dossier_keys`: its hash under each live version."""
    known = (reports[key] for key in dossier_keys if key in reports)
    return max(known, key=lambda one: one.at, default=None)
