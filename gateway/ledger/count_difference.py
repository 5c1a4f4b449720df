"""The difference that a change makes to the counts: how a notification counts now, and how before.

Both who counts (`counting`) and who reads counts begin with these expressions, so that a count and
what is not yet in it never disagree. What changed is looked at with its family, the notices that
tell the same result, because one of each counts as having told the owner: the oldest that arrived.
"""

from collections.abc import Sequence

from gateway.domain.statistics import SPEEDS_S

# The last notice about a returned dossier was collected where it was not noted which one was.
CHANGED = """
    SELECT notification_id AS id, false AS collected FROM history WHERE at >= $1 AND at < $2
    UNION ALL
    SELECT notification_id, collected FROM count_note WHERE at >= $1 AND at < $2
    UNION ALL
    SELECT last_notification, true FROM dossier
    WHERE updated_at >= $1 AND updated_at < $2 AND last_kind = 'returned'
      AND handed_over IS NULL AND last_notification IS NOT NULL
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
        coalesce(sum((e.one).cost_vnd) FILTER (WHERE (e.one).ending = 'unknown'), 0)::int
            AS doubtful_vnd,
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
                     -- Who reports of it has taken it, whatever became of the answer.
                     WHEN t.verdict = 'progress' AND coalesce(t.outcome, 'unknown') = 'unknown'
                     THEN 'taken'
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
    SELECT n.id, c.first, (n.accepted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day,
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
        a.cost_vnd, a.doubtful_vnd, a.attempts,
        bool_or(c.collected OR coalesce(b.collected, false)) OVER (PARTITION BY c.first)
            AS collected,
        n.state IN ('delivered', 'acknowledged') AND (n.kind = 'result-ready' OR n.id <> c.first)
            AND row_number() OVER (PARTITION BY c.first, n.mode
                ORDER BY n.state IN ('delivered', 'acknowledged') DESC, n.id) = 1 AS told,
        b.notification_id IS NOT NULL AS is_counted,
        b.state AS old_state, b.reason AS old_reason, b.channel AS old_channel,
        b.account AS old_account, b.fell_back AS old_fell_back, b.arrived_s AS old_arrived_s,
        b.cost_vnd AS old_cost_vnd, b.collected AS old_collected, b.attempts AS old_attempts,
        b.ended_slot AS old_ended_slot, b.doubtful_vnd AS old_doubtful_vnd, b.told AS old_told,
        b.handed_over AS old_handed_over
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
        OR (doubtful_vnd, told, told AND collected)
           IS DISTINCT FROM (old_doubtful_vnd, old_told, old_handed_over)
)"""

_SIGNED = f"""difference AS MATERIALIZED (
    SELECT 1 AS sign, day, slot, ended_slot, unit, kind, source, mode, state, reason, channel,
        account, fell_back, coalesce(width_bucket(arrived_s - 1, {_SPEEDS}) + 1, 0) AS speed,
        told, told AND collected AS handed_over, coalesce(arrived_s, 0) AS arrived_s, cost_vnd,
        doubtful_vnd, attempts
    FROM altered
    UNION ALL
    SELECT -1, day, slot, old_ended_slot, unit, kind, source, mode, old_state, old_reason,
        old_channel, old_account, old_fell_back,
        coalesce(width_bucket(old_arrived_s - 1, {_SPEEDS}) + 1, 0), old_told, old_handed_over,
        coalesce(old_arrived_s, 0), old_cost_vnd, old_doubtful_vnd, old_attempts
    FROM altered WHERE is_counted
)"""


def difference(changed: str) -> str:
    """CTEs that end with `difference`: how those in `changed` count now (`sign` 1) and how they
    counted before (-1), where that is not the same."""
    return f"""
families AS MATERIALIZED (
    SELECT coalesce(s.first, c.id) AS first, bool_or(c.collected) AS collected
    FROM ({changed}) AS c LEFT JOIN same_result s ON s.notification_id = c.id GROUP BY 1
), changed AS MATERIALIZED (
    SELECT first AS id, first, collected FROM families
    UNION ALL
    SELECT s.notification_id, f.first, f.collected
    FROM families f JOIN same_result s ON s.first = f.first
), {_STANDS}, {_ALTERED}, {_SIGNED}"""


# What is not yet in the counts, for whoever reads them: arguments as of `uncounted_between`.
UNCOUNTED = difference(CHANGED)

NOTICE_KEY = "day, unit, kind, source, mode, state, reason, channel, account"
NOTICE_SUMS = ("notices", "fell_back", "cost_vnd", "arrived_s", *ARRIVED)
RESULT_SUMS, DOUBT_SUMS = ("told", "handed_over"), ("doubtful_vnd",)
_NOTICE_SUMS = {
    "notices": "1",
    **dict.fromkeys(("fell_back", "told", "handed_over"), "{name}::int"),
    **dict.fromkeys(("cost_vnd", "doubtful_vnd", "arrived_s"), "{name}"),
    **{name: f"(speed = {number})::int" for number, name in _CLASSES},
}


def _signed(sums: Sequence[str]) -> str:
    return ", ".join(
        f"(sign * {_NOTICE_SUMS[name].format(name=name)})::bigint AS {name}" for name in sums
    )


# Everything about a notice under its key; and of that what each table of counts holds.
NOTICE_DIFFERENCE = (
    f"SELECT {NOTICE_KEY}, {_signed((*NOTICE_SUMS, *RESULT_SUMS, *DOUBT_SUMS))} FROM difference"
)
UNIT_DIFFERENCE = """
    SELECT day, unit, mode, state, sign::bigint AS notices, (sign * cost_vnd)::bigint AS cost_vnd,
        (sign * doubtful_vnd)::bigint AS doubtful_vnd
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
