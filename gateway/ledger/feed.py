"""The ordered feed of endings. One numberer gives positions to committed rows: none is skipped."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

# Only the clock's leader runs this; the lock on feed_head makes even two leaders take turns.
_NUMBER = """
WITH head AS (
    SELECT position FROM feed_head FOR UPDATE
), taken AS (
    DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1)
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
RETURNING position
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
    connection: asyncpg.Connection, limit: int = 5000, callbacks_for: Collection[str] = ()
) -> bool:
    """Give positions to what waits, and owe callbacks to these sources; True if anything did."""
    return await connection.fetchval(_NUMBER, limit, list(callbacks_for)) is not None


async def read(
    connection: asyncpg.Connection, source: str, after: int, limit: int
) -> Sequence[Ending]:
    return [Ending(**row) for row in await connection.fetch(_READ, source, after, limit)]
