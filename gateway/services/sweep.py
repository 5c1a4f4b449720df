"""What time brings about: leases of dead workers, queries, closed receipt windows, late notices.

Run by the clock's leader. Every sweep takes a bounded number of rows, reserves them, decides by the
same rules as the worker, and writes through the same moves. Anything left undone by a crash is
found again half a minute later.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from gateway import metrics
from gateway.domain.hours import SendingHours
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.notification import AttemptResult, Change, WatchKind
from gateway.domain.outcome import Missing, Reason, Receipt, Unknown
from gateway.domain.retry import (
    AwaitReceipt,
    Decision,
    QueryLater,
    Situation,
    TryAgain,
    after_query,
    after_window,
    decide,
)
from gateway.domain.route import Step
from gateway.domain.status import OPEN, State
from gateway.errors import BaotinError, LedgerUnavailable
from gateway.ledger import horizon, moves, watches
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.ledger.moves import Moved
from gateway.ledger.receipts import Matched
from gateway.ledger.watches import RunOut
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.advance import Standing, change_of, situation, verdict_of, without_account
from gateway.services.database_clock import DatabaseClock
from gateway.services.inquire import Inquire
from gateway.services.tallies import Tallies

log = structlog.get_logger()

_AT_ONCE = 200


class Sweep:
    """The clock's rounds over the ledger."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        inquire: Inquire,
        tallies: Tallies,
        hours: Callable[[], SendingHours],
        clock: DatabaseClock,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._inquire = inquire
        self._tallies = tallies
        self._hours = hours
        self._clock = clock
        self._horizon = horizon.of_times()
        self._record: GroupCommit[Change, Moved | None] = GroupCommit(
            self._write, key=lambda change: change.notification_id, largest=_AT_ONCE
        )

    async def run_out(self) -> int:
        """Go on with everything whose lease, query time or receipt window has run out."""
        async with self._database.connection() as connection:
            found = await watches.take_run_out(connection, _AT_ONCE, self._horizon, self._clock())
            over = [one.about for one in found if not _still_matters(one)]
            if over:
                await watches.drop(connection, over)
        await asyncio.gather(*(self._settle(one) for one in found if _still_matters(one)))
        return len(found)

    async def expire_late(self) -> int:
        """End what still waits although its latest time has passed."""
        async with self._database.transaction() as connection:
            late = await watches.late(connection, _AT_ONCE)
            changes = [
                Change(
                    notification_id=notification_id,
                    step=step,
                    try_no=tries,
                    to=State.EXPIRED,
                    reason=Reason.LATEST_TIME_PASSED,
                    anywhere=True,
                )
                for notification_id, step, tries in late
            ]
            moved = await moves.apply(connection, changes) if changes else {}
        for one in moved.values():
            metrics.record_ended(one.state, one.reason, "", "")
        return len(late)

    async def _settle(self, one: RunOut) -> None:
        """One that cannot be gone on with is logged and comes back; it holds up nobody else."""
        about = one.about
        shown = show(NOTIFICATION, about.notification_id)
        structlog.contextvars.bind_contextvars(notification_id=shown)
        try:
            change = await self._go_on(one)
            moved = await self._record.put(change)
        except LedgerUnavailable:
            raise
        except Exception as error:
            log.exception("watch_failed", kind=one.kind, error=type(error).__name__)
            return
        self._tallies.count(change, moved, about.steps, about.account)

    async def _write(self, changes: Sequence[Change]) -> list[Moved | None]:
        async with self._database.connection() as connection:
            moved = await moves.apply(connection, changes)
        return [moved.get(change.notification_id) for change in changes]

    async def _go_on(self, one: RunOut) -> Change:
        match one.kind:
            case WatchKind.LEASE:
                return self._rescue(one)
            case WatchKind.QUERY:
                return await self._ask(one)
            case WatchKind.RECEIPT:
                return await self._close_window(one)

    def _rescue(self, one: RunOut) -> Change:
        """A worker never came back. With an attempt open, the message may have been sent.

        One that was passed over opened none; an earlier try under its number is closed.
        """
        about = one.about
        nothing_sent = one.closed and about.outcome not in ("accepted", "unknown")
        if one.asked is None or nothing_sent:
            return self._carry_out(one, TryAgain(delay_s=0, reason=Reason.GIVEN_BACK), None)
        metrics.record_rescue(about.channel)
        found = self._accounts.get(about.account)
        lost = Unknown(reason=Reason.LEASE_EXPIRED)
        result = AttemptResult(outcome="unknown", reason=Reason.LEASE_EXPIRED)
        if found is None:
            return self._carry_out(one, without_account(_step_of(one)), result)
        standing = Standing.of_matched(about, one.asked)
        return self._carry_out(one, decide(lost, self._situation(standing, found)), result)

    async def _ask(self, one: RunOut) -> Change:
        """What the account says about an attempt whose answer was lost."""
        found = self._accounts.get(one.about.account)
        if found is None:
            return self._carry_out(one, without_account(_step_of(one)), None)
        said = await self._query(found, one.about)
        standing = Standing.of_matched(one.about, one.asked or 1)
        decision = after_query(said, self._situation(standing, found))
        return self._carry_out(one, decision, _learnt(said), said)

    async def _close_window(self, one: RunOut) -> Change:
        """Ask once more where that can be done, then let silence be silence."""
        found = self._accounts.get(one.about.account)
        if found is None:
            gone = without_account(_step_of(one), Reason.RECEIPT_MISSING)
            return self._carry_out(one, gone, None)
        standing = Standing.of_matched(one.about, one.asked or 1)
        at = self._situation(standing, found)
        said = await self._query(found, one.about) if at.can_be_queried else None
        decision = after_query(said, at) if isinstance(said, Receipt) else after_window(at)
        if isinstance(decision, AwaitReceipt):
            decision = after_window(replace(at, step=replace(at.step, accepted=True)))
        return self._carry_out(one, decision, _learnt(said), said)

    async def _query(self, found: OpenAccount, about: Matched) -> Receipt | Missing | None:
        try:
            return await self._inquire.ask(found, about)
        except (NotSent, MaybeSent):
            return None
        except LedgerUnavailable:
            raise
        except BaotinError as error:
            log.error("payload_unreadable", error=type(error).__name__)
            return None

    def _carry_out(
        self,
        one: RunOut,
        decision: Decision,
        result: AttemptResult | None,
        said: Receipt | Missing | None = None,
    ) -> Change:
        verdict = verdict_of(said) if isinstance(said, Receipt) else None
        change = change_of(
            Standing.of_matched(one.about, one.asked or 1),
            decision,
            now=self._clock(),
            hours=self._hours(),
            result=result,
            verdict=verdict,
        )
        waits_on = isinstance(decision, AwaitReceipt | QueryLater)
        stays = waits_on and one.about.state is State.SENT
        return replace(
            change, to=None if stays else change.to, actor="clock", expects=one.about.state
        )

    def _situation(self, standing: Standing, found: OpenAccount) -> Situation:
        return situation(
            standing, found.provider.terms, found.account, self._clock(), self._hours()
        )


def _still_matters(one: RunOut) -> bool:
    """An earlier attempt of a notification that went on is only waited for, never acted upon."""
    about = one.about
    if about.state not in OPEN or not about.is_current:
        return False
    if one.kind is WatchKind.LEASE:
        return about.state is State.SENDING
    return about.state is State.SENT


def _step_of(one: RunOut) -> Step:
    return one.about.steps[one.about.step]


def _learnt(said: Receipt | Missing | None) -> AttemptResult | None:
    """An account that reports on a message has taken it."""
    if not isinstance(said, Receipt):
        return None
    return AttemptResult(outcome="accepted", provider_id=said.provider_id, code=said.code)
