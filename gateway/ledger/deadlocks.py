"""What PostgreSQL broke off so that another transaction could go on is done anew.

Everybody locks a due row before its notification, as a claim does. A due row that is born while
somebody waits for the notification can still be met the other way round; the second time it is
there from the start.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

Answer = TypeVar("Answer")

_TRIES = 6
_APART_S = 0.01


async def past_deadlocks(transaction: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer of one whole transaction, which is begun anew as long as it gets in others' way.
    Raises what it raised the last time."""
    for _ in range(_TRIES - 1):
        try:
            return await transaction()
        except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            await asyncio.sleep(_APART_S)
    return await transaction()
