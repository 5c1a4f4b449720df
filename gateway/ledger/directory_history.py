"""What an entry of the directory was before: every version stays, with who made it and when."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

_OF_ENTRY = """
SELECT kind, code, revision, body, sealed, seal_key, removed, changed_at, changed_by
FROM directory_entry WHERE kind = $1 AND code = $2 ORDER BY revision DESC LIMIT $3
"""

_ONE = """
SELECT kind, code, revision, body, sealed, seal_key, removed, changed_at, changed_by
FROM directory_entry WHERE kind = $1 AND code = $2 AND revision = $3
"""


_EDITED = """
SELECT EXISTS (SELECT FROM directory_entry WHERE changed_by <> $1 AND kind <> 'key')
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """An entry as it was from `changed_at` until the next one."""

    kind: str
    code: str
    revision: int
    body: Mapping[str, Any]
    sealed: bytes | None = field(repr=False)
    seal_key: int | None
    removed: bool
    changed_at: datetime
    changed_by: str


async def versions(
    connection: asyncpg.Connection, kind: str, code: str, limit: int
) -> Sequence[Version]:
    """The newest first; the first of them is in force, unless it was removed."""
    return [_version(row) for row in await connection.fetch(_OF_ENTRY, kind, code, limit)]


async def version(
    connection: asyncpg.Connection, kind: str, code: str, revision: int
) -> Version | None:
    row = await connection.fetchrow(_ONE, kind, code, revision)
    return _version(row) if row else None


async def was_edited(connection: asyncpg.Connection, but_by: str) -> bool:
    """Whether anybody else ever changed an entry, keys apart."""
    return bool(await connection.fetchval(_EDITED, but_by))


def _version(row: asyncpg.Record) -> Version:
    return Version(**{**row, "body": json.loads(row["body"])})
