"""What must be known before a notice is sent once more, read under a lock of the first one."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from gateway.domain.status import OPEN, State

# Accepted or of unknown outcome, and nothing has denied it since.
_MAY_HAVE_ARRIVED = """
WITH family AS (
    SELECT id, state FROM notification WHERE id = $1
    UNION ALL
    SELECT id, state FROM notification WHERE tokens && $2::bigint[] AND resend_of = $1
)
SELECT n.state, EXISTS (
    SELECT FROM attempt a WHERE a.notification_id = n.id
    AND (a.outcome IS NULL OR a.outcome IN ('accepted', 'unknown'))
    AND coalesce(a.verdict, 'progress') IN ('progress', 'delivered', 'acknowledged')
) AS may_have_arrived
FROM family n
"""

_REACHING = OPEN | {State.DELIVERED, State.ACKNOWLEDGED, State.UNCONFIRMED}


async def lock(connection: asyncpg.Connection, notification_id: UUID) -> None:
    """Let no other resend of it begin before this transaction ends."""
    await connection.execute(
        "SELECT FROM notification WHERE id = $1 FOR NO KEY UPDATE", notification_id
    )


async def may_reach_somebody(
    connection: asyncpg.Connection, notification_id: UUID, dossier_tokens: Sequence[int]
) -> bool:
    """Whether it, or an earlier resend of it, was delivered, may have been, or may still be.

    `dossier_tokens` are the search tokens of its dossier, by which its resends are found.
    """
    rows = await connection.fetch(_MAY_HAVE_ARRIVED, notification_id, dossier_tokens)
    return any(row["may_have_arrived"] or State(row["state"]) in _REACHING for row in rows)
