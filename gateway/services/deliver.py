"""The story of a message: claimed, rendered, handed to a provider, and what came of it.

A worker serves a lane for a slice of time. It claims no more due notifications than it has room to
call for; the claim commits each attempt with its account and reference before anyone is called. No
transaction is open while a provider is asked. How the call ended is decided by the domain and
written in groups. Whatever happens to this process, the attempt row tells the clock where to go on.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from gateway import metrics, tracing
from gateway.domain.billing import billed_parts, estimate_vnd
from gateway.domain.directory import Account
from gateway.domain.hours import SendingHours
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.message import SmsBody
from gateway.domain.notification import AttemptResult, Change, Claimed, Lane
from gateway.domain.outcome import Accepted, Blame, Outcome, Reason, Rejected, Unknown
from gateway.domain.retry import decide
from gateway.errors import LedgerUnavailable
from gateway.ledger import claim as claims
from gateway.ledger import horizon, moves, phone_memory
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.ledger.horizon import Horizon
from gateway.ledger.moves import Moved
from gateway.providers.outbound import MaybeSent, NotSent, outcome_of
from gateway.services.account_health import AccountHealth
from gateway.services.accounts import Accounts, OpenAccount
from gateway.services.compose import Compose
from gateway.services.database_clock import DatabaseClock
from gateway.services.desk.template_use import TemplateUse
from gateway.services.minting import mint
from gateway.services.prepare import LEDGER_BACK_AFTER_S, Prepare, Ready
from gateway.services.rates import Rates
from gateway.services.rehearsal import MODE_TEST
from gateway.services.suppress import Suppress
from gateway.services.tallies import Tallies

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a worker works: calls in flight, lease beyond a call's own limit, when it leaves."""

    concurrency: int
    lease_margin_s: float
    slice_s: float
    linger_s: float
    look_every_s: float
    largest_group: int
    no_zalo_days: float


