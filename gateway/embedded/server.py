"""A store as a child process: held, started, waited for and ended, whichever store it is."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence

from gateway.embedded.folder import StoreFolder
from gateway.errors import ConfigurationError
from gateway.tether import Account, end

_LOOKS_EVERY_S = 0.02


class StoreServer:
    """`stop` are the signals that end it, each with the seconds it is given for that."""

    def __init__(
        self,
        folder: StoreFolder,
        name: str,
        *,
        patience_s: float,
        stop: Sequence[tuple[signal.Signals, float]],
    ) -> None:
        self._folder = folder
        self._name = name
        self._patience_s = patience_s
        self._stop = stop
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The running server's process id; None when there is none."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def start(
        self,
        begin: Callable[[Account | None], subprocess.Popen[bytes]],
        is_ready: Callable[[int], bool],
    ) -> None:
        """Let it `begin` as the account that owns its folder, and return once it `is_ready`.

        Raises ConfigurationError when another run holds the folder or the server does not start.
        """
        account = self._folder.hold()
        try:
            self._process = begin(account)
            self._wait_until_ready(self._process, is_ready)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._process:
            end(self._process, self._stop)
        self._folder.release()

    def _wait_until_ready(
        self, process: subprocess.Popen[bytes], is_ready: Callable[[int], bool]
    ) -> None:
        deadline = time.monotonic() + self._patience_s
        while process.poll() is None and time.monotonic() < deadline:
            if is_ready(process.pid):
                return
            time.sleep(_LOOKS_EVERY_S)
        raise ConfigurationError(
            f"embedded: {self._name} did not start, see {self._folder.log}: "
            f"{self._folder.last_log_line()}"
        )
