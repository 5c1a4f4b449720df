"""What this process sees of its accounts, and what all processes together make of it.

Every process counts its calls and its reports and adds them to the ledger once a second; the
clock's leader reviews the sums and moves shares; every process reads shares and stops again.
"""

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gateway import metrics
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.outcome import STOPPING, Accepted, Deferred, Outcome, Reason
from gateway.errors import LedgerUnavailable
from gateway.ledger import account_health as stored
from gateway.ledger import alerts
from gateway.ledger.account_health import Slot
from gateway.ledger.database import Database
from gateway.services.accounts import Accounts, OpenAccount, is_fault
from gateway.services.alarm import Alarm
from gateway.services.database_clock import DatabaseClock

log = structlog.get_logger()

_SLOT_S = 5
_CODE = re.compile(r"[-\w.:]{0,40}", re.ASCII)
_EVERY_S = 1.0


@dataclass
class _Counts:
    calls: int = 0
    faults: int = 0
    accepted: int = 0
    in_time: int = 0


class AccountHealth:
    """`slow_call_s`: a call that takes longer is a fault. `late_after_s`: what was taken and is not
    reported by then is late."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        alarm: Alarm,
        clock: DatabaseClock,
        slow_call_s: float,
        late_after_s: float,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._alarm = alarm
        self._clock = clock
        self._slow_call_s = slow_call_s
        self._late_after = timedelta(seconds=late_after_s)
        self._counts: defaultdict[tuple[str, datetime], _Counts] = defaultdict(_Counts)

    def called(self, found: OpenAccount, outcome: Outcome, took_s: float) -> None:
        """A call came back."""
        counts = self._counts[found.account.code, self._slot(self._clock())]
        counts.calls += 1
        if is_fault(outcome) or took_s > self._slow_call_s:
            counts.faults += 1
            metrics.record_fault(found.account.code)
        counts.accepted += isinstance(outcome, Accepted)
        if not isinstance(outcome, Accepted) and outcome.reason is Reason.UNKNOWN_CODE:
            code = found.account.code
            self._alarm.note(
                Alert(kind=AlertKind.UNKNOWN_CODE, subject=code, detail=_code(outcome.code))
            )

    def reported(self, account: str, opened_at: datetime) -> None:
        """How an attempt ended was reported for the first time."""
        if self._clock() - opened_at <= self._late_after:
            self._counts[account, self._slot(opened_at)].in_time += 1

    async def heed(self, found: OpenAccount, outcome: Outcome) -> None:
        """Stop an account whose answer says that it can send nothing; end its trial if it can.
        Never raises: the outcome itself is still to be written."""
        try:
            if isinstance(outcome, Deferred) and outcome.reason in STOPPING:
                await self._stop(found, outcome)
            elif found.on_trial and isinstance(outcome, Accepted):
                await self._passed(found)
        except Exception as error:
            log.warning("health_not_told", account=found.account.code, error=type(error).__name__)

    async def follow(self) -> None:
        """Exchange with the other processes until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.exchange()
            except LedgerUnavailable:
                log.warning("health_not_exchanged")
            except Exception as error:
                # This goes on for as long as the process lives.
                log.exception("health_not_exchanged", error=type(error).__name__)

    async def exchange(self) -> None:
        """Add what was seen to the ledger, and heed what the others saw."""
        await self._alarm.tell()
        await self._add()
        async with self._database.connection() as connection:
            shares = await stored.shares(connection)
            stops = await stored.stops(connection)
            unwell = await alerts.open_of(connection, AlertKind.ACCOUNT_STOPPED)
        self._accounts.keep_shares({key: share.kept for key, share in shares.items()})
        self._accounts.keep_stops(
            {code: one.reason for code, one in stops.items()},
            unwell,
            {code for code, one in stops.items() if one.drains},
        )
        for found in self._accounts.all():
            metrics.record_breaker(found.account.code, is_open=not found.breaker.is_closed)
            metrics.record_fault(found.account.code, 0)

    async def _add(self) -> None:
        if not self._counts:
            return
        seen, self._counts = self._counts, defaultdict(_Counts)
        slots = [
            Slot(account=account, slot=slot, **vars(counts))
            for (account, slot), counts in seen.items()
        ]
        async with self._database.connection() as connection:
            await stored.add(connection, slots)

    async def _stop(self, found: OpenAccount, outcome: Deferred) -> None:
        """At once in this process, so that no further message is spent; then everywhere."""
        code, found.stopped = found.account.code, outcome.reason.value
        async with self._database.connection() as connection:
            stopped = await stored.stop(connection, code, outcome.reason)
        if stopped:
            log.error("account_stopped", account=code, reason=outcome.reason, code=outcome.code)
            detail = f"{outcome.reason} {_code(outcome.code)}".strip()
            await self._alarm.sound(
                Alert(kind=AlertKind.ACCOUNT_STOPPED, subject=code, detail=detail)
            )

    async def _passed(self, found: OpenAccount) -> None:
        """It takes messages again, unless another process was just told the contrary."""
        async with self._database.connection() as connection:
            over = await stored.trial_passed(connection, found.account.code)
        if over:
            found.on_trial = False
            log.info("account_well", account=found.account.code)

    @staticmethod
    def _slot(at: datetime) -> datetime:
        whole = int(at.timestamp()) // _SLOT_S * _SLOT_S
        return datetime.fromtimestamp(whole, tz=at.tzinfo)


def _code(code: str) -> str:
    """A provider's code as operators may read it: anything else might quote a message."""
    return code if _CODE.fullmatch(code) else "unreadable"
