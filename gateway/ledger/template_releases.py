"""Releases: which text was put in force when and by whom, and the versions there ever were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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

_STANDING = """
SELECT i.kind, i.channel, i.language, i.unit, i.version, v.created_by, v.created_at {}
FROM publication_item i JOIN template_version v USING (kind, channel, language, unit, version)
WHERE i.publication = (SELECT max(number) FROM publication) {}
ORDER BY i.kind, i.channel, i.language, i.unit
"""
_WITHOUT_TEXTS = _STANDING.format("", "")
_ALL = _STANDING.format(", v.body", "")
_ONE = _STANDING.format(
    ", v.body", "AND i.kind = $1 AND i.channel = $2 AND i.language = $3 AND i.unit = $4"
)


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
class Standing:
    """A version that messages are made with now, without its text."""

    key: DraftKey
    version: int
    created_by: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class InForce(Standing):
    body: str


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


async def standing(connection: asyncpg.Connection) -> list[Standing]:
    """All that is in force, for a list: thousands of texts would only be carried along."""
    rows = await connection.fetch(_WITHOUT_TEXTS)
    return [Standing(key=_key(row), **_about(row)) for row in rows]


async def in_force(connection: asyncpg.Connection) -> list[InForce]:
    rows = await connection.fetch(_ALL)
    return [InForce(key=_key(row), body=row["body"], **_about(row)) for row in rows]


async def find(connection: asyncpg.Connection, key: DraftKey) -> InForce | None:
    """None where no text of this key is in force."""
    row = await connection.fetchrow(_ONE, *key.columns)
    return InForce(key=key, body=row["body"], **_about(row)) if row else None


def _key(row: asyncpg.Record) -> DraftKey:
    return DraftKey(**{name: row[name] for name in ("kind", "channel", "language", "unit")})


def _about(row: asyncpg.Record) -> dict[str, Any]:
    return {name: row[name] for name in ("version", "created_by", "created_at")}
