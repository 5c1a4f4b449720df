"""The jobs RQ runs in a worker process: serve one lane, or the desk, for a slice."""

import threading

import structlog
from redis.exceptions import RedisError

from gateway.domain.notification import Lane
from workers.bells import DESK_SLOT, SLOT_TTL_MS, Bells, slot_key
from workers.desk import current

log = structlog.get_logger()


def serve_lane(lane_name: str, slot: int, token: str) -> None:
    """Serve what is due in the lane; ring again where something is left."""
    desk = current()
    lane = Lane.parse(lane_name)
    keeper = _Keeper(desk.bells, slot_key(lane, slot), token)
    keeper.start()
    try:
        more = desk.serve(lane)
    finally:
        keeper.stop()
    # Between the last look and the release a bell may have been refused: so look once more.
    if (more or desk.is_due(lane)) and not desk.stopping:
        desk.bells.ring(lane, slot + 1)


def serve_desk(token: str) -> None:
    """Work off jobs of staff; ring again where one is left."""
    desk = current()
    keeper = _Keeper(desk.bells, DESK_SLOT, token)
    keeper.start()
    try:
        more = desk.serve_jobs()
    finally:
        keeper.stop()
    if more and not desk.stopping:
        desk.bells.ring_desk()


class _Keeper:
    """Renews the slot while its slice runs, and frees it at the end."""

    def __init__(self, bells: Bells, slot: str, token: str) -> None:
        self._bells = bells
        self._slot = (slot, token)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slot-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        try:
            self._bells.release(*self._slot)
        except (RedisError, OSError):
            log.warning("slot_not_released")

    def _run(self) -> None:
        """At once too: the bell may have waited for most of the slot's life."""
        while True:
            try:
                self._bells.renew(*self._slot)
            except (RedisError, OSError):
                log.warning("slot_not_renewed")
            if self._over.wait(SLOT_TTL_MS / 3000):
                return
