"""Claiming: the one statement that takes due notifications and opens their attempts.

In one round trip it deletes due rows nobody else is taking, moves their notifications to `sending`,
writes the attempt with account and reference, and starts the lease. What must not be sent at this
step (too late, no Zalo under this number, somebody not to be written to) is leased too, but no
attempt is opened for it.

A cheap look comes first, so that an empty lane costs nothing more.

No bounds are given for the ids, though they would spare PostgreSQL from opening every month: a
statement that leaves months out both as it starts and per row finds nothing any more once it has
waited for somebody else's lock (seen in PostgreSQL 18.4). The moves keep to that, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from gateway.domain.notification import Claimed, Lane, Skip
from gateway.domain.route import Step
from gateway.ledger.horizon import Horizon
from gateway.ledger.pauses import shut

_DUE = """
    SELECT notification_id, due_at FROM due
    WHERE pool = $1 AND class = $2 AND due_at <= now() AND due_at >= {since}
      AND NOT {shut}
      AND unit NOT IN (SELECT code FROM pause WHERE scope = 'unit')
      AND (ask_again IS NULL OR (ask_again <> ALL ({closed})
           AND ask_again NOT IN (SELECT code FROM pause WHERE scope = 'account' AND NOT drains)))
      AND (NOT {asks_only} OR ask_again IS NOT NULL)
"""

# The number, or the person whatever the number; here and now, or about this dossier only.
_SUPPRESSED = """EXISTS (
    SELECT FROM suppression_key k JOIN suppression s ON s.id = k.suppression
    WHERE ((k.phone = t.phone AND k.names = '{}')
           OR (k.phone_token = ANY (n.tokens) AND k.names <> '{}' AND k.names <@ n.tokens))
      AND (k.dossier IS NULL OR k.dossier = ANY (n.tokens))
      AND (s.channel IS NULL OR s.channel = $6) AND s.until > now())"""

_LOOK = f"""
WITH next AS (
    {_DUE.format(since="$4", closed="$5::text[]", asks_only="$6::bool", shut=shut("$1", "$7"))}
    ORDER BY due_at LIMIT $3
)
SELECT count(*) AS found, coalesce(min(due_at), now()) AS due_at FROM next
"""

_CLAIM = f"""
WITH slot AS (
    SELECT account, attempt_id, row_number() OVER () AS n
    FROM unnest($3::text[], $4::uuid[]) AS s (account, attempt_id)
    WHERE account NOT IN (SELECT code FROM pause WHERE scope = 'account' AND NOT (drains AND $10))
), picked AS (
    {_DUE.format(since="$8", closed="$9::text[]", asks_only="$10::bool", shut=shut("$1", "$6"))}
    ORDER BY due_at
    LIMIT (SELECT count(*) FROM slot)
    FOR UPDATE SKIP LOCKED
), taken AS (
    DELETE FROM due d USING picked p WHERE d.notification_id = p.notification_id
    RETURNING d.notification_id, d.ask_again, d.phone
), judged AS (
    SELECT t.*, row_number() OVER () AS n, m.fact FROM taken t
    LEFT JOIN phone_memory m ON m.phone = t.phone AND m.until > now() AND $5
), moved AS (
    UPDATE notification n
    SET state = 'sending', reason = NULL, revision = n.revision + 1,
        tries = n.tries + CASE WHEN t.ask_again IS NULL AND n.latest_send_at > now()
                                    AND t.fact IS NULL AND NOT {_SUPPRESSED}
                               THEN 1 ELSE 0 END
    FROM judged t
    WHERE n.id = t.notification_id AND n.state = 'waiting'
    RETURNING n.*, t.n AS slot, t.ask_again,
        CASE WHEN t.ask_again IS NOT NULL THEN NULL
             WHEN n.latest_send_at <= now() THEN 'late'
             WHEN {_SUPPRESSED} THEN 'suppressed'
             WHEN t.fact IS NOT NULL THEN t.fact END AS skip
), opened AS (
    INSERT INTO attempt (notification_id, step, try, id, channel, account, reference, publication)
    SELECT m.id, m.step, m.tries, s.attempt_id, $6, s.account,
        substr(encode(sha256(m.reference_seed || int2send(m.step) || int2send(m.tries)), 'hex'),
               1, 32),
        m.publication
    FROM moved m JOIN slot s ON s.n = m.slot
    WHERE m.ask_again IS NULL AND m.skip IS NULL
    -- A try that was given back certainly sent nothing; it begins anew under its own number.
    ON CONFLICT (notification_id, step, try) DO UPDATE SET account = excluded.account,
        opened_at = now(), asked = 1, asked_at = now(), closed_at = NULL, outcome = NULL,
        reason = NULL, code = NULL, segments = NULL, estimate_vnd = NULL
    RETURNING notification_id, account, reference, asked, opened_at
), reopened AS (
    UPDATE attempt a SET asked = a.asked + 1, asked_at = now(), closed_at = NULL
    FROM moved m
    WHERE m.ask_again IS NOT NULL
      AND a.notification_id = m.id AND a.step = m.step AND a.try = m.tries
    RETURNING a.notification_id, a.account, a.reference, a.asked, a.opened_at
), leased AS (
    INSERT INTO watch (notification_id, step, try, kind, until)
    SELECT id, step, tries, 'lease', now() + $7 * interval '1 second' FROM moved
    ON CONFLICT (notification_id, step, try)
    DO UPDATE SET kind = 'lease', until = excluded.until
), logged AS (
    INSERT INTO history (notification_id, revision, state, reason, step, try, actor)
    SELECT id, revision, 'sending', skip, step, tries, 'gateway' FROM moved
)
SELECT m.*, a.account, a.reference, a.asked, a.opened_at, now() AS now
FROM moved m
LEFT JOIN (SELECT * FROM opened UNION ALL SELECT * FROM reopened) a ON a.notification_id = m.id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """Room for one call: the account that has it, and the id of the attempt it would open."""

    account: str
    attempt_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """What a lane may send now. What is to be asked again of a `closed` account waits until that
    has room. `asks_only`: the slots are of accounts that run dry, so nothing is taken but what is
    to be asked again."""

    slots: Sequence[Slot]
    closed: Sequence[str] = ()
    asks_only: bool = False


