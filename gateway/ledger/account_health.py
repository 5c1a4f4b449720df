"""How accounts fare, added up over all processes, and the shares and stops that follow from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from gateway.domain.alert import AlertKind
from gateway.domain.pool import Move, Seen, Share

# Rows are written in one order, so that two processes wait for each other and never for ever.
_ADD = """
INSERT INTO account_tally AS t (account, slot, calls, faults, accepted, in_time)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::int[], $4::int[], $5::int[], $6::int[])
ON CONFLICT (account, slot) DO UPDATE SET calls = t.calls + excluded.calls,
    faults = t.faults + excluded.faults, accepted = t.accepted + excluded.accepted,
    in_time = t.in_time + excluded.in_time
"""

# Observations made before the last move have had their effect.
_SEEN = """
SELECT p.account,
    coalesce(sum(t.calls) FILTER (WHERE recent), 0) AS calls,
    coalesce(sum(t.faults) FILTER (WHERE recent), 0) AS faults,
    coalesce(sum(t.accepted) FILTER (WHERE ripe), 0) AS judged,
    coalesce(sum(t.in_time) FILTER (WHERE ripe), 0) AS in_time
FROM unnest($2::text[]) AS p (account)
LEFT JOIN account_share s ON s.pool = $1 AND s.account = p.account
LEFT JOIN LATERAL (
    SELECT t.*, t.slot >= now() - make_interval(secs => $3) AS recent,
        t.slot < now() - make_interval(secs => $4) AS ripe
    FROM account_tally t
    WHERE t.account = p.account AND t.slot >= coalesce(s.moved_at, '-infinity')
      AND t.slot >= now() - make_interval(secs => $3 + $4)
) t ON true
GROUP BY p.account
"""

_SHARES = """
SELECT pool, account, kept, why, extract(epoch FROM now() - moved_at)::float AS since_s
FROM account_share
"""

_KEPT = "SELECT pool, account, kept, why, moved_at FROM account_share"

_MOVE = """
INSERT INTO account_share (pool, account, kept, why)
SELECT $1, * FROM unnest($2::text[], $3::float[], $4::text[])
ON CONFLICT (pool, account)
DO UPDATE SET kept = excluded.kept, why = excluded.why, moved_at = now()
"""

_FAILING = """
SELECT account FROM account_tally WHERE slot >= now() - make_interval(secs => $1)
GROUP BY account HAVING sum(calls) >= $2 AND 2 * sum(faults) > sum(calls) ORDER BY account
"""

_FORGET = "DELETE FROM account_tally WHERE slot < now() - interval '2 hours'"

STOPPED_BY = "gateway"

_STOP = """
INSERT INTO pause (scope, code, actor, reason) VALUES ('account', $1, $2, $3)
ON CONFLICT DO NOTHING RETURNING true
"""

_STOPS = "SELECT code, actor, reason, since, drains FROM pause WHERE scope = 'account'"

_TRIAL_PASSED = """
UPDATE alert SET cleared_at = now(), cleared_by = 'gateway'
WHERE kind = $2 AND subject = $1 AND cleared_at IS NULL
  AND NOT EXISTS (SELECT FROM pause WHERE scope = 'account' AND code = $1)
RETURNING true
"""

# One that was stopped is given a trial after a while: what was wrong may have been mended.
_ON_TRIAL = """
DELETE FROM pause WHERE scope = 'account' AND actor = $1
    AND since < now() - make_interval(secs => $2)
