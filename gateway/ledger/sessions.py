"""Rows of sessions and of failures to sign in. All times are those of PostgreSQL."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

_OPEN = "INSERT INTO console_session (token, user_id) VALUES ($1, $2)"

_LIVING = """
s.seen_at > now() - make_interval(secs => $2) AND s.began_at > now() - make_interval(secs => $3)
"""

_FIND = f"""
SELECT u.id, u.name, u.roles, u.units, u.must_change,
    s.seen_at < now() - interval '1 minute' AS is_stale
FROM console_session s JOIN console_user u ON u.id = s.user_id
WHERE s.token = $1 AND NOT u.disabled AND {_LIVING}
"""

_SEEN = "UPDATE console_session SET seen_at = now() WHERE token = $1"

_END_OTHERS = "DELETE FROM console_session WHERE user_id = $1 AND token IS DISTINCT FROM $2"

_FORGET = """
DELETE FROM console_session
WHERE seen_at < now() - make_interval(secs => $1) OR began_at < now() - make_interval(secs => $2)
"""

# The failure is counted before the password is looked at, so that many tries at once are not one.
# Whoever has to wait is not counted: the wait would never end.
_COUNT = """
INSERT INTO sign_in_failure AS f (whom, times) VALUES ($1, 1)
ON CONFLICT (whom) DO UPDATE SET
    times = CASE WHEN f.until > now() THEN f.times
                 WHEN f.last_at < now() - make_interval(secs => $2) THEN 1
                 ELSE f.times + 1 END,
    last_at = CASE WHEN f.until > now() THEN f.last_at ELSE now() END
RETURNING times, greatest(0, extract(epoch FROM until - now()))::float8 AS wait_s
"""

_WAIT = "UPDATE sign_in_failure SET until = now() + make_interval(secs => $2) WHERE whom = $1"

_FORGIVE = """
UPDATE sign_in_failure SET times = greatest(0, times - 1), until = now() WHERE whom = $1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionUser:
    """`is_stale`: the session should be marked as seen now."""

    id: UUID
    name: str
    roles: list[str]
    units: list[str] | None
    must_change: bool
    is_stale: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifetimes:
    """How long a session lives without use, and at most."""

    idle_s: float
    absolute_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Failures:
    """How often in a row, this time included; with `wait_s`, this time did not count."""

    times: int
    wait_s: float


async def open_session(connection: asyncpg.Connection, token: bytes, user: UUID) -> None:
    await connection.execute(_OPEN, token, user)


async def find(
    connection: asyncpg.Connection, token: bytes, lifetimes: Lifetimes
) -> SessionUser | None:
    """Whose session this is; None if it ended, or its user may not come in any more."""
    row = await connection.fetchrow(_FIND, token, lifetimes.idle_s, lifetimes.absolute_s)
    return SessionUser(**row) if row else None


async def mark_seen(connection: asyncpg.Connection, token: bytes) -> None:
    await connection.execute(_SEEN, token)


async def end(connection: asyncpg.Connection, token: bytes) -> None:
    await connection.execute("DELETE FROM console_session WHERE token = $1", token)


async def end_all_of(connection: asyncpg.Connection, user: UUID, but: bytes | None = None) -> None:
    await connection.execute(_END_OTHERS, user, but)


async def count_failure(connection: asyncpg.Connection, whom: int, remembered_s: float) -> Failures:
    return Failures(**await connection.fetchrow(_COUNT, whom, remembered_s))


async def let_wait(connection: asyncpg.Connection, whom: int, seconds: float) -> None:
    await connection.execute(_WAIT, whom, seconds)


async def forgive(connection: asyncpg.Connection, whom: int) -> None:
    """Take one failure back, and the wait that it brought."""
    await connection.execute(_FORGIVE, whom)


async def forget_failures(connection: asyncpg.Connection, whom: int) -> None:
    await connection.execute("DELETE FROM sign_in_failure WHERE whom = $1", whom)


async def forget_old(connection: asyncpg.Connection, lifetimes: Lifetimes) -> None:
    await connection.execute(_FORGET, lifetimes.idle_s, lifetimes.absolute_s)
    await connection.execute(
        "DELETE FROM sign_in_failure WHERE last_at < now() - interval '1 day' AND until < now()"
    )
