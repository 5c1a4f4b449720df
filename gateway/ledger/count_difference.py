"""The difference that a change makes to the counts: how a notification counts now, and how before.

Both who counts (`counting`) and who reads counts begin with these expressions, so that a count and
what is not yet in it never disagree.
"""

from gateway.domain.statistics import SPEEDS_S

# A dossier that was returned was collected.
CHANGED = """
    SELECT notification_id AS id, false AS collected FROM history WHERE at >= $1 AND at < $2
    UNION ALL
    SELECT notification_id, false FROM count_note WHERE at >= $1 AND at < $2
    UNION ALL
    SELECT last_notification, true FROM dossier
    WHERE updated_at >= $1 AND updated_at < $2 AND last_kind = 'returned'
      AND last_notification IS NOT NULL
"""

OLD = """
    SELECT id, false AS collected FROM (
        SELECT id FROM notification WHERE id > $1 ORDER BY id LIMIT $2) AS next
"""

# The columns of those that arrived, by how fast they did.
ARRIVED = tuple(f"arrived_{number}" for number in range(1, len(SPEEDS_S) + 2))
_CLASSES = tuple(enumerate(ARRIVED, 1))
_SPEEDS = "ARRAY[" + ", ".join(map(str, SPEEDS_S)) + "]"

# What a notification's attempts say together, and each by itself.
_ATTEMPTS = """
    SELECT coalesce(sum((e.one).cost_vnd), 0)::int AS cost_vnd,
        coalesce(array_agg(e.one ORDER BY e.step, e.try), '{}') AS attempts,
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
"""

# Each that changed as it stands, beside how it was counted.
_STANDS = f"""stands AS MATERIALIZED (
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
    CROSS JOIN LATERAL ({_ATTEMPTS}) AS a
)"""

_ALTERED = """altered AS MATERIALIZED (
    SELECT * FROM stands WHERE NOT is_counted
        OR (state, reason, channel, account, fell_back, cost_vnd, collected, attempts)
           IS DISTINCT FROM (old_state, old_reason, old_channel, old_account, old_fell_back,
                             old_cost_vnd, old_collected, old_attempts)
        OR arrived_s IS DISTINCT FROM old_arrived_s
        OR ended_slot IS DISTINCT FROM old_ended_slot
)"""

_SIGNED = f"""difference AS MATERIALIZED (
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


def difference(changed: str) -> str:
    """CTEs that end with `difference`: how those in `changed` count now (`sign` 1) and how they
    counted before (-1), where that is not the same."""
    return f"""
changed AS MATERIALIZED (
    SELECT id, bool_or(collected) AS collected FROM ({changed}) AS c GROUP BY id
), {_STANDS}, {_ALTERED}, {_SIGNED}"""


# What is not yet in the counts, for whoever reads them: arguments as of `uncounted_between`.
UNCOUNTED = difference(CHANGED)
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
ENDED_DIFFERENCE = """
    SELECT ended_slot AS slot, mode, channel, account, state, reason, sign::bigint AS notices
    FROM difference
"""
