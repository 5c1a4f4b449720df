"""The latest notifications of a kind, their persons still sealed: for a look at real dossiers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from gateway.domain.identity import uuid7_floor

# Only so many are looked through, so that a rare kind costs no search of a whole month.
_LOOKED_THROUGH = 2000
_DAYS = 31

_RECENT = """
SELECT id, source, unit, kind, sealed, seal_key FROM (
    SELECT id, source, unit, kind, mode, sealed, seal_key FROM notification
    WHERE id > $1 ORDER BY id DESC LIMIT $2
) latest
WHERE kind = $3 AND mode = 'live' AND sealed IS NOT NULL
  AND ($4::text[] IS NULL OR unit = ANY ($4))
ORDER BY id DESC LIMIT $5
"""

_FLOOR = "SELECT now() - $1 * interval '1 day'"


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedNotice:
    id: UUID
    source: str
    unit: str
    kind: str
    sealed: bytes = field(repr=False)
    seal_key: int


async def latest(
    connection: asyncpg.Connection, kind: str, units: Sequence[str] | None, most: int
) -> list[SealedNotice]:
    """The newest first; of these units, or of all."""
    since = uuid7_floor(await connection.fetchval(_FLOOR, _DAYS))
    rows = await connection.fetch(_RECENT, since, _LOOKED_THROUGH, kind, units, most)
    return [SealedNotice(**row) for row in rows]
