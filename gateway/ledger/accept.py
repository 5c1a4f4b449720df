"""Accepting events: the event key, what it means for the dossier, and the notifications owed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from gateway.domain.outcome import Reason
from gateway.domain.status import OPEN, State
from gateway.ledger import dossiers, other_keys
from gateway.ledger.dossiers import Report, Reported, Standing
from gateway.ledger.other_keys import OtherKey, same_content

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


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNotification:
    """One row to be. `pool`, `phone` and `due_in_s` matter only while it waits.

    `once_key` is the keyed hash of what must not be told twice; None lets it be told again.
    """

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
    once_key: bytes | None = None
    other_once_keys: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEvent:
    """An event with all it owes. `key` and `digest` are keyed hashes under the primary version,
    `other_keys` those under every other live one.

    `report` says what it means for its dossier; None for a wish that is not about one (a resend).
    Above `hold_above` notices of its source in an hour, what it owes is held. `actor` is who wants
    it told: its source, the staff of a centre, or the clock.
    """

    key: bytes
    hash_key: int
    digest: bytes
    event_id: UUID
    source: str
    notifications: tuple[NewNotification, ...]
    report: Report | None = None
    hold_above: int | None = None
    other_keys: tuple[OtherKey, ...] = ()
    actor: str = "source"


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """A notification as it stands; `state` None where it is no longer kept."""

    id: UUID
    state: State | None
    reason: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """What the ledger holds for a posted event, `digest` of which content. `fresh`: it was written
    just now."""

    fresh: bool
    same_content: bool
    digest: bytes
    event_id: UUID
    owed: tuple[Owed, ...]

    @property
    def notification_ids(self) -> tuple[UUID, ...]:
        return tuple(one.id for one in self.owed)


async def accept(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> list[Booked]:
    """Write what is new, in the caller's transaction; answer for each event, in order.

    Keys must differ. Events about one dossier take effect in the order given.
    """
    known = await other_keys.known(connection, events)
    await _carry(connection, events)
    keys = sorted(_key_row(event) for event in events if event.key not in known)
    rows = await connection.fetch(_KEYS, *_columns(keys, 5))
    fresh = {row["key"] for row in rows}
    written: dict[bytes, Booked] = {}
    for part in _rounds([event for event in events if event.key in fresh]):
        judged = [await _judged(connection, event) for event in await _weighed(connection, part)]
        await _write(connection, judged)
        written |= {event.key: _fresh(event) for event in judged}
    old = [event for event in events if event.key not in fresh]
    written |= await _seen(connection, old, known)
    return [written[event.key] for event in events]


async def _carry(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> None:
    """What is known of dossiers under another version of the hash key stays known."""
    reports = {
        (other, event.report.key): event.hash_key
        for event in events
        if event.report
        for other in event.report.other_keys
    }
    told = {
        (other, one.once_key): event.hash_key
        for event in events
        for one in event.notifications
        if one.once_key
        for other in one.other_once_keys
    }
    for table, newest, pairs in (("dossier", "last_at", reports), ("notice_once", "at", told)):
        for primary in set(pairs.values()):
            await other_keys.carry(connection, table, newest, list(pairs), primary)


def _rounds(events: Sequence[NewEvent]) -> Iterator[list[NewEvent]]:
    """Events about one dossier follow each other: the second must find what the first left."""
    waiting = list(events)
    while waiting:
        taken: dict[object, NewEvent] = {}
        later = []
        for event in waiting:
            key = event.report.key if event.report else event.key
            if taken.setdefault(key, event) is not event:
                later.append(event)
        yield list(taken.values())
        waiting = later


async def _weighed(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> list[NewEvent]:
    """The events with what they owe cancelled where it is overtaken or was said before."""
    reports = [
        Reported(
            report=one.report,
            event_id=one.event_id,
            notification_id=one.notifications[0].id if one.notifications else None,
            hash_key=one.hash_key,
        )
        for one in events
        if one.report
    ]
    standing = await dossiers.report(connection, reports) if reports else {}
    stale = {key for key, one in standing.items() if one.overtaken}
    events = [
        _ending(event, State.CANCELLED, Reason.OVERTAKEN)
        if event.report and event.report.key in stale
        else event
        for event in events
    ]
    repeats = await dossiers.said_before(
        connection,
        [
            (one.once_key, event.hash_key, one.id)
            for event in events
            for one in event.notifications
            if one.once_key and one.state is State.WAITING
        ],
    )
    for event in events:
        if event.report and _makes_pointless(event.report, standing):
            await dossiers.supersede(connection, event.report)
    return [_without_repeats(event, repeats) for event in events]


def _makes_pointless(report: Report, standing: Mapping[bytes, Standing]) -> bool:
    """Only the newest report ends others, and only where there was an earlier one."""
    found = standing[report.key]
    return bool(report.supersedes) and found.known_before and not found.overtaken


async def _judged(connection: asyncpg.Connection, event: NewEvent) -> NewEvent:
    """A correction nobody needs is cancelled; a storm is held."""
    report = event.report
    if report and report.corrects and not await dossiers.withdraw_corrected(connection, report):
        event = _ending(event, State.CANCELLED, Reason.NOTHING_TO_CORRECT)
    if event.hold_above is not None and event.notifications:
        asked = await dossiers.asked_this_hour(connection, event.source, len(event.notifications))
        if asked > event.hold_above:
            event = _ending(event, State.HELD, Reason.STORM_GUARD)
    return event


def _ending(event: NewEvent, state: State, reason: Reason) -> NewEvent:
    """The event with everything it owes in this state instead of waiting."""
    return replace(
        event,
        notifications=tuple(
            replace(one, state=state, reason=reason) if one.state is State.WAITING else one
            for one in event.notifications
        ),
    )


def _without_repeats(event: NewEvent, repeats: set[UUID]) -> NewEvent:
    if not any(one.id in repeats for one in event.notifications):
        return event
    return replace(
        event,
        notifications=tuple(
            replace(one, state=State.CANCELLED, reason=Reason.DUPLICATE)
            if one.id in repeats
            else one
            for one in event.notifications
        ),
    )


async def _write(connection: asyncpg.Connection, events: Sequence[NewEvent]) -> None:
    rows = [_owed_row(event, one) for event in events for one in event.notifications]
    if rows:
        open_states = [state.value for state in OPEN]
        await connection.execute(_OWED, *_columns(rows, 22), open_states)


def _fresh(event: NewEvent) -> Booked:
    return Booked(
        fresh=True,
        same_content=True,
        digest=event.digest,
        event_id=event.event_id,
        owed=tuple(
            Owed(id=one.id, state=one.state, reason=one.reason) for one in event.notifications
        ),
    )


async def _seen(
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
            same_content=same_content(event, row["digest"]),
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
