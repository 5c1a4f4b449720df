"""Ringing for lanes in which something is due: harder the longer it has waited.

How long that is counts only the time in which the lane's channel was open. Between two rounds only
where each lane was looked at last is remembered.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway import metrics
from gateway.domain.hours import SendingHours
from gateway.domain.notification import Lane, LaneClass
from gateway.ledger import horizon, watches
from gateway.ledger.database import Database
from gateway.ledger.horizon import Horizon
from gateway.services.accounts import Accounts
from gateway.services.database_clock import DatabaseClock


class RingLanes:
    """What has waited for `late_after_s` wants more than one worker: as many as `most`."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        hours: Callable[[], SendingHours],
        clock: DatabaseClock,
        late_after_s: float,
        most: int,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._hours = hours
        self._clock = clock
        self._late_after_s = late_after_s
        self._most = most
        self._horizons: dict[Lane, Horizon[datetime]] = defaultdict(horizon.of_times)
        self.oldest_s: dict[str, float] = {}

    async def ring(self, ring: Callable[[Lane, int], None]) -> None:
        """`ring(lane, slots)` wakes that many workers for each lane that has its channel open."""
        known = [
            Lane(pool=pool, klass=klass) for pool in self._accounts.pools() for klass in LaneClass
        ]
        async with self._database.connection() as connection:
            horizons = {lane: self._horizons[lane] for lane in known}
            lanes = await watches.due_lanes(connection, horizons, self._accounts.channels())
        self.oldest_s = {str(lane): self._held_up_s(lane, age_s) for lane, age_s in lanes.items()}
        for lane, age_s in lanes.items():
            channel = self._accounts.channel(lane.pool)
            if channel and self._hours().is_open(channel, self._clock()):
                ring(lane, self._most if age_s > self._late_after_s else 1)

    async def count_waiting(self) -> None:
        async with self._database.connection() as connection:
            waiting = await watches.waiting_rows(connection)
        metrics.record_lanes({str(lane): rows for lane, rows in waiting.items()}, self.oldest_s)

    def _held_up_s(self, lane: Lane, age_s: float) -> float:
        """Without the time in which its channel was closed."""
        channel, now = self._accounts.channel(lane.pool), self._clock()
        if channel is None:
            return age_s
        return self._hours().held_up_s(channel, now - timedelta(seconds=age_s), now)
