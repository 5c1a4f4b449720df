"""What the ledger tells about itself: its size, tokens that end, reports that match nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import asyncpg

_SIZE = "SELECT pg_database_size(current_database())"

_TOKENS = "SELECT account, lost, expires_at FROM account_token"

_UNMATCHED = """
SELECT account, CASE WHEN next_at IS NULL THEN 'left' ELSE 'tried_again' END AS state,
    count(*) AS rows
FROM receipt_todo WHERE tries > 0 GROUP BY 1, 2
"""

Unmatched = Literal["tried_again", "left"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenEnd:
    account: str
    lost: bool
    expires_at: datetime


async def size_bytes(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval(_SIZE))


async def token_ends(connection: asyncpg.Connection) -> list[TokenEnd]:
    return [TokenEnd(**row) for row in await connection.fetch(_TOKENS)]


async def unmatched_receipts(connection: asyncpg.Connection) -> dict[tuple[str, Unmatched], int]:
    """How many, by account and by whether they are tried again or left to people."""
    rows = await connection.fetch(_UNMATCHED)
    return {(row["account"], row["state"]): row["rows"] for row in rows}
