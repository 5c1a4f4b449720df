"""What the clock does for pools: moves shares, gives stopped accounts a trial, and sees that nobody
waits for a pool that can send nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

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
_PASSING = (
    AlertKind.FALLBACK_USED,
    AlertKind.UNKNOWN_CODE,
    AlertKind.TEXT_NOT_REGISTERED,
    AlertKind.LANGUAGE_MISSING,
)


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

    async def review(self) -> None:
        """Move the shares that have to move."""
        async with self._database.connection() as connection:
            shares = await stored.shares(connection)
        kept: dict[tuple[str, str], float] = {}
        for pool in self._accounts.pools():
            kept |= await self._review(pool, shares)
        metrics.record_shares(kept)

    async def _review(
        self, pool: str, shares: Mapping[tuple[str, str], Share]
    ) -> dict[tuple[str, str], float]:
        """What the accounts of a pool keep now."""
        accounts = {found.account.code: found for found in self._accounts.of_pool(pool)}
        if len(accounts) < 2:
            return {(pool, code): 1.0 for code in accounts}
        now = {code: shares.get((pool, code), Share()) for code in accounts}
        async with self._database.connection() as connection:
            told = await stored.seen(
                connection, pool, list(now), self._pace.window_s, self._pace.late_after_s
            )
            seen = {code: _judged(told[code], found) for code, found in accounts.items()}
            made = review(now, seen, self._pace.rules)
            if made:
                await stored.move(connection, pool, made)
        for code, one in made.items():
            log.warning("share_moved", pool=pool, account=code, kept=one.kept, why=one.why)
        return {
            (pool, code): made[code].kept if code in made else share.kept
            for code, share in now.items()
        }

    async def look_after_stops(self) -> None:
        """Trials, shut pools and those who wait for one, alerts that are over."""
        async with self._database.connection() as connection:
            tried = await stored.put_on_trial(connection, self._pace.trial_after_s)
            stops = await stored.stops(connection)
            quiet = await alerts.clear_quiet(connection, _PASSING, self._pace.quiet_s)
            still_open = await alerts.open_alerts(connection)
        for code in tried:
            log.info("account_on_trial", account=code)
        for alert in quiet:
            log.info("alert_over", kind=alert.kind, subject=alert.subject, by="clock")
        metrics.record_alerts(one.alert for one in still_open)
        unwell = _of(still_open, AlertKind.ACCOUNT_STOPPED)
        metrics.record_stops(
            {code: one.alert.detail.partition(" ")[0] for code, one in unwell.items()}
            | {code: one.reason if one.by_itself else "by_hand" for code, one in stops.items()}
        )
        for code, stop in stops.items():
            if stop.by_itself and code not in unwell:
                # Whoever stopped it did not come to raise the alert.
                await self._alarm.sound(
                    Alert(kind=AlertKind.ACCOUNT_STOPPED, subject=code, detail=stop.reason)
                )
        await self._look_after_pools(stops, unwell, _of(still_open, AlertKind.POOL_SHUT))

    async def _look_after_pools(
        self,
        stops: Mapping[str, Stop],
        unwell: Mapping[str, OpenAlert],
        told: Mapping[str, OpenAlert],
    ) -> None:
        """The ledger says which pools are known to be shut, whoever led when they were."""
        shut = {pool: _shut(self._codes(pool), stops, unwell) for pool in self._accounts.pools()}
        for pool in told:
            if shut.get(pool) is None:
                await self._alarm.over(AlertKind.POOL_SHUT, pool)
        for pool, one in shut.items():
            if one is None:
                continue
            if pool not in told:
                await self._alarm.sound(Alert(kind=AlertKind.POOL_SHUT, subject=pool))
            if self._clock() - one.since >= timedelta(seconds=self._pace.patience_s):
                await self._send_on(pool, one)

    def _codes(self, pool: str) -> list[str]:
        return [found.account.code for found in self._accounts.of_pool(pool)]

    async def _send_on(self, pool: str, shut: "_Shut") -> None:
        """Whoever waits for the pool and has a further step goes on to it. While an account is on
        trial, only who has waited long: the others may be its proof."""
        waited_s = self._pace.patience_s if shut.on_trial else 0.0
        channel = self._accounts.channel(pool) or ""
        after: UUID | None = UUID(int=0)
        while after is not None:
            async with self._database.transaction() as connection:
                waiting, after = await watches.stranded(
                    connection, pool, channel, _AT_ONCE, after, waited_s
                )
                changes = {one.id: self._onward(one, shut.reason) for one in waiting}
                moved = await moves.apply(connection, list(changes.values())) if changes else {}
            for one in waiting:
                self._tallies.count(changes[one.id], moved.get(one.id), one.steps, "")

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
    """Since when a pool can send nothing, why its last account cannot, and whether one of them is
    being tried."""

    since: datetime
    reason: Reason
    on_trial: bool


def _shut(
    codes: Sequence[str], stops: Mapping[str, Stop], unwell: Mapping[str, OpenAlert]
) -> _Shut | None:
    """None while one of the accounts can send. One on trial cannot, until something went well. A
    pool that people have stopped by hand is none of ours: they want its messages to wait."""
    by_hand = [one for code, one in stops.items() if code in codes and not one.by_itself]
    ours = set(codes) - {one.account for one in by_hand}
    # The alert is older than a stop that followed a trial: that did not begin it anew.
    out = {
        code: unwell[code].since if code in unwell else stops[code].since
        for code in ours
        if code in stops or code in unwell
    }
    if not out or out.keys() != ours:
        return None
    last = max(out, key=lambda code: out[code])
    word = stops[last].reason if last in stops else unwell[last].alert.detail.partition(" ")[0]
    return _Shut(
        since=max([*out.values(), *(one.since for one in by_hand)]),
        reason=Reason(word) if word in {one.value for one in Reason} else Reason.NO_ACCOUNT,
        on_trial=any(code not in stops for code in ours),
    )


def _of(alerts_open: Sequence[OpenAlert], kind: AlertKind) -> dict[str, OpenAlert]:
    return {one.alert.subject: one for one in alerts_open if one.alert.kind is kind}
