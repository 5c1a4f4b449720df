"""What is remembered of a number for a while: that nobody answers to it on Zalo."""

from uuid import UUID

import asyncpg

# The hash is taken from the row, which says under which version it was made; a person who was
# erased meanwhile is not remembered.
_REMEMBER = """
INSERT INTO phone_memory (phone, hash_key, fact, until)
SELECT decode(steps -> $2::int ->> 'phone_key', 'hex'), hash_key, 'no_zalo',
    now() + $3 * interval '1 day'
FROM notification WHERE id = $1 AND sealed IS NOT NULL
FOR SHARE
ON CONFLICT (phone) DO UPDATE SET until = excluded.until
"""


async def remember_no_zalo(
    connection: asyncpg.Connection, notification_id: UUID, step: int, days: float
) -> None:
    """The number that this step of the notification is for."""
    await connection.execute(_REMEMBER, notification_id, step, days)


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute("DELETE FROM phone_memory WHERE until <= now()")