RETURNING code, reason
"""


_MENDED = "DELETE FROM pause WHERE scope = 'account' AND actor = $1 AND code = $2 AND reason = $3"


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """What one process saw of an account in one slot of five seconds."""

    account: str
    slot: datetime
    calls: int = 0
    faults: int = 0
    accepted: int = 0
    in_time: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """Why nothing is sent through an account, by whom it was stopped, and since when. One that
    `drains` is still asked about what it was given before."""

    account: str
    actor: str
    reason: str
    since: datetime
    drains: bool = False

    @property
    def by_itself(self) -> bool:
        """The gateway stopped it, nobody else."""
        return self.actor == STOPPED_BY


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptShare:
    """Which part of 1 an account keeps of its weight in a pool, since when, and why it was moved
    there last."""

    kept: float
    why: str
    moved_at: datetime


async def failing(connection: asyncpg.Connection, window_s: float, least_calls: int) -> list[str]:
    """Through which most of so many calls or more failed within the window."""
    return [row["account"] for row in await connection.fetch(_FAILING, window_s, least_calls)]


async def add(connection: asyncpg.Connection, slots: Sequence[Slot]) -> None:
    ordered = sorted(slots, key=lambda one: (one.account, one.slot))
    await connection.execute(
        _ADD,
        [one.account for one in ordered],
        [one.slot for one in ordered],
        [one.calls for one in ordered],
        [one.faults for one in ordered],
        [one.accepted for one in ordered],
        [one.in_time for one in ordered],
    )


async def seen(
    connection: asyncpg.Connection,
    pool: str,
    accounts: Sequence[str],
    window_s: float,
    late_after_s: float,
) -> dict[str, Seen]:
    """What is known of these accounts since their last move in this pool: calls of the last
    `window_s`; deliveries of messages that were taken more than `late_after_s` ago."""
    rows = await connection.fetch(_SEEN, pool, accounts, window_s, late_after_s)
    return {
        row["account"]: Seen(
            calls=row["calls"],
            faults=row["faults"],
            judged=row["judged"],
            late=max(0, row["judged"] - row["in_time"]),
        )
        for row in rows
    }


async def shares(connection: asyncpg.Connection) -> dict[tuple[str, str], Share]:
    """By pool and account; whoever is missing keeps all of its weight."""
    return {
        (row["pool"], row["account"]): Share(kept=row["kept"], since_s=row["since_s"])
        for row in await connection.fetch(_SHARES)
    }


async def kept_shares(connection: asyncpg.Connection) -> dict[tuple[str, str], KeptShare]:
    """By pool and account, as people are shown them; whoever is missing never lost a step."""
    return {
        (row["pool"], row["account"]): KeptShare(
            kept=round(row["kept"], 2), why=row["why"], moved_at=row["moved_at"]
        )
        for row in await connection.fetch(_KEPT)
    }


async def move(connection: asyncpg.Connection, pool: str, moves: Mapping[str, Move]) -> None:
    await connection.execute(
        _MOVE,
        pool,
        list(moves),
        [one.kept for one in moves.values()],
        [one.why for one in moves.values()],
    )


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)


async def stop(connection: asyncpg.Connection, account: str, reason: str) -> bool:
    """Nothing more is claimed for this account. False where it was stopped already."""
    return bool(await connection.fetchval(_STOP, account, STOPPED_BY, reason))


async def stops(connection: asyncpg.Connection) -> dict[str, Stop]:
    return {
        row["code"]: Stop(
            account=row["code"],
            actor=row["actor"],
            reason=row["reason"],
            since=row["since"],
            drains=row["drains"],
        )
        for row in await connection.fetch(_STOPS)
    }


async def trial_passed(connection: asyncpg.Connection, account: str) -> bool:
    """End the alert of an account that sends again; not where it was stopped meanwhile."""
    return bool(await connection.fetchval(_TRIAL_PASSED, account, AlertKind.ACCOUNT_STOPPED))


async def put_on_trial(connection: asyncpg.Connection, after_s: float) -> list[str]:
    """Let those go on that the gateway stopped longer ago than this; answers which."""
    rows = await connection.fetch(_ON_TRIAL, STOPPED_BY, after_s)
    return [row["code"] for row in rows]


async def mended(connection: asyncpg.Connection, account: str, reason: str) -> None:
    """Give one that the gateway stopped for this reason its trial now."""
    await connection.execute(_MENDED, STOPPED_BY, account, reason)
