"""Group commit: what arrives while one transaction commits is written together by the next.

Under light load a group is one row and nothing waits; under heavy load one commit serves hundreds.
A group that fails because of its data is split until only the guilty item fails.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gateway.errors import LedgerUnavailable
from gateway.ledger.deadlocks import past_deadlocks

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class _Waiting(Generic[Item, Answer]):
    item: Item
    answer: asyncio.Future[Answer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class GroupCommit(Generic[Item, Answer]):
    """Writes items in groups with `write`; one group at a time.

    `key` names what must not appear twice in one group: a later twin waits for the next one.
    `weigh` says how much of `largest` an item takes. Groups begin at least `apart_s` apart, so that
    a stream of items makes few large ones; an item that comes alone does not wait.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]],
        *,
        key: Callable[[Item], Hashable],
        largest: int,
        weigh: Callable[[Item], int] = lambda _item: 1,
        on_group: Callable[[int], None] = lambda _size: None,
        apart_s: float = 0.0,
    ) -> None:
        self._write = write
        self._key = key
        self._largest = largest
        self._weigh = weigh
        self._on_group = on_group
        self._apart_s = apart_s
        self._next_at = 0.0
        self._queue: deque[_Waiting[Item, Answer]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> Answer:
        """The answer for this item once its group is committed. Raises what its write raised."""
        waiting: _Waiting[Item, Answer] = _Waiting(item)
        self._queue.append(waiting)
        self._wake()
        return await waiting.answer

    async def drained(self) -> None:
        """Wait until nothing is left to write."""
        while self._writer is not None:
            await asyncio.wait([self._writer])

    def _wake(self) -> None:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(
                # It writes for many and speaks in nobody's name.
                self._run(),
                context=Context(),
            )
            self._writer.add_done_callback(self._stopped)

    def _stopped(self, _task: asyncio.Task[None]) -> None:
        self._writer = None
        if self._queue:
            self._wake()

    async def _run(self) -> None:
        while self._queue:
            # At the least, let every task that is ready to submit do so before the group closes.
            await asyncio.sleep(max(0.0, self._next_at - time.monotonic()))
            self._next_at = time.monotonic() + self._apart_s
            group = self._next_group()
            self._on_group(sum(self._weigh(waiting.item) for waiting in group))
            await self._commit(group)

    def _next_group(self) -> list[_Waiting[Item, Answer]]:
        group: dict[Hashable, _Waiting[Item, Answer]] = {}
        twins: list[_Waiting[Item, Answer]] = []
        room = self._largest
        while self._queue and room > 0:
            waiting = self._queue.popleft()
            key = self._key(waiting.item)
            if key in group:
                twins.append(waiting)
            else:
                group[key] = waiting
                room -= self._weigh(waiting.item)
        self._queue.extendleft(reversed(twins))
        return list(group.values())

    async def _commit(self, group: Sequence[_Waiting[Item, Answer]]) -> None:
        try:
            items = [waiting.item for waiting in group]
            answers = await past_deadlocks(lambda: self._write(items))
        except (LedgerUnavailable, asyncio.CancelledError) as error:
            away = error if isinstance(error, LedgerUnavailable) else LedgerUnavailable()
            # Whoever waits behind this group would only learn the same, much later.
            _fail([*group, *self._queue], away)
            self._queue.clear()
        except Exception as error:
            await self._split(group, error)
        else:
            for waiting, answer in zip(group, answers, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(answer)

    async def _split(self, group: Sequence[_Waiting[Item, Answer]], error: Exception) -> None:
        if len(group) == 1:
            _fail(group, error)
            return
        middle = len(group) // 2
        await self._commit(group[:middle])
        await self._commit(group[middle:])


def _fail(group: Sequence[_Waiting[Item, Answer]], error: Exception) -> None:
    for waiting in group:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
