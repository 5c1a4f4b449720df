"""Access tokens that run out (Zalo): one refresh at a time over all processes, stored before used.

A refresh token is good for one use. Whoever takes the turn asks the provider and stores the new
pair, sealed, before anyone sends with it. If the answer of a refresh is lost, the pair may be dead:
nobody tries again by itself, the account is marked, an alert is raised, and a person brings a new
pair.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from gateway.domain.alert import Alert, AlertKind
from gateway.domain.outcome import Reason
from gateway.errors import LedgerUnavailable
from gateway.ledger import account_health, alerts
from gateway.ledger import tokens as stored
from gateway.ledger.database import Database
from gateway.providers.contract import NoToken, TokenPair
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.providers.zalo_oauth import ConsentLost
from gateway.sealing import Sealer
from gateway.services.alarm import Alarm

log = structlog.get_logger()

Refresh = Callable[[str], Awaitable[TokenPair]]

_TURN_S = 30.0
_LOOK_EVERY_S = 0.1
_STORING_PATIENCE_S = 300.0
# A token this close to its end is renewed before it is refused.
RENEW_BEFORE_S = 600.0


@dataclass(frozen=True, kw_only=True)
class _Held:
    pair: TokenPair
    version: int
    ends_at: float


class AccountTokens:
    """The tokens of one account. `refresh` speaks the provider's wire for one refresh token."""

    def __init__(self, account: str, database: Database, sealer: Sealer, refresh: Refresh) -> None:
        self._account = account
        self._database = database
        self._sealer = sealer
        self._refresh = refresh
        self._alarm = Alarm(database)
        self._held: _Held | None = None
        self._local_turn = asyncio.Lock()

    async def current(self) -> str:
        """Raises NoToken, or NotSent where the ledger cannot be asked."""
        held = self._held
        if held is None or held.ends_at - time.monotonic() < RENEW_BEFORE_S / 2:
            with _unsent():
                held = await self._load()
        return held.pair.access

    async def renewed(self, refused: str) -> str:
        """A token other than `refused`, refreshed by this process or by another. Raises as
        `current` does, and what the wire raises."""
        async with self._local_turn:
            with _unsent():
                return await self._renewed(refused)

    async def _renewed(self, refused: str) -> str:
        held = await self._load()
        while held.pair.access == refused:
            await self._refresh_or_wait(held)
            held = await self._load()
        return held.pair.access

    async def renew_before_end(self) -> None:
        """Refresh if the token is about to run out. Called by the clock, which thereby also finds
        tokens that were lost or never given."""
        try:
            held = await self._load()
        except NoToken:
            await self._alarmed("no_token")
            raise
        await self._alarm.over(AlertKind.TOKEN_LOST, self._account)
        if held.ends_at - time.monotonic() < RENEW_BEFORE_S:
            await self.renewed(held.pair.access)

    async def _load(self) -> _Held:
        async with self._database.connection() as connection:
            row = await stored.read(connection, self._account)
        if row is None or row.lost:
            raise NoToken
        access, refresh = json.loads(
            self._sealer.open(row.sealed, row.seal_key, bound_to(self._account))
        )
        pair = TokenPair(access=access, refresh=refresh, expires_in_s=int(row.left_s))
        self._held = _Held(pair=pair, version=row.version, ends_at=time.monotonic() + row.left_s)
        return self._held

    async def _refresh_or_wait(self, held: _Held) -> None:
        async with self._database.connection() as connection:
            mine = await stored.take_turn(connection, self._account, held.version, _TURN_S)
        if not mine:
            await asyncio.sleep(_LOOK_EVERY_S)
            return
        try:
            pair = await self._refresh(held.pair.refresh)
        except NotSent:
            async with self._database.connection() as connection:
                await stored.give_back(connection, self._account, held.version)
            raise
        except (MaybeSent, ConsentLost) as error:
            log.error("token_lost", account=self._account)
            async with self._database.connection() as connection:
                await stored.mark_lost(connection, self._account, held.version)
            await self._alarmed(error.code if isinstance(error, ConsentLost) else "answer_lost")
            raise NoToken from None
        await self._stored(pair, held.version)
        log.info("token_refreshed", account=self._account)

    async def _alarmed(self, detail: str) -> None:
        await self._alarm.sound(
            Alert(kind=AlertKind.TOKEN_LOST, subject=self._account, detail=detail)
        )

    async def _stored(self, pair: TokenPair, after: int) -> None:
        """The provider has given the old pair up: this one must not be lost with a connection."""
        gives_up_at = time.monotonic() + _STORING_PATIENCE_S
        while True:
            try:
                await store_pair(self._database, self._sealer, self._account, pair, after)
            except LedgerUnavailable:
                if time.monotonic() > gives_up_at:
                    raise
                await asyncio.sleep(1)
            else:
                return


@contextmanager
def _unsent() -> Iterator[None]:
    """Whoever wanted to send with a token that cannot be had has not sent."""
    try:
        yield
    except LedgerUnavailable:
        raise NotSent("no_ledger") from None


async def store_pair(
    database: Database, sealer: Sealer, account: str, pair: TokenPair, after: int | None = None
) -> None:
    """Keep a new pair. From now on every process sends with it, and what was lost is found. A pair
    that came of the version `after` is kept only where that was not given up meanwhile."""
    plain = json.dumps([pair.access, pair.refresh]).encode()
    sealed, key = sealer.seal(plain, bound_to(account))
    async with database.transaction() as connection:
        if after is None:
            await stored.store(connection, account, sealed, key, pair.expires_in_s)
        elif not await stored.store_next(
            connection, account, after, sealed, key, pair.expires_in_s
        ):
            return
        await account_health.mended(connection, account, Reason.CREDENTIALS)
        found = await alerts.clear(connection, AlertKind.TOKEN_LOST, account, "gateway")
    if found:
        log.info("alert_over", kind=AlertKind.TOKEN_LOST, subject=account, by="gateway")


def bound_to(account: str) -> bytes:
    return f"token/{account}".encode()
