"""Drafts of templates: one of each, changed only by who has seen its last state."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

_COLUMNS = """kind, channel, language, unit, body, ends, based_on, revision, authors, begun_at,
    changed_at, asked_by, asked_at, note, waiting"""

_OF = "kind = $1 AND channel = $2 AND language = $3 AND unit = $4"

_BEGIN = f"""
INSERT INTO template_draft (kind, channel, language, unit, body, ends, based_on, authors)
VALUES ($1, $2, $3, $4, $5, $6, $7, ARRAY[$8]) ON CONFLICT DO NOTHING RETURNING {_COLUMNS}
"""

# A changed text was not asked for: whoever asked has to look again.
_CHANGE = f"""
UPDATE template_draft SET body = $6, ends = $7, based_on = $9, revision = revision + 1,
    changed_at = now(),
    authors = CASE WHEN $8 = ANY (authors) THEN array_remove(authors, $8) || $8
                   ELSE authors || $8 END,
    asked_by = NULL, asked_at = NULL, note = '', waiting = 'keep'
WHERE {_OF} AND revision = $5 RETURNING {_COLUMNS}
"""

_ASK = f"""
UPDATE template_draft SET revision = revision + 1, asked_by = $6, asked_at = now(), note = $7,
    waiting = $8
WHERE {_OF} AND revision = $5 RETURNING {_COLUMNS}
"""

_SEND_BACK = f"""
UPDATE template_draft SET revision = revision + 1, asked_by = NULL, asked_at = NULL, note = $6
WHERE {_OF} AND revision = $5 AND asked_by IS NOT NULL RETURNING {_COLUMNS}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftKey:
    """`unit` "" is the common one."""

    kind: str
    channel: str
    language: str
    unit: str

    @property
    def columns(self) -> tuple[str, str, str, str]:
        return self.kind, self.channel, self.language, self.unit

    def __str__(self) -> str:
        own = f"/{self.unit}" if self.unit else ""
        return f"{self.kind}/{self.channel}.{self.language}{own}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A text being written. `based_on` is the version it began from, 0 for none; `authors` all who
    changed it, the last one last; `asked_by` None until its release is asked for."""

    key: DraftKey
    body: str
    ends: bool
    based_on: int
    revision: int
    authors: tuple[str, ...]
    begun_at: datetime
    changed_at: datetime
    asked_by: str | None
    asked_at: datetime | None
    note: str
    waiting: str

    @property
    def author(self) -> str:
        return self.authors[-1]


async def find(connection: asyncpg.Connection, key: DraftKey) -> Draft | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM template_draft WHERE {_OF}", *key.columns
    )
    return _draft(row)


async def take(connection: asyncpg.Connection, key: DraftKey) -> Draft | None:
    """The draft, locked to the end of the caller's transaction."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM template_draft WHERE {_OF} FOR UPDATE", *key.columns
    )
    return _draft(row)


async def every(connection: asyncpg.Connection) -> list[Draft]:
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM template_draft ORDER BY changed_at")
    return [draft for row in rows if (draft := _draft(row))]


async def save(
    connection: asyncpg.Connection,
    key: DraftKey,
    revision: int,
    body: str,
    *,
    ends: bool,
    based_on: int,
    by: str,
) -> Draft | None:
    """Begin the draft (`revision` 0) or change it. None where it is not at this revision."""
    if revision == 0:
        row = await connection.fetchrow(_BEGIN, *key.columns, body, ends, based_on, by)
    else:
        row = await connection.fetchrow(_CHANGE, *key.columns, revision, body, ends, by, based_on)
    return _draft(row)


async def ask(
    connection: asyncpg.Connection, key: DraftKey, revision: int, by: str, note: str, waiting: str
) -> Draft | None:
    """Ask for its release. None where the draft is no longer at this revision."""
    return _draft(await connection.fetchrow(_ASK, *key.columns, revision, by, note, waiting))


async def send_back(
    connection: asyncpg.Connection, key: DraftKey, revision: int, note: str
) -> Draft | None:
    """Decline its release. None where it is not asked for at this revision."""
    return _draft(await connection.fetchrow(_SEND_BACK, *key.columns, revision, note))


async def drop(connection: asyncpg.Connection, key: DraftKey, revision: int) -> bool:
    """False where there is none at this revision."""
    done: str = await connection.execute(
        f"DELETE FROM template_draft WHERE {_OF} AND revision = $5", *key.columns, revision
    )
    return done.endswith(" 1")


def _draft(row: asyncpg.Record | None) -> Draft | None:
    if row is None:
        return None
    columns = dict(row)
    key = DraftKey(**{name: columns.pop(name) for name in ("kind", "channel", "language", "unit")})
    return Draft(**{**columns, "key": key, "authors": tuple(row["authors"])})
