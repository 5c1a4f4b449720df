"""Calls to the line: where each stands, so that any process may go on with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

_BEGIN = """
WITH fresh AS (
    INSERT INTO line_call (id, account, call_id, sealed, seal_key) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account, call_id) DO NOTHING RETURNING id, turn, sealed, seal_key
)
SELECT * FROM fresh UNION ALL
SELECT id, turn, sealed, seal_key FROM line_call WHERE account = $2 AND call_id = $3
LIMIT 1
"""

_FIND = "SELECT id, turn, sealed, seal_key FROM line_call WHERE id = $1 AND account = $2"

# Of two who hear the same key, one goes on with the call, and the other says what was said. The id
# that the call has in its reports may be another than the one that it began under.
_GO_ON = """
UPDATE line_call c SET turn = turn + 1, sealed = $3, seal_key = $4, keys = keys || $5,
    asked = asked || $6::text[], last_at = now(),
    call_id = CASE WHEN $7 = '' OR EXISTS (
        SELECT FROM line_call o WHERE o.account = c.account AND o.call_id = $7
    ) THEN call_id ELSE $7 END
WHERE id = $1 AND turn = $2 AND sealed IS NOT NULL RETURNING true
"""

_REPORTED = """
UPDATE line_call SET talked_s = coalesce($3, talked_s), last_at = now(),
    sealed = CASE WHEN $3::int IS NULL THEN sealed END,
    seal_key = CASE WHEN $3::int IS NULL THEN seal_key END
WHERE account = $1 AND call_id = $2 RETURNING true
"""

_FORGET = """
UPDATE line_call SET sealed = NULL, seal_key = NULL
WHERE sealed IS NOT NULL AND last_at < now() - interval '1 hour'
"""

_REMEMBERED = "SELECT id, turn, sealed, seal_key FROM line_call WHERE sealed IS NOT NULL"

_FORGET_THESE = "UPDATE line_call SET sealed = NULL, seal_key = NULL WHERE id = ANY ($1)"


@dataclass(frozen=True, kw_only=True, slots=True)
class LineCall:
    """`sealed` None: the call is over."""

    id: UUID
    turn: int
    sealed: bytes | None
    seal_key: int | None


async def begin(
    connection: asyncpg.Connection, fresh: LineCall, account: str, call_id: str
) -> LineCall:
    """The call under the provider's id: `fresh`, unless it has begun before."""
    row = await connection.fetchrow(
        _BEGIN, fresh.id, account, call_id, fresh.sealed, fresh.seal_key
    )
    if row is None:  # another process has begun it in this very moment
        row = await connection.fetchrow(
            _BEGIN, fresh.id, account, call_id, fresh.sealed, fresh.seal_key
        )
    return LineCall(**row)


async def find(connection: asyncpg.Connection, call: UUID, account: str) -> LineCall | None:
    row = await connection.fetchrow(_FIND, call, account)
    return LineCall(**row) if row else None


async def go_on(
    connection: asyncpg.Connection, after: LineCall, key: str, asked: Sequence[str], call_id: str
) -> bool:
    """Write where the call is after its turn `after.turn - 1`; False if somebody else has.
    `call_id` is the provider's id of it, as it was told with the key; empty where it was not."""
    before, sealed, seal_key = after.turn - 1, after.sealed, after.seal_key
    return bool(
        await connection.fetchval(
            _GO_ON, after.id, before, sealed, seal_key, key, list(asked), call_id
        )
    )


async def reported(
    connection: asyncpg.Connection, account: str, call_id: str, talked_s: int | None
) -> bool:
    """A provider reports on a call; one that tells how long it lasted is the end of it, and of what
    was sealed. False where no such call came in."""
    return bool(await connection.fetchval(_REPORTED, account, call_id, talked_s))


async def remembered(connection: asyncpg.Connection) -> Sequence[LineCall]:
    """The calls of the last hour of which something is still sealed."""
    return [LineCall(**row) for row in await connection.fetch(_REMEMBERED)]


async def forget(connection: asyncpg.Connection, calls: Sequence[UUID]) -> None:
    await connection.execute(_FORGET_THESE, list(calls))


async def forget_old(connection: asyncpg.Connection) -> None:
    """What calls leave behind whose end was never reported."""
    await connection.execute(_FORGET)
