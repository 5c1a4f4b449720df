"""Receipts: stored raw before they are understood, matched to attempts, retried while unmatched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from gateway.domain.outcome import Receipt
from gateway.domain.route import Step
from gateway.domain.status import ARRIVED, State
from gateway.ledger.horizon import Horizon

_STORE = """
WITH raw AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::smallint[])
        AS r (id, account, sealed, seal_key)
), written AS (
    INSERT INTO receipt_raw (id, account, sealed, seal_key)
    SELECT id, account, sealed, seal_key FROM raw
)
INSERT INTO receipt_todo (receipt_id, account, next_at)
SELECT id, account, now() + $5 * interval '1 second' FROM raw
"""

# Ids come back in other spellings: other letter case, a lost leading zero. Our own reference is
# hexadecimal and is matched first.
_MATCH = """
SELECT w.n, a.notification_id, a.step, a.try, a.channel, a.account, a.reference, a.provider_id,
    a.outcome, a.verdict, a.opened_at, n.state, n.reason, n.step AS current_step,
    n.tries AS current_try, n.steps, n.source, n.unit, n.kind, n.publication,
    n.reference_seed, n.sealed, n.seal_key, n.latest_send_at, n.accepted_at, now() AS now
FROM unnest($1::int[], $2::text[], $3::text[], $4::text[]) AS w (n, account, reference, provider_id)
CROSS JOIN LATERAL (
    SELECT * FROM attempt a WHERE a.reference = lower(w.reference) AND a.account = w.account
    UNION ALL
    SELECT * FROM attempt a
    WHERE w.reference IS NULL AND a.account = w.account AND a.provider_id = ANY (
        ARRAY[w.provider_id, lower(w.provider_id), upper(w.provider_id),
              ltrim(w.provider_id, '0'), '0' || w.provider_id])
    LIMIT 1
) a
JOIN notification n ON n.id = a.notification_id
"""

_PROVIDER_IDS = """
SELECT a.provider_id FROM notification n JOIN attempt a ON a.notification_id = n.id
WHERE n.tokens && $2::bigint[] AND n.id <> $3 AND a.account = $1 AND a.provider_id IS NOT NULL
ORDER BY a.opened_at DESC LIMIT 200
"""

_KEEP = """
INSERT INTO receipt
    (notification_id, receipt_id, part, step, try, verdict, reason, code, reported_at, keys,
     talked_s)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::smallint[], $5::smallint[],
                     $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::text[],
                     $11::int[])
ON CONFLICT DO NOTHING
"""

_DONE = "DELETE FROM receipt_todo WHERE receipt_id = ANY ($1)"

_DISCARD = """
WITH unread AS (DELETE FROM receipt_todo WHERE receipt_id = ANY ($1))
DELETE FROM receipt_raw WHERE id = ANY ($1)
"""

_LATER = """
UPDATE receipt_todo t SET tries = tries + 1, next_at = now() + l.in_s * interval '1 second'
FROM unnest($1::uuid[], $2::float[]) AS l (id, in_s) WHERE t.receipt_id = l.id
"""

_TAKE_TODO = """
UPDATE receipt_todo t SET next_at = now() + interval '60 seconds'
FROM (SELECT receipt_id, next_at AS due_at FROM receipt_todo
      WHERE next_at <= now() AND next_at >= $2
      ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED) d