class Deliver:
    """Sends what is due. One per worker process; slices of different lanes follow each other."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        compose: Compose,
        prepare: Prepare,
        health: AccountHealth,
        rates: Rates,
        suppress: Suppress,
        tallies: Tallies,
        use: TemplateUse,
        hours: Callable[[], SendingHours],
        clock: DatabaseClock,
        pace: Pace,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._compose = compose
        self._prepare = prepare
        self._health = health
        self._rates = rates
        self._suppress = suppress
        self._tallies = tallies
        self._use = use
        self._hours = hours
        self._clock = clock
        self._pace = pace
        self._calls: set[asyncio.Task[None]] = set()
        self._horizons: dict[Lane, Horizon[datetime]] = defaultdict(horizon.of_times)
        self._nothing_under_way = asyncio.Event()
        self._stopping = False
        self._record: GroupCommit[Change, Moved | None] = GroupCommit(
            self._write,
            key=lambda change: change.notification_id,
            largest=pace.largest_group,
            on_group=lambda size: metrics.record_group("record", size),
            apart_s=_GROUPS_APART_S,
        )

    async def work(self, lane: Lane, somebody_waits: Callable[[], bool]) -> bool:
        """Serve the lane for one slice. True if it may have more than this slice could take."""
        began = time.monotonic()
        idle_since: float | None = None
        while not self._stopping:
            now = time.monotonic()
            if not self.may_send(lane):
                return False
            if now - began > (_FAIR_SHARE_S if somebody_waits() else self._pace.slice_s):
                return True
            slots, asks_only = await self._slots(lane)
            taken = await self._take(lane, slots, asks_only=asks_only) if slots else 0
            if taken:
                idle_since = None
            elif slots:
                idle_since = idle_since or now
                if somebody_waits() or now - idle_since > self._pace.linger_s:
                    return False
            await self._pause()
        return True

    def stop_claiming(self) -> None:
        """Nothing further is claimed; the running slice ends at once."""
        self._stopping = True
        self._nothing_under_way.set()

    async def finish(self) -> None:
        """Let open calls come back and write how they ended."""
        self.stop_claiming()
        while self._calls:
            await asyncio.wait(self._calls)
        await self._record.drained()

    def may_send(self, lane: Lane) -> bool:
        """The lane's pool is known, and its channel may be used now."""
        channel = self._accounts.channel(lane.pool)
        return channel is not None and self._hours().is_open(channel, self._clock())

    async def _slots(self, lane: Lane) -> tuple[list[claims.Slot], bool]:
        """Room for calls; where all of it is in accounts that run dry, only for asking again."""
        free = min(self._pace.concurrency - len(self._calls), self._pace.largest_group)
        if free <= 0:
            return [], False
        accounts = self._accounts.of_pool(lane.pool)
        usable = [one for one in accounts if not one.stopped or one.drains]
        allowances = {one.account.code: one.allowance for one in usable}
        await self._rates.fetch(allowances, free)
        codes = self._accounts.slots(lane.pool, free)
        asks_only = not codes
        if asks_only:
            codes = self._accounts.slots_to_ask(lane.pool, free)
        return [claims.Slot(account=code, attempt_id=mint()) for code in codes], asks_only

    async def _take(self, lane: Lane, slots: Sequence[claims.Slot], *, asks_only: bool) -> int:
        channel = self._accounts.channel(lane.pool)
        assert channel is not None
        longest_s = max(self._timeout_s(slot.account) for slot in slots)
        began_ns = tracing.now_ns()
        async with self._database.connection() as connection:
            claimed = await claims.claim(
                connection,
                lane,
                channel,
                slots,
                longest_s + self._pace.lease_margin_s,
                self._horizons[lane],
                self._closed(lane.pool),
                asks_only=asks_only,
            )
        if claimed:
            self._clock.set(claimed[0].now)
        for one in claimed:
            tracing.record("claim", one.id, began_ns, lane=str(lane), step=one.step)
            # Room is taken here, not when the call begins: the next claim already counts it.
            found = self._accounts.get(one.account)
            if found is not None:
                found.begin()
            call = asyncio.get_running_loop().create_task(self._deliver(one, found))
            self._calls.add(call)
            call.add_done_callback(self._call_ended)
        return len(claimed)

    def _closed(self, pool: str) -> list[str]:
        return [one.account.code for one in self._accounts.of_pool(pool) if not one.room_to_ask()]

    def _timeout_s(self, account: str) -> float:
        found = self._accounts.get(account)
        return found.account.timeout_s if found else 0.0

    def _call_ended(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        if not self._calls:
            self._nothing_under_way.set()

    async def _pause(self) -> None:
        """Until the next look. Meanwhile calls end and rows come in, so that one claim takes many;
        one without a call under way does not wait for more room."""
        self._nothing_under_way.clear()
        try:
            async with asyncio.timeout(self._pace.look_every_s):
                await self._nothing_under_way.wait()
        except TimeoutError:
            pass

    async def _deliver(self, claimed: Claimed, found: OpenAccount | None) -> None:
        # A task of its own: whatever is logged in it is about this notification.
        structlog.contextvars.bind_contextvars(notification_id=show(NOTIFICATION, claimed.id))
        try:
            change = await self._called(claimed, found)
            moved = await self._recorded(change)
            await self._remember(claimed, change)
        except LedgerUnavailable:
            # The attempt stays open; its lease runs out and the clock finds out what became of it.
            log.warning("outcome_not_written")
            return
        except Exception as error:
            log.exception("delivery_failed", error=type(error).__name__)
            return
        self._tallies.count(change, moved, claimed.steps, claimed.account)

    async def _recorded(self, change: Change) -> Moved | None:
        """Written at last, if the ledger comes back while the lease lasts: what a provider said
        must not be forgotten because PostgreSQL was restarted."""
        gives_up_at = time.monotonic() + self._pace.lease_margin_s
        while True:
            try:
                return await self._record.put(change)
            except LedgerUnavailable:
                if time.monotonic() > gives_up_at:
                    raise
                await asyncio.sleep(LEDGER_BACK_AFTER_S)

    async def _called(self, claimed: Claimed, found: OpenAccount | None) -> Change:
        outcome: Outcome | None = None
        try:
            ready = await self._prepare.ready(claimed, found)
            if isinstance(ready, Change):
                return ready
            outcome = await self._call(claimed, ready)
        finally:
            if found is not None:
                found.end(outcome)
        await self._health.heed(ready.found, outcome)
        self._count_use(claimed, ready, outcome)
        decision = decide(outcome, self._prepare.situation(claimed, ready.found))
        return self._prepare.change(claimed, decision, self._result(claimed, ready, outcome))

    async def _call(self, claimed: Claimed, ready: Ready) -> Outcome:
        """One submission, timed and counted; whatever the wire did becomes an ending."""
        account, started, began_ns = ready.found.account, time.monotonic(), tracing.now_ns()
        try:
            outcome = await ready.found.provider.send(ready.message)
        except (NotSent, MaybeSent) as error:
            outcome = outcome_of(error)
        finally:
            took_s = time.monotonic() - started
            metrics.record_call(account.provider, account.code, took_s)
        self._health.called(ready.found, outcome, took_s)
        _count(claimed, account, outcome)
        tracing.record(
            "provider_call",
            claimed.id,
            began_ns,
            channel=claimed.current.channel,
            provider=account.provider,
            account=account.code,
            outcome=type(outcome).__name__.lower(),
            reason="" if isinstance(outcome, Accepted) else str(outcome.reason),
        )
        return outcome

    def _count_use(self, claimed: Claimed, ready: Ready, outcome: Outcome) -> None:
        """Once for each message, whatever it takes to learn that it left; rehearsals are none."""
        if claimed.mode == MODE_TEST or claimed.times_asked > 1:
            return
        if isinstance(outcome, Accepted | Unknown):
            channel, said = claimed.current.channel, ready.language
            self._use.count(claimed.kind, channel, said, claimed.unit, claimed.publication)

    async def _remember(self, claimed: Claimed, change: Change) -> None:
        """A convenience, so a ledger that is away costs one more question to the provider."""
        reason = change.result.reason if change.result else None
        with suppress(LedgerUnavailable):
            if reason is Reason.NO_ZALO_ACCOUNT:
                async with self._database.connection() as connection:
                    await phone_memory.remember_no_zalo(
                        connection, claimed.id, claimed.step, self._pace.no_zalo_days
                    )
            elif reason is Reason.OPTED_OUT:
                await self._suppress.opted_out(
                    claimed.id, claimed.sealed, claimed.seal_key, claimed.current, claimed.account
                )

    def _result(self, claimed: Claimed, ready: Ready, outcome: Outcome) -> AttemptResult:
        body, account = ready.body, ready.found.account
        sealed, seal_key = self._compose.sealed_text(claimed, body)
        accepted = outcome if isinstance(outcome, Accepted) else None
        told = accepted.segments if accepted else None
        counted = billed_parts(account, body) if isinstance(body, SmsBody) else None
        return AttemptResult(
            outcome=type(outcome).__name__.lower(),
            reason=None if isinstance(outcome, Accepted) else outcome.reason,
            code=outcome.code,
            provider_id=accepted.provider_id if accepted else None,
            segments=told or counted,
            cost_vnd=accepted.cost_vnd if accepted else None,
            estimate_vnd=(
                estimate_vnd(account, body) if isinstance(outcome, Accepted | Unknown) else None
            ),
            sealed=sealed,
            seal_key=seal_key,
        )

    async def _write(self, changes: Sequence[Change]) -> list[Moved | None]:
        async with self._database.connection() as connection:
            moved = await moves.apply(connection, changes)
        return [moved.get(change.notification_id) for change in changes]


# Another lane that waits gets its turn after this long.
_FAIR_SHARE_S = 2.0
_GROUPS_APART_S = 0.02


def _count(claimed: Claimed, account: Account, outcome: Outcome) -> None:
    reason = None if isinstance(outcome, Accepted) else outcome.reason
    channel = claimed.current.channel
    metrics.record_outcome(
        channel, account.provider, account.code, type(outcome).__name__.lower(), reason
    )
    if claimed.step == 0 and claimed.try_no == 1 and claimed.times_asked == 1:
        metrics.record_first_submission(
            channel, max(0.0, (claimed.now - claimed.accepted_at).total_seconds())
        )
    if isinstance(outcome, Rejected) and outcome.blame is Blame.ACCOUNT:
        log.error("account_refused", account=account.code, reason=outcome.reason)
