"""What must be known before a notice is sent once more, read under a lock of its family: the first
one, its resends, and theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.domain.status import ARRIVED, OPEN, State

_FIRST = """
WITH RECURSIVE up AS (
    SELECT id, resend_of, 0 AS steps FROM notification WHERE id = $1
    UNION ALL
    SELECT n.id, n.resend_of, up.steps + 1 FROM up JOIN notification n ON n.id = up.resend_of
)
SELECT id FROM up ORDER BY steps DESC LIMIT 1
"""

# In one order, so that two of these do not wait for each other.
_LOCK = "SELECT FROM notification WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE"

# Accepted or of unknown outcome, and nothing has denied it since. A rehearsal reaches nobody. Not
# EXISTS, for which the planner may read every attempt there is.
_MAY_HAVE_ARRIVED = """
WITH RECURSIVE family AS (
    SELECT $1::uuid AS id
    UNION
    SELECT n.id FROM family JOIN notification n ON n.resend_of = family.id
)
SELECT n.state, coalesce((
    SELECT bool_or((a.outcome IS NULL OR a.outcome IN ('accepted', 'unknown'))
        AND coalesce(a.verdict, 'progress') IN ('progress', 'delivered', 'acknowledged'))
    FROM attempt a WHERE a.notification_id = n.id), false) AS may_have_arrived
FROM family JOIN notification n ON n.id = family.id WHERE n.mode = 'live' OR $2 <> 'live'
"""

_REACHED_BEFORE = """
WITH RECURSIVE up AS (
    SELECT resend_of FROM notification WHERE id = $1
    UNION ALL
    SELECT n.resend_of FROM up JOIN notification n ON n.id = up.resend_of
)
SELECT EXISTS (SELECT FROM up JOIN notification n ON n.id = up.resend_of WHERE n.state = ANY ($2))
"""

_LAST_REPORT = "SELECT last_kind, last_at FROM dossier WHERE key = ANY ($1) ORDER BY last_at DESC"

_REACHING = OPEN | ARRIVED | {State.UNCONFIRMED}


@dataclass(frozen=True, kw_only=True, slots=True)
class LastReport:
    """What a dossier's source reported last about it."""

    kind: str
    at: datetime


async def lock(connection: asyncpg.Connection, notification_id: UUID) -> UUID:
    """Let no other resend of its family begin before this transaction ends. The id of the first
    one of the family."""
    first: UUID = await connection.fetchval(_FIRST, notification_id) or notification_id
    await connection.execute(_LOCK, [first, notification_id])
    return first


async def may_reach_somebody(connection: asyncpg.Connection, first: UUID, mode: str) -> bool:
    """Whether any of the family was delivered, may have been, or may still be, when it is sent once
    more in this mode."""
    rows = await connection.fetch(_MAY_HAVE_ARRIVED, first, mode)
    return any(row["may_have_arrived"] or State(row["state"]) in _REACHING for row in rows)


async def reached_before(connection: asyncpg.Connection, notification_id: UUID) -> bool:
    """Whether one that it is a resend of has been delivered by now."""
    reached: bool = await connection.fetchval(_REACHED_BEFORE, notification_id, list(ARRIVED))
    return reached


async def last_report(
    connection: asyncpg.Connection, dossier_keys: Sequence[bytes]
) -> LastReport | None:
    """`dossier_keys`: the dossier's keyed hash under each live version."""
    row = await connection.fetchrow(_LAST_REPORT, list(dossier_keys))
    return LastReport(kind=row["last_kind"], at=row["last_at"]) if row else None
