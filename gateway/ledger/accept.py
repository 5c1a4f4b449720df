"""Accepting events: the event key, its notifications, their first due time, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from gateway.domain.outcome import Reason
from gateway.domain.status import OPEN, State

_ACCEPT = """
WITH posted AS (
    SELECT * FROM unnest($1::bytea[], $2::smallint[], $3::bytea[], $4::uuid[], $5::text[])
        AS e (key, hash_key, digest, event_id, notification_ids)
), fresh AS (
    INSERT INTO event_key (key, hash_key, digest, event_id, notification_ids)
    SELECT key, hash_key, digest, event_id, notification_ids::uuid[] FROM posted
    ON CONFLICT (key) DO NOTHING
    RETURNING key
), owed AS (
    SELECT n.* FROM unnest(
        $6::bytea[], $7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[],
        $13::text[], $14::int[], $15::text[], $16::text[], $17::text[], $18::timestamptz[],
        $19::bytea[], $20::text[], $21::smallint[], $22::bytea[], $23::smallint[], $24::uuid[],
        $25::float[], $26::text[], $27::bytea[])
        AS n (key, id, event_id, source, unit, kind, class, mode, publication, state, reason,
              steps, latest_send_at, reference_seed, tokens, hash_key, sealed, seal_key, resend_of,
              due_in_s, pool, phone)
    JOIN fresh USING (key)
), written AS (
    INSERT INTO notification (id, event_id, source, unit, kind, class, mode, publication, state,
        reason, steps, latest_send_at, reference_seed, tokens, hash_key, sealed, seal_key,
        resend_of, ended_at)
    SELECT id, event_id, source, unit, kind, class, mode, publication, state, reason, steps::json,
        latest_send_at, reference_seed, tokens::bigint[], hash_key, sealed, seal_key, resend_of,
        CASE WHEN state <> ALL ($28::text[]) THEN now() END
    FROM owed
), logged AS (
    INSERT INTO history (notification_id, revision, state, reason, step, try, actor)
    SELECT id, 1, state, reason, 0, 0, 'source' FROM owed
), scheduled AS (
    INSERT INTO due (notification_id, pool, class, due_at, unit, phone, latest_at)
    SELECT id, pool, class, now() + due_in_s * interval '1 second', unit, phone, latest_send_at
    FROM owed WHERE state = 'waiting'
), announced AS (
    INSERT INTO outbox (notification_id, revision, source, state, reason)
    SELECT id, 1, source, state, reason FROM owed WHERE state <> ALL ($28::text[])
)
SELECT key FROM fresh
"""

_SEEN = "SELECT key, digest, event_id, notification_ids FROM event_key WHERE key = ANY ($1)"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNotification:
    """One row to be. `pool`, `phone` and `due_in_s` matter only while it waits."""

    id: UUID
    unit: str
    kind: str
    klass: str
    mode: str
    publication: int
    state: State
    reason: Reason | None
    steps: str
    latest_send_at: datetime
    reference_seed: bytes
    tokens: Sequence[int]
    sealed: bytes
    seal_key: int
    due_in_s: float
    pool: str
    phone: bytes
    resend_of: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEvent:
    """An event with all it owes. `key` and `digest` are keyed hashes."""

    key: bytes
    hash_key: int
    digest: bytes
    event_id: UUID
    source: str
    notifications: tuple[NewNotification, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """What the ledger holds for a posted event. `fresh`: it was written just now."""

    fresh: bool
    same_content: bool
    event_id: UUID
    notification_ids: tuple[UUID, ...]


async def accept(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> list[Booked]:
    """Write what is new; answer for each event, in order. Keys must differ and be sorted."""
    fresh = {row["key"] for row in await connection.fetch(_ACCEPT, *_arguments(events))}
    seen = await _seen(connection, [event for event in events if event.key not in fresh])
    return [_fresh(event) if event.key in fresh else seen[event.key] for event in events]


def _fresh(event: NewEvent) -> Booked:
    return Booked(
        fresh=True,
        same_content=True,
        event_id=event.event_id,
        notification_ids=tuple(one.id for one in event.notifications),
    )


async def _seen(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> dict[bytes, Booked]:
    if not events:
        return {}
    digests = {event.key: event.digest for event in events}
    rows = await connection.fetch(_SEEN, list(digests))
    return {
        row["key"]: Booked(
            fresh=False,
            same_content=row["digest"] == digests[row["key"]],
            event_id=row["event_id"],
            notification_ids=tuple(row["notification_ids"]),
        )
        for row in rows
    }


def _arguments(events: Sequence[NewEvent]) -> list[Any]:
    posted = [
        (e.key, e.hash_key, e.digest, e.event_id, _array(one.id.hex for one in e.notifications))
        for e in events
    ]
    owed = [_owed(event, one) for event in events for one in event.notifications]
    columns = [list(column) for column in zip(*posted, strict=True)]
    columns += [list(column) for column in zip(*owed, strict=True)] or [[] for _ in range(22)]
    return [*columns, [state.value for state in OPEN]]


def _owed(event: NewEvent, one: NewNotification) -> tuple[Any, ...]:
    return (
        event.key,
        one.id,
        event.event_id,
        event.source,
        one.unit,
        one.kind,
        one.klass,
        one.mode,
        one.publication,
        one.state.value,
        one.reason,
        one.steps,
        one.latest_send_at,
        one.reference_seed,
        _array(map(str, one.tokens)),
        event.hash_key,
        one.sealed,
        one.seal_key,
        one.resend_of,
        one.due_in_s,
        one.pool,
        one.phone,
    )


def _array(values: Any) -> str:
    """An array literal: arrays of arrays cannot be unnested row by row, texts can."""
    return "{" + ",".join(values) + "}"
