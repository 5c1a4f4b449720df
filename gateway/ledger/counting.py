"""Counting: who changed lately is counted anew, beside the traffic and without its doing anything.

The history tells which notifications changed; `counted` remembers how each was counted before. The
difference between then and now goes into the counts by day, all in one statement, so that counting
one again changes nothing and a crash loses nothing. Whoever reads the counts adds the same
difference for what was not yet counted (`UNCOUNTED`), so that they agree with the notifications to
the unit at every moment (`count_difference`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from gateway.ledger.count_difference import (
    ATTEMPT_DIFFERENCE,
    CHANGED,
    DOUBT_SUMS,
    ENDED_DIFFERENCE,
    NOTICE_DIFFERENCE,
    NOTICE_KEY,
    NOTICE_SUMS,
    OLD,
    RESULT_SUMS,
    SLOT_DIFFERENCE,
    UNIT_DIFFERENCE,
    difference,
)

# No transaction of ours runs so long; a forgotten one must not make everything be counted for ever.
_LONGEST_S = 60
# As much is caught up with at once after a time without a clock.
_AT_ONCE = timedelta(minutes=5)
# Whoever reads does not count this much by itself.
_STALE = timedelta(minutes=2)
_SLOTS_KEPT_H = 26
# A day that ends now is held against the one a week before.
_ENDINGS_KEPT_DAYS = 9

# Every row written by a transaction that began before this is visible now. The second is for one
# that began but was not yet to be seen among the others.
_SAFE = f"""
SELECT greatest(
    now() - interval '{_LONGEST_S} seconds',
    least(now(), (SELECT min(xact_start) FROM pg_stat_activity
                  WHERE datname = current_database() AND backend_type = 'client backend'
                    AND xact_start IS NOT NULL AND application_name <> 'pg_dump'))
    - interval '1 second')
"""


def _added(table: str, key: str, sums: Sequence[str], difference: str, where: str = "") -> str:
    """A statement that adds the difference to a table of counts. Its rows are written in the order
    of their keys, so that two of these wait for each other and never for ever."""
    more = ", ".join(f"{one} = t.{one} + excluded.{one}" for one in sums)
    return f"""
    INSERT INTO {table} AS t ({key}, {", ".join(sums)})
    SELECT {key}, {", ".join(f"sum({one})" for one in sums)} FROM ({difference}) AS f {where}
    GROUP BY {key} HAVING {" OR ".join(f"sum({one}) <> 0" for one in sums)} ORDER BY {key}
    ON CONFLICT ({key}) DO UPDATE SET {more}
    """


_NOTICES = _added("notice_day", NOTICE_KEY, NOTICE_SUMS, NOTICE_DIFFERENCE)
_RESULTS = _added("result_day", NOTICE_KEY, RESULT_SUMS, NOTICE_DIFFERENCE)
_DOUBTS = _added("doubt_day", NOTICE_KEY, DOUBT_SUMS, NOTICE_DIFFERENCE)
_UNITS = _added("unit_day", "day, unit, mode, state", ("notices", "cost_vnd"), UNIT_DIFFERENCE)
_ATTEMPTS = _added(
    "attempt_day",
    "day, unit, kind, mode, channel, account, ending",
    ("attempts", "segments", "cost_vnd"),
    ATTEMPT_DIFFERENCE,
)
_SLOTS = _added(
    "notice_slot",
    "slot, unit, mode, state",
    ("notices",),
    SLOT_DIFFERENCE,
    f"WHERE slot >= now() - interval '{_SLOTS_KEPT_H} hours'",
)
_ENDINGS = _added(
    "ended_slot",
    "slot, mode, channel, account, state, reason",
    ("notices",),
    ENDED_DIFFERENCE,
    f"WHERE slot >= now() - interval '{_ENDINGS_KEPT_DAYS} days'",
)


def count(changed: str) -> str:
    """The statement that counts those in `changed`; it answers how many were altered."""
    return f"""
