"""Reading the counts: by what is asked for, with what was not counted yet, in one moment.

A statement here may take as long as a page waits and no longer, because the vacuum waits with it.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import asyncpg

from gateway.domain.status import State
from gateway.ledger import counting
from gateway.ledger.account_health import STOPPED_BY
from gateway.ledger.count_difference import (
    ARRIVED,
    ATTEMPT_DIFFERENCE,
    DOUBT_SUMS,
    NOTICE_DIFFERENCE,
    NOTICE_KEY,
    NOTICE_SUMS,
    RESULT_SUMS,
    SLOT_DIFFERENCE,
    UNCOUNTED,
    UNIT_DIFFERENCE,
)
from gateway.ledger.database import Database

_STATES = ",\n    ".join(
    f"coalesce(sum(notices) FILTER (WHERE state = '{state}'), 0)::bigint AS {state}"
    for state in State
)
_SPEEDS = ", ".join(f"coalesce(sum({one}), 0)::bigint" for one in ARRIVED)
# A call that ended so may not have been made at all.
_IN_DOUBT = "state IN ('sent', 'unconfirmed') AND reason = 'unknown_outcome'"

_DAYS = """day >= $3 AND day <= $4"""
_WANTED = f"""
WHERE {_DAYS} AND ($5::text[] IS NULL OR unit = ANY ($5)) AND mode = 'live'
  AND ($6::text[] IS NULL OR kind = ANY ($6)) AND ($7::text[] IS NULL OR channel = ANY ($7))
