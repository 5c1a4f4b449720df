"""Bells: an RQ job that says a lane has due rows, or that a job of staff waits at the desk. A lost
bell costs seconds, never a message.

Each lane has a few slots. A slot's key in Redis is set while a bell waits for it or a slice serves
it, so that no lane is rung more often than it can be served. It is our own key with our own end of
life, not RQ's `unique`, which a killed job would leave behind.
"""

import threading
import time
import uuid
from collections.abc import Iterable

import redis
import structlog
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.serializers import JSONSerializer

from gateway.domain.notification import Lane

log = structlog.get_logger()

DELIVER, DESK = "deliver", "desk"
SERVE_LANE, SERVE_DESK = "workers.jobs.serve_lane", "workers.jobs.serve_desk"
# RQ would pickle; whoever can write to Redis could then run anything where the keys are.
SERIALIZER = JSONSerializer
# There is one slot at the desk for the whole installation: jobs must not get in the way of sending.
DESK_SLOT = "baotin:slot:desk"
# A bell that nobody takes in this time may be rung again.
SLOT_TTL_MS = 15_000
_FAILURE_TTL_S = 600
_AFTER_FAILURE_S = 0.5
# Every event rings, and a lane that was just rung needs no second bell: so they are gathered.
_BETWEEN_RINGS_S = 0.02
_RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""


def connect(url: str) -> redis.Redis:
    """A client that gives up quickly and comes back within two seconds."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=2,
        socket_timeout=5,
        retry=Retry(ExponentialBackoff(cap=2, base=0.1), 2),
    )


def slot_key(lane: Lane, slot: int) -> str:
    return f"baotin:slot:{lane}:{slot}"


class Bells:
    """Rings lanes through one Redis connection. Not for an event loop: see `Ringer`."""

    def __init__(self, connection: redis.Redis, slots_per_lane: int) -> None:
        self._connection = connection
        self._queue = Queue(DELIVER, connection=connection, serializer=SERIALIZER)
        self._desk = Queue(DESK, connection=connection, serializer=SERIALIZER)
        self._slots_per_lane = slots_per_lane
        self._release = connection.register_script(_RELEASE)

    def ring(self, lane: Lane, slots: int = 1) -> bool:
        """Ring up to `slots` slots of the lane that nobody holds. True if one was free."""
        rung = False
        for slot in range(min(slots, self._slots_per_lane)):
            token = uuid.uuid4().hex
            if self._connection.set(slot_key(lane, slot), token, nx=True, px=SLOT_TTL_MS):
                _enqueue(self._queue, SERVE_LANE, str(lane), slot, token)
                rung = True
        return rung

    def ring_desk(self) -> None:
        """Unless somebody serves the desk."""
        token = uuid.uuid4().hex
        if self._connection.set(DESK_SLOT, token, nx=True, px=SLOT_TTL_MS):
            _enqueue(self._desk, SERVE_DESK, token)

    def renew(self, slot: str, token: str) -> None:
        """The slice in the slot of this key goes on; taken anew if Redis forgot it."""
        self._connection.set(slot, token, px=SLOT_TTL_MS)

    def release(self, slot: str, token: str) -> None:
        """The slot is free, unless somebody else has it by now."""
        self._release(keys=[slot], args=[token])

    def somebody_waits(self) -> bool:
        """Another bell is in the queue that this worker would take next."""
        return bool(self._connection.llen(self._queue.key))


def is_bell(job: Job) -> bool:
    """Whether this is one of our own making: it names one of two functions and nothing else."""
    try:
        names_ours = job.func_name in (SERVE_LANE, SERVE_DESK) and job.instance is None
    except (DeserializationError, ValueError, TypeError):
        return False
    return names_ours and not any(
        (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name)
    )


def _enqueue(queue: Queue, what: str, *arguments: object) -> None:
    queue.enqueue(
        what,
        *arguments,
        result_ttl=0,
        failure_ttl=_FAILURE_TTL_S,
        ttl=SLOT_TTL_MS // 1000,
        job_timeout=-1,
    )


class Ringer:
    """Rings from a background thread: `ring` only notes the lane and returns at once."""

    def __init__(self, bells: Bells) -> None:
        self._bells = bells
        self._wanted: set[tuple[Lane, int]] = set()
        self._desk_wanted = False
        self._lock = threading.Lock()
        self._something = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="ringer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self, lane: Lane, slots: int = 1) -> None:
        with self._lock:
            self._wanted.add((lane, slots))
        self._something.set()

    def ring_desk(self) -> None:
        self._desk_wanted = True
        self._something.set()

    def stop(self) -> None:
        self._ending = True
        self._something.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        while not self._ending:
            self._something.wait()
            self._something.clear()
            self._ring_all(self._take())
            self._ring_desk()
            time.sleep(_BETWEEN_RINGS_S)

    def _take(self) -> Iterable[tuple[Lane, int]]:
        with self._lock:
            wanted, self._wanted = self._wanted, set()
        return wanted

    def _ring_desk(self) -> None:
        wanted, self._desk_wanted = self._desk_wanted, False
        if wanted:
            try:
                self._bells.ring_desk()
            except Exception as error:
                log.warning("bell_not_rung", lane=DESK, error=type(error).__name__)

    def _ring_all(self, wanted: Iterable[tuple[Lane, int]]) -> None:
        """With Redis away nothing is lost: the clock rings every due lane again."""
        for lane, slots in wanted:
            try:
                self._bells.ring(lane, slots)
            except Exception as error:
                # Whatever it was, this thread must go on: it rings for the whole process.
                log.warning("bell_not_rung", lane=str(lane), error=type(error).__name__)
                time.sleep(_AFTER_FAILURE_S)
                return