async def claim(
    connection: asyncpg.Connection,
    lane: Lane,
    channel: str,
    room: Room,
    lease_s: float,
    horizon: Horizon[datetime],
) -> list[Claimed]:
    """Take at most as many due notifications of the lane as there are slots. `horizon` is the
    lane's."""
    since, closed = horizon.look(), list(room.closed)
    look = await connection.fetchrow(
        _LOOK,
        lane.pool,
        lane.klass.value,
        len(room.slots),
        since,
        closed,
        room.asks_only,
        channel,
    )
    horizon.saw(look["due_at"])
    if not look["found"]:
        return []
    try:
        rows = await connection.fetch(
            _CLAIM,
            lane.pool,
            lane.klass.value,
            [slot.account for slot in room.slots],
            [slot.attempt_id for slot in room.slots],
            channel == "zalo",
            channel,
            lease_s,
            since,
            closed,
            room.asks_only,
        )
    except asyncpg.DeadlockDetectedError:
        # Nothing was taken; the next look finds the same rows.
        return []
    return [_claimed(row) for row in rows]


def _claimed(row: asyncpg.Record) -> Claimed:
    return Claimed(
        id=row["id"],
        event_id=row["event_id"],
        source=row["source"],
        unit=row["unit"],
        kind=row["kind"],
        mode=row["mode"],
        klass=row["class"],
        publication=row["publication"],
        step=row["step"],
        try_no=row["tries"],
        steps=tuple(Step.from_json(step) for step in orjson.loads(row["steps"])),
        latest_send_at=row["latest_send_at"],
        reference_seed=row["reference_seed"],
        sealed=row["sealed"],
        seal_key=row["seal_key"],
        skip=Skip(row["skip"]) if row["skip"] else None,
        account=row["account"] or "",
        reference=row["reference"] or "",
        times_asked=row["asked"] or 0,
        opened_at=row["opened_at"] or row["now"],
        accepted_at=row["accepted_at"],
        now=row["now"],
        resend_of=row["resend_of"],
    )
