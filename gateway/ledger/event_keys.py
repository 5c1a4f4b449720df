"""What was accepted under an event's keyed hash: enough to recognise the same wish again."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

_FIND = """
SELECT hash_key, digest, event_id, notification_ids FROM event_key WHERE key = ANY ($1)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """An accepted event. `digest` is of its content, under the hash key of version `hash_key`."""

    hash_key: int
    digest: bytes
    event_id: UUID
    notification_ids: tuple[UUID, ...]


async def find(connection: asyncpg.Connection, keys: Sequence[bytes]) -> Known | None:
    """`keys` are those of one event, under every version of the hash key in use."""
    row = await connection.fetchrow(_FIND, keys)
    if row is None:
        return None
    return Known(**{**row, "notification_ids": tuple(row["notification_ids"])})
