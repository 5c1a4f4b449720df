"""Looking up one notification, with everything that happened to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from gateway.domain.route import Step

_NOTIFICATION = """
SELECT id, event_id, source, unit, kind, mode, class AS klass, publication, state, reason,
    revision, step, steps, accepted_at, latest_send_at, ended_at, sealed, seal_key, resend_of
FROM notification
"""

_ONE = _NOTIFICATION + "WHERE id = $1"

_SEVERAL = _NOTIFICATION + "WHERE id = ANY ($1)"

_ATTEMPTS = """
SELECT id, step, try AS try_no, channel, account, reference, opened_at, asked, closed_at, outcome,
    reason, code, provider_id, segments, cost_vnd, estimate_vnd, verdict, verdict_reason,
    verdict_code, verdict_at
FROM attempt WHERE notification_id = $1 ORDER BY step, try
"""

_RECEIPTS = """
SELECT receipt_id, step, try AS try_no, verdict, reason, code, keys, talked_s, reported_at,
    matched_at
FROM receipt WHERE notification_id = $1 ORDER BY matched_at, part
"""

_HISTORY = """
SELECT revision, at, state, reason, step, try AS try_no, actor
FROM history WHERE notification_id = $1 ORDER BY revision
"""

_TEXTS = """
SELECT step, try AS try_no, opened_at, sealed, seal_key FROM attempt
WHERE notification_id = $1 AND sealed IS NOT NULL ORDER BY step, try
"""

_RESENDS = """
SELECT id, unit FROM notification WHERE resend_of = $1 ORDER BY id
"""

_KIN = "SELECT id, unit FROM notification WHERE id = $1"

_SENT_AGAIN = "SELECT DISTINCT resend_of FROM notification WHERE resend_of = ANY ($1)"

_UNTOLD = """
SELECT fate, tries, next_at, last_at FROM callback WHERE notification_id = $1
ORDER BY position DESC LIMIT 1
"""

_DUE = "SELECT due_at, due_at <= now() AS is_due FROM due WHERE notification_id = $1"

_WATCH = """
SELECT kind, until FROM watch WHERE notification_id = $1 AND kind IN ('receipt', 'query')
ORDER BY until DESC LIMIT 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A notification as the ledger holds it, its person still sealed."""

    id: UUID
    event_id: UUID
    source: str
    unit: str
    kind: str
    mode: str
    klass: str
    publication: int
    state: str
    reason: str | None
    revision: int
    step: int
    steps: tuple[Step, ...]
    accepted_at: datetime
    latest_send_at: datetime
    ended_at: datetime | None
    sealed: bytes | None
    seal_key: int | None
    resend_of: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Kin:
    """The notice that another one was sent instead of, or one sent instead of it. After a unit has
    ended, that may be its successor's."""

    id: UUID
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """Everything that happened to one notification, and what is awaited: `due`, its turn; `watch`,
    a report or the time to ask for one; `untold`, that its source takes the ending."""

    notification: Found
    due: Mapping[str, Any] | None
    watch: Mapping[str, Any] | None
    attempts: Sequence[Mapping[str, Any]]
    receipts: Sequence[Mapping[str, Any]]
    history: Sequence[Mapping[str, Any]]
    untold: Mapping[str, Any] | None

    @property
    def due_at(self) -> datetime | None:
        return self.due["due_at"] if self.due else None


async def story(connection: asyncpg.Connection, notification_id: UUID) -> Story | None:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        row = await connection.fetchrow(_ONE, notification_id)
        if row is None:
            return None
        return Story(
            notification=found_in(row),
            due=await connection.fetchrow(_DUE, notification_id),
            watch=await connection.fetchrow(_WATCH, notification_id),
            attempts=await connection.fetch(_ATTEMPTS, notification_id),
            receipts=await connection.fetch(_RECEIPTS, notification_id),
            history=await connection.fetch(_HISTORY, notification_id),
            untold=await connection.fetchrow(_UNTOLD, notification_id),
        )


async def texts(
    connection: asyncpg.Connection, notification_id: UUID
) -> Sequence[Mapping[str, Any]]:
    """What each attempt said, sealed."""
    found: list[asyncpg.Record] = await connection.fetch(_TEXTS, notification_id)
    return found


async def resends(connection: asyncpg.Connection, notification_id: UUID) -> list[Kin]:
    """The notices that were sent instead of this one, the oldest first."""
    return [Kin(**row) for row in await connection.fetch(_RESENDS, notification_id)]


async def kin(connection: asyncpg.Connection, notification_id: UUID) -> Kin | None:
    row = await connection.fetchrow(_KIN, notification_id)
    return Kin(**row) if row else None


async def sent_again(connection: asyncpg.Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of them that have a resend."""
    return {row["resend_of"] for row in await connection.fetch(_SENT_AGAIN, list(ids))}


async def one(connection: asyncpg.Connection, notification_id: UUID) -> Found | None:
    row = await connection.fetchrow(_ONE, notification_id)
    return found_in(row) if row else None


async def several(connection: asyncpg.Connection, ids: Sequence[UUID]) -> dict[UUID, Found]:
    """Those of them that are still kept."""
    return {row["id"]: found_in(row) for row in await connection.fetch(_SEVERAL, list(ids))}


def found_in(row: asyncpg.Record) -> Found:
    steps = tuple(Step.from_json(step) for step in json.loads(row["steps"]))
    return Found(**{**row, "steps": steps})
