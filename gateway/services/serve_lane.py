"""A worker's time: it serves a lane for a slice, and takes no more than it has room to call for.

What is due is claimed in one statement with a slot for each call that may begin now; each call runs
as a task of its own and is told in `deliver`. Room is counted here: calls in flight, allowances of
accounts, and what a stopped account may still be asked about.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway import tracing
from gateway.domain.hours import SendingHours
from gateway.domain.notification import Claimed, Lane
from gateway.ledger import horizon
from gateway.ledger.claim import Room, Slot, claim
from gateway.ledger.database import Database
from gateway.ledger.horizon import Horizon
from gateway.services.accounts import Accounts
from gateway.services.database_clock import DatabaseClock
from gateway.services.deliver import Deliver
from gateway.services.lease import Lease
from gateway.services.minting import mint
from gateway.services.rates import Allowance, Rates

# Another lane that waits gets its turn after this long.
_FAIR_SHARE_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How a worker works: calls in flight, lease beyond a call's own limit, when it leaves."""

    concurrency: int
    lease_margin_s: float
    slice_s: float
    linger_s: float
    look_every_s: float
    largest_group: int


class ServeLane:
    """Sends what is due. One per worker process; slices of different lanes follow each other."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        rates: Rates,
        hours: Callable[[], SendingHours],
        clock: DatabaseClock,
        deliver: Deliver,
        pace: Pace,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._rates = rates
        self._hours = hours
        self._clock = clock
        self._deliver = deliver
        self._pace = pace
        self._calls: set[asyncio.Task[None]] = set()
        self._horizons: dict[Lane, Horizon[datetime]] = defaultdict(horizon.of_times)
        self._nothing_under_way = asyncio.Event()
        self._stopping = False

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
            room = await self._room(lane)
            taken = await self._take(lane, room) if room.slots else 0
            if taken:
                idle_since = None
            elif room.slots:
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
        await self._deliver.written()

    def may_send(self, lane: Lane) -> bool:
        """The lane's pool is known, and its channel may be used now."""
        channel = self._accounts.channel(lane.pool)
        return channel is not None and self._hours().is_open(channel, self._clock())

    async def _room(self, lane: Lane) -> Room:
        """For calls; where all of it is in accounts that run dry, only for asking again."""
        free = min(self._pace.concurrency - len(self._calls), self._pace.largest_group)
        if free <= 0:
            return Room(slots=())
        await self._rates.fetch(self._allowances(lane.pool), free)
        codes = self._accounts.slots(lane.pool, free)
        asks_only = not codes
        if asks_only:
            codes = self._accounts.slots_to_ask(lane.pool, free)
        return Room(
            slots=[Slot(account=code, attempt_id=mint()) for code in codes],
            closed=[
                one.account.code
                for one in self._accounts.of_pool(lane.pool)
                if not one.room_to_ask()
            ],
            asks_only=asks_only,
        )

    def _allowances(self, pool: str) -> dict[str, Allowance]:
        usable = [one for one in self._accounts.of_pool(pool) if not one.stopped or one.drains]
        return {one.account.code: one.allowance for one in usable}

    async def _take(self, lane: Lane, room: Room) -> int:
        channel = self._accounts.channel(lane.pool)
        assert channel is not None
        longest_s = max(self._timeout_s(slot.account) for slot in room.slots)
        lease = Lease(margin_s=self._pace.lease_margin_s, longest_call_s=longest_s)
        began_ns = tracing.now_ns()
        async with self._database.connection() as connection:
            claimed = await claim(
                connection, lane, channel, room, lease.whole_s, self._horizons[lane]
            )
        if claimed:
            self._clock.set(claimed[0].now)
        for one in claimed:
            tracing.record("claim", one.id, began_ns, lane=str(lane), step=one.step)
            self._begin(one, lease)
        return len(claimed)

    def _begin(self, claimed: Claimed, lease: Lease) -> None:
        # Room is taken here, not when the call begins: the next claim already counts it.
        found = self._accounts.get(claimed.account)
        if found is not None:
            found.begin()
        call = asyncio.get_running_loop().create_task(self._deliver.deliver(claimed, found, lease))
        self._calls.add(call)
        call.add_done_callback(self._call_ended)

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
