"""Whether somebody is at work: the clock misses workers, and the API misses the clock.

A clock that stands still cannot say so, and nobody else tells operators of anything. So whoever
misses it raises the alert and does the telling in its place.
"""

import asyncio
import time
from collections.abc import Callable

import structlog

from gateway import metrics
from gateway.domain.alert import Alert, AlertKind
from gateway.errors import LedgerUnavailable
from gateway.ledger import alerts
from gateway.ledger import heartbeats as stored
from gateway.ledger.database import Database
from gateway.ledger.heartbeats import Beating, Last
from gateway.services.alarm import Alarm
from gateway.services.tell_operators import TellOperators

log = structlog.get_logger()

# Looked for so many times within the patience.
_LOOKS = 6
WORKERS, CLOCK = "workers", "clock"


class MindWorkers:
    """Nobody is missed before this process has looked for `patience_s` itself: whoever starts an
    installation starts one thing after the other."""

    def __init__(
        self,
        *,
        database: Database,
        alarm: Alarm,
        patience_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._alarm = alarm
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._missed_since: float | None = None

    def begin(self) -> None:
        """This process leads from now on."""
        self._missed_since = None

    async def look(self) -> None:
        async with self._database.connection() as connection:
            alive = await stored.alive(connection, Beating.WORKER)
            told = WORKERS in await alerts.open_of(connection, AlertKind.NO_WORKER)
        metrics.record_workers(alive)
        if alive:
            self._missed_since = None
            if told:
                await self._alarm.over(AlertKind.NO_WORKER, WORKERS)
            return
        now = self._monotonic()
        since = self._missed_since = self._missed_since if self._missed_since is not None else now
        if not told and now - since >= self._patience_s:
            await self._alarm.sound(Alert(kind=AlertKind.NO_WORKER, subject=WORKERS))


class MindClock:
    """As for workers. `tell` is the way out that the clock would take."""

    def __init__(
        self,
        *,
        database: Database,
        alarm: Alarm,
        tell: TellOperators,
        patience_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._alarm = alarm
        self._tell = tell
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._began_at = monotonic()
        self._suspects = False

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._patience_s / _LOOKS)
            try:
                await self.look()
            except LedgerUnavailable:
                # The clock could not tell that it was at work, either.
                self._began_at = self._monotonic()
                log.warning("clock_not_looked_for")
            except Exception:
                # Whatever it was, who keeps watch goes on.
                log.exception("watch_over_clock_failed")

    async def look(self) -> None:
        """Missed at two looks: the first may come just after a standstill of the whole machine."""
        async with self._database.connection() as connection:
            last = await stored.last(connection, Beating.CLOCK)
            told = CLOCK in await alerts.open_of(connection, AlertKind.CLOCK_STOPPED)
        beats = last is not None and last.silent_s < self._patience_s
        missed = not beats and self._monotonic() - self._began_at >= self._patience_s
        if beats and told:
            await self._alarm.over(AlertKind.CLOCK_STOPPED, CLOCK)
        if missed and self._suspects:
            if not told:
                await self._alarm.sound(_stopped(last))
            await self._tell.tell()
        self._suspects = missed


def _stopped(last: Last | None) -> Alert:
    detail = f"silent since {last.at:%Y-%m-%d %H:%M} UTC" if last else "none has run"
    return Alert(kind=AlertKind.CLOCK_STOPPED, subject=CLOCK, detail=detail)
