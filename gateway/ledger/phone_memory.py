"""What is remembered of a number for a while: that nobody answers to it on Zalo."""

import asyncpg

_REMEMBER = """
INSERT INTO phone_memory (phone, hash_key, fact, until)
VALUES ($1, $2, 'no_zalo', now() + $3 * interval '1 day')
ON CONFLICT (phone) DO UPDATE SET until = excluded.until
"""


async def remember_no_zalo(
    connection: asyncpg.Connection, phone: bytes, hash_key: int, days: float
) -> None:
    await connection.execute(_REMEMBER, phone, hash_key, days)


async def forget_old(connection: asyncpg.Connection) -> None:
    await connection.execute("DELETE FROM phone_memory WHERE until <= now()")