"""


class By(StrEnum):
    """What notices are counted by."""

    DAY = "day"
    UNIT = "unit"
    KIND = "kind"
    SOURCE = "source"
    CHANNEL = "channel"
    ACCOUNT = "account"
    STATE = "state"
    REASON = "reason"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Notices accepted from `first` to `last`, days in Vietnam; None leaves a field open."""

    first: date
    last: date
    units: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    channels: Sequence[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Notices:
    """Counts under one key: `speeds` by class, from the fastest; `told` are results whose owner was
    reached, `collected` those of them that were handed over. `doubtful` were perhaps never sent,
    `doubtful_vnd` is for attempts of unknown outcome, and not part of `cost_vnd`."""

    key: tuple[str | date, ...]
    notices: int
    states: dict[State, int]
    speeds: tuple[int, ...]
    fell_back: int
    arrived_s: int
    told: int
    collected: int
    doubtful: int
    doubtful_vnd: int
    cost_vnd: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempts:
    channel: str
    account: str
    ending: str
    attempts: int
    segments: int
    cost_vnd: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """Notices accepted in the five minutes that begin with `at`, which stand in this state."""

    at: datetime
    state: State
    notices: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitDay:
    """A day of all wanted units, or a unit over all wanted days. What is in doubt is not part of
    `cost_vnd`."""

    key: date | str
    state: State
    notices: int
    cost_vnd: int
    doubtful_vnd: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Those that wait for a pool, held ones left out. `oldest` is when the first was due."""

    pool: str
    notices: int
    overdue: int
    oldest: datetime | None


_SLOTS = f"""
WITH {UNCOUNTED}
SELECT slot, state, sum(notices)::bigint AS notices FROM (
    SELECT * FROM notice_slot WHERE slot >= $3
    UNION ALL {SLOT_DIFFERENCE}) AS f
WHERE slot >= $3 AND ($4::text[] IS NULL OR unit = ANY ($4)) AND mode = 'live'
GROUP BY slot, state HAVING sum(notices) <> 0 ORDER BY slot
"""


def _by(key: By) -> str:
    return f"""
WITH {UNCOUNTED}
SELECT {key} AS key, state, sum(notices)::bigint AS notices,
    (sum(cost_vnd) - sum(doubtful_vnd))::bigint AS cost_vnd,
    sum(doubtful_vnd)::bigint AS doubtful_vnd
FROM (
    SELECT day, unit, mode, state, notices, cost_vnd, 0 AS doubtful_vnd FROM unit_day WHERE {_DAYS}
    UNION ALL
    SELECT day, unit, mode, state, 0, 0, doubtful_vnd FROM doubt_day WHERE {_DAYS}
    UNION ALL {UNIT_DIFFERENCE}) AS f
WHERE {_DAYS} AND ($5::text[] IS NULL OR unit = ANY ($5)) AND mode = 'live'
GROUP BY {key}, state HAVING sum(notices) <> 0 OR sum(cost_vnd) <> 0 ORDER BY {key}, state
"""


_BY_DAY, _BY_UNIT = _by(By.DAY), _by(By.UNIT)

_ATTEMPTS = f"""
WITH {UNCOUNTED}
SELECT channel, account, ending, sum(attempts)::bigint AS attempts,
    sum(segments)::bigint AS segments, sum(cost_vnd)::bigint AS cost_vnd
FROM (SELECT * FROM attempt_day WHERE {_DAYS} UNION ALL {ATTEMPT_DIFFERENCE}) AS f
{_WANTED}
GROUP BY channel, account, ending HAVING sum(attempts) <> 0
ORDER BY channel, account, ending
"""

_WAITING = """
SELECT pool, count(*) AS notices, count(*) FILTER (WHERE due_at <= now()) AS overdue,
    min(due_at) FILTER (WHERE due_at <= now()) AS oldest
FROM due WHERE due_at < 'infinity' AND ($1::text[] IS NULL OR unit = ANY ($1)) GROUP BY pool
"""


# Nothing that is not counted yet: whoever asks waits until it is.
_ENDINGS = """
SELECT channel, account, state, reason, sum(notices)::bigint AS notices FROM ended_slot
WHERE slot >= $1 AND slot < $2 AND mode = 'live' GROUP BY 1, 2, 3, 4 HAVING sum(notices) <> 0
"""

_PAUSES = """
SELECT count(*) FROM pause
WHERE (scope <> 'unit' OR $1::text[] IS NULL OR code = ANY ($1)) AND actor <> $2
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """Notices that ended so within some time, and how they stand now."""

    channel: str
    account: str
    state: State
    reason: str
    notices: int


@asynccontextmanager
async def moment(database: Database, timeout_s: float) -> AsyncIterator[asyncpg.Connection]:
    """One moment of the ledger, for several questions that must agree."""
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute(f"SET LOCAL statement_timeout = {int(timeout_s * 1000)}")
        yield connection


async def notices(
    connection: asyncpg.Connection, wanted: Wanted, by: Sequence[By]
) -> list[Notices]:
    """Ordered by their keys."""
    rows = await connection.fetch(_notices(by), *await _arguments(connection, wanted))
    return [_of(row, by) for row in rows]


async def attempts(connection: asyncpg.Connection, wanted: Wanted) -> list[Attempts]:
    rows = await connection.fetch(_ATTEMPTS, *await _arguments(connection, wanted))
    return [Attempts(**row) for row in rows]


async def slots(
    connection: asyncpg.Connection, since: datetime, units: Sequence[str] | None
) -> list[Slot]:
    between = (await counting.standing(connection)).uncounted_between
    rows = await connection.fetch(_SLOTS, *between, since, units)
    return [Slot(at=row["slot"], state=State(row["state"]), notices=row["notices"]) for row in rows]


async def days(connection: asyncpg.Connection, wanted: Wanted) -> list[UnitDay]:
    """By day and state, without regard to kinds and channels."""
    return await _unit_days(connection, _BY_DAY, wanted)


async def units(connection: asyncpg.Connection, wanted: Wanted) -> list[UnitDay]:
    """By unit and state, without regard to kinds and channels."""
    return await _unit_days(connection, _BY_UNIT, wanted)


async def _unit_days(
    connection: asyncpg.Connection, statement: str, wanted: Wanted
) -> list[UnitDay]:
    arguments = await _arguments(connection, wanted)
    rows = await connection.fetch(statement, *arguments[:5])
    return [UnitDay(**{**row, "state": State(row["state"])}) for row in rows]


async def endings(connection: asyncpg.Connection, since: datetime, until: datetime) -> list[Ended]:
    """Between two full quarters of an hour."""
    rows = await connection.fetch(_ENDINGS, since, until)
    return [Ended(**{**row, "state": State(row["state"])}) for row in rows]


async def pauses(connection: asyncpg.Connection, units: Sequence[str] | None) -> int:
    """How many stand that concern these units and that people made. What the gateway stops by
    itself is an alert."""
    count: int = await connection.fetchval(_PAUSES, units, STOPPED_BY)
    return count


async def waiting(connection: asyncpg.Connection, units: Sequence[str] | None) -> list[Waiting]:
    return [Waiting(**row) for row in await connection.fetch(_WAITING, units)]


def _held_by(table: str, own: Sequence[str]) -> str:
    """What a table of counts says, with nothing for what others count."""
    sums = (*NOTICE_SUMS, *RESULT_SUMS, *DOUBT_SUMS)
    columns = ", ".join(one if one in own else f"0::bigint AS {one}" for one in sums)
    return f"SELECT {NOTICE_KEY}, {columns} FROM {table} WHERE {_DAYS}"


_COUNTED = " UNION ALL ".join(
    _held_by(table, sums)
    for table, sums in (
        ("notice_day", NOTICE_SUMS),
        ("result_day", RESULT_SUMS),
        ("doubt_day", DOUBT_SUMS),
    )
)


def _notices(by: Sequence[By]) -> str:
    keys = ", ".join(by) or "'' AS everything"
    return f"""
WITH {UNCOUNTED}
SELECT {keys}, sum(notices)::bigint AS notices,
    {_STATES},
    ARRAY[{_SPEEDS}] AS speeds,
    coalesce(sum(fell_back), 0)::bigint AS fell_back,
    sum(arrived_s)::bigint AS arrived_s,
    coalesce(sum(told), 0)::bigint AS told,
    coalesce(sum(handed_over), 0)::bigint AS collected,
    coalesce(sum(notices) FILTER (WHERE {_IN_DOUBT}), 0)::bigint AS doubtful,
    sum(doubtful_vnd)::bigint AS doubtful_vnd,
    (sum(cost_vnd) - sum(doubtful_vnd))::bigint AS cost_vnd
FROM ({_COUNTED} UNION ALL {NOTICE_DIFFERENCE}) AS f
{_WANTED}
{"GROUP BY " + keys if by else ""}
HAVING sum(notices) <> 0 OR sum(cost_vnd) <> 0
{"ORDER BY " + keys if by else ""}
"""


async def _arguments(connection: asyncpg.Connection, wanted: Wanted) -> tuple[object, ...]:
    between = (await counting.standing(connection)).uncounted_between
    return (*between, wanted.first, wanted.last, wanted.units, wanted.kinds, wanted.channels)


def _of(row: asyncpg.Record, by: Sequence[By]) -> Notices:
    return Notices(
        key=tuple(row[one] for one in by),
        notices=row["notices"],
        states={state: row[state] for state in State if row[state]},
        speeds=tuple(row["speeds"]),
        fell_back=row["fell_back"],
        arrived_s=row["arrived_s"],
        told=row["told"],
        collected=row["collected"],
        doubtful=row["doubtful"],
        doubtful_vnd=row["doubtful_vnd"],
        cost_vnd=row["cost_vnd"],
    )
