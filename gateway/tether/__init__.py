"""Child processes that never outlive their parent, each in a session of its own.

A terminal's Ctrl-C does not reach them; their parent ends them in its own order, and the kernel
does when the parent itself is killed (Linux only; elsewhere an orphan is found at the next start).
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, kw_only=True)
class Account:
    """The user and group a program runs under."""

    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, under whom, and the signal that ends it when its parent dies.

    `env` is added to the parent's environment. Output goes to `log` when one is given.
    """

    argv: Sequence[str]
    death_signal: signal.Signals = signal.SIGKILL
    account: Account | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    log: Path | None = None


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """Start a program. Call this from the main thread: the kernel ties a child to a thread."""
    output = program.log.open("ab") if program.log else None
    try:
        return subprocess.Popen(  # noqa: S603 - the argument vector is ours
            [*_launch_argv(program), *program.argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **program.env},
            cwd=program.cwd,
            start_new_session=True,
        )
    finally:
        if output:
            output.close()


def end(
    process: subprocess.Popen[bytes], signals: Sequence[tuple[signal.Signals, float]]
) -> signal.Signals | None:
    """Send each signal and wait its seconds, then kill. Returns the last signal that was needed."""
    needed = None
    for number, patience_s in (*signals, (signal.SIGKILL, 10.0)):
        if process.poll() is not None:
            break
        needed = number
        process.send_signal(number)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
    return needed


def _launch_argv(program: Program) -> list[str]:
    account = program.account
    who = [str(account.uid), str(account.gid)] if account else ["-", "-"]
    return [
        *[sys.executable, "-I", "-S", str(_LAUNCHER)],
        *[str(program.death_signal.value), str(os.getpid()), *who],
    ]
