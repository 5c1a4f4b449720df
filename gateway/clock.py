"""The clock: one leader that rings due lanes, goes on with what ran out, numbers the feed and
tells sources what they are owed.

The leader holds an advisory lock of PostgreSQL on a connection of its own; when it dies, or says
nothing for a while because it stands still or its machine is gone, the lock is free and a standby
takes over within seconds. Every round is a statement or two; a round that fails
is logged and tried again at the next tick. Between ticks, only where it looked last is remembered.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import structlog

from gateway import metrics
from gateway.domain.notification import Lane
from gateway.errors import LedgerUnavailable
from gateway.ledger import counting, feed, horizon, jobs
from gateway.providers.contract import NoToken
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.wiring import Clockwork

log = structlog.get_logger()

_LEADER_LOCK = 7_310_453
# A leader that says nothing for so long is taken its lock by PostgreSQL; it speaks far more often.
_SILENT_MS, _SPEAKS_EVERY_S = 10_000, 2.0
_MINUTE_S, _HOUR_S = 60.0, 3600.0
_COUNTED_AT_ONCE = 2000
_FULL_ROUND = 200


@dataclass
class _Chore:
    """Something done every so often. `name` is a label of metrics, which the runbook explains."""

    name: str
    every_s: float
    work: Callable[[], Awaitable[object]]
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
        self._numbered = horizon.of_numbers()
        settings = clockwork.core.settings
        self._tick_s = settings.clock.tick_s
        self._retry_s = settings.clock.leader_retry_s
        self._chores = self._in_turn()
        self._asking_chores = self._each_by_itself()

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
            await connection.execute(f"SET idle_session_timeout = {_SILENT_MS}")
            log.info("clock_leads")
            self._clockwork.workers.begin()
            async with AsyncExitStack() as beside:
                beside.callback(metrics.forget_standing)
                holding = await beside.enter_async_context(_beside(_hold(connection)))
                await beside.enter_async_context(_beside(self._clockwork.notify.run()))
                for chore in self._asking_chores:
                    await beside.enter_async_context(_beside(self._repeat(chore)))
                while not stop.is_set():
                    # The lock lives with this connection: when it is gone, so is the lead.
                    if holding.done():
                        await holding
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
                log.warning("chore_without_ledger", chore=chore.name)
            await asyncio.sleep(chore.every_s)

    async def _do(self, chore: _Chore) -> None:
        try:
            await chore.work()
        except LedgerUnavailable:
            raise
        except Exception as error:
            metrics.record_chore_failure(chore.name)
            log.exception("chore_failed", chore=chore.name, error=type(error).__name__)

    def _in_turn(self) -> list[_Chore]:
        clockwork = self._clockwork
        return [
            _Chore("ring_lanes", 0, self._ring_lanes),
            _Chore("number_feed", 0, self._number_feed),
            _Chore("ring_for_jobs", 1, self._ring_for_jobs),
            _Chore("count_waiting", 10, clockwork.lanes.count_waiting),
            _Chore("expire", 20, self._expire),
            _Chore("mind_pools", 2, self._mind_pools),
            _Chore("mind_prompts", 2, clockwork.prompts.look),
            _Chore("remind", _MINUTE_S, clockwork.remind.remind),
            _Chore("take_stock", 30, self._take_stock),
            _Chore("mind_workers", 5, clockwork.workers.look),
            _Chore("bury_callbacks", _MINUTE_S, clockwork.notify.bury),
            _Chore("keep_house", _HOUR_S, clockwork.house.keep_house),
        ]

    def _each_by_itself(self) -> list[_Chore]:
        """These may wait for a provider or take long: each has a task of its own, holding up
        nobody."""
        clockwork = self._clockwork
        return [
            _Chore("go_on", self._tick_s, self._go_on),
            _Chore("read_leftovers", 1, clockwork.receive.read_leftovers),
            # Messages that wait for a released text are brought under it.
            _Chore("move_waiting", 5, clockwork.moving.go_on),
            _Chore("count", 2, self._count),
            _Chore("mind_arrivals", _MINUTE_S, clockwork.arrivals.look),
            _Chore("renew_tokens", _MINUTE_S, self._renew_tokens),
            _Chore(
                "read_zalo_accounts",
                clockwork.core.settings.zalo.look_every_s,
                clockwork.zalo.refresh_due,
            ),
            _Chore("mind_certificate", _HOUR_S, clockwork.certificate.look),
            _Chore("read_balances", 30, clockwork.balances.look),
            _Chore("tell", 3, clockwork.tell.tell),
        ]

    async def _ring_lanes(self) -> None:
        await self._clockwork.lanes.ring(self._ring)

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

    async def _count(self) -> None:
        """Count what changed for the statistics, and what was there before them."""
        database, done = self._clockwork.core.database, False
        while not done:
            async with database.transaction() as connection:
                done = await counting.count_changed(connection)
            async with database.transaction() as connection:
                done &= await counting.count_old(connection, _COUNTED_AT_ONCE)

    async def _take_stock(self) -> None:
        await self._clockwork.stock.take(self._clockwork.lanes.oldest_s)

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


async def _hold(connection: asyncpg.Connection) -> None:
    """Say that this process goes on, however long a round takes. Raises once the lock is lost."""
    while True:
        await connection.execute("SELECT 1")
        await asyncio.sleep(_SPEAKS_EVERY_S)


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Run `work` for as long as the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