WITH {difference(changed)}, remembered AS (
    INSERT INTO counted AS c (notification_id, state, reason, channel, account, fell_back,
        arrived_s, cost_vnd, collected, attempts, ended_slot, doubtful_vnd, told, handed_over)
    SELECT id, state, reason, channel, account, fell_back, arrived_s, cost_vnd, collected,
        attempts, ended_slot, doubtful_vnd, told, told AND collected
    FROM altered
    ON CONFLICT (notification_id) DO UPDATE SET state = excluded.state, reason = excluded.reason,
        channel = excluded.channel, account = excluded.account, fell_back = excluded.fell_back,
        arrived_s = excluded.arrived_s, cost_vnd = excluded.cost_vnd,
        collected = excluded.collected, attempts = excluded.attempts,
        ended_slot = excluded.ended_slot, doubtful_vnd = excluded.doubtful_vnd,
        told = excluded.told, handed_over = excluded.handed_over
), notices AS ({_NOTICES}), results AS ({_RESULTS}), doubts AS ({_DOUBTS}), units AS ({_UNITS}),
attempts AS ({_ATTEMPTS}), slots AS ({_SLOTS}), endings AS ({_ENDINGS})
SELECT count(*) FROM altered
"""


_COUNT_CHANGED, _COUNT_OLD = count(CHANGED), count(OLD)

# What is counted again for a new release is filled in with what was never counted.
_HEAD = "SELECT since, least(filled_to, again_to) AS filled_to, now() AS now FROM count_head"
_FORGET_NOTES = "DELETE FROM count_note WHERE at < $1"
# What is older has come to rest.
_RECENT = "day > current_date - 40"
_FORGET = f"""
WITH slots AS (
    DELETE FROM notice_slot WHERE slot < now() - interval '{_SLOTS_KEPT_H} hours' OR notices = 0
), endings AS (
    DELETE FROM ended_slot
    WHERE slot < now() - interval '{_ENDINGS_KEPT_DAYS} days' OR notices = 0
), notices AS (
    DELETE FROM notice_day WHERE notices = 0 AND cost_vnd = 0 AND {_RECENT}
), results AS (
    DELETE FROM result_day WHERE told = 0 AND handed_over = 0 AND {_RECENT}
), doubts AS (
    DELETE FROM doubt_day WHERE doubtful_vnd = 0 AND {_RECENT}
), units AS (
    DELETE FROM unit_day WHERE notices = 0 AND cost_vnd = 0 AND {_RECENT}
)
DELETE FROM attempt_day WHERE attempts = 0 AND cost_vnd = 0 AND {_RECENT}
"""
# Of months that were dropped.
_FORGET_FAMILIES = """
DELETE FROM same_result
WHERE notification_id < (SELECT id FROM notification ORDER BY id LIMIT 1)
"""
_LAST_OLD = """
SELECT id FROM (SELECT id FROM notification WHERE id > $1 ORDER BY id LIMIT $2) AS next
ORDER BY id DESC LIMIT 1
"""
_EVER = datetime(2999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How far the counting is: everything before `since`. `is_filling`: what was there before it
    began is not all counted yet."""

    since: datetime
    now: datetime
    is_filling: bool

    @property
    def is_stale(self) -> bool:
        """So much is not counted that nobody may count it while a page waits."""
        return self.now - self.since > _STALE

    @property
    def uncounted_between(self) -> tuple[datetime, datetime]:
        """The arguments of `UNCOUNTED`: nothing where it would take too long."""
        return (_EVER if self.is_stale else _begin(self.since, self.now), _EVER)


async def standing(connection: asyncpg.Connection) -> Standing:
    head = await connection.fetchrow(_HEAD)
    return Standing(since=head["since"], now=head["now"], is_filling=head["filled_to"] is not None)


async def count_changed(connection: asyncpg.Connection) -> bool:
    """Count what changed since the last time, in the caller's transaction; False: there is more.

    Only the clock's leader does this; the lock makes even two of them take turns.
    """
    counted_until = await connection.fetchval(_SAFE)
    head = await connection.fetchrow(_HEAD + " FOR UPDATE")
    begin, end = _begin(head["since"], head["now"]), _EVER
    if head["now"] - begin > _AT_ONCE:
        end = counted_until = begin + _AT_ONCE
    await connection.fetchval(_COUNT_CHANGED, begin, end)
    await connection.execute(_FORGET_NOTES, begin)
    await connection.execute("UPDATE count_head SET since = $1", counted_until)
    return end == _EVER


async def count_old(connection: asyncpg.Connection, limit: int) -> bool:
    """Count some of those from before this began, in the caller's transaction; False: there are
    more."""
    head = await connection.fetchrow(_HEAD + " FOR UPDATE")
    if head["filled_to"] is None:
        return True
    last: UUID | None = await connection.fetchval(_LAST_OLD, head["filled_to"], limit)
    if last is not None:
        await connection.fetchval(_COUNT_OLD, head["filled_to"], limit)
    await connection.execute("UPDATE count_head SET filled_to = $1, again_to = $1", last)
    return last is None


async def forget_old(connection: asyncpg.Connection) -> None:
    """Slots that are over, and counts that came to nothing."""
    async with connection.transaction():
        await connection.fetchrow(_HEAD + " FOR UPDATE")
        await connection.execute(_FORGET)
        await connection.execute(_FORGET_FAMILIES)


def _begin(since: datetime, now: datetime) -> datetime:
    """A clock that was set back must not hide what came after."""
    return since if since <= now else now - timedelta(seconds=_LONGEST_S)
