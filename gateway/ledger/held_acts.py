"""Decisions about held notifications: about which, and how far each got."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from gateway.ledger.held import Selection

# What is held later was not decided about.
_ADD = """
INSERT INTO held_act (id, user_id, act, also_maybe_sent, source, unit, kind, reason, until, total)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
    least(coalesce($9, now()), now() - $10::interval), $11)
"""

_FIND = """
SELECT id, user_id, act, also_maybe_sent, source, unit, kind, reason, until, after, total,
    looked_at, done, begun_at, ended_at, stopped, stopped_by
FROM held_act WHERE id = $1
"""

_PROCEED = """
UPDATE held_act SET after = coalesce($3, after), looked_at = looked_at + $4, done = done + $5,
    ended_at = CASE WHEN $3 IS NULL THEN now() END
WHERE id = $1 AND after = $2 AND ended_at IS NULL RETURNING ended_at IS NOT NULL
"""

_FORGET = "DELETE FROM held_act WHERE ended_at < now() - interval '30 days'"


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldAct:
    """`after`: those up to this one were looked at, `done` of them changed."""

    id: UUID
    user_id: UUID
    act: str
    also_maybe_sent: bool
    source: str | None
    unit: str | None
    kind: str | None
    reason: str | None
    until: datetime
    after: UUID
    total: int
    looked_at: int
    done: int
    begun_at: datetime
    ended_at: datetime | None
    stopped: str
    stopped_by: str

    @property
    def selection(self) -> Selection:
        return Selection(
            source=self.source,
            unit=self.unit,
            kind=self.kind,
            reason=self.reason,
            until=self.until,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class NewHeldAct:
    id: UUID
    user_id: UUID
    act: str
    also_maybe_sent: bool
    selection: Selection
    total: int


async def add(connection: asyncpg.Connection, one: NewHeldAct) -> None:
    wanted = one.selection
    await connection.execute(
        _ADD,
        one.id,
        one.user_id,
        one.act,
        one.also_maybe_sent,
        wanted.source,
        wanted.unit,
        wanted.kind,
        wanted.reason,
        wanted.until,
        timedelta(seconds=wanted.older_than_s or 0),
        one.total,
    )


async def find(connection: asyncpg.Connection, act_id: UUID) -> HeldAct | None:
    row = await connection.fetchrow(_FIND, act_id)
    return HeldAct(**row) if row else None


async def proceed(
    connection: asyncpg.Connection, act: HeldAct, *, after: UUID | None, looked_at: int, done: int
) -> bool:
    """A page further; `after` None: it was the last one. Whether it has ended by that."""
    return bool(await connection.fetchval(_PROCEED, act.id, act.after, after, looked_at, done))


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)
