"""The worker process: RQ takes bells from two queues, the desk serves lanes and jobs of staff.

Each of its two RQ workers listens to exactly one queue, because only then does RQ take a bell off
it without a moment in which a crash loses it; the one for jobs has a thread of its own, so that no
slice of sending ends because of it. Neither forks, because the event loop lives in this process.
"""

import logging
import threading
import time
from types import FrameType
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.timeouts import TimerDeathPenalty

from gateway import long_lived, metrics
from gateway.settings import Settings
from workers.bells import DELIVER, DESK, SERIALIZER, connect, is_bell
from workers.desk import Desk, open_desk

log = structlog.get_logger()

_AFTER_LOSING_REDIS_S = 1.0


class OnlyBells(SimpleWorker):
    """Runs nothing else, whoever has put it into Redis."""

    max_connection_wait_time = 2.0

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        if is_bell(job):
            return super().perform_job(job, queue, execution)
        log.error("no_bell_of_ours")
        self.connection.lrem(queue.intermediate_queue_key, 1, job.id)
        self.handle_job_failure(job, queue, exc_string="no bell of ours", execution=execution)
        return False


class BellWorker(OnlyBells):
    """Stops claiming the moment it is told to stop, without asking Redis first."""

    desk: Desk

    def execute_job(self, job: Any, queue: Any) -> None:
        self._serving = True
        try:
            super().execute_job(job, queue)
        finally:
            self._serving = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.desk.stop_claiming()
        self._stop_requested = True
        if not getattr(self, "_serving", False):
            raise StopRequested


class DeskWorker(OnlyBells):
    """Lives in a thread that ends with the process; signals are the main thread's."""

    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        pass


def run(settings: Settings) -> None:
    """Work until told to stop; Redis may come and go meanwhile."""
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    desk = open_desk(settings)
    if settings.metrics.port:
        metrics.listen(settings.web.host, settings.metrics.port)
    long_lived.settle()
    log.info("worker_started", queue=DELIVER)
    threading.Thread(target=_serve_desk, args=(settings, desk), name="desk", daemon=True).start()
    try:
        while not desk.stopping:
            _work_until_redis_is_lost(settings, desk)
    finally:
        desk.close()
        log.info("worker_stopped")


def _work_until_redis_is_lost(settings: Settings, desk: Desk) -> None:
    try:
        connection = connect(settings.redis.url)
        worker = BellWorker(
            [Queue(DELIVER, connection=connection)], connection=connection, serializer=SERIALIZER
        )
        worker.desk = desk
        worker.work(logging_level="WARNING")
    except (RedisError, OSError):
        log.warning("redis_away")
    except StopRequested:
        return
    if not desk.stopping:
        time.sleep(_AFTER_LOSING_REDIS_S)


def _serve_desk(settings: Settings, desk: Desk) -> None:
    while not desk.stopping:
        try:
            connection = connect(settings.redis.url)
            worker = DeskWorker(
                [Queue(DESK, connection=connection)], connection=connection, serializer=SERIALIZER
            )
            worker.work(logging_level="WARNING")
        except (RedisError, OSError):
            log.warning("redis_away")
        time.sleep(_AFTER_LOSING_REDIS_S)
