"""How often each template's words went out: added up by day, without anybody's data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

_ADD = """
WITH used AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::date[],
        $7::int[], $8::timestamptz[])
        AS u (kind, channel, language, unit, own, day, sent, last_at)
), dated AS (
    INSERT INTO template_last_use AS t (kind, channel, language, unit, own, last_at)
    SELECT kind, channel, language, unit, own, max(last_at) FROM used GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (kind, channel, language, unit, own)
    DO UPDATE SET last_at = greatest(t.last_at, excluded.last_at)
)
INSERT INTO template_use AS t (day, kind, channel, language, unit, own, sent)
SELECT day, kind, channel, language, unit, own, sent FROM used
ON CONFLICT (day, kind, channel, language, unit, own) DO UPDATE SET sent = t.sent + excluded.sent
"""

_LATELY = """
SELECT l.kind, l.channel, l.language, l.unit, l.own, l.last_at, coalesce(u.sent, 0) AS sent
FROM template_last_use l
LEFT JOIN (
    SELECT kind, channel, language, unit, own, sum(sent) AS sent FROM template_use
    WHERE day > current_date - $1::int GROUP BY 1, 2, 3, 4, 5
) u USING (kind, channel, language, unit, own)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """`unit` is whom messages were from; `own`: in a text of its own, not in the common one."""

    kind: str
    channel: str
    language: str
    unit: str
    own: bool
    day: date
    sent: int
    last_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """The sum over some days; `last_at` however long ago."""

    kind: str
    channel: str
    language: str
    unit: str
    own: bool
    sent: int
    last_at: datetime


async def add(connection: asyncpg.Connection, used: Sequence[Used]) -> None:
    rows = sorted(
        (one.kind, one.channel, one.language, one.unit, one.own, one.day, one.sent, one.last_at)
        for one in used
    )
    await connection.execute(_ADD, *(list(column) for column in zip(*rows, strict=True)))


async def lately(connection: asyncpg.Connection, days: int) -> list[Usage]:
    return [Usage(**row) for row in await connection.fetch(_LATELY, days)]
