"""Template versions, immutable, and publications: the numbered sets of versions in force."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import asyncpg

_LATEST = "SELECT coalesce(max(number), 0) FROM publication"

_ITEMS = """
SELECT kind, channel, language, unit, version, body, created_by
FROM publication_item JOIN template_version USING (kind, channel, language, unit, version)
WHERE publication = $1
"""

_NEXT_VERSION = """
INSERT INTO template_version (kind, channel, language, unit, version, body, created_by)
SELECT $1, $2, $3, $4, coalesce(max(version), 0) + 1, $5, $6 FROM template_version
WHERE kind = $1 AND channel = $2 AND language = $3 AND unit = $4
RETURNING version
"""

_ITEM = """
INSERT INTO publication_item (publication, kind, channel, language, unit, version)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTemplate:
    """One version. `unit` "" is the common one. `created_by` "" for one that is not kept yet."""

    kind: str
    channel: str
    language: str
    unit: str
    version: int
    body: str
    created_by: str = ""


async def latest(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval(_LATEST))


async def read(connection: asyncpg.Connection, publication: int) -> list[StoredTemplate]:
    return [StoredTemplate(**row) for row in await connection.fetch(_ITEMS, publication)]


async def add_version(
    connection: asyncpg.Connection, template: StoredTemplate, created_by: str
) -> StoredTemplate:
    """Write the next version of this template and answer it with its number."""
    version = await connection.fetchval(
        _NEXT_VERSION,
        template.kind,
        template.channel,
        template.language,
        template.unit,
        template.body,
        created_by,
    )
    return replace(template, version=version, created_by=created_by)


async def lock(connection: asyncpg.Connection) -> None:
    """Until the caller's transaction ends nobody else publishes."""
    await connection.execute("LOCK TABLE publication IN SHARE ROW EXCLUSIVE MODE")


async def publish(
    connection: asyncpg.Connection,
    templates: Sequence[StoredTemplate],
    created_by: str,
    note: str,
) -> int:
    """Make exactly these versions the next publication, in the caller's transaction."""
    await lock(connection)
    number = await latest(connection) + 1
    await connection.execute(
        "INSERT INTO publication (number, created_by, note) VALUES ($1, $2, $3)",
        number,
        created_by,
        note,
    )
    await connection.execute(
        _ITEM,
        number,
        [one.kind for one in templates],
        [one.channel for one in templates],
        [one.language for one in templates],
        [one.unit for one in templates],
        [one.version for one in templates],
    )
    return number
