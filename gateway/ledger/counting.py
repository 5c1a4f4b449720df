"""Counting: who changed lately is counted anew, beside the traffic and without its doing anything.

The history tells which notifications changed; `counted` remembers how each was counted before. The
difference between then and now goes into the counts by day, all in one statement, so that counting
one again changes nothing and a crash loses nothing. Whoever reads the counts adds the same
difference for what was not yet counted (`UNCOUNTED`), so that they agree with the notifications to
the unit at every moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from gateway.domain.statistics import SPEEDS_S

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

# A dossier that was returned was collected.
_CHANGED = """
    SELECT notification_id AS id, false AS collected FROM history WHERE at >= $1 AND at < $2
    UNION ALL
    SELECT notification_id, false FROM count_note WHERE at >= $1 AND at < $2
    UNION ALL
    SELECT last_notification, true FROM dossier
    WHERE updated_at >= $1 AND updated_at < $2 AND last_kind = 'returned'
      AND last_notification IS NOT NULL
"""

_OLD = """
    SELECT id, false AS collected FROM (
        SELECT id FROM notification WHERE id > $1 ORDER BY id LIMIT $2) AS next
"""

# The columns of those that arrived, by how fast they did.
ARRIVED = tuple(f"arrived_{number}" for number in range(1, len(SPEEDS_S) + 2))
_CLASSES = tuple(enumerate(ARRIVED, 1))
_SPEEDS = "ARRAY[" + ", ".join(map(str, SPEEDS_S)) + "]"


def difference(changed: str) -> str:
    """CTEs that end with `difference`: how those in `changed` count now (`sign` 1) and how they
    counted before (-1), where that is not the same."""
    return f"""
changed AS MATERIALIZED (
    SELECT id, bool_or(collected) AS collected FROM ({changed}) AS c GROUP BY id
), stands AS MATERIALIZED (
    SELECT n.id, (n.accepted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day,
        date_bin('5 minutes', n.accepted_at, '2000-01-01 00:00Z') AS slot,
        date_bin('15 minutes', n.ended_at, '2000-01-01 00:00Z') AS ended_slot,
        n.unit, n.kind, n.source, n.mode, n.state, coalesce(n.reason, '') AS reason,
        coalesce(a.channel, n.steps -> n.step::int ->> 'channel', '') AS channel,
        coalesce(a.account, '') AS account,
        coalesce(coalesce(a.channel, n.steps -> n.step::int ->> 'channel')
                 <> n.steps -> 0 ->> 'channel', false) AS fell_back,
        CASE WHEN n.state IN ('delivered', 'acknowledged') THEN (
            SELECT greatest(extract(epoch FROM min(h.at) - n.accepted_at), 0)::int
            FROM history h WHERE h.notification_id = n.id
              AND h.state IN ('delivered', 'acknowledged')) END AS arrived_s,
        a.cost_vnd, a.attempts, c.collected OR coalesce(b.collected, false) AS collected,
        b.notification_id IS NOT NULL AS is_counted,
        b.state AS old_state, b.reason AS old_reason, b.channel AS old_channel,
        b.account AS old_account, b.fell_back AS old_fell_back, b.arrived_s AS old_arrived_s,
        b.cost_vnd AS old_cost_vnd, b.collected AS old_collected, b.attempts AS old_attempts,
        b.ended_slot AS old_ended_slot
    FROM changed c
    JOIN notification n ON n.id = c.id
    LEFT JOIN counted b ON b.notification_id = c.id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum((e.one).cost_vnd), 0)::int AS cost_vnd,
            coalesce(array_agg(e.one ORDER BY e.step, e.try), '{{}}') AS attempts,
            -- The one that arrived, or else the last at the present step.
            (array_agg((e.one).channel ORDER BY e.arrived DESC, e.step DESC, e.try DESC)
                FILTER (WHERE e.arrived OR e.step = n.step))[1] AS channel,
            (array_agg((e.one).account ORDER BY e.arrived DESC, e.step DESC, e.try DESC)
                FILTER (WHERE e.arrived OR e.step = n.step))[1] AS account
        FROM (
            SELECT t.step, t.try,
                coalesce(t.verdict IN ('delivered', 'acknowledged'), false) AS arrived,
                ROW(t.channel, t.account,
                    CASE WHEN t.verdict <> 'progress' THEN t.verdict
                         WHEN t.outcome = 'accepted' THEN 'taken'
                         ELSE coalesce(t.outcome, 'open') END,
                    t.segments,
                    coalesce(t.cost_vnd, CASE WHEN t.outcome IN ('accepted', 'unknown')
                                              THEN t.estimate_vnd END)
                )::counted_attempt AS one
            FROM attempt t WHERE t.notification_id = n.id
        ) AS e
    ) AS a
), altered AS MATERIALIZED (
    SELECT * FROM stands WHERE NOT is_counted
        OR (state, reason, channel, account, fell_back, cost_vnd, collected, attempts)
           IS DISTINCT FROM (old_state, old_reason, old_channel, old_account, old_fell_back,
                             old_cost_vnd, old_collected, old_attempts)
        OR arrived_s IS DISTINCT FROM old_arrived_s
        OR ended_slot IS DISTINCT FROM old_ended_slot
), difference AS MATERIALIZED (
    SELECT 1 AS sign, day, slot, ended_slot, unit, kind, source, mode, state, reason, channel,
        account, fell_back, coalesce(width_bucket(arrived_s - 1, {_SPEEDS}) + 1, 0) AS speed,
        collected, coalesce(arrived_s, 0) AS arrived_s, cost_vnd, attempts
    FROM altered
    UNION ALL
    SELECT -1, day, slot, old_ended_slot, unit, kind, source, mode, old_state, old_reason,
        old_channel, old_account, old_fell_back,
        coalesce(width_bucket(old_arrived_s - 1, {_SPEEDS}) + 1, 0), old_collected,
        coalesce(old_arrived_s, 0), old_cost_vnd, old_attempts
    FROM altered WHERE is_counted
)"""


# What is not yet in the counts, for whoever reads them: arguments as of `uncounted_between`.
UNCOUNTED = difference(_CHANGED)
NOTICE_DIFFERENCE = f"""
    SELECT day, unit, kind, source, mode, state, reason, channel, account, sign::bigint AS notices,
        (sign * fell_back::int)::bigint AS fell_back, (sign * collected::int)::bigint AS collected,
        (sign * cost_vnd)::bigint AS cost_vnd, (sign * arrived_s)::bigint AS arrived_s,
        {", ".join(f"(sign * (speed = {n})::int)::bigint AS {name}" for n, name in _CLASSES)}
    FROM difference
