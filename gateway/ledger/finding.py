"""Finding notifications for staff, newest first, in one stretch of time.

Each state is found where it is rare: open ones by the small tables of what is to be done, endings
other than delivered by the index `history_ended`, whose rows never change. Whatever else is asked
for is a condition on the rows that are met on the way; whoever asks decides how long a way.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from gateway.domain.status import State
from gateway.ledger.database import Connection, Database
from gateway.ledger.reading import Found, found_in

_COLUMNS = """
n.id, n.event_id, n.source, n.unit, n.kind, n.mode, n.class AS klass, n.publication, n.state,
n.reason, n.revision, n.step, n.steps, n.accepted_at, n.latest_send_at, n.ended_at, n.sealed,
n.seal_key, n.resend_of
"""
_COMMON = "(SELECT {columns} FROM {place} {conditions} ORDER BY {key} DESC LIMIT $3)"
# The same where the limit would make the planner hope to meet soon what there is little of.
_RARE = """
(SELECT * FROM (SELECT {columns} FROM {place} {conditions} OFFSET 0) n
 ORDER BY n.id DESC LIMIT $3)"""
_PLAIN = "notification n WHERE true"
# Finished before it is sorted and limited, like the look-ups of the line: the planner takes a
# number, a dossier or words that seldom stand together for more common than they are, and would
# walk back through all notices to meet them soon.
_MET = """
(SELECT * FROM notification n WHERE n.id < $1 AND n.id >= $2 AND {tokens} OFFSET 0) n
WHERE true"""
_DUE = """
due d JOIN notification n ON n.id = d.notification_id
WHERE d.notification_id < $1 AND d.notification_id >= $2"""
# Left to itself, the planner would rather walk over all notifications of the time.
_WATCHED = """
(SELECT notification_id FROM watch WHERE notification_id < $1 AND notification_id >= $2
 GROUP BY notification_id ORDER BY notification_id DESC) w
CROSS JOIN LATERAL (SELECT * FROM notification
 WHERE id = w.notification_id AND id < $1 AND id >= $2 OFFSET 0) n WHERE true"""
# What the index of endings is about; named, so that it serves.
ENDED_OTHERWISE = frozenset(
    {
        *(State.ACKNOWLEDGED, State.UNCONFIRMED, State.FAILED, State.EXPIRED, State.CANCELLED),
        State.SUPPRESSED,
    }
)
_ENDED = """
history h JOIN notification n ON n.id = h.notification_id AND n.revision = h.revision
WHERE h.state = '{state}' AND h.notification_id < $1 AND h.notification_id >= $2 {reason}"""

# Off the planner's own ways: it would rather read every attempt of the time than those of a row,
# which is right only where there are few of these.
_ATTEMPTED = """
(SELECT bool_or({}) FROM attempt a
 WHERE a.notification_id = n.id AND a.notification_id < $1 AND a.notification_id >= $2)"""
_SELDOM_ATTEMPTED = """
n.id IN (SELECT a.notification_id FROM attempt a
 WHERE {} AND a.notification_id < $1 AND a.notification_id >= $2)"""

_SETTINGS = """
SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
    set_config('max_parallel_workers_per_gather', '0', true),
    set_config('statement_timeout', $1, true)
