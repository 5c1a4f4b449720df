"""What accounts said last that they have left, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from gateway.domain.balance import Balance

_DUE = """
SELECT w.account FROM unnest($1::text[]) AS w (account)
LEFT JOIN account_balance b ON b.account = w.account
WHERE b.read_at IS NULL OR b.read_at <= now() - make_interval(secs => $2)
"""

_KEEP = """
INSERT INTO account_balance (account, amount, currency) VALUES ($1, $2, $3)
ON CONFLICT (account)
DO UPDATE SET amount = excluded.amount, currency = excluded.currency, read_at = now()
"""

_ALL = "SELECT account, amount, currency, read_at FROM account_balance"

_FORGET = "DELETE FROM account_balance WHERE NOT account = ANY ($1::text[])"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownBalance:
    balance: Balance
    read_at: datetime


async def due(connection: asyncpg.Connection, accounts: Sequence[str], every_s: float) -> list[str]:
    """Those of these accounts that told it longer ago than this, or never."""
    return [row["account"] for row in await connection.fetch(_DUE, list(accounts), every_s)]


async def keep(connection: asyncpg.Connection, account: str, balance: Balance) -> None:
    await connection.execute(_KEEP, account, balance.amount, balance.currency)


async def known(connection: asyncpg.Connection) -> Mapping[str, KnownBalance]:
    return {
        row["account"]: KnownBalance(
            balance=Balance(amount=row["amount"], currency=row["currency"]), read_at=row["read_at"]
        )
        for row in await connection.fetch(_ALL)
    }


async def forget_but(connection: asyncpg.Connection, accounts: Sequence[str]) -> None:
    """What other accounts told: they are gone, or are asked no more."""
    await connection.execute(_FORGET, list(accounts))