"""
UNIT_DIFFERENCE = """
    SELECT day, unit, mode, state, sign::bigint AS notices, (sign * cost_vnd)::bigint AS cost_vnd
    FROM difference
"""
ATTEMPT_DIFFERENCE = """
    SELECT day, unit, kind, mode, a.channel, a.account, a.ending, sign::bigint AS attempts,
        (sign * coalesce(a.segments, 0))::bigint AS segments,
        (sign * coalesce(a.cost_vnd, 0))::bigint AS cost_vnd
    FROM difference CROSS JOIN LATERAL unnest(attempts)
        AS a (channel, account, ending, segments, cost_vnd)
"""
SLOT_DIFFERENCE = "SELECT slot, unit, mode, state, sign::bigint AS notices FROM difference"
_ENDED_DIFFERENCE = """
    SELECT ended_slot AS slot, mode, channel, account, state, reason, sign::bigint AS notices
    FROM difference
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


_NOTICES = _added(
    "notice_day",
    "day, unit, kind, source, mode, state, reason, channel, account",
    ("notices", "fell_back", "collected", "cost_vnd", "arrived_s", *ARRIVED),
    NOTICE_DIFFERENCE,
)
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
    _ENDED_DIFFERENCE,
    f"WHERE slot >= now() - interval '{_ENDINGS_KEPT_DAYS} days'",
)


def count(changed: str) -> str:
    """The statement that counts those in `changed`; it answers how many were altered."""
    return f"""
WITH {difference(changed)}, remembered AS (
    INSERT INTO counted AS c (notification_id, state, reason, channel, account, fell_back,
        arrived_s, cost_vnd, collected, attempts, ended_slot)
    SELECT id, state, reason, channel, account, fell_back, arrived_s, cost_vnd, collected,
        attempts, ended_slot
    FROM altered
    ON CONFLICT (notification_id) DO UPDATE SET state = excluded.state, reason = excluded.reason,
        channel = excluded.channel, account = excluded.account, fell_back = excluded.fell_back,
        arrived_s = excluded.arrived_s, cost_vnd = excluded.cost_vnd,
        collected = excluded.collected, attempts = excluded.attempts,
        ended_slot = excluded.ended_slot
), notices AS ({_NOTICES}), units AS ({_UNITS}), attempts AS ({_ATTEMPTS}), slots AS ({_SLOTS}),
endings AS ({_ENDINGS})
SELECT count(*) FROM altered
"""


_COUNT_CHANGED, _COUNT_OLD = count(_CHANGED), count(_OLD)

_HEAD = "SELECT since, filled_to, now() AS now FROM count_head"
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
), units AS (
    DELETE FROM unit_day WHERE notices = 0 AND cost_vnd = 0 AND {_RECENT}
)
DELETE FROM attempt_day WHERE attempts = 0 AND cost_vnd = 0 AND {_RECENT}
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
    await connection.execute("UPDATE count_head SET filled_to = $1", last)
    return last is None


async def forget_old(connection: asyncpg.Connection) -> None:
    """Slots that are over, and counts that came to nothing."""
    async with connection.transaction():
        await connection.fetchrow(_HEAD + " FOR UPDATE")
        await connection.execute(_FORGET)


def _begin(since: datetime, now: datetime) -> datetime:
    """A clock that was set back must not hide what came after."""
    return since if since <= now else now - timedelta(seconds=_LONGEST_S)
