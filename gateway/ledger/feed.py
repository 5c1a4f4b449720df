"""The ordered feed of endings. One numberer gives positions to committed rows: none is skipped."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.ledger.horizon import Horizon

# Only the clock's leader runs this; the lock on feed_head makes even two leaders take turns.
_NUMBER = """
WITH head AS (
    SELECT position FROM feed_head FOR UPDATE
), taken AS (
    -- The head is locked before any row is taken, or two leaders would wait for each other.
    DELETE FROM outbox WHERE (SELECT count(*) FROM head) = 1 AND id IN (
        SELECT id FROM outbox WHERE id >= $3 ORDER BY id LIMIT $1)
    RETURNING *
), numbered AS (
    INSERT INTO feed (position, notification_id, revision, source, state, reason, at)
    SELECT head.position + row_number() OVER (ORDER BY t.id), t.notification_id, t.revision,
        t.source, t.state, t.reason, t.at
    FROM taken t, head
    RETURNING *
), owed AS (
    INSERT INTO callback (position, notification_id, revision, source, state, reason, ended_at)
    SELECT position, notification_id, revision, source, state, reason, at FROM numbered
    WHERE source = ANY ($2)
)
UPDATE feed_head SET position = (SELECT max(position) FROM numbered)
WHERE EXISTS (SELECT FROM numbered)
RETURNING (SELECT min(id) FROM taken) AS first
"""

_READ = """
SELECT position, notification_id, revision, state, reason, at FROM feed
WHERE source = $1 AND position > $2 ORDER BY position LIMIT $3
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    position: int
    notification_id: UUID
    revision: int
    state: str
    reason: str | None
    at: datetime


async def number(
    connection: asyncpg.Connection,
    horizon: Horizon[int],
    callbacks_for: Collection[str] = (),
    limit: int = 5000,
) -> bool:
    """Give positions to what waits, and owe callbacks to these sources; True if anything did."""
    since = horizon.look()
    first = await connection.fetchval(_NUMBER, limit, list(callbacks_for), since)
    if first is not None:
        horizon.saw(first)
    return first is not None


async def read(
    connection: asyncpg.Connection, source: str, after: int, limit: int
) -> Sequence[Ending]:
    return [Ending(**row) for row in await connection.fetch(_READ, source, after, limit)]
