"""Messages that wait, brought under a released text by the choice of who released it.

Each goes to a publication that is the one it was accepted under with only this text replaced. Rows
are found through `due`, which is small, and locked there first, as a claim does: what is already on
its way keeps its words, and so does a try that is asked again under the same reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from gateway.ledger.template_drafts import DraftKey

# A unit with a text of its own is none of a common text's business.
_CONCERNS = """
    n.kind = $1 AND n.state IN ('waiting', 'held') AND d.ask_again IS NULL
    AND CASE WHEN $4 = '' THEN NOT EXISTS (
            SELECT FROM publication_item i
            WHERE i.publication = n.publication AND i.kind = $1 AND i.channel = $2
              AND i.language = $3 AND i.unit = n.unit)
        ELSE n.unit = $4 END
"""

FIRST = UUID(int=0)

_UNDER = f"""
SELECT n.publication, count(*) AS waiting
FROM due d JOIN notification n ON n.id = d.notification_id
WHERE {_CONCERNS} GROUP BY n.publication ORDER BY n.publication
"""

_ADD = """
INSERT INTO template_move (release, from_publication, to_publication)
SELECT $1, * FROM unnest($2::int[], $3::int[])
"""

_OPEN = """
SELECT id, kind, channel, language, unit, released_at < now() - $1 * interval '1 second' AS ripe
FROM template_release WHERE settled_at IS NULL ORDER BY id
"""

_MOVE = f"""
WITH picked AS (
    SELECT d.notification_id, m.from_publication, m.to_publication
    FROM due d JOIN notification n ON n.id = d.notification_id
    JOIN template_move m ON m.release = $5 AND m.from_publication = n.publication
    WHERE d.notification_id > $6 AND {_CONCERNS}
    ORDER BY d.notification_id LIMIT $7 FOR UPDATE OF d SKIP LOCKED
), moved AS (
    UPDATE notification n SET publication = p.to_publication FROM picked p
    -- Whoever moved it a moment ago by another release is not undone.
    WHERE n.id = p.notification_id AND n.state IN ('waiting', 'held')
      AND n.publication = p.from_publication RETURNING 1
), counted AS (
    UPDATE template_release SET moved = moved + (SELECT count(*) FROM moved) WHERE id = $5
)
SELECT (SELECT count(*) FROM moved) AS moved,
    (SELECT notification_id FROM picked ORDER BY notification_id DESC LIMIT 1) AS last
"""

_SETTLE = """
UPDATE template_release SET settled_at = now() WHERE id = $1 AND settled_at IS NULL RETURNING moved
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenMove:
    """A release whose waiting messages are being moved. `ripe`: every process has seen it, so that
    nothing is accepted any more under what was in force before."""

    release: int
    key: DraftKey
    ripe: bool


async def waiting_under(connection: asyncpg.Connection, key: DraftKey) -> dict[int, int]:
    """How many messages wait that this text concerns, by the publication they came in under."""
    rows = await connection.fetch(_UNDER, *key.columns)
    return {row["publication"]: row["waiting"] for row in rows}


async def add(
    connection: asyncpg.Connection, release: int, pairs: Sequence[tuple[int, int]]
) -> None:
    """`pairs` are publications: from which to which."""
    await connection.execute(_ADD, release, [one for one, _ in pairs], [to for _, to in pairs])


async def open_moves(connection: asyncpg.Connection, ripe_after_s: float) -> list[OpenMove]:
    return [
        OpenMove(
            release=row["id"],
            key=DraftKey(
                kind=row["kind"],
                channel=row["channel"],
                language=row["language"],
                unit=row["unit"],
            ),
            ripe=row["ripe"],
        )
        for row in await connection.fetch(_OPEN, ripe_after_s)
    ]


async def move(
    connection: asyncpg.Connection, one: OpenMove, after: UUID, most: int
) -> tuple[int, UUID | None]:
    """Bring at most so many under the released text, in the order of their ids; how many there
    were, and the last one looked at, None where there was none."""
    row = await connection.fetchrow(_MOVE, *one.key.columns, one.release, after, most)
    return row["moved"], row["last"]


async def settle(connection: asyncpg.Connection, release: int) -> int | None:
    """Nothing more is moved; how many were in all, None where somebody else has settled it."""
    moved: int | None = await connection.fetchval(_SETTLE, release)
    return moved
