"""The rules that look beyond one event: overtaken, duplicate, superseded, corrected, too many.

All of it happens in the transaction that accepts the event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from gateway.domain.identity import minted_at, uuid7_floor
from gateway.domain.notification import Change
from gateway.domain.outcome import Reason
from gateway.domain.status import OPEN, State
from gateway.ledger import moves

ONCE_WITHIN_DAYS = 30

# Rows from before there was `result_notice` have none.
_RESULT = """coalesce(d.result_notice,
    CASE d.last_kind WHEN 'result-ready' THEN d.last_notification END)"""
# The newest report wins; one that is as old as the last is not older. What is ready after a return
# is another result.
_REPORT = f"""
WITH reported AS (
INSERT INTO dossier AS d (key, hash_key, last_kind, last_at, last_event, last_notification,
    result_notice)
SELECT *, CASE last_kind WHEN 'result-ready' THEN last_notification END
FROM unnest($1::bytea[], $2::smallint[], $3::text[], $4::timestamptz[], $5::uuid[], $6::uuid[])
    AS r (key, hash_key, last_kind, last_at, last_event, last_notification)
ON CONFLICT (key) DO UPDATE SET last_kind = excluded.last_kind, last_at = excluded.last_at,
    last_event = excluded.last_event,
    last_notification = coalesce(excluded.last_notification, d.last_notification),
    result_notice = CASE WHEN excluded.last_kind <> 'returned'
                         THEN coalesce({_RESULT}, excluded.result_notice) END,
    handed_over = CASE excluded.last_kind WHEN 'returned' THEN coalesce({_RESULT}, d.handed_over)
                       ELSE d.handed_over END,
    reminders = 0, updated_at = now()
WHERE d.last_at <= excluded.last_at
RETURNING key, xmax <> 0 AS known_before, result_notice, last_kind, handed_over
), noted AS (
    INSERT INTO count_note (notification_id, collected)
    SELECT handed_over, true FROM reported
    WHERE last_kind = 'returned' AND handed_over IS NOT NULL
)
SELECT key, known_before, result_notice FROM reported
"""

_IN_VAIN = "('cancelled', 'failed', 'expired', 'suppressed')"
# An earlier notice that reached nobody does not stand in the way of a second one.
_ONCE = f"""
INSERT INTO notice_once AS o (key, hash_key, notification_id)
SELECT * FROM unnest($1::bytea[], $2::smallint[], $3::uuid[])
ON CONFLICT (key) DO UPDATE SET notification_id = excluded.notification_id, at = now()
WHERE o.at < now() - interval '{ONCE_WITHIN_DAYS} days' OR NOT EXISTS (
    SELECT FROM notification n WHERE n.id = o.notification_id AND n.id >= $4
    AND n.state NOT IN {_IN_VAIN})
RETURNING notification_id
"""
_SAID = f"""
SELECT o.key FROM notice_once o JOIN notification n ON n.id = o.notification_id
WHERE o.key = ANY ($1) AND o.at >= now() - interval '{ONCE_WITHIN_DAYS} days'
  AND n.state NOT IN {_IN_VAIN}
"""

_OPEN = """
SELECT id, step, tries FROM notification
WHERE tokens && $1::bigint[] AND source = ANY ($2) AND kind = ANY ($3) AND state = ANY ($4)
  AND mode = $5
"""

_CORRECTED = """
SELECT n.id, n.step, n.tries, n.state,
    n.state IN ('sending', 'sent', 'delivered', 'acknowledged', 'unconfirmed') OR EXISTS (
        SELECT FROM attempt a
        WHERE a.notification_id = n.id AND a.outcome IN ('accepted', 'unknown')) AS may_have_reached
FROM event_key k
CROSS JOIN LATERAL unnest(k.notification_ids) AS owed (id)
JOIN notification n ON n.id = owed.id
WHERE k.key = ANY ($1) AND n.mode = $2
"""

_ASKED = """
INSERT INTO source_hour AS h (source, hour, asked) VALUES ($1, date_trunc('hour', now()), $2)
ON CONFLICT (source, hour) DO UPDATE SET asked = h.asked + excluded.asked
RETURNING asked
"""


# Told, not collected since, and not reminded as often as the rule allows.
_UNCOLLECTED = """
SELECT d.key, d.reminders, n.id FROM dossier d JOIN notification n ON n.id = d.last_notification
WHERE d.last_kind = 'result-ready' AND d.updated_at < now() - make_interval(secs => $1)
  AND d.reminders < $2
  AND n.state IN ('delivered', 'acknowledged', 'unconfirmed') AND n.sealed IS NOT NULL
