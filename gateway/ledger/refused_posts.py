"""Posts of sources that were refused, counted by source, kind of error and day in Vietnam.

A row for each of these, however many were posted: what a source is called comes from the directory,
and what an error is called from us.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

MOST_KINDS = 200
_TODAY = "(now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"

# Several processes count at once: in one order, so that none of them waits for another in a circle.
_ADD = f"""
INSERT INTO refused_post AS p (source, code, field, day, times, pointer)
SELECT source, code, field, {_TODAY}, times, pointer
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
    AS n (source, code, field, times, pointer)
ORDER BY source, code, field
ON CONFLICT (source, code, field, day) DO UPDATE SET times = p.times + excluded.times,
    last_at = greatest(p.last_at, now()),
    pointer = CASE excluded.pointer WHEN '' THEN p.pointer ELSE excluded.pointer END
"""
_RECENT = f"""
SELECT source, code, field,
    coalesce(sum(times) FILTER (WHERE day = {_TODAY}), 0)::bigint AS today,
    sum(times) FILTER (WHERE day > {_TODAY} - 7)::bigint AS week,
    min(first_at) AS first_at, max(last_at) AS last_at,
    (array_agg(pointer ORDER BY day DESC))[1] AS pointer
FROM refused_post GROUP BY source, code, field
HAVING max(day) > {_TODAY} - 7
ORDER BY max(last_at) DESC LIMIT {MOST_KINDS}
"""
_FORGET = "DELETE FROM refused_post WHERE day < now() - interval '30 days'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of error of one source: `code` is that of the answer, `field` what was wrong with
    the first field that was, or empty."""

    source: str
    code: str
    field: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """How often, and where lately, as a JSON pointer."""

    times: int
    pointer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedPost:
    """One kind of error of the last seven days. `first_at`: in the last thirty."""

    source: str
    code: str
    field: str
    today: int
    week: int
    first_at: datetime
    last_at: datetime
    pointer: str


async def add(connection: asyncpg.Connection, counted: Mapping[Kind, Times]) -> None:
    await connection.execute(
        _ADD,
        [kind.source for kind in counted],
        [kind.code for kind in counted],
        [kind.field for kind in counted],
        [one.times for one in counted.values()],
        [one.pointer for one in counted.values()],
    )


async def recent(connection: asyncpg.Connection) -> list[RefusedPost]:
    """The latest first."""
    return [RefusedPost(**row) for row in await connection.fetch(_RECENT)]


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)
