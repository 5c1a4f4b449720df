"""What a worker process has at hand while it lives: its event loop and its part of the gateway.

RQ calls jobs as plain functions; this is where they find what they work with.
"""

import asyncio
import threading
import time

from redis.exceptions import RedisError

from gateway.domain.notification import Lane
from gateway.errors import LedgerUnavailable
from gateway.settings import Settings
from gateway.wiring import Delivery, wire_delivery
from workers.bells import Bells, Ringer, connect
from workers.loop_thread import LoopThread

_LOOK_FOR_OTHERS_EVERY_S = 0.25
_JOBS_SLICE_S = 20.0
_LAST_PART_S = 10.0
# After each part, as a share of the time it took: sending goes on in the same process meanwhile.
_JOBS_REST = 1.0


class Desk:
    """What one process delivers and works off."""

    def __init__(self, settings: Settings) -> None:
        self.bells = Bells(connect(settings.redis.url), settings.deliver.slots_per_lane)
        self.stopping = False
        self._thread = LoopThread()
        self._at_jobs = threading.Lock()
        self._ringer = Ringer(self.bells)
        self._ringer.start()
        self._delivery: Delivery = self._thread.run(wire_delivery(settings, self._ringer.ring))
        self._looked_at = 0.0
        self._somebody_waits = False

    def serve(self, lane: Lane) -> bool:
        """One slice. True if the lane may have more."""
        return self._thread.run(self._delivery.serve.work(lane, self._others_wait))

    def serve_jobs(self) -> bool:
        """Parts of jobs for a slice. True if there may be more."""
        with self._at_jobs:
            return self._thread.run(self._work_off())

    async def _work_off(self) -> bool:
        ends_at = time.monotonic() + _JOBS_SLICE_S
        while not self.stopping and (began := time.monotonic()) < ends_at:
            try:
                if not await self._delivery.jobs.one():
                    return False
            except LedgerUnavailable:
                # The clock rings again once it is back.
                return False
            await asyncio.sleep((time.monotonic() - began) * _JOBS_REST)
        return True

    def is_due(self, lane: Lane) -> bool:
        return self._thread.run(self._delivery.is_due(lane))

    def stop_claiming(self) -> None:
        """At once, from a signal handler: no further claim; open calls come back by themselves."""
        self.stopping = True
        self._thread.call_soon(self._delivery.serve.stop_claiming)

    def close(self) -> None:
        # The part under way is noted before the ledger is let go; a lost one is done again.
        self._at_jobs.acquire(timeout=_LAST_PART_S)
        self._thread.run(self._delivery.close())
        self._thread.stop()
        self._ringer.stop()

    def _others_wait(self) -> bool:
        """Asked on the event loop many times a second, so the answer is kept for a moment."""
        now = time.monotonic()
        if now - self._looked_at > _LOOK_FOR_OTHERS_EVERY_S:
            self._looked_at = now
            asyncio.get_running_loop().run_in_executor(None, self._look)
        return self._somebody_waits

    def _look(self) -> None:
        try:
            self._somebody_waits = self.bells.somebody_waits()
        except (RedisError, OSError):
            self._somebody_waits = False


_desk: Desk | None = None


def open_desk(settings: Settings) -> Desk:
    global _desk
    _desk = Desk(settings)
    return _desk


def current() -> Desk:
    assert _desk is not None, "jobs run only in a worker process"
    return _desk
