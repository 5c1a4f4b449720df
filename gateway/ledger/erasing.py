"""Erasing people: what is still open ends by a move, then everything personal leaves the rows.

What stays says nothing about a person to who does not already know the event: the keyed hash of the
event (so that posting it again sends nothing), states, times, prices, and the references under
which a provider's bill or a late report is understood.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from gateway.domain.notification import Change
from gateway.domain.outcome import Reason
from gateway.domain.status import OPEN, State
from gateway.ledger import moves
from gateway.ledger.receipts import RawReceipt

# After this nothing is on its way any more that could bring data of an erased person back.
SETTLED_AFTER_DAYS = 2

_FIND = """
SELECT id, sealed, seal_key FROM notification
WHERE sealed IS NOT NULL AND ($1::text IS NULL OR source = $1) {tokens}
ORDER BY id
"""

_OPEN = "SELECT id, step, tries FROM notification WHERE id = ANY ($1) AND state = ANY ($2)"

# In one order, so that two of these do not wait for each other; and like a claim or a move, first
# the due rows, then the notifications.
_LOCK_DUE = "SELECT FROM due WHERE notification_id = ANY ($1) ORDER BY notification_id FOR UPDATE"
_LOCK = "SELECT id FROM notification WHERE id = ANY ($1) ORDER BY id FOR UPDATE"

_BLANK_NOTIFICATIONS = """
UPDATE notification SET sealed = NULL, seal_key = NULL, tokens = '{}', steps = coalesce((
    SELECT json_agg(s.step::jsonb || '{"phone_key": ""}' ORDER BY s.n)
    FROM json_array_elements(steps) WITH ORDINALITY AS s (step, n)), '[]')
WHERE id = ANY ($1) AND sealed IS NOT NULL
"""

_BLANK_ATTEMPTS = """
UPDATE attempt SET sealed = NULL, seal_key = NULL, erased = true
WHERE notification_id = ANY ($1) AND (NOT erased OR sealed IS NOT NULL)
"""

_DROP_REPORTS = """
WITH about AS (
    SELECT DISTINCT receipt_id FROM receipt WHERE notification_id = ANY ($1)
), unread AS (
    DELETE FROM receipt_todo t USING about a WHERE t.receipt_id = a.receipt_id
)
DELETE FROM receipt_raw r USING about a WHERE r.id = a.receipt_id
"""

_DROP_DUE = "DELETE FROM due WHERE notification_id = ANY ($1)"

_DROP_WATCHES = "DELETE FROM watch WHERE notification_id = ANY ($1)"

_FORGET_PHONES = "DELETE FROM phone_memory WHERE phone = ANY ($1)"

_LOOSE = """
SELECT r.id, r.account, r.sealed, r.seal_key, t.tries
FROM receipt_todo t JOIN receipt_raw r ON r.id = t.receipt_id
WHERE t.receipt_id > $1 ORDER BY t.receipt_id LIMIT $2
"""

_BEGIN = "INSERT INTO erasure (id, actor, found_by, notification_ids) VALUES ($1, $2, $3, '{}')"

_NOTE = "UPDATE erasure SET notification_ids = notification_ids || $2 WHERE id = $1"

_FINISH = """
UPDATE erasure SET finished_at = now(), counts = $2::jsonb WHERE id = $1 RETURNING finished_at
"""

_UNSETTLED = """
SELECT id, actor, notification_ids,
    at < now() - $1 * interval '1 day' AS over
FROM erasure WHERE notification_ids IS NOT NULL ORDER BY at
"""

_SETTLE = "UPDATE erasure SET notification_ids = NULL WHERE id = $1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A notification in which somebody was found, still sealed."""

    id: UUID
    sealed: bytes
    seal_key: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many rows lost their personal data; `ended` were still under way."""

    notifications: int = 0
    ended: int = 0
    texts: int = 0
    reports: int = 0
    remembered_phones: int = 0
    list_rows: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        mine, others = asdict(self), asdict(other)
        return Counts(**{name: mine[name] + others[name] for name in mine})


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsettled:
    """An erasure not long ago; `over`: nothing of it can be on its way any more."""

    id: UUID
    actor: str
    notification_ids: Sequence[UUID]
    over: bool


async def find(
    connection: asyncpg.Connection, token_groups: Sequence[Sequence[int]], source: str | None
) -> list[Person]:
    """Every notification that meets all groups of tokens, of one source or of all."""
    tokens = " ".join(f"AND tokens && ${n}::bigint[]" for n, _ in enumerate(token_groups, 2))
    rows = await connection.fetch(_FIND.format(tokens=tokens), source, *token_groups)
    return [Person(**row) for row in rows]


async def erase(
    connection: asyncpg.Connection, notification_ids: Sequence[UUID], actor: str
) -> Counts:
    """End what is open and blank everything, in the caller's transaction. Once is enough; a second
    time finds what came in between."""
    ids = sorted(notification_ids)
    await connection.execute(_LOCK_DUE, ids)
    ended = await _end(connection, ids, actor)
    await connection.execute(_LOCK, ids)
    await connection.execute(_DROP_DUE, ids)
    await connection.execute(_DROP_WATCHES, ids)
    return Counts(
        ended=ended,
        texts=_affected(await connection.execute(_BLANK_ATTEMPTS, ids)),
        reports=_affected(await connection.execute(_DROP_REPORTS, ids)),
        notifications=_affected(await connection.execute(_BLANK_NOTIFICATIONS, ids)),
    )


async def _end(connection: asyncpg.Connection, ids: Sequence[UUID], actor: str) -> int:
    rows = await connection.fetch(_OPEN, ids, [state.value for state in OPEN])
    changes = [
        Change(
            notification_id=row["id"],
            step=row["step"],
            try_no=row["tries"],
            to=State.CANCELLED,
            reason=Reason.WITHDRAWN,
            anywhere=True,
            actor=actor,
        )
        for row in rows
    ]
    return len(await moves.apply(connection, changes)) if changes else 0


async def forget_phones(connection: asyncpg.Connection, phones: Sequence[bytes]) -> int:
    """Drop what is remembered of numbers with these keyed hashes."""
    return _affected(await connection.execute(_FORGET_PHONES, list(phones)))


async def loose_reports(
    connection: asyncpg.Connection, after: UUID, limit: int
) -> list[RawReceipt]:
    """Reports that belong to no notification yet, or never will, in the order of their ids."""
    return [RawReceipt(**row) for row in await connection.fetch(_LOOSE, after, limit)]


async def begin(
    connection: asyncpg.Connection, erasure_id: UUID, actor: str, found_by: str
) -> None:
    await connection.execute(_BEGIN, erasure_id, actor, found_by)


async def note(
    connection: asyncpg.Connection, erasure_id: UUID, notification_ids: Sequence[UUID]
) -> None:
    """These are about to be erased; after a crash the clock finds them here."""
    await connection.execute(_NOTE, erasure_id, list(notification_ids))


async def finish(connection: asyncpg.Connection, erasure_id: UUID, counts: Counts) -> datetime:
    counted: Mapping[str, int] = asdict(counts)
    at: datetime = await connection.fetchval(_FINISH, erasure_id, json.dumps(counted))
    return at


async def unsettled(connection: asyncpg.Connection) -> list[Unsettled]:
    rows = await connection.fetch(_UNSETTLED, SETTLED_AFTER_DAYS)
    return [Unsettled(**row) for row in rows]


async def settle(connection: asyncpg.Connection, erasure_id: UUID) -> None:
    await connection.execute(_SETTLE, erasure_id)


def _affected(done: str) -> int:
    return int(done.rsplit(" ", 1)[-1])
