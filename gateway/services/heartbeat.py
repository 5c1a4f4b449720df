"""Telling that one is at work, and how its breakers stand: every few seconds, and once one of them
changes. Never on behalf of a single message; and while the ledger is away, nobody asks either.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

import structlog

from gateway.domain.pool import BreakerState
from gateway.errors import LedgerUnavailable
from gateway.ledger import heartbeats as stored
from gateway.ledger.database import Database
from gateway.ledger.heartbeats import Beating, NotClosed
from gateway.services.accounts import Accounts
from gateway.services.minting import mint
from gateway.services.rehearsal import is_rehearsal

log = structlog.get_logger()

_LOOKS_EVERY_S = 1.0


class Heartbeat:
    """Of one process, for as long as it lives. Its id is minted: host and number of a process are
    the same in many a container."""

    def __init__(
        self,
        database: Database,
        kind: Beating,
        breakers: Callable[[], Mapping[str, NotClosed]] = dict,
    ) -> None:
        self._database = database
        self._kind = kind
        self._breakers = breakers
        self._process = mint()
        self._told: Mapping[str, BreakerState] | None = None
        self._told_at = 0.0

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.beat()
            except LedgerUnavailable:
                log.warning("heartbeat_not_written")
            except Exception as error:
                # This goes on for as long as the process lives.
                log.exception("heartbeat_not_written", error=type(error).__name__)
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def beat(self) -> None:
        """If a breaker changed, or it is time. Raises LedgerUnavailable."""
        breakers = self._breakers()
        states = {account: one.state for account, one in breakers.items()}
        now = time.monotonic()
        if states == self._told and now - self._told_at < stored.EVERY_S:
            return
        async with self._database.connection() as connection:
            await stored.beat(connection, self._process, self._kind, breakers)
        self._told, self._told_at = states, now

    async def stop(self) -> None:
        """This process ends, and is not missed."""
        try:
            async with self._database.connection() as connection:
                await stored.leave(connection, self._process)
        except LedgerUnavailable:
            log.warning("heartbeat_not_ended")


def not_closed(accounts: Accounts) -> Mapping[str, NotClosed]:
    """The breakers of this process that are not closed, by account."""
    return {
        one.account.code: NotClosed(state=one.breaker.state, for_s=one.breaker.open_for_s)
        for one in accounts.all()
        if not one.breaker.is_closed and not is_rehearsal(one.account.code)
    }
