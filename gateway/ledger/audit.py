"""The audit: who opened or changed people's data, when, about which notification, and why."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

_WRITE = """
INSERT INTO audit (id, actor, action, why, notification_id, found) VALUES ($1, $2, $3, $4, $5, $6)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`notification_id` None: more than one, of which `found` were opened or changed."""

    id: UUID
    actor: str
    action: str
    why: str = ""
    notification_id: UUID | None = None
    found: int = 1


async def write(connection: asyncpg.Connection, entry: Entry) -> None:
    await connection.execute(
        _WRITE,
        entry.id,
        entry.actor,
        entry.action,
        entry.why,
        entry.notification_id,
        entry.found,
    )
