"""One event loop for the life of a worker process, in its own thread.

RQ's job runs in the main thread and only waits for it: RQ ends a job that runs too long by raising
in the main thread, which must never hit a message.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

Result = TypeVar("Result")


class LoopThread:
    def __init__(self) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="event-loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run on the loop and wait here for the result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def call_soon(self, action: Any, *arguments: Any) -> None:
        self._loop.call_soon_threadsafe(action, *arguments)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()
