"""How calls went: those that brought notices, by what came of each, and those to the line."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import asyncpg

from gateway.domain.identity import uuid7_floor

# A notice may be called about this long after it was accepted.
_LONGEST = timedelta(days=31)

# To answer is not to hear, and to hear is not to understand.
_OUTGOING = """
WITH called AS (
    SELECT a.notification_id, a.step, a.try, CASE
        WHEN a.verdict = 'acknowledged' THEN 'understood'
        WHEN a.verdict = 'delivered' AND a.verdict_reason = 'opted_out' THEN 'declined'
        WHEN a.verdict = 'delivered' THEN 'heard'
        WHEN a.verdict IN ('try_again', 'failed') THEN a.verdict_reason
        WHEN a.outcome IN ('deferred', 'rejected') THEN 'not_made'
        ELSE 'not_reported' END AS ending
    FROM attempt a JOIN notification n ON n.id = a.notification_id
    WHERE a.channel = 'voice' AND a.opened_at >= $1 AND a.notification_id >= $2
      AND n.mode = 'live' AND ($3::text IS NULL OR n.unit = $3)
)
SELECT c.ending, count(*) AS calls, coalesce(sum(r.talked_s), 0) AS talked_s
FROM called c LEFT JOIN LATERAL (
    SELECT max(r.talked_s) AS talked_s FROM receipt r
    WHERE r.notification_id = c.notification_id AND r.step = c.step AND r.try = c.try
) r ON true
GROUP BY c.ending ORDER BY calls DESC, c.ending
"""

_INCOMING = """
SELECT count(*) AS calls, coalesce(sum(talked_s), 0) AS talked_s
FROM line_call WHERE began_at >= $1
"""

_ASKED = """
SELECT a.answer, count(*) AS times FROM line_call, unnest(asked) AS a (answer)
WHERE began_at >= $1 GROUP BY a.answer ORDER BY times DESC, a.answer
"""


async def outgoing(
    connection: asyncpg.Connection, since: datetime, unit: str | None
) -> Mapping[str, tuple[int, int]]:
    """By ending: how many calls, and how many seconds they lasted."""
    rows = await connection.fetch(_OUTGOING, since, uuid7_floor(since - _LONGEST), unit)
    return {row["ending"]: (row["calls"], row["talked_s"]) for row in rows}


async def incoming(
    connection: asyncpg.Connection, since: datetime
) -> tuple[int, int, Mapping[str, int]]:
    """Calls to the line, the seconds they lasted, and its answers by question."""
    counted = await connection.fetchrow(_INCOMING, since)
    asked = await connection.fetch(_ASKED, since)
    return counted["calls"], counted["talked_s"], {row["answer"]: row["times"] for row in asked}