WHERE t.receipt_id = d.receipt_id
RETURNING t.receipt_id, t.account, t.tries, d.due_at
"""

_RAW = "SELECT id, account, sealed, seal_key FROM receipt_raw WHERE id = ANY ($1)"


@dataclass(frozen=True, kw_only=True, slots=True)
class RawReceipt:
    """A provider's request, sealed, bound to its own id."""

    id: UUID
    account: str
    sealed: bytes
    seal_key: int
    tries: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched:
    """An attempt a report is about, with where its notification stands."""

    notification_id: UUID
    step: int
    try_no: int
    channel: str
    account: str
    reference: str
    provider_id: str | None
    outcome: str | None
    verdict: str | None
    opened_at: datetime
    state: State
    reason: str | None
    current_step: int
    current_try: int
    steps: tuple[Step, ...]
    source: str
    unit: str
    kind: str
    publication: int
    reference_seed: bytes
    sealed: bytes | None
    seal_key: int | None
    latest_send_at: datetime
    accepted_at: datetime
    now: datetime

    @property
    def is_current(self) -> bool:
        return (self.step, self.try_no) == (self.current_step, self.current_try)

    @property
    def is_proven(self) -> bool:
        return self.state in ARRIVED


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A matched report on its way into the ledger."""

    notification_id: UUID
    receipt_id: UUID
    part: int
    step: int
    try_no: int
    receipt: Receipt


async def store_raw(
    connection: asyncpg.Connection, receipts: Sequence[RawReceipt], rescue_after_s: float
) -> None:
    """Keep requests as they came. Whoever stored them reads them next; `rescue_after_s` later
    anyone may."""
    await connection.execute(
        _STORE,
        [one.id for one in receipts],
        [one.account for one in receipts],
        [one.sealed for one in receipts],
        [one.seal_key for one in receipts],
        rescue_after_s,
    )


async def match(
    connection: asyncpg.Connection, wanted: Sequence[tuple[str, Receipt]]
) -> dict[int, Matched]:
    """The attempts these (account, report) pairs are about, by position; missing where none."""
    rows = await connection.fetch(
        _MATCH,
        list(range(len(wanted))),
        [account for account, _ in wanted],
        [receipt.reference for _, receipt in wanted],
        [receipt.provider_id for _, receipt in wanted],
    )
    return {row["n"]: matched(row) for row in rows}


def matched(row: asyncpg.Record) -> Matched:
    return Matched(
        notification_id=row["notification_id"],
        step=row["step"],
        try_no=row["try"],
        channel=row["channel"],
        account=row["account"],
        reference=row["reference"],
        provider_id=row["provider_id"],
        outcome=row["outcome"],
        verdict=row["verdict"],
        opened_at=row["opened_at"],
        state=State(row["state"]),
        reason=row["reason"],
        current_step=row["current_step"],
        current_try=row["current_try"],
        steps=tuple(Step.from_json(step) for step in orjson.loads(row["steps"])),
        source=row["source"],
        unit=row["unit"],
        kind=row["kind"],
        publication=row["publication"],
        reference_seed=row["reference_seed"],
        sealed=row["sealed"],
        seal_key=row["seal_key"],
        latest_send_at=row["latest_send_at"],
        accepted_at=row["accepted_at"],
        now=row["now"],
    )


async def provider_ids(
    connection: asyncpg.Connection, account: str, phone_tokens: Sequence[int], but: UUID
) -> list[str]:
    """The provider's ids of an account's messages to one number, but for those of one notice."""
    rows = await connection.fetch(_PROVIDER_IDS, account, phone_tokens, but)
    return [row["provider_id"] for row in rows]


async def keep(connection: asyncpg.Connection, kept: Sequence[Kept]) -> None:
    """Write matched reports; one that is already there stays as it is."""
    await connection.execute(
        _KEEP,
        [one.notification_id for one in kept],
        [one.receipt_id for one in kept],
        [one.part for one in kept],
        [one.step for one in kept],
        [one.try_no for one in kept],
        [one.receipt.verdict for one in kept],
        [one.receipt.reason for one in kept],
        [one.receipt.code for one in kept],
        [one.receipt.at for one in kept],
        [one.receipt.keys or None for one in kept],
        [one.receipt.talked_s for one in kept],
    )


async def finish(connection: asyncpg.Connection, receipt_ids: Sequence[UUID]) -> None:
    await connection.execute(_DONE, list(receipt_ids))


async def discard(connection: asyncpg.Connection, receipt_ids: Sequence[UUID]) -> None:
    """Keep nothing of these requests: they say nothing, or are about somebody who was erased."""
    if receipt_ids:
        await connection.execute(_DISCARD, list(receipt_ids))


async def postpone(
    connection: asyncpg.Connection, later: Sequence[tuple[UUID, float | None]]
) -> None:
    """Look again in so many seconds; None keeps the row for people, never to be read again."""
    await connection.execute(_LATER, [one for one, _ in later], [in_s for _, in_s in later])


async def take_unread(
    connection: asyncpg.Connection, limit: int, horizon: Horizon[datetime], now: datetime
) -> list[RawReceipt]:
    """Receipts whose time has come, reserved for a minute."""
    due = await connection.fetch(_TAKE_TODO, limit, horizon.look())
    horizon.saw(min((row["due_at"] for row in due), default=now))
    todo = {row["receipt_id"]: row["tries"] for row in due}
    rows = await connection.fetch(_RAW, list(todo))
    if gone := todo.keys() - {row["id"] for row in rows}:
        await finish(connection, list(gone))
    return [
        RawReceipt(
            id=row["id"],
            account=row["account"],
            sealed=row["sealed"],
            seal_key=row["seal_key"],
            tries=todo[row["id"]],
        )
        for row in rows
    ]
