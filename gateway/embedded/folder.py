"""The folder of one store: who may use it, where its socket lies, what a killed run left behind."""

import fcntl
import hashlib
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

from gateway.embedded.account import account_for, let_in
from gateway.errors import ConfigurationError
from gateway.tether import Account

# The kernel's limit for a socket's path is 108 bytes with the closing zero, on macOS 104.
_LONGEST_SOCKET_PATH = 100
_ORPHAN_PATIENCE_S = 30


class StoreFolder:
    """`<data_dir>/<name>`, held by one running store at a time."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self.path = data_dir.resolve() / name
        self.log = self.path.with_suffix(".log")
        self._lock_path = self.path.with_suffix(".lock")
        self._lock: int | None = None
        self._far_socket_folder: Path | None = None

    def hold(self) -> Account | None:
        """Take the folder, making it when it is missing. Returns whom its store must run as.

        Raises ConfigurationError when another run holds it or it cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self._lock is None:
                self._take_lock()
            account = account_for(self.path)
            self._make(account)
        except OSError as error:
            self.release()
            raise ConfigurationError(
                f"embedded.data_dir: {self.path.parent} cannot be used: {error.strerror}"
            ) from error
        return account

    def release(self) -> None:
        if self._far_socket_folder:
            shutil.rmtree(self._far_socket_folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def socket_folder(self, socket_name: str, account: Account | None) -> Path:
        """The folder itself, or a private one under the system's temporary folder if too deep."""
        if len(os.fsencode(self.path / socket_name)) <= _LONGEST_SOCKET_PATH:
            return self.path
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        far = _private_folder(Path(tempfile.gettempdir()) / f"baotin-{digest}", account)
        self._far_socket_folder = far
        return far

    def end_orphans(self, program: str, polite: signal.Signals) -> None:
        """End servers that a killed run left over this folder. Only for who holds the folder."""
        orphans = self._servers(program)
        pids = {orphan.pid for orphan in orphans}
        for orphan in orphans:
            with suppress(psutil.NoSuchProcess):
                if orphan.ppid() not in pids:
                    orphan.send_signal(polite)
        _, stubborn = psutil.wait_procs(orphans, timeout=_ORPHAN_PATIENCE_S)
        for orphan in stubborn:
            with suppress(psutil.NoSuchProcess):
                orphan.kill()
        psutil.wait_procs(stubborn, timeout=5)

    def last_log_line(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return lines[-1] if lines else "no output"

    def _take_lock(self) -> None:
        lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode() or "unknown"
            os.close(lock)
            raise ConfigurationError(
                f"embedded.data_dir: {self.path} is in use by the running process {holder}; "
                "stop that one first, or choose another folder"
            ) from None
        os.truncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        self._lock = lock

    def _make(self, account: Account | None) -> None:
        self.path.mkdir(mode=0o700, exist_ok=True)
        if account:
            os.chown(self.path, account.uid, account.gid)
            let_in(self.path)

    def _servers(self, program: str) -> list[psutil.Process]:
        return [
            process
            for process in psutil.process_iter(["name", "cwd"])
            if process.info["name"] == program and self._holds(process.info["cwd"])
        ]

    def _holds(self, cwd: str | None) -> bool:
        return cwd is not None and Path(cwd).is_relative_to(self.path)


def _private_folder(path: Path, account: Account | None) -> Path:
    path.mkdir(mode=0o700, exist_ok=True)
    owner = account.uid if account else os.geteuid()
    if account and path.stat().st_uid == 0:
        os.chown(path, account.uid, account.gid)
    if path.is_symlink() or path.stat().st_uid != owner:
        raise ConfigurationError(f"embedded.data_dir: {path} belongs to somebody else; remove it")
    path.chmod(0o700)
    return path
