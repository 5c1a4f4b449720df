"""Asks accounts what they have left, every so often, and alerts before a wallet is empty.

What was told stands in the ledger with its time. An account that does not tell keeps what it told
before, whose age shows, and is asked again after a while.
"""

import time
from collections.abc import Mapping, Sequence

import structlog

from gateway import metrics
from gateway.domain.alert import Alert, AlertKind
from gateway.errors import LedgerUnavailable
from gateway.ledger import account_health, alerts, balances
from gateway.ledger.alerts import OpenAlert
from gateway.ledger.balances import KnownBalance
from gateway.ledger.database import Database
from gateway.providers.contract import TellsBalance
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.alarm import Alarm
from gateway.services.rehearsal import is_rehearsal

log = structlog.get_logger()

_AGAIN_AFTER_S = 300.0


class ReadBalances:
    def __init__(
        self, *, database: Database, accounts: Accounts, alarm: Alarm, every_s: float
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._alarm = alarm
        self._every_s = every_s
        self._left_alone_until: dict[str, float] = {}

    async def look(self) -> None:
        """Ask those whose time has come; then see who has too little. Raises LedgerUnavailable."""
        asked = [one for one in self._accounts.all() if _tells(one)]
        codes = [one.account.code for one in asked]
        async with self._database.connection() as connection:
            await balances.forget_but(connection, codes)
            stops = await account_health.stops(connection)
            due = set(await balances.due(connection, codes, self._every_s))
        by_hand = {code for code, one in stops.items() if not (one.by_itself or one.drains)}
        for one in asked:
            code = one.account.code
            waits = self._left_alone_until.get(code, 0.0) > time.monotonic()
            if code in due and code not in by_hand and not waits:
                await self._read(one)
        async with self._database.connection() as connection:
            told = await balances.known(connection)
            low = await alerts.open_of(connection, AlertKind.WALLET_LOW)
        await self._settle(asked, told, low)

    async def _read(self, one: OpenAccount) -> None:
        code = one.account.code
        assert isinstance(one.provider, TellsBalance)
        try:
            found, why = await one.provider.balance(), "not_told"
        except (NotSent, MaybeSent) as error:
            found, why = None, str(error)
        except LedgerUnavailable:
            raise
        except Exception as error:
            # One that stumbles keeps nobody from asking the others.
            found, why = None, type(error).__name__
        if found is None:
            self._left_alone_until[code] = time.monotonic() + _AGAIN_AFTER_S
            log.warning("balance_not_read", account=code, problem=why)
            return
        self._left_alone_until.pop(code, None)
        async with self._database.connection() as connection:
            await balances.keep(connection, code, found)

    async def _settle(
        self,
        asked: Sequence[OpenAccount],
        told: Mapping[str, KnownBalance],
        low: Mapping[str, OpenAlert],
    ) -> None:
        least = {one.account.code: one.account.balance_alert_below for one in asked}
        metrics.record_balances(
            {
                (code, one.balance.currency): (float(one.balance.amount), least.get(code) or 0.0)
                for code, one in told.items()
            }
        )
        for code in low.keys() - told.keys():
            await self._alarm.over(AlertKind.WALLET_LOW, code)
        for code, one in told.items():
            below = least.get(code)
            if below is not None and one.balance.is_below(below):
                alert = Alert(kind=AlertKind.WALLET_LOW, subject=code, detail=f"{one.balance} left")
                if code not in low or low[code].alert != alert:
                    await self._alarm.sound(alert)
            elif code in low:
                await self._alarm.over(AlertKind.WALLET_LOW, code)


def _tells(one: OpenAccount) -> bool:
    return isinstance(one.provider, TellsBalance) and not is_rehearsal(one.account.code)
