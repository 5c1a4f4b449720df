"""Families of a result: its first notice, and those that tell the same once more. Whoever is told
by any of them was told of the result."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

# Of the first in a family, or of another one in it; not of one that is about something else.
_JOIN = """
INSERT INTO same_result (notification_id, first)
SELECT c.id, coalesce(s.first, c.as_of)
FROM unnest($1::uuid[], $2::uuid[]) AS c (id, as_of)
JOIN notification n ON n.id = c.as_of
LEFT JOIN same_result s ON s.notification_id = c.as_of
WHERE s.first IS NOT NULL OR n.kind = 'result-ready'
ON CONFLICT (notification_id) DO NOTHING
"""


async def join(connection: asyncpg.Connection, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Each first notice tells what the second one told, if that was a result."""
    if pairs:
        ordered = sorted(pairs)
        await connection.execute(_JOIN, *([one[place] for one in ordered] for place in (0, 1)))
