"""The one place where the state of a notification changes, once it was accepted.

Two statements make one move each by themselves: the claim takes what waits (`claim`), and a restore
holds whatever was unfinished (`restored`). Every other change is applied here.

The allowed moves are the domain's table, written into the statement; a change that the table does
not allow, or that is about an attempt no longer current, leaves the notification as it is and only
records what was learnt about the attempt. State, history, next due time, watch and announcement
change together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from gateway.domain.notification import Change
from gateway.domain.status import ALLOWED, TERMINAL, State

_MOVES = ", ".join(f"('{before}', '{after}')" for before, after in ALLOWED)
_TERMINAL = ", ".join(f"'{state}'" for state in sorted(TERMINAL))

# Reports come in any order: what is known of an attempt only ever becomes better known.
_NEWS = """(c.verdict IS NOT NULL AND (
            a.verdict IS NULL OR a.verdict = 'progress' OR c.verdict = 'acknowledged'
            OR (c.verdict = 'delivered' AND a.verdict <> 'acknowledged')))"""

# A lost answer does not unsay a report that it was taken; and a call that was put off says nothing
# about the earlier one under its reference, which may have been sent.
_SURER = """(c.outcome IS NOT NULL AND (coalesce(a.outcome, ''), c.outcome) NOT IN (
            ('accepted', 'unknown'), ('unknown', 'deferred')))"""

_APPLY = f"""
WITH change AS (
    SELECT * FROM unnest(
        $1::uuid[], $2::smallint[], $3::smallint[], $4::text[], $5::text[], $6::bool[],
        $7::smallint[], $8::bool[], $9::text[],
        $10::text[], $11::text[], $12::text[], $13::text[], $14::smallint[], $15::int[],
        $16::bytea[], $17::smallint[],
        $18::text[], $19::text[], $20::text[], $21::timestamptz[],
        $22::float[], $23::text[], $24::bytea[], $25::text[], $26::text[], $27::float[],
        $28::text[], $29::int[])
        AS c (id, at_step, at_try, to_state, reason, anywhere, next_step, gives_back,
              actor, outcome, outcome_reason, code, provider_id, segments, cost_vnd, sealed,
              seal_key, verdict, verdict_reason, verdict_code, verdict_at, due_in_s, pool, phone,
              ask_again, watch, watch_in_s, expects, estimate_vnd)
), allowed AS (
    -- One row per change: a row that waited for another transaction is judged by its new state.
    SELECT to_state, array_agg(from_state) AS from_states
    FROM (VALUES {_MOVES}) AS m (from_state, to_state) GROUP BY to_state
), at_hand AS (
    -- Locked in the order of a claim, first the due row, then the notification.
    SELECT d.notification_id FROM due d JOIN change c ON d.notification_id = c.id
    WHERE c.anywhere ORDER BY d.notification_id FOR UPDATE OF d
), closed AS (
    UPDATE attempt a SET
        closed_at = CASE WHEN c.outcome IS NULL THEN a.closed_at ELSE now() END,
        outcome = CASE WHEN {_SURER} THEN c.outcome ELSE a.outcome END,
        reason = CASE WHEN {_SURER} THEN c.outcome_reason ELSE a.reason END,
        code = CASE WHEN {_SURER} THEN c.code ELSE a.code END,
        provider_id = coalesce(c.provider_id, a.provider_id),
        segments = coalesce(c.segments, a.segments),
        cost_vnd = coalesce(c.cost_vnd, a.cost_vnd),
        estimate_vnd = coalesce(c.estimate_vnd, a.estimate_vnd),
        -- Who sent while the person was erased must not bring the text back.
        sealed = CASE WHEN NOT a.erased THEN coalesce(c.sealed, a.sealed) END,
        seal_key = CASE WHEN NOT a.erased THEN coalesce(c.seal_key, a.seal_key) END,
        verdict = CASE WHEN {_NEWS} THEN c.verdict ELSE a.verdict END,
        verdict_reason = CASE WHEN {_NEWS} THEN c.verdict_reason ELSE a.verdict_reason END,
        verdict_code = CASE WHEN {_NEWS} THEN c.verdict_code ELSE a.verdict_code END,
        verdict_at = CASE WHEN {_NEWS} THEN c.verdict_at ELSE a.verdict_at END
    FROM change c
    WHERE (c.outcome IS NOT NULL OR c.verdict IS NOT NULL)
      AND a.notification_id = c.id AND a.step = c.at_step AND a.try = c.at_try
    RETURNING c.id
), moved AS (
    UPDATE notification n SET
        state = CASE WHEN hope.unknown IS NULL THEN c.to_state ELSE 'unconfirmed' END,
        reason = CASE WHEN hope.unknown IS NULL THEN c.reason
                      WHEN hope.unknown THEN 'unknown_outcome' ELSE 'receipt_missing' END,
        revision = n.revision + 1,
        step = coalesce(c.next_step, n.step),
        tries = CASE WHEN c.next_step IS NOT NULL THEN 0
                     WHEN c.gives_back THEN n.tries - 1 ELSE n.tries END,
        ended_at = CASE WHEN c.to_state IN ({_TERMINAL}) THEN now() END
    FROM change c JOIN allowed l ON l.to_state = c.to_state
    -- Not "failed" or "suppressed" while an attempt was accepted, or may have been, and nothing
    -- denied it. The change's own attempt is judged by what the change itself brings.
    LEFT JOIN LATERAL (
        SELECT bool_or(h.outcome <> 'accepted') AS unknown FROM attempt a
        CROSS JOIN LATERAL (SELECT
            coalesce(CASE WHEN a.step = c.at_step AND a.try = c.at_try THEN c.outcome END,
                     a.outcome, 'unknown') AS outcome,
            coalesce(CASE WHEN a.step = c.at_step AND a.try = c.at_try THEN c.verdict END,
                     a.verdict, 'progress') AS verdict) h
        WHERE c.to_state IN ('failed', 'expired', 'suppressed') AND a.notification_id = c.id
          AND h.outcome IN ('accepted', 'unknown') AND h.verdict = 'progress'
    ) hope ON true
    WHERE n.id = c.id AND n.state = ANY (l.from_states)
      AND (SELECT count(*) FROM at_hand) >= 0
      AND (c.anywhere OR (n.step = c.at_step AND n.tries = c.at_try))
      AND (c.expects IS NULL OR n.state = c.expects)
      -- Who writes late must not move what waits already: only a wish to move on while waiting may.
      AND (n.state <> 'waiting' OR c.to_state <> 'waiting' OR c.expects = 'waiting')
    RETURNING n.id, n.state, n.reason, n.revision, n.step, n.tries, n.source, n.unit, n.class,
        n.latest_send_at, n.accepted_at, c.at_step, c.at_try, c.actor, c.due_in_s, c.pool,
        c.phone, c.ask_again, c.watch, c.anywhere
), logged AS (
    INSERT INTO history (notification_id, revision, state, reason, step, try, actor)
    SELECT id, revision, state, reason, step, tries, actor FROM moved
), noted AS (
    -- Who counts follows the history, where this would not be found.
    INSERT INTO count_note (notification_id)
    SELECT id FROM closed WHERE id NOT IN (SELECT id FROM moved)
), scheduled AS (
    INSERT INTO due (notification_id, pool, class, due_at, unit, phone, latest_at, ask_again)
    SELECT id, pool, class, now() + due_in_s * interval '1 second', unit, phone, latest_send_at,
        ask_again
    FROM moved WHERE due_in_s IS NOT NULL
    ON CONFLICT (notification_id) DO UPDATE SET pool = excluded.pool, due_at = excluded.due_at,
        phone = excluded.phone, ask_again = excluded.ask_again
), unscheduled AS (
    DELETE FROM due d USING moved m
    WHERE m.anywhere AND m.due_in_s IS NULL AND d.notification_id = m.id
), watched AS (
    INSERT INTO watch (notification_id, step, try, kind, until)
    SELECT id, at_step, at_try, watch, now() + watch_in_s * interval '1 second'
    FROM change c WHERE watch IS NOT NULL
      AND (to_state IS NULL OR EXISTS (SELECT FROM moved m WHERE m.id = c.id))
    ON CONFLICT (notification_id, step, try)
    DO UPDATE SET kind = excluded.kind, until = excluded.until
), unwatched AS (
    DELETE FROM watch w USING moved m
    WHERE m.watch IS NULL AND w.notification_id = m.id
      AND w.step = m.at_step AND w.try = m.at_try
), announced AS (
    INSERT INTO outbox (notification_id, revision, source, state, reason)
    SELECT id, revision, source, state, reason FROM moved WHERE state IN ({_TERMINAL})
)
SELECT id, state, reason, accepted_at, now() AS now,
    -- A person who confirms what was delivered before is no second delivery.
    state = 'acknowledged' AND EXISTS (
        SELECT FROM history h WHERE h.notification_id = m.id AND h.revision = m.revision - 1
          AND h.state = 'delivered') AS had_arrived
