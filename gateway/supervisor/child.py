"""One process over the stores: what it is, how it is started, asked for its health and ended."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from urllib.parse import urlsplit

import structlog

from gateway.errors import ConfigurationError
from gateway.tether import Program, end, spawn

# What is wrong with its settings or its stores ends a process earlier than this.
_SETTLED_AFTER_S = 1.0
_log = structlog.get_logger(__name__)


class Stage(IntEnum):
    """The order of stopping: first no new work, then no new waking, then the open work ends."""

    API = 1
    CLOCK = 2
    WORKERS = 3
    SANDBOX = 4


@dataclass(frozen=True, kw_only=True)
class Child:
    """`ready_url` answers 200 once the process works; without one, having run for a second counts.

    After SIGTERM it has `patience_s` to end by itself. `env` is added to everybody's.
    """

    name: str
    argv: Sequence[str]
    stage: Stage
    env: Mapping[str, str] = field(default_factory=dict)
    ready_url: str | None = None
    patience_s: float = 30.0


class ChildProcess:
    """A child, started as often as it takes."""

    def __init__(self, child: Child, env: Mapping[str, str]) -> None:
        self.child = child
        self._env = {**env, **child.env}
        self._popen: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._popen.pid if self._popen and self._popen.poll() is None else None

    @property
    def status(self) -> int | None:
        """Its exit status once it has ended; negative for the signal that ended it."""
        return self._popen.poll() if self._popen else None

    def start(self) -> None:
        self._started = time.monotonic()
        self._popen = spawn(Program(argv=self.child.argv, env=self._env))

    def is_ready(self) -> bool:
        if self.child.ready_url is None:
            return time.monotonic() - self._started > _SETTLED_AFTER_S
        return _answers(self.child.ready_url)

    def ask_to_stop(self) -> None:
        if self._popen:
            self._popen.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Wait until it has ended, by force when its patience is over, with all it started."""
        if self._popen is None:
            return
        if end(self._popen, [(signal.SIGTERM, self.child.patience_s)]) is signal.SIGKILL:
            _log.warning("child_killed", child=self.child.name, after_s=self.child.patience_s)
        self.kill()

    def kill(self) -> None:
        """End it and all it started, at once: it leads a process group of its own."""
        if self._popen:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)


def refuse_taken_address(child: Child) -> None:
    """Raise ConfigurationError when another program listens where this child would answer."""
    if child.ready_url is None:
        return
    parts = urlsplit(child.ready_url)
    with suppress(OSError), socket.create_connection((parts.hostname, parts.port), timeout=2):
        raise ConfigurationError(
            f"{child.name}: another program already listens on {parts.hostname}:{parts.port}; "
            "stop it or choose another port"
        )


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