"""
_WITHIN = "SELECT set_config('statement_timeout', $1, true)"
_OLDEST = "SELECT id FROM notification ORDER BY id LIMIT 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """Ids before one and not before another. Every group of tokens must be met by one of its
    hashes; `units` None are all. `reason` is that of the notification, not of an attempt.
    `is_rare`: few meet the tokens together, or the account and channel, so begin with these."""

    before: UUID
    since: UUID
    limit: int
    is_rare: bool = False
    token_groups: Sequence[Sequence[int]] = ()
    source: str | None = None
    accepted_from: datetime | None = None
    accepted_to: datetime | None = None
    states: Sequence[State] = ()
    reason: str | None = None
    units: Sequence[str] | None = None
    account: str | None = None
    channel: str | None = None
    kind: str | None = None


@asynccontextmanager
async def at_leisure(database: Database, at_most_s: float) -> AsyncIterator[Connection]:
    """A connection whose statements are planned for their own values, which a search needs: one
    plan for common and rare words is wrong for half of them. Each keeps to one core."""
    async with database.connection() as connection, connection.transaction(readonly=True):
        await connection.fetchrow(_SETTINGS, str(int(at_most_s * 1000)))
        yield connection


async def oldest(connection: asyncpg.Connection) -> UUID | None:
    found: UUID | None = await connection.fetchval(_OLDEST)
    return found


async def find(connection: asyncpg.Connection, sought: Sought) -> list[Found]:
    statement, values = _statement(sought)
    return [found_in(row) for row in await connection.fetch(statement, *values)]


async def find_within(
    connection: asyncpg.Connection, sought: Sought, at_most_s: float
) -> list[Found] | None:
    """None for what took longer and was broken off, after which the transaction goes on."""
    try:
        async with connection.transaction():
            await connection.fetchrow(_WITHIN, str(max(1, int(at_most_s * 1000))))
            return await find(connection, sought)
    except asyncpg.QueryCanceledError:
        return None


def _statement(sought: Sought) -> tuple[str, list[Any]]:
    values: list[Any] = [sought.before, sought.since, sought.limit]

    def value(given: Any) -> str:
        values.append(given)
        return f"${len(values)}"

    tokens = [f"n.tokens && {value(list(group))}::bigint[]" for group in sought.token_groups]
    met = tokens if sought.is_rare else []
    conditions = _conditions(sought, [] if met else tokens, value)
    pattern = _RARE if sought.is_rare and not tokens else _COMMON
    parts = [
        pattern.format(
            columns=_COLUMNS,
            place=place,
            conditions=conditions,
            key="w.notification_id" if place.startswith(_WATCHED) else "n.id",
        )
        for place in _places(sought, met, value)
    ]
    if len(parts) == 1:
        return parts[0], values
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) n ORDER BY n.id DESC LIMIT $3", values


def _conditions(sought: Sought, tokens: Sequence[str], value: Any) -> str:
    parts = ["n.id < $1", "n.id >= $2", *tokens]
    if sought.source is not None:
        parts.append(f"n.source = {value(sought.source)}")
    if sought.accepted_from is not None:
        parts.append(f"n.accepted_at >= {value(sought.accepted_from)}")
    if sought.accepted_to is not None:
        parts.append(f"n.accepted_at < {value(sought.accepted_to)}")
    if sought.reason is not None:
        parts.append(f"n.reason = {value(sought.reason)}")
    if sought.kind is not None:
        parts.append(f"n.kind = {value(sought.kind)}")
    if sought.units is not None:
        one = len(sought.units) == 1
        given = value(sought.units[0] if one else list(sought.units))
        parts.append(f"n.unit = {given}" if one else f"n.unit = ANY ({given}::text[])")
    is_rare = sought.is_rare and not sought.token_groups
    attempted = _SELDOM_ATTEMPTED if is_rare else _ATTEMPTED
    if sought.account is not None:
        parts.append(attempted.format(f"a.account = {value(sought.account)}"))
    if sought.channel is not None:
        parts.append(attempted.format(f"a.channel = {value(sought.channel)}"))
    return "".join(f" AND {part}" for part in parts)


def _places(sought: Sought, met: Sequence[str], value: Any) -> list[str]:
    """Where to look: a person is found by what is known of them, everything else by its state."""
    states = sought.states
    if sought.token_groups or not (states or sought.reason):
        alike = f" AND n.state = ANY ({value(list(states))}::text[])" if states else ""
        return [(_MET.format(tokens=" AND ".join(met)) if met else _PLAIN) + alike]
    # Whoever was reached needs no reason.
    wanted = states or [state for state in State if state is not State.DELIVERED]
    reason = ""
    if sought.reason and ENDED_OTHERWISE & set(wanted):
        reason = f"AND h.reason = {value(sought.reason)}"
    places: dict[str, list[str]] = {}
    for state in wanted:
        places.setdefault(_place(state, reason), []).append(f"'{state}'")
    return [f"{place} AND n.state IN ({', '.join(them)})" for place, them in places.items()]


def _place(state: State, reason: str) -> str:
    match state:
        case State.HELD | State.WAITING:
            return _DUE
        case State.SENDING | State.SENT:
            return _WATCHED
        case State.DELIVERED:
            return _PLAIN
        case _:
            return _ENDED.format(state=state.value, reason=reason)