ORDER BY d.updated_at LIMIT $3
FOR UPDATE OF d SKIP LOCKED
"""

_REMINDED = """
UPDATE dossier SET reminders = reminders + 1, updated_at = now() WHERE key = ANY ($1)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Uncollected:
    """A dossier whose result still waits. `reminders` have been sent so far."""

    key: bytes
    reminders: int
    notification_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What an event says of its dossier, and what follows for notices already owed.

    `key` is the keyed hash of namespace and code, `other_keys` those under the other live versions,
    `tokens` the search tokens of the code under each, `sources` those of the same namespace. Open
    notices of the kinds in `supersedes` and of the same `mode` end with `ends_as`.
    `corrects` are the event keys (one per live hash version) of the event it corrects.
    """

    key: bytes
    kind: str
    at: datetime
    tokens: tuple[int, ...]
    sources: tuple[str, ...]
    supersedes: tuple[str, ...] = ()
    ends_as: Reason = Reason.OVERTAKEN
    mode: str = "live"
    corrects: tuple[bytes, ...] = ()
    other_keys: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """A report with the event it came in, and the first notice owed because of it."""

    report: Report
    event_id: UUID
    notification_id: UUID | None
    hash_key: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a report stands to what was known: older than that, or not the first. `result_notice` is
    the first one about the result that waits."""

    overtaken: bool
    known_before: bool
    result_notice: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrected:
    """What was owed because of the event that a correction is about. `may_have_reached`: somebody
    may have been told it."""

    notification_ids: Sequence[UUID]
    may_have_reached: bool


async def report(
    connection: asyncpg.Connection, reports: Sequence[Reported]
) -> dict[bytes, Standing]:
    """Note what was reported about different dossiers."""
    ordered = sorted(reports, key=lambda one: one.report.key)
    rows = await connection.fetch(
        _REPORT,
        [one.report.key for one in ordered],
        [one.hash_key for one in ordered],
        [one.report.kind for one in ordered],
        [one.report.at for one in ordered],
        [one.event_id for one in ordered],
        [one.notification_id for one in ordered],
    )
    taken = {
        row["key"]: Standing(
            overtaken=False, known_before=row["known_before"], result_notice=row["result_notice"]
        )
        for row in rows
    }
    older = Standing(overtaken=True, known_before=True)
    return {one.report.key: taken.get(one.report.key, older) for one in ordered}


async def said_before(
    connection: asyncpg.Connection, notices: Sequence[tuple[bytes, int, UUID]]
) -> set[UUID]:
    """Which of these notices (once key, hash key version, id) repeat one of the last days."""
    if not notices:
        return set()
    ordered = sorted(notices)
    rows = await connection.fetch(
        _ONCE,
        [key for key, _, _ in ordered],
        [version for _, version, _ in ordered],
        [one for _, _, one in ordered],
        # No older notice is looked at, and so no month before it.
        uuid7_floor(minted_at(ordered[0][2]) - timedelta(days=2 * ONCE_WITHIN_DAYS)),
    )
    return {one for _, _, one in notices} - {row["notification_id"] for row in rows}


async def said(connection: asyncpg.Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these once keys stand for a notice of the last days that reached somebody, or still
    may."""
    return {row["key"] for row in await connection.fetch(_SAID, list(keys))}


async def supersede(connection: asyncpg.Connection, one: Report) -> None:
    """End the open notices of this dossier that the report makes pointless."""
    rows = await connection.fetch(
        _OPEN, one.tokens, one.sources, one.supersedes, [state.value for state in OPEN], one.mode
    )
    await _end(connection, rows, one.ends_as)


async def withdraw_corrected(connection: asyncpg.Connection, one: Report) -> Corrected:
    """End what is still open of the corrected event."""
    rows = await connection.fetch(_CORRECTED, one.corrects, one.mode)
    still_open = [row for row in rows if State(row["state"]) in OPEN]
    await _end(connection, still_open, Reason.WITHDRAWN)
    return Corrected(
        notification_ids=[row["id"] for row in rows],
        may_have_reached=any(row["may_have_reached"] for row in rows),
    )


async def uncollected(
    connection: asyncpg.Connection, after_s: float, most_reminders: int, limit: int
) -> list[Uncollected]:
    """Dossiers to remind of, locked until the caller's transaction ends."""
    return [
        Uncollected(key=row["key"], reminders=row["reminders"], notification_id=row["id"])
        for row in await connection.fetch(_UNCOLLECTED, after_s, most_reminders, limit)
    ]


async def reminded(connection: asyncpg.Connection, keys: Sequence[bytes]) -> None:
    await connection.execute(_REMINDED, list(keys))


async def asked_this_hour(connection: asyncpg.Connection, source: str, more: int) -> int:
    """How many notices this source asked for in the present hour, with these."""
    return int(await connection.fetchval(_ASKED, source, more))


async def _end(
    connection: asyncpg.Connection, rows: Sequence[asyncpg.Record], reason: Reason
) -> None:
    changes = [
        Change(
            notification_id=row["id"],
            step=row["step"],
            try_no=row["tries"],
            to=State.CANCELLED,
            reason=reason,
            anywhere=True,
            actor="source",
        )
        for row in rows
    ]
    if changes:
        await moves.apply(connection, changes)
