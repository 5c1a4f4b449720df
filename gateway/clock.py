"""The clock: one leader that rings due lanes, goes on with what ran out, numbers the feed and
tells sources what they are owed.

The leader holds an advisory lock of PostgreSQL on a connection of its own; when it dies the lock is
free and a standby takes over within seconds. Every round is a statement or two; a round that fails
is logged and tried again at the next tick. Between ticks, only where it looked last is remembered.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import structlog

from gateway import metrics
from gateway.domain.notification import Lane, LaneClass
from gateway.errors import LedgerUnavailable
from gateway.ledger import (
    account_health,
    alert_news,
    console_searches,
    counting,
    feed,
    guesses,
    hand_lists,
    heartbeats,
    held_acts,
    horizon,
    inbound_texts,
    jobs,
    key_holders,
    line_calls,
    mass_acts,
    partitions,
    phone_memory,
    refused_posts,
    sessions,
    suppressions,
    watches,
)
from gateway.ledger.horizon import Horizon
from gateway.providers.contract import NoToken
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.services import erase
from gateway.wiring import Clockwork, lifetimes_of

log = structlog.get_logger()

_LEADER_LOCK = 7_310_453
_MINUTE_S, _HOUR_S = 60.0, 3600.0
_POOLS_EVERY_S = 2.0
_PROMPTS_EVERY_S = 2.0
_JOBS_EVERY_S = 1.0
_STOCK_EVERY_S = 30.0
_WORKERS_EVERY_S = 5.0
_TELL_EVERY_S = 3.0
_COUNT_EVERY_S = 2.0
_BALANCES_EVERY_S = 30.0
_COUNTED_AT_ONCE = 2000


@dataclass
class _Chore:
    """Something done every so often."""

    every_s: float
    work: Callable[[], Awaitable[None]]
    due_at: float = field(default=0.0)


class Clock:
    """`ring(lane, slots)` wakes that many workers for a lane, `ring_desk()` one for jobs."""

    def __init__(
        self,
        clockwork: Clockwork,
        ring: Callable[[Lane, int], None],
        ring_desk: Callable[[], None],
        connect: Callable[[], Awaitable[asyncpg.Connection]],
    ) -> None:
        self._clockwork = clockwork
        self._ring = ring
        self._ring_desk = ring_desk
        self._connect = connect
        self._oldest: dict[str, float] = {}
        self._horizons: dict[Lane, Horizon[datetime]] = defaultdict(horizon.of_times)
        self._numbered = horizon.of_numbers()
        settings = clockwork.core.settings
        self._tick_s = settings.clock.tick_s
        self._retry_s = settings.clock.leader_retry_s
        self._slots = settings.deliver.slots_per_lane
        self._chores = [
            _Chore(0, self._ring_lanes),
            _Chore(0, self._number_feed),
            _Chore(_JOBS_EVERY_S, self._ring_for_jobs),
            _Chore(10, self._count_waiting),
            _Chore(20, self._expire),
            _Chore(_POOLS_EVERY_S, self._mind_pools),
            _Chore(_PROMPTS_EVERY_S, self._mind_prompts),
            _Chore(_MINUTE_S, self._remind),
            _Chore(_STOCK_EVERY_S, self._take_stock),
            _Chore(_WORKERS_EVERY_S, self._clockwork.workers.look),
            _Chore(_MINUTE_S, self._clockwork.notify.bury),
            _Chore(_HOUR_S, self._keep_house),
        ]
        # These may wait for a provider or take long: each has a task of its own, holding up nobody.
        self._asking_chores = [
            _Chore(self._tick_s, self._go_on),
            _Chore(1, self._read_leftovers),
            _Chore(_MOVES_EVERY_S, self._clockwork.moving.go_on),
            _Chore(_COUNT_EVERY_S, self._count),
            _Chore(_MINUTE_S, self._clockwork.arrivals.look),
            _Chore(_MINUTE_S, self._renew_tokens),
            _Chore(self._clockwork.core.settings.zalo.look_every_s, self._read_zalo_accounts),
            _Chore(_HOUR_S, self._clockwork.certificate.look),
            _Chore(_BALANCES_EVERY_S, self._clockwork.balances.look),
            _Chore(_TELL_EVERY_S, self._clockwork.tell.tell),
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Lead whenever nobody else does, until told to stop."""
        while not stop.is_set():
            try:
                await self._lead(stop)
            except (LedgerUnavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                log.warning("clock_without_ledger")
            await _wait(stop, self._retry_s)

    async def _lead(self, stop: asyncio.Event) -> None:
        connection = await self._connect()
        try:
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LEADER_LOCK):
                return
            log.info("clock_leads")
            self._clockwork.workers.begin()
            async with AsyncExitStack() as beside:
                beside.callback(metrics.forget_standing)
                await beside.enter_async_context(_beside(self._clockwork.notify.run()))
                for chore in self._asking_chores:
                    await beside.enter_async_context(_beside(self._repeat(chore)))
                while not stop.is_set():
                    # The lock lives with this connection: when it is gone, so is the lead.
                    await connection.execute("SELECT 1")
                    await self._tick()
                    await _wait(stop, self._tick_s)
        finally:
            await connection.close(timeout=2)

    async def _tick(self) -> None:
        now = time.monotonic()
        for chore in self._chores:
            if chore.due_at <= now:
                chore.due_at = now + chore.every_s
                await self._do(chore)
        metrics.record_tick()
        await self._clockwork.heartbeat.beat()

    async def _repeat(self, chore: _Chore) -> None:
        while True:
            try:
                await self._do(chore)
            except LedgerUnavailable:
                log.warning("chore_without_ledger", chore=chore.work.__name__)
            await asyncio.sleep(chore.every_s)

    async def _do(self, chore: _Chore) -> None:
        try:
            await chore.work()
        except LedgerUnavailable:
            raise
        except Exception as error:
            metrics.record_chore_failure(chore.work.__name__.lstrip("_"))
            log.exception("chore_failed", chore=chore.work.__name__, error=type(error).__name__)

    async def _ring_lanes(self) -> None:
        """Every lane with something due and its channel open, harder the longer it has waited."""
        core = self._clockwork.core
        async with core.database.connection() as connection:
            pools = core.accounts.pools()
            known = [Lane(pool=pool, klass=klass) for pool in pools for klass in LaneClass]
            lanes = await watches.due_lanes(
                connection, {lane: self._horizons[lane] for lane in known}
            )
        self._oldest = {str(lane): self._held_up_s(lane, age_s) for lane, age_s in lanes.items()}
        for lane, age_s in lanes.items():
            channel = core.accounts.channel(lane.pool)
            if channel and core.world.hours().is_open(channel, core.clock()):
                self._ring(lane, self._slots if age_s > self._tick_s else 1)

    def _held_up_s(self, lane: Lane, age_s: float) -> float:
        """Without the time in which its channel was closed."""
        core = self._clockwork.core
        channel, now = core.accounts.channel(lane.pool), core.clock()
        if channel is None:
            return age_s
        return core.world.hours().held_up_s(channel, now - timedelta(seconds=age_s), now)

    async def _ring_for_jobs(self) -> None:
        """Also for one whose bell was lost with Redis, or whose worker died amid a part."""
        async with self._clockwork.core.database.connection() as connection:
            is_due = await jobs.is_due(connection)
        if is_due:
            self._ring_desk()

    async def _go_on(self) -> None:
        while await self._clockwork.sweep.run_out() >= _FULL_ROUND:
            pass

    async def _number_feed(self) -> None:
        async with self._clockwork.core.database.transaction() as connection:
            await feed.number(connection, self._numbered, self._clockwork.notify.owed_to())

    async def _read_leftovers(self) -> None:
        await self._clockwork.receive.read_leftovers()

    async def _count(self) -> None:
        """Count what changed for the statistics, and what was there before them."""
        database, done = self._clockwork.core.database, False
        while not done:
            async with database.transaction() as connection:
                done = await counting.count_changed(connection)
            async with database.transaction() as connection:
                done &= await counting.count_old(connection, _COUNTED_AT_ONCE)

    async def _count_waiting(self) -> None:
        async with self._clockwork.core.database.connection() as connection:
            waiting = await watches.waiting_rows(connection)
        metrics.record_lanes({str(lane): rows for lane, rows in waiting.items()}, self._oldest)

    async def _take_stock(self) -> None:
        await self._clockwork.stock.take(self._oldest)

    async def _expire(self) -> None:
        while await self._clockwork.sweep.expire_late() >= _FULL_ROUND:
            pass

    async def _renew_tokens(self) -> None:
        for account, tokens in self._clockwork.core.tokens.items():
            try:
                await tokens.renew_before_end()
            except NoToken:
                log.error("account_needs_consent", account=account)
            except (NotSent, MaybeSent):
                log.warning("token_not_refreshed", account=account)

    async def _mind_pools(self) -> None:
        await self._clockwork.pools.review()
        await self._clockwork.pools.look_after_stops()

    async def _mind_prompts(self) -> None:
        await self._clockwork.prompts.look()

    async def _read_zalo_accounts(self) -> None:
        await self._clockwork.zalo.refresh_due()

    async def _remind(self) -> None:
        await self._clockwork.remind.remind()

    async def _keep_house(self) -> None:
        core = self._clockwork.core
        await core.clock.look(core.database)
        async with core.database.connection() as connection:
            await partitions.keep_partitions_ahead(connection, core.clock())
            await phone_memory.forget_old(connection)
            await account_health.forget_old(connection)
            await suppressions.forget_old(connection)
            await line_calls.forget_old(connection)
            await guesses.forget_old(connection)
            await hand_lists.forget_old(connection)
            await jobs.adopt(connection)
            await key_holders.forget_gone(connection)
            await heartbeats.forget_gone(connection)
            await inbound_texts.forget_old(connection, core.settings.texts.keep_days)
            await alert_news.forget_old(connection)
            await sessions.forget_old(connection, lifetimes_of(core.settings))
            await console_searches.forget_old(connection)
            await mass_acts.forget_old(connection)
            await refused_posts.forget_old(connection)
            await held_acts.forget_old(connection)
            await counting.forget_old(connection)
            await self._forget(connection)
        await erase.settle(core.database)

    async def _forget(self, connection: asyncpg.Connection) -> None:
        """Drop what is older than the settings keep it."""
        core = self._clockwork.core
        keep = core.settings.retention
        months = dict.fromkeys(partitions.PARTITIONED, keep.notifications_months)
        months |= {"receipt_raw": keep.raw_receipts_months, "audit": keep.audit_months}
        for table, kept in months.items():
            for name in await partitions.drop_old_partitions(connection, core.clock(), table, kept):
                log.info("month_dropped", table=name)
        for table, column, kept in (
            ("feed", "at", keep.feed_months),
            ("callback", "since", keep.feed_months),
            ("event_key", "accepted_at", keep.event_keys_months),
            ("dossier", "updated_at", keep.notifications_months),
            ("notice_once", "at", _REPEATS_REMEMBERED_MONTHS),
            ("source_hour", "hour", _REPEATS_REMEMBERED_MONTHS),
            ("template_use", "day", _USE_COUNTED_MONTHS),
            ("line_call", "began_at", keep.raw_receipts_months),
            ("specimen", "at", keep.audit_months),
        ):
            await partitions.delete_old_rows(connection, table, column, kept)


_FULL_ROUND = 200
# Messages that wait for a released text are brought under it.
_MOVES_EVERY_S = 5
# Repeats are looked for over thirty days, storms over one hour.
_REPEATS_REMEMBERED_MONTHS = 2
# How often a text went out is shown for thirty days.
_USE_COUNTED_MONTHS = 2


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` for as long as the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
