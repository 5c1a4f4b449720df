"""A worker tells the others how its breakers stand: once one changes, and every few seconds that it
is there. Never on behalf of a single message; and while the ledger is away, nobody asks either.
"""

import asyncio
import time
from collections.abc import Mapping

import structlog

from gateway.domain.pool import BreakerState
from gateway.errors import LedgerUnavailable
from gateway.ledger import breakers
from gateway.ledger.breakers import NotClosed
from gateway.ledger.database import Database
from gateway.services.accounts import Accounts
from gateway.services.minting import mint
from gateway.services.rehearsal import is_rehearsal

log = structlog.get_logger()

_LOOKS_EVERY_S = 1.0


class TellBreakers:
    """Of one process, for as long as it lives."""

    def __init__(self, database: Database, accounts: Accounts) -> None:
        self._database = database
        self._accounts = accounts
        self._process = mint()
        self._told: Mapping[str, BreakerState] | None = None
        self._told_at = 0.0

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.tell()
            except LedgerUnavailable:
                log.warning("breakers_not_told")
            except Exception as error:
                # This goes on for as long as the process lives.
                log.exception("breakers_not_told", error=type(error).__name__)
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def tell(self) -> None:
        """If there is something new to tell, or it is time to say that we are there."""
        found = {
            one.account.code: NotClosed(state=one.breaker.state, for_s=one.breaker.open_for_s)
            for one in self._accounts.all()
            if not one.breaker.is_closed and not is_rehearsal(one.account.code)
        }
        states, now = {code: one.state for code, one in found.items()}, time.monotonic()
        if states == self._told and now - self._told_at < breakers.TOLD_EVERY_S:
            return
        async with self._database.connection() as connection:
            await breakers.tell(connection, self._process, found)
        self._told, self._told_at = states, now

    async def leave(self) -> None:
        """This process sends no more."""
        async with self._database.connection() as connection:
            await breakers.leave(connection, self._process)
