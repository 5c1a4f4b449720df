"""How often each template's words went out: added up by day, without anybody's data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

_ADD = """
INSERT INTO template_use AS t (kind, channel, language, unit, own, day, sent, last_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::date[],
    $7::int[], $8::timestamptz[])
ON CONFLICT (kind, channel, language, unit, own, day) DO UPDATE
SET sent = t.sent + excluded.sent, last_at = greatest(t.last_at, excluded.last_at)
"""

_LATELY = """
SELECT kind, channel, language, unit, own, max(last_at) AS last_at,
    coalesce(sum(sent) FILTER (WHERE day > current_date - $1::int), 0) AS sent
FROM template_use GROUP BY kind, channel, language, unit, own
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
    """The sum over some days; `last_at` over all that is kept."""

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
