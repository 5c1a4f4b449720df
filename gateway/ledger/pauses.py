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
    """`scope`: `everything` (its code is empty), `unit`, `pool` or `account`."""

    scope: str
    code: str
    since: datetime
    actor: str
    reason: str
    drains: bool = False


async def in_force(connection: asyncpg.Connection) -> Sequence[Pause]:
    """Oldest first; those that the gateway made itself are among them."""
    return [Pause(**row) for row in await connection.fetch(_IN_FORCE)]
