"""Releases: which text was put in force when and by whom, and the versions there ever were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from gateway.ledger.template_drafts import DraftKey

_ADD = """
INSERT INTO template_release (kind, channel, language, unit, version, publication, authors,
    asked_by, asked_at, released_by, note, waiting, settled_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
        CASE WHEN $12 = 'keep' THEN now() END)
RETURNING id
"""

_OF = "v.kind = $1 AND v.channel = $2 AND v.language = $3 AND v.unit = $4"

# A version is released at most once; those of before there was a desk, and shipped ones, never.
_VERSIONS = f"""
SELECT v.version, v.created_by, v.created_at, v.body, r.released_by, r.released_at, r.note,
    r.authors, r.publication
FROM template_version v
LEFT JOIN template_release r USING (kind, channel, language, unit, version)
WHERE {_OF} ORDER BY v.version DESC
"""

_IN_FORCE = """
SELECT i.kind, i.channel, i.language, i.unit, i.version, v.body, v.created_by, v.created_at
FROM publication_item i JOIN template_version v USING (kind, channel, language, unit, version)
WHERE i.publication = $1 ORDER BY i.kind, i.channel, i.language, i.unit
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRelease:
    """`version` None: a unit's own text is given up. `waiting` "move": what waits gets the text."""

    key: DraftKey
    version: int | None
    publication: int
    authors: Sequence[str]
    asked_by: str
    asked_at: datetime
    released_by: str
    note: str
    waiting: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionRow:
    """One version and, where staff released it, who did."""

    version: int
    created_by: str
    created_at: datetime
    body: str
    released_by: str | None
    released_at: datetime | None
    note: str | None
    authors: Sequence[str] | None
    publication: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce:
    key: DraftKey
    version: int
    body: str
    created_by: str
    created_at: datetime


async def add(connection: asyncpg.Connection, one: NewRelease) -> int:
    """The id of the release, in the caller's transaction."""
    return int(
        await connection.fetchval(
            _ADD,
            *one.key.columns,
            one.version,
            one.publication,
            list(one.authors),
            one.asked_by,
            one.asked_at,
            one.released_by,
            one.note,
            one.waiting,
        )
    )


async def versions(connection: asyncpg.Connection, key: DraftKey) -> list[VersionRow]:
    """All there ever were, the newest first."""
    return [VersionRow(**row) for row in await connection.fetch(_VERSIONS, *key.columns)]


async def in_force(connection: asyncpg.Connection, publication: int) -> list[InForce]:
    return [
        InForce(
            key=DraftKey(
                kind=row["kind"],
                channel=row["channel"],
                language=row["language"],
                unit=row["unit"],
            ),
            version=row["version"],
            body=row["body"],
            created_by=row["created_by"],
            created_at=row["created_at"],
        )
        for row in await connection.fetch(_IN_FORCE, publication)
    ]
