"""What needs somebody: how many ended without reaching anybody, and what nobody could take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from gateway.domain.identity import uuid7_floor
from gateway.domain.status import State
from gateway.ledger import counting
from gateway.ledger.count_difference import NOTICE_DIFFERENCE, UNCOUNTED

MOST = 20_000
_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
# Ids bear the time of the process that minted them.
_CLOCKS_APART = timedelta(hours=1)
_TROUBLES = [State.FAILED, State.EXPIRED, State.SUPPRESSED, State.UNCONFIRMED]
# An account without reports ends all of its messages unconfirmed; that is as it should be.
_IS_TROUBLE = "(state <> 'unconfirmed' OR reason IN ('unknown_outcome', 'receipt_missing'))"
_WANTED = f"""
WHERE day >= $3 AND mode = 'live' AND state = ANY ($4::text[]) AND {_IS_TROUBLE}
  AND ($5::text[] IS NULL OR unit = ANY ($5))
"""
_COLUMNS = "state, reason, source, notices AS ended, 0 AS sent_again"
# A resend is accepted after what it is sent instead of; few have one.
_SENT_AGAIN = f"""
SELECT state, reason, source, 0, count(*) FROM (
    SELECT n.state, coalesce(n.reason, '') AS reason, n.source, n.unit, n.mode,
        (n.accepted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day
    FROM (SELECT DISTINCT resend_of AS id FROM notification
          WHERE resend_of IS NOT NULL AND id >= $6 AND mode = 'live') AS r
    JOIN notification n ON n.id = r.id WHERE n.id >= $6) AS a
{_WANTED} GROUP BY state, reason, source
"""
_ENDED = f"""
WITH {UNCOUNTED}
SELECT state, reason, source, (sum(ended) - sum(sent_again))::bigint AS times,
    sum(sent_again)::bigint AS sent_again
FROM (
    SELECT {_COLUMNS} FROM notice_day {_WANTED}
    UNION ALL
    SELECT {_COLUMNS} FROM ({NOTICE_DIFFERENCE}) AS d {_WANTED}
    UNION ALL
    ({_SENT_AGAIN})) AS f
GROUP BY state, reason, source HAVING sum(ended) > 0
"""
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
    connection: asyncpg.Connection, since: date, units: Sequence[str] | None
) -> list[Ended]:
    """Of the notifications accepted on that day in Vietnam or later, as far as they are counted."""
    between = (await counting.standing(connection)).uncounted_between
    earliest = uuid7_floor(datetime.combine(since, time(), _HANOI) - _CLOCKS_APART)
    rows = await connection.fetch(_ENDED, *between, since, _TROUBLES, units, earliest)
    return [Ended(**{**row, "reason": row["reason"] or None}) for row in rows]


async def held(connection: asyncpg.Connection, units: Sequence[str] | None) -> int:
    return int(await connection.fetchval(_HELD, units, MOST))


async def unmatched_receipts(connection: asyncpg.Connection) -> dict[str, int]:
    """By account: reports that belong to no message that we know, given up."""
    return {row["account"]: row["times"] for row in await connection.fetch(_UNMATCHED)}


async def untold(connection: asyncpg.Connection) -> dict[str, int]:
    """By source: endings that it did not take within a day."""
    return {row["source"]: row["times"] for row in await connection.fetch(_UNTOLD)}
