"""What needs somebody: how many ended without reaching anybody, and what nobody could take."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from gateway.domain.status import State

MOST = 20_000
# An account without reports ends all of its messages unconfirmed; that is as it should be.
_TROUBLES = {
    State.FAILED: "",
    State.EXPIRED: "",
    State.SUPPRESSED: "",
    State.UNCONFIRMED: "AND h.reason IN ('unknown_outcome', 'receipt_missing')",
}
_NEWEST = f"""
(SELECT n.state, n.reason, n.source, n.id IN (SELECT resend_of FROM resend) AS sent_again
 FROM history h
 JOIN notification n ON n.id = h.notification_id AND n.revision = h.revision
 WHERE h.state = '{{state}}' {{reason}} AND h.notification_id >= $1 AND n.id >= $1
   AND n.mode = 'live' AND ($2::text[] IS NULL OR n.unit = ANY ($2))
 ORDER BY h.notification_id DESC LIMIT {MOST})
"""
_COUNTS = """
WITH resend AS MATERIALIZED (
    SELECT resend_of FROM notification WHERE resend_of IS NOT NULL AND id >= $1 AND mode = 'live'
)
SELECT state, reason, source, count(*) FILTER (WHERE NOT sent_again) AS times,
    count(*) FILTER (WHERE sent_again) AS sent_again
FROM ({}) t GROUP BY state, reason, source
""".format(
    " UNION ALL ".join(
        _NEWEST.format(state=state, reason=reason) for state, reason in _TROUBLES.items()
    )
)
_HELD = """
SELECT count(*) FROM (
    SELECT FROM due WHERE due_at = 'infinity' AND ($1::text[] IS NULL OR unit = ANY ($1)) LIMIT $2
) t
"""
_UNMATCHED = """
SELECT account, count(*) AS times FROM receipt_todo WHERE next_at IS NULL
GROUP BY account ORDER BY account
"""
_UNTOLD = """
SELECT source, count(*) AS times FROM callback WHERE fate = 'dead' GROUP BY source ORDER BY source
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """So many notifications of one source that ended alike, and so many that did, but were sent
    again since."""

    state: str
    reason: str | None
    source: str
    times: int
    sent_again: int


async def ended(
    connection: asyncpg.Connection, since: UUID, units: Sequence[str] | None
) -> list[Ended]:
    """Of each state no more than the newest `MOST`."""
    rows = await connection.fetch(_COUNTS, since, units)
    return [Ended(**row) for row in rows]


async def held(connection: asyncpg.Connection, units: Sequence[str] | None) -> int:
    return int(await connection.fetchval(_HELD, units, MOST))


async def unmatched_receipts(connection: asyncpg.Connection) -> dict[str, int]:
    """By account: reports that belong to no message that we know, given up."""
    return {row["account"]: row["times"] for row in await connection.fetch(_UNMATCHED)}


async def untold(connection: asyncpg.Connection) -> dict[str, int]:
    """By source: endings that it did not take within a day."""
    return {row["source"]: row["times"] for row in await connection.fetch(_UNTOLD)}
