"""What the line looks up: notices by check code or by search token, and how a dossier stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

_NOTICE = "SELECT id, source, unit, kind, accepted_at, sealed, seal_key FROM notification n "

# Each look-up is finished before it is sorted and limited: the planner, which knows little of codes
# and tokens, would walk back through all notices in the hope of meeting the wanted ones soon. It
# would meet none for a wrong code.
_FOUND = "WITH found AS MATERIALIZED (" + _NOTICE

# The expression of the index `notification_check`, as `domain.check_code` has it.
_BY_CODE = (
    _FOUND
    + r"""
WHERE (('x' || encode(substr(sha256('\x636865636b'::bytea || reference_seed), 1, 7), 'hex'))
       ::bit(56)::bigint % 10000000000) = $1
  AND mode = 'live')
SELECT * FROM found n WHERE EXISTS (
    SELECT FROM attempt a
    WHERE a.notification_id = n.id AND a.outcome IN ('accepted', 'unknown'))
ORDER BY id DESC LIMIT 10
"""
)

_BY_TOKEN = (
    _FOUND
    + """
WHERE tokens && $1::bigint[] AND sealed IS NOT NULL AND mode = 'live'
  AND accepted_at > now() - make_interval(days => $2))
SELECT * FROM found ORDER BY id DESC LIMIT $3
"""
)

_STANDING = """
SELECT last_kind, last_at, last_notification FROM dossier d
WHERE key = ANY ($1) AND NOT EXISTS (
    SELECT FROM notification n WHERE n.id = d.last_notification AND n.mode <> 'live')
ORDER BY last_at DESC LIMIT 1
"""


_WRONG_NUMBER = """
SELECT EXISTS (
    SELECT FROM suppression_key k JOIN suppression s ON s.id = k.suppression
    WHERE k.phone = ANY ($1) AND s.reason = 'wrong_number' AND s.until > now())
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A notice; `sealed` None: its person was erased."""

    id: UUID
    source: str
    unit: str
    kind: str
    accepted_at: datetime
    sealed: bytes | None
    seal_key: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierStanding:
    last_kind: str
    last_at: datetime
    last_notification: UUID | None


async def by_check_code(connection: asyncpg.Connection, code: int) -> list[Notice]:
    """Those that left, or may have, newest first. Ten digits are few enough that over a country's
    years some codes are those of two notices."""
    return [Notice(**row) for row in await connection.fetch(_BY_CODE, code)]


async def by_tokens(
    connection: asyncpg.Connection, tokens: Sequence[int], days: int, limit: int
) -> list[Notice]:
    """Newest first, of the last `days`."""
    rows = await connection.fetch(_BY_TOKEN, list(tokens), days, limit)
    return [Notice(**row) for row in rows]


async def notice(connection: asyncpg.Connection, notification_id: UUID | None) -> Notice | None:
    row = await connection.fetchrow(
        _NOTICE + "WHERE id = $1 AND sealed IS NOT NULL", notification_id
    )
    return Notice(**row) if row else None


async def standing(connection: asyncpg.Connection, keys: Sequence[bytes]) -> DossierStanding | None:
    """What was last reported about a dossier, whichever version of its key it is filed under; None
    where that was a test."""
    row = await connection.fetchrow(_STANDING, list(keys))
    return DossierStanding(**row) if row else None


async def is_wrong_number(connection: asyncpg.Connection, phones: Sequence[bytes]) -> bool:
    """Whether somebody else than the person we wrote to has this number."""
    return bool(await connection.fetchval(_WRONG_NUMBER, list(phones)))
