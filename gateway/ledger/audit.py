"""The audit: who opened or changed people's data or the console, when, about what, and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

_WRITE = """
INSERT INTO audit (id, actor, action, why, notification_id, found, subject, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

# Two statements, because the index of staff's acts serves only the one that names its condition.
_READ = """
SELECT id, at, actor, action, why, notification_id, found, subject, detail FROM audit
WHERE id < $1 AND id >= $2 AND ($3::text IS NULL OR actor = $3)
    AND ($4::text IS NULL OR action = $4) AND ($5::text IS NULL OR subject = $5) {}
ORDER BY id DESC LIMIT $6
"""
_READ_ALL, _READ_STAFF = _READ.format(""), _READ.format("AND actor LIKE 'user:%'")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`notification_id` None: more than one, of which `found` were opened or changed. `subject` is
    what it was about otherwise (`user:thu`, `template:…`), `detail` what changed; no citizen stands
    in either."""

    id: UUID
    actor: str
    action: str
    why: str = ""
    notification_id: UUID | None = None
    found: int = 1
    subject: str = ""
    detail: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Entries before one id and not before another, the newest first."""

    before: UUID
    since: UUID
    limit: int
    staff_only: bool
    actor: str | None = None
    action: str | None = None
    subject: str | None = None


async def write(connection: asyncpg.Connection, entry: Entry) -> None:
    await connection.execute(
        _WRITE,
        entry.id,
        entry.actor,
        entry.action,
        entry.why,
        entry.notification_id,
        entry.found,
        entry.subject,
        entry.detail,
    )


async def read(connection: asyncpg.Connection, wanted: Wanted) -> list[Entry]:
    rows = await connection.fetch(
        _READ_STAFF if wanted.staff_only else _READ_ALL,
        wanted.before,
        wanted.since,
        wanted.actor,
        wanted.action,
        wanted.subject,
        wanted.limit,
    )
    return [Entry(**row) for row in rows]
