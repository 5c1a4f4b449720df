"""Pauses as they stand in the ledger. Claims look at them; what is paused waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

_IN_FORCE = (
    "SELECT scope, code, since, actor, reason, drains FROM pause ORDER BY since, scope, code"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """`scope`: `everything` (its code is empty), `channel`, `unit`, `pool` or `account`."""

    scope: str
    code: str
    since: datetime
    actor: str
    reason: str
    drains: bool = False


def shut(pool: str, channel: str) -> str:
    """As SQL: whether nothing goes out through a pool of a channel, each named by an expression."""
    return f"""EXISTS (SELECT FROM pause p WHERE p.scope = 'everything'
        OR (p.scope = 'pool' AND p.code = {pool})
        OR (p.scope = 'channel' AND p.code = {channel}))"""


async def in_force(connection: asyncpg.Connection) -> Sequence[Pause]:
    """Oldest first; those that the gateway made itself are among them."""
    return [Pause(**row) for row in await connection.fetch(_IN_FORCE)]
