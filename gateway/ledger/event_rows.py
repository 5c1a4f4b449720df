"""The rows of accepted events: their keys, what each owes, and how that stands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import asyncpg

from gateway.domain.status import OPEN, State
from gateway.ledger.new_events import Booked, NewEvent, NewNotification, Owed

_KEYS = """
INSERT INTO event_key (key, hash_key, digest, event_id, notification_ids)
SELECT key, hash_key, digest, event_id, notification_ids::uuid[]
FROM unnest($1::bytea[], $2::smallint[], $3::bytea[], $4::uuid[], $5::text[])
    AS e (key, hash_key, digest, event_id, notification_ids)
ON CONFLICT (key) DO NOTHING
RETURNING key
"""

_OWED = """
WITH owed AS (
    SELECT * FROM unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::int[], $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::bytea[],
        $14::text[], $15::smallint[], $16::bytea[], $17::smallint[], $18::uuid[], $19::float[],
        $20::text[], $21::bytea[], $22::text[])
        AS n (id, event_id, source, unit, kind, class, mode, publication, state, reason, steps,
              latest_send_at, reference_seed, tokens, hash_key, sealed, seal_key, resend_of,
              due_in_s, pool, phone, actor)
), written AS (
    INSERT INTO notification (id, event_id, source, unit, kind, class, mode, publication, state,
        reason, steps, latest_send_at, reference_seed, tokens, hash_key, sealed, seal_key,
        resend_of, ended_at)
    SELECT id, event_id, source, unit, kind, class, mode, publication, state, reason, steps::json,
        latest_send_at, reference_seed, tokens::bigint[], hash_key, sealed, seal_key, resend_of,
        CASE WHEN state <> ALL ($23::text[]) THEN now() END
    FROM owed
), logged AS (
    INSERT INTO history (notification_id, revision, state, reason, step, try, actor)
    SELECT id, 1, state, reason, 0, 0, actor FROM owed
), scheduled AS (
    INSERT INTO due (notification_id, pool, class, due_at, unit, phone, latest_at)
    -- A held one is due never, but stands where it can be listed, released and expired.
    SELECT id, pool, class,
        CASE state WHEN 'held' THEN 'infinity' ELSE now() + due_in_s * interval '1 second' END,
        unit, phone, latest_send_at
    FROM owed WHERE state IN ('waiting', 'held')
)
INSERT INTO outbox (notification_id, revision, source, state, reason)
SELECT id, 1, source, state, reason FROM owed WHERE state <> ALL ($23::text[])
"""

_SEEN = """
SELECT k.key, k.digest, k.event_id, owed.id, n.state, n.reason
FROM event_key k
LEFT JOIN LATERAL unnest(k.notification_ids) WITH ORDINALITY AS owed (id, place) ON true
LEFT JOIN notification n ON n.id = owed.id
WHERE k.key = ANY ($1) ORDER BY owed.place
"""


async def write_keys(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> set[bytes]:
    """The keys that were not there before."""
    rows = await connection.fetch(_KEYS, *_columns(sorted(map(_key_row, events)), 5))
    return {row["key"] for row in rows}


async def write_owed(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> None:
    """The notifications, each with its first history row, its due time or its announcement."""
    rows = [_owed_row(event, one) for event in events for one in event.notifications]
    if rows:
        open_states = [state.value for state in OPEN]
        await connection.execute(_OWED, *_columns(rows, 22), open_states)


async def seen(
    connection: asyncpg.Connection, events: Sequence[NewEvent], known: Mapping[bytes, bytes]
) -> dict[bytes, Booked]:
    """What was booked before; `known` are the keys of those that stand under another version."""
    if not events:
        return {}
    stored = {known.get(event.key, event.key): event for event in events}
    found: dict[bytes, Booked] = {}
    for row in await connection.fetch(_SEEN, list(stored)):
        event = stored[row["key"]]
        booked = found.get(event.key) or Booked(
            fresh=False,
            same_content=event.has_content(row["digest"]),
            digest=row["digest"],
            event_id=row["event_id"],
            owed=(),
        )
        found[event.key] = replace(booked, owed=(*booked.owed, *_owed(row)))
    return found


def _owed(row: asyncpg.Record) -> tuple[Owed, ...]:
    if row["id"] is None:
        return ()
    state = State(row["state"]) if row["state"] else None
    return (Owed(id=row["id"], state=state, reason=row["reason"]),)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def _key_row(event: NewEvent) -> tuple[Any, ...]:
    ids = _array(one.id.hex for one in event.notifications)
    return event.key, event.hash_key, event.digest, event.event_id, ids


def _owed_row(event: NewEvent, one: NewNotification) -> tuple[Any, ...]:
    return (
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
        event.actor,
    )


def _array(values: Any) -> str:
    """An array literal: arrays of arrays cannot be unnested row by row, texts can."""
    return "{" + ",".join(values) + "}"