FROM moved m
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A notification whose state did change, and how long after it was accepted. `had_arrived`: it
    is acknowledged now, and was delivered before."""

    id: UUID
    state: State
    reason: str | None
    age_s: float
    had_arrived: bool = False


async def apply(connection: asyncpg.Connection, changes: Sequence[Change]) -> dict[UUID, Moved]:
    """Apply changes of different notifications; answers those whose state changed."""
    rows = sorted((_row(change) for change in changes), key=lambda row: row[0])
    found = await connection.fetch(_APPLY, *(list(column) for column in zip(*rows, strict=True)))
    return {
        row["id"]: Moved(
            id=row["id"],
            state=State(row["state"]),
            reason=row["reason"],
            age_s=(row["now"] - row["accepted_at"]).total_seconds(),
            had_arrived=row["had_arrived"],
        )
        for row in found
    }


def _row(change: Change) -> tuple[Any, ...]:
    result, verdict, due, watch = change.result, change.verdict, change.due, change.watch
    told_vnd = verdict.cost_vnd if verdict else None
    taken_vnd = result.cost_vnd if result else None
    return (
        change.notification_id,
        change.step,
        change.try_no,
        change.to,
        change.reason,
        change.anywhere,
        change.next_step,
        change.gives_back_try,
        change.actor,
        *(
            (result.outcome, result.reason, result.code, result.provider_id, result.segments)
            if result
            else (None,) * 5
        ),
        taken_vnd if told_vnd is None else told_vnd,
        *((result.sealed, result.seal_key) if result else (None, None)),
        *((verdict.verdict, verdict.reason, verdict.code, verdict.at) if verdict else (None,) * 4),
        *((due.in_s, due.pool, due.phone, due.ask_again) if due else (None,) * 4),
        *((watch.kind, watch.in_s) if watch else (None, None)),
        change.expects,
        result.estimate_vnd if result else None,
    )
