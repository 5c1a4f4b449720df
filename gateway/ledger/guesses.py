"""Tries counted by the hour, so that nobody makes too many within a day: wrong ones on the line,
and messages of the desk to one number. Who or what is counted is a keyed hash."""

from collections.abc import Mapping, Sequence

import asyncpg

# Counted before the look-up: of many guesses at the same time each sees those before it.
_TRY = """
WITH counted AS (
    INSERT INTO line_guess AS g (who, hour, tries)
    SELECT who, date_trunc('hour', now()), 1 FROM unnest($1::bigint[]) AS w (who) ORDER BY who
    ON CONFLICT (who, hour) DO UPDATE SET tries = g.tries + 1
    RETURNING who, tries
)
SELECT c.who, c.tries + coalesce((
    SELECT sum(g.tries) FROM line_guess g WHERE g.who = c.who
      AND g.hour < date_trunc('hour', now()) AND g.hour > now() - interval '24 hours'), 0) AS tries
FROM counted c
"""

# Locked in the order in which they are counted.
_TAKE_BACK = """
WITH last AS (
    SELECT who, hour FROM line_guess g WHERE who = ANY ($1)
      AND hour = (SELECT max(hour) FROM line_guess h WHERE h.who = g.who)
    ORDER BY who FOR UPDATE
)
UPDATE line_guess g SET tries = greatest(g.tries - 1, 0)
FROM last WHERE g.who = last.who AND g.hour = last.hour
"""

_FORGET = "DELETE FROM line_guess WHERE hour < now() - interval '2 days'"


async def tried(connection: asyncpg.Connection, who: Sequence[int]) -> Mapping[int, int]:
    """Count one more try for each of these; how many each has made within a day."""
    rows = await connection.fetch(_TRY, sorted(set(who)))
    return {row["who"]: int(row["tries"]) for row in rows}


async def take_back(connection: asyncpg.Connection, who: Sequence[int]) -> None:
    """The last try of these was no wrong one, or was not made."""
    await connection.execute(_TAKE_BACK, sorted(set(who)))


async def forget(connection: asyncpg.Connection, who: Sequence[int]) -> None:
    """As if these had never tried."""
    await connection.execute("DELETE FROM line_guess WHERE who = ANY ($1)", list(who))


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)
