"""Keeps one installation running on one machine: the stores, then the processes over them.

It starts them, says when they answer, starts again what dies, and stops them in an order in which
nothing loses its work. It knows nothing of what the processes do.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from gateway.embedded import EmbeddedPostgres, EmbeddedRedis
from gateway.errors import ConfigurationError
from gateway.settings import Settings
from gateway.supervisor.child import Child, ChildProcess, Stage, refuse_taken_address
from gateway.supervisor.kept import Kept, Startable

__all__ = ["Child", "Prepare", "Stage", "StoreUrls", "run"]

_ENDING = (signal.SIGINT, signal.SIGTERM)
_LOOK_EVERY_S = 0.1
_READY_PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class StoreUrls:
    database: str
    redis: str


# Called when the stores answer and before any child starts. Returns environment for all children.
Prepare = Callable[[StoreUrls], Mapping[str, str]]


def run(settings: Settings, children: Sequence[Child], prepare: Prepare) -> None:
    """Run until SIGINT or SIGTERM; print one line starting `ready:` once everything answers.

    Raises ConfigurationError when a store or a child does not start. A second signal ends
    everything at once. Call it from the main thread.
    """
    _Supervisor(settings, children, prepare).run()


class _Supervisor:
    def __init__(self, settings: Settings, children: Sequence[Child], prepare: Prepare) -> None:
        self._settings = settings
        self._children = children
        self._prepare = prepare
        self._stores: dict[str, EmbeddedPostgres | EmbeddedRedis] = {}
        self._processes: list[ChildProcess] = []
        self._env: dict[str, str] = {}
        self._stopping = False

    def run(self) -> None:
        before = {number: signal.signal(number, self._on_signal) for number in _ENDING}
        try:
            self._start()
            self._keep()
        finally:
            self._stopping = True
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self) -> None:
        for child in self._children:
            refuse_taken_address(child)
        urls = self._start_stores()
        if self._stopping:
            return
        self._env |= self._prepare(urls)
        for child in self._children:
            if not self._stopping:
                process = ChildProcess(child, self._env)
                self._processes.append(process)
                process.start()
        self._wait_until_ready()
        if not self._stopping:
            self._say_ready()

    def _start_stores(self) -> StoreUrls:
        data_dir = self._settings.embedded.data_dir
        database, redis = self._settings.database.url, self._settings.redis.url
        if not database:
            self._stores["postgres"] = postgres = EmbeddedPostgres(data_dir)
            self._env["BAOTIN_DATABASE_URL"] = database = postgres.start()
        if not redis:
            self._stores["redis"] = server = EmbeddedRedis(data_dir)
            self._env["BAOTIN_REDIS_URL"] = redis = server.start()
        return StoreUrls(database=database, redis=redis)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_PATIENCE_S
        waiting = list(self._processes)
        while waiting and not self._stopping:
            _refuse_ended(self._processes)
            waiting = [process for process in waiting if not process.is_ready()]
            if waiting and time.monotonic() > deadline:
                names = ", ".join(process.child.name for process in waiting)
                raise ConfigurationError(f"{names}: not ready after {_READY_PATIENCE_S:.0f} s")
            time.sleep(_LOOK_EVERY_S)

    def _say_ready(self) -> None:
        base_url = self._settings.web.base_url
        line = f"ready: {base_url}  console {base_url}/console/  docs {base_url}/docs"
        if any(child.stage is Stage.SANDBOX for child in self._children):
            line += f"  sandbox {self._settings.sandbox.base_url}"
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def _keep(self) -> None:
        named: list[tuple[str, Startable]] = [*self._stores.items()]
        named += [(process.child.name, process) for process in self._processes]
        kept = [Kept(name, what) for name, what in named]
        while not self._stopping:
            for each in kept:
                each.look(time.monotonic())
            time.sleep(_LOOK_EVERY_S)

    def _stop(self) -> None:
        for stage in Stage:
            processes = [each for each in self._processes if each.child.stage is stage]
            for process in processes:
                process.ask_to_stop()
            for process in processes:
                process.stop()
        for store in reversed(self._stores.values()):
            store.stop()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._stopping:
            self._kill()
            os._exit(128 + number)
        self._stopping = True

    def _kill(self) -> None:
        """What was committed stays: PostgreSQL recovers from its log at the next start."""
        for process in self._processes:
            process.kill()
        for store in self._stores.values():
            if store.pid:
                with suppress(ProcessLookupError):
                    os.kill(store.pid, signal.SIGQUIT)


def _refuse_ended(processes: Sequence[ChildProcess]) -> None:
    for process in processes:
        if process.pid is None:
            raise ConfigurationError(
                f"{process.child.name} ended with status {process.status} before everything was "
                "ready; its lines above say why"
            )
