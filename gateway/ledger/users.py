"""Rows of the console's users."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

_COLUMNS = """
id, name, password, must_change, roles, units, disabled, revision, created_at, signed_in_at
"""

_ADD = """
INSERT INTO console_user (id, name, password, must_change, roles, units)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING RETURNING true
"""

_CHANGE = """
UPDATE console_user SET roles = $3, units = $4, disabled = $5, revision = revision + 1
WHERE id = $1 AND revision = $2 RETURNING true
"""

_RENEW = """
UPDATE console_user SET password = $2, must_change = $3, revision = revision + 1 WHERE id = $1
"""

_SIGNED_IN = """
UPDATE console_user SET signed_in_at = now()
WHERE id = $1 AND password = $2 AND NOT disabled RETURNING true
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredUser:
    """`password` is an argon2id hash. `revision` grows with every change."""

    id: UUID
    name: str
    password: str = field(repr=False)
    must_change: bool
    roles: Sequence[str]
    units: Sequence[str] | None
    disabled: bool = False
    revision: int = 1
    created_at: datetime | None = None
    signed_in_at: datetime | None = None


async def add(connection: asyncpg.Connection, user: StoredUser) -> bool:
    """False where somebody has that name."""
    units = None if user.units is None else list(user.units)
    return bool(
        await connection.fetchval(
            _ADD, user.id, user.name, user.password, user.must_change, list(user.roles), units
        )
    )


async def by_name(connection: asyncpg.Connection, name: str) -> StoredUser | None:
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM console_user WHERE name = $1", name)
    return StoredUser(**row) if row else None


async def by_id(connection: asyncpg.Connection, user: UUID) -> StoredUser | None:
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM console_user WHERE id = $1", user)
    return StoredUser(**row) if row else None


async def all_users(connection: asyncpg.Connection) -> list[StoredUser]:
    rows = await connection.fetch(f"SELECT {_COLUMNS} FROM console_user ORDER BY name")
    return [StoredUser(**row) for row in rows]


async def change(connection: asyncpg.Connection, user: StoredUser) -> bool:
    """Write roles, units and `disabled`; False where somebody changed the user since."""
    units = None if user.units is None else list(user.units)
    return bool(
        await connection.fetchval(
            _CHANGE, user.id, user.revision, list(user.roles), units, user.disabled
        )
    )


async def set_password(
    connection: asyncpg.Connection, user: UUID, password: str, *, must_change: bool
) -> None:
    await connection.execute(_RENEW, user, password, must_change)


async def renew_hash(connection: asyncpg.Connection, user: UUID, old: str, new: str) -> None:
    """Of the same password; not where that has changed since."""
    await connection.execute(
        "UPDATE console_user SET password = $3 WHERE id = $1 AND password = $2", user, old, new
    )


async def note_sign_in(connection: asyncpg.Connection, user: UUID, proven: str) -> bool:
    """False where the password is not `proven` any more, or the user was disabled meanwhile. Who
    changes either waits for this transaction, and then ends the session it opened."""
    return bool(await connection.fetchval(_SIGNED_IN, user, proven))


async def lock_all(connection: asyncpg.Connection) -> None:
    """Until the end of the transaction nobody else changes a user."""
    await connection.execute("LOCK TABLE console_user IN SHARE ROW EXCLUSIVE MODE")
