"""Tells sources how their notices ended, by signed callbacks, at least once and never backwards.

The feed's numberer owes one callback for each ending of a source that has a `callback_url`. The
leading clock leases what is due, a few for each source, posts it while no transaction is open, and
deletes what was taken. A try that fails is repeated for a day and then left to operators; a crash
only means that the lease runs out and the same callback goes again under the same id.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import structlog

from gateway import metrics
from gateway.domain.callback import TROUBLES, Ending, Retries
from gateway.domain.directory import Directory
from gateway.domain.identity import NOTIFICATION, show
from gateway.errors import LedgerUnavailable
from gateway.ledger import callbacks
from gateway.ledger.callbacks import DueCallback, FailedCallback
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.services.callback_door import CallbackDoor, Told
from gateway.services.callback_message import body_of, headers_of, message_id, signing_secrets
from gateway.services.database_clock import DatabaseClock
from gateway.services.payload import Payload
from gateway.services.source_pauses import SourcePauses

log = structlog.get_logger()

_LEASE_MARGIN_S = 10.0
# Looked again when a call has ended, so that room is used, or else this often.
_LOOK_EVERY_S = 0.5
_LEAST_S_BETWEEN_CLAIMS = 0.05
_LAST_CALLS_S = 5.0
_JITTER = 0.2
_random = random.SystemRandom()


@dataclass(frozen=True, kw_only=True)
class CallbackPace:
    """`concurrency` calls at once, of them `per_source` to one source."""

    retries: Retries
    concurrency: int
    per_source: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Result:
    """A try that is over. Without `failure` it was taken; `directory_revision` is the one that its
    address came from."""

    due: DueCallback
    ending: Ending
    failure: FailedCallback | None
    directory_revision: int


class NotifySource:
    """Runs inside the leading clock, beside its ticks. `opened` unseals what was posted."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Callable[[], Directory],
        opened: Callable[[UUID, bytes, int], Payload],
        clock: DatabaseClock,
        door: CallbackDoor,
        pauses: SourcePauses,
        pace: CallbackPace,
        largest_group: int,
    ) -> None:
        self._database = database
        self._directory = directory
        self._opened = opened
        self._clock = clock
        self._door = door
        self._pauses = pauses
        self._pace = pace
        self._turn = 0
        self._open: Counter[str] = Counter()
        self._calls: set[asyncio.Task[None]] = set()
        self._call_ended = asyncio.Event()
        self._results: GroupCommit[_Result, None] = GroupCommit(
            self._record,
            key=lambda result: result.due.position,
            largest=largest_group,
            on_group=lambda size: metrics.record_group("callbacks", size),
        )

    def owed_to(self) -> list[str]:
        """The sources that want callbacks."""
        return [one.code for one in self._directory().sources.values() if one.callback_url]

    async def run(self) -> None:
        """Tell what is due until cancelled; calls that are open then are left to end."""
        while True:
            self._call_ended.clear()
            await self._begin_calls()
            await asyncio.sleep(_LEAST_S_BETWEEN_CLAIMS)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._call_ended.wait()

    async def bury(self) -> None:
        """Give up what has waited for more than a day for a source that cannot be told."""
        told = [code for code in self.owed_to() if not self._pauses.in_trouble(code)]
        async with self._database.connection() as connection:
            buried = await callbacks.bury(connection, self._pace.retries.longest_s, told)
        if buried:
            log.warning("callbacks_given_up", callbacks=buried)

    async def close(self) -> None:
        """Wait a little for open calls; the others go again when their lease has run out."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=_LAST_CALLS_S)
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._door.close()

    async def _begin_calls(self) -> None:
        directory = self._directory()
        try:
            claimed = await self._claim()
        except LedgerUnavailable:
            log.warning("callbacks_without_ledger")
            return
        except Exception as error:
            log.exception("callbacks_failed", error=type(error).__name__)
            return
        for due in claimed:
            self._open[due.source] += 1
            call = asyncio.get_running_loop().create_task(self._tell(due, directory))
            self._calls.add(call)
            call.add_done_callback(self._ended)

    def _ended(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._call_ended.set()

    async def _claim(self) -> Sequence[DueCallback]:
        rooms = self._rooms()
        free = self._pace.concurrency - len(self._calls)
        if not rooms or free <= 0:
            return ()
        lease_s = self._door.timeout_s + _LEASE_MARGIN_S
        async with self._database.connection() as connection:
            return await callbacks.claim(connection, rooms, free, lease_s)

    def _rooms(self) -> dict[str, int]:
        """How many more calls each source can take now, another source first each time."""
        sources = self.owed_to()
        self._turn = (self._turn + 1) % (len(sources) or 1)
        now, usual = time.monotonic(), self._pace.per_source
        rooms = {
            source: self._pauses.most(source, usual, now) - self._open[source]
            for source in sources[self._turn :] + sources[: self._turn]
        }
        return {source: room for source, room in rooms.items() if room > 0}

    async def _tell(self, due: DueCallback, directory: Directory) -> None:
        try:
            told = await self._post(due, directory)
        except Exception as error:
            log.exception("callback_broken", source=due.source, error=type(error).__name__)
            told = Told(ending=Ending.BROKEN)
        finally:
            self._open[due.source] -= 1
        self._learn(due.source, told)
        failure = None if told.ending is Ending.DELIVERED else self._failure(due, told)
        _count(due, told.ending, failure)
        result = _Result(
            due=due, ending=told.ending, failure=failure, directory_revision=directory.revision
        )
        try:
            await self._results.put(result)
        except LedgerUnavailable:
            log.warning("callback_not_recorded", source=due.source)

    async def _post(self, due: DueCallback, directory: Directory) -> Told:
        source = directory.sources.get(due.source)
        if source is None or source.callback_url is None:
            return Told(ending=Ending.BAD_ADDRESS)
        secrets = signing_secrets(directory.secrets_of("source", due.source))
        if not secrets:
            return Told(ending=Ending.NO_SECRET)
        event = None
        if due.sealed is not None and due.seal_key is not None:
            event = self._opened(due.notification_id, due.sealed, due.seal_key).event
        body = body_of(due, event)
        headers = headers_of(message_id(due), body, secrets, self._clock())
        return await self._door.post(source.callback_url, headers, body)

    def _learn(self, source: str, told: Told) -> None:
        if told.ending in TROUBLES:
            self._pauses.failed(source, time.monotonic(), _asked_s(told))
        else:
            self._pauses.succeeded(source)

    def _failure(self, due: DueCallback, told: Told) -> FailedCallback:
        stretch = _random.uniform(1 - _JITTER, 1 + _JITTER)
        wait_s = self._pace.retries.wait_s(due.tries, due.age_s, stretch, told.retry_after_s)
        return FailedCallback(
            position=due.position, tries=due.tries, ending=told.ending, wait_s=wait_s
        )

    async def _record(self, results: Sequence[_Result]) -> list[None]:
        async with self._database.transaction() as connection:
            await callbacks.delivered(
                connection, [one.due.position for one in results if one.failure is None]
            )
            await callbacks.failed(connection, [one.failure for one in results if one.failure])
            for source, revision in _gone(results).items():
                await callbacks.stop(connection, source, revision)
                log.warning("callbacks_stopped", source=source)
        return [None] * len(results)


def _count(due: DueCallback, ending: Ending, failure: FailedCallback | None) -> None:
    metrics.record_callback(due.source, ending)
    if due.overtaken:
        metrics.record_callback(due.source, "overtaken", due.overtaken)
    if failure is not None and failure.wait_s is None:
        metrics.record_callback(due.source, "given_up")
        shown = show(NOTIFICATION, due.notification_id)
        log.warning("callback_given_up", source=due.source, notification=shown)


def _asked_s(told: Told) -> float:
    """The rest that a throttling receiver asked for; a second is the least."""
    return max(told.retry_after_s or 0.0, 1.0) if told.ending is Ending.THROTTLED else 0.0


def _gone(results: Sequence[_Result]) -> dict[str, int]:
    """The sources that answered 410, with the revision of the directory they were found by."""
    return {one.due.source: one.directory_revision for one in results if one.ending is Ending.GONE}
