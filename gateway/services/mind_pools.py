"""What the clock does for pools: moves shares, gives stopped accounts a trial, and sees that nobody
waits for a pool that can send nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from gateway import metrics
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.channel import Receipts
from gateway.domain.hours import SendingHours
from gateway.domain.notification import Change
from gateway.domain.outcome import Reason
from gateway.domain.pool import Seen, Share, ShareRules, review
from gateway.domain.retry import NextStep
from gateway.domain.status import State
from gateway.ledger import account_health as stored
from gateway.ledger import alerts, moves, watches
from gateway.ledger.account_health import Stop
from gateway.ledger.alerts import OpenAlert
from gateway.ledger.database import Database
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.advance import Standing, change_of
from gateway.services.alarm import Alarm
from gateway.services.database_clock import DatabaseClock
from gateway.services.tallies import Tallies

log = structlog.get_logger()

_AT_ONCE = 200
# These are over once they have not happened for a while.
_PASSING = (AlertKind.FALLBACK_USED, AlertKind.UNKNOWN_CODE, AlertKind.TEXT_NOT_REGISTERED)


@dataclass(frozen=True, kw_only=True)
class PoolPace:
    """`window_s` is over how long calls are looked at; a message is late `late_after_s` after it
    was taken. A stopped account is tried again after `trial_after_s`. Messages that have a further
    step wait `patience_s` for a pool that is shut. Passing alerts end `quiet_s` after the last."""

    rules: ShareRules
    window_s: float
    late_after_s: float
    trial_after_s: float
    patience_s: float
    quiet_s: float


class MindPools:
    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        alarm: Alarm,
        tallies: Tallies,
        hours: Callable[[], SendingHours],
        clock: DatabaseClock,
        pace: PoolPace,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._alarm = alarm
        self._tallies = tallies
        self._hours = hours
        self._clock = clock
        self._pace = pace
        self._shut: set[str] = set()

    async def review(self) -> None:
        """Move the shares that have to move."""
        async with self._database.connection() as connection:
            shares = await stored.shares(connection)
        for pool in self._accounts.pools():
            await self._review(pool, shares)

    async def _review(self, pool: str, shares: Mapping[tuple[str, str], Share]) -> None:
        accounts = {found.account.code: found for found in self._accounts.of_pool(pool)}
        if len(accounts) < 2:
            return
        now = {code: shares.get((pool, code), Share()) for code in accounts}
        async with self._database.connection() as connection:
            told = await stored.seen(
                connection, pool, list(now), self._pace.window_s, self._pace.late_after_s
            )
            seen = {code: _judged(told[code], found) for code, found in accounts.items()}
            made = review(now, seen, self._pace.rules)
            if made:
                await stored.move(connection, pool, made)
        for code, share in now.items():
            metrics.record_share(pool, code, made[code].kept if code in made else share.kept)
        for code, one in made.items():
            log.warning("share_moved", pool=pool, account=code, kept=one.kept, why=one.why)

    async def look_after_stops(self) -> None:
        """Trials, shut pools and those who wait for one, alerts that are over."""
        async with self._database.connection() as connection:
            tried = await stored.put_on_trial(connection, self._pace.trial_after_s)
            stops = await stored.stops(connection)
            unwell = await alerts.open_of(connection, AlertKind.ACCOUNT_STOPPED)
            quiet = await alerts.clear_quiet(connection, _PASSING, self._pace.quiet_s)
            still_open = await alerts.open_alerts(connection)
        for code in tried:
            log.info("account_on_trial", account=code)
        for alert in quiet:
            log.info("alert_over", kind=alert.kind, subject=alert.subject, by="clock")
        metrics.record_alerts(one.alert for one in still_open)
        for found in self._accounts.all():
            code = found.account.code
            metrics.record_stopped(code, stopped=code in stops or code in unwell)
        for pool in self._accounts.pools():
            await self._look_after(pool, _shut(self._codes(pool), stops, unwell))

    def _codes(self, pool: str) -> list[str]:
        return [found.account.code for found in self._accounts.of_pool(pool)]

    async def _look_after(self, pool: str, shut: "_Shut | None") -> None:
        if shut is None:
            if pool in self._shut:
                self._shut.discard(pool)
                await self._alarm.over(AlertKind.POOL_SHUT, pool)
            return
        if pool not in self._shut:
            self._shut.add(pool)
            await self._alarm.sound(Alert(kind=AlertKind.POOL_SHUT, subject=pool))
        if self._clock() - shut.since >= timedelta(seconds=self._pace.patience_s):
            await self._send_on(pool, shut.reason)

    async def _send_on(self, pool: str, reason: Reason) -> None:
        """Whoever waits for the pool and has a further step goes on to it."""
        sent_on = _AT_ONCE
        while sent_on == _AT_ONCE:
            async with self._database.transaction() as connection:
                waiting = await watches.stranded(connection, pool, _AT_ONCE)
                changes = {one.id: self._onward(one, reason) for one in waiting}
                moved = await moves.apply(connection, list(changes.values())) if changes else {}
            for one in waiting:
                self._tallies.count(changes[one.id], moved.get(one.id), one.steps, "")
            sent_on = len(moved)

    def _onward(self, one: watches.Stranded, reason: Reason) -> Change:
        standing = Standing(
            notification_id=one.id,
            step=one.step,
            try_no=one.tries,
            steps=one.steps,
            account="",
            times_asked=0,
            opened_at=self._clock(),
        )
        onward = NextStep(reason=reason)
        change = change_of(standing, onward, now=self._clock(), hours=self._hours())
        return replace(change, expects=State.WAITING, actor="clock")


def _judged(seen: Seen, found: OpenAccount) -> Seen:
    """An account that reports no deliveries cannot be late."""
    reports = found.provider.terms.receipts in (Receipts.HANDSET, Receipts.NETWORK)
    return seen if reports else replace(seen, judged=0, late=0)


@dataclass(frozen=True, kw_only=True)
class _Shut:
    """Since when a pool can send nothing, and why its last account cannot."""

    since: datetime
    reason: Reason


def _shut(
    codes: Sequence[str], stops: Mapping[str, Stop], unwell: Mapping[str, OpenAlert]
) -> _Shut | None:
    """None while one of the accounts can send. One on trial cannot, until something went well. A
    pool that people have stopped by hand is none of ours: they want its messages to wait."""
    by_hand = [one for code, one in stops.items() if code in codes and not one.by_itself]
    stopped_by_hand = {one.account for one in by_hand}
    by_itself = [unwell[code] for code in codes if code in unwell and code not in stopped_by_hand]
    if not by_itself or len(by_itself) + len(by_hand) < len(codes):
        return None
    last = max(by_itself, key=lambda one: one.since)
    word = last.alert.detail.partition(" ")[0]
    known = word in {one.value for one in Reason}
    return _Shut(
        since=max([one.since for one in by_itself] + [one.since for one in by_hand]),
        reason=Reason(word) if known else Reason.NO_ACCOUNT,
    )
