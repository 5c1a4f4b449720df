"""What the clock looks at now and then besides messages: how long they wait, how large the ledger
is and how much room is left, when tokens end, which reports match nothing. Measured for those with
Prometheus; what cannot wait is an alert for everybody."""

import shutil
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import metrics
from gateway.domain.alert import Alert, AlertKind
from gateway.domain.notification import Lane, LaneClass
from gateway.ledger import alerts, stock
from gateway.ledger.database import Database
from gateway.services.alarm import Alarm

DISK = "stores"
_GIB = 1024**3
# What waited for the end of a pause goes at once when that comes, and is no backlog.
_LATE_FOR_S = 300.0


@dataclass(frozen=True, kw_only=True)
class StockLimits:
    """A lane whose oldest notice has been due for longer than `backlog_s` is alerted, and a disk
    of whose size less than this share is free."""

    backlog_s: float
    disk_free_share: float


class TakeStock:
    """`disk` is the folder of a PostgreSQL of our own; where there is none, its disk is unknown.
    The token of an account that is not among `accounts` any more is nobody's loss."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Callable[[], Container[str]],
        alarm: Alarm,
        disk: Path,
        limits: StockLimits,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._alarm = alarm
        self._disk = disk
        self._limits = limits
        self._monotonic = monotonic
        self._late_since: Mapping[str, float] = {}

    async def take(self, oldest_s: Mapping[str, float]) -> None:
        """`oldest_s` says of each lane with something due for how long that could have left."""
        async with self._database.connection() as connection:
            metrics.record_ledger_size(await stock.size_bytes(connection))
            tokens = await stock.token_ends(connection)
            metrics.record_unmatched(await stock.unmatched_receipts(connection))
            told = await alerts.open_of(connection, AlertKind.BACKLOG)
            low = await alerts.open_of(connection, AlertKind.DISK_LOW)
        known = self._accounts()
        metrics.record_tokens(
            {
                one.account: 0.0 if one.lost else one.expires_at.timestamp()
                for one in tokens
                if one.account in known
            }
        )
        await self._mind_backlog(oldest_s, told)
        if self._disk.is_dir():
            await self._mind_disk(told=DISK in low)

    async def _mind_backlog(
        self, oldest_s: Mapping[str, float], told: Mapping[str, object]
    ) -> None:
        """Over once half of the limit is enough, so that it does not come and go."""
        now = self._monotonic()
        late = {
            lane: age_s
            for lane, age_s in oldest_s.items()
            if age_s > self._limits.backlog_s and Lane.parse(lane).klass is LaneClass.LIVE
        }
        self._late_since = {lane: self._late_since.get(lane, now) for lane in late}
        for lane, age_s in late.items():
            if lane in told or now - self._late_since[lane] >= _LATE_FOR_S:
                detail = f"oldest due for {age_s / 60:.0f} min"
                await self._alarm.sound(Alert(kind=AlertKind.BACKLOG, subject=lane, detail=detail))
        for lane in told:
            if oldest_s.get(lane, 0.0) < self._limits.backlog_s / 2:
                await self._alarm.over(AlertKind.BACKLOG, lane)

    async def _mind_disk(self, *, told: bool) -> None:
        disk = shutil.disk_usage(self._disk)
        metrics.record_disk(disk.free, disk.total)
        if disk.free < self._limits.disk_free_share * disk.total:
            detail = f"{disk.free / _GIB:.1f} of {disk.total / _GIB:.0f} GiB free"
            await self._alarm.sound(Alert(kind=AlertKind.DISK_LOW, subject=DISK, detail=detail))
        elif told:
            await self._alarm.over(AlertKind.DISK_LOW, DISK)
