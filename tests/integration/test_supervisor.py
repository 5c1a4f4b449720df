"""The supervisor as a process of its own, over real stores and small stand-ins for the children."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from gateway.embedded import EmbeddedPostgres, EmbeddedRedis

# Writes its life into the diary; a port makes it a web server.
# `mute` opens no port, `broken` ends at once, `stubborn` ignores SIGTERM.
_CHILD = textwrap.dedent("""
    import http.server, os, signal, sys, threading, time
    name, port, manner, diary = sys.argv[1:]

    def note(word):
        with open(diary, "a") as file:
            file.write(f"{name} {word} {os.getpid()}\\n")

    def leave(*_):
        if manner != "stubborn":
            note("stopped")
            os._exit(0)

    class Ready(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    signal.signal(signal.SIGTERM, leave)
    assert os.environ["BAOTIN_DATABASE_URL"] and os.environ["BAOTIN_REDIS_URL"]
    assert os.environ["PREPARED"] == "yes"
    note("started")
    if manner == "broken":
        sys.exit(3)
    if port != "0" and manner != "mute":
        server = http.server.HTTPServer(("127.0.0.1", int(port)), Ready)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    while True:
        time.sleep(1)
""")

_DRIVER = textwrap.dedent("""
    import json, sys
    from gateway.errors import BaotinError
    from gateway.settings import load_settings
    from gateway.supervisor import Child, Stage, run

    settings = load_settings()
    children = [
        Child(**{**given, "stage": Stage[given["stage"]]}) for given in json.loads(sys.argv[1])
    ]

    def prepare(urls):
        print("prepare", urls.database.split(":")[0], urls.redis.split(":")[0], flush=True)
        return {"PREPARED": "yes"}

    try:
        run(settings, children, prepare)
    except BaotinError as error:
        sys.exit(f"refused: {error}")
""")


class Installation:
    """One data folder, one diary, and the supervisors started over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._diary = folder / "diary"
        self._supervisors: list[subprocess.Popen[str]] = []

    def child(
        self, name: str, stage: str, *, manner: str = "-", port: int = 0, patience_s: float = 5.0
    ) -> dict[str, object]:
        argv = [sys.executable, "-c", _CHILD, name, str(port), manner, str(self._diary)]
        ready = f"http://127.0.0.1:{port}/readyz" if port else None
        return {
            "name": name,
            "stage": stage,
            "argv": argv,
            "ready_url": ready,
            "patience_s": patience_s,
        }

    def usual(self) -> list[dict[str, object]]:
        return [
            self.child("worker", "WORKERS"),
            self.child("clock", "CLOCK"),
            self.child("api", "API", port=self.port),
            self.child("sandbox", "SANDBOX"),
        ]

    def up(self, children: list[dict[str, object]], **env: str) -> subprocess.Popen[str]:
        supervisor = subprocess.Popen(
            [sys.executable, "-c", _DRIVER, json.dumps(children)],
            env={
                **os.environ,
                "BAOTIN_EMBEDDED_DATA_DIR": str(self.folder / "data"),
                "BAOTIN_WEB_PORT": str(self.port),
                **env,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._supervisors.append(supervisor)
        return supervisor

    def diary(self, word: str = "") -> list[list[str]]:
        lines = self._diary.read_text().splitlines() if self._diary.exists() else []
        return [line.split() for line in lines if word in line]

    def pids(self) -> list[int]:
        """Everything that was ever started here, as far as it still runs."""
        return [
            process.pid
            for process in psutil.process_iter(["cmdline"])
            if any(str(self.folder) in part for part in process.info["cmdline"] or ())
            and process.status() != psutil.STATUS_ZOMBIE
        ]

    def close(self) -> None:
        for supervisor in self._supervisors:
            if supervisor.poll() is None:
                supervisor.kill()
            supervisor.communicate()


@pytest.fixture
def installation() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="baotin-tests-"))
    made = Installation(folder)
    yield made
    made.close()
    assert until(lambda: not made.pids()), "processes were left behind"
    shutil.rmtree(folder)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def until(condition: Callable[[], object], within_s: float = 20) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def read_until_ready(supervisor: subprocess.Popen[str]) -> list[str]:
    assert supervisor.stdout
    lines: list[str] = []
    for line in supervisor.stdout:
        lines.append(line.rstrip())
        if line.startswith("ready:"):
            return lines
    raise AssertionError("\n".join(lines))


def test_it_prepares_then_starts_all_and_says_once_that_it_is_ready(
    installation: Installation,
) -> None:
    lines = read_until_ready(installation.up(installation.usual()))
    assert "prepare postgresql unix" in lines
    home = f"http://127.0.0.1:{installation.port}"
    assert lines[-1] == (
        f"ready: {home}  console {home}/console/  docs {home}/docs  sandbox http://127.0.0.1:9090"
    )
    names = {name for name, *_ in installation.diary("started")}
    assert names == {"api", "clock", "worker", "sandbox"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_api_clock_workers_sandbox_in_this_order(
    installation: Installation, number: signal.Signals
) -> None:
    supervisor = installation.up(installation.usual())
    read_until_ready(supervisor)
    supervisor.send_signal(number)
    assert supervisor.wait(20) == 0
    stopped = [name for name, *_ in installation.diary("stopped")]
    assert stopped == ["api", "clock", "worker", "sandbox"]
    assert installation.pids() == []


def test_a_ctrl_c_of_the_terminal_reaches_only_the_supervisor(installation: Installation) -> None:
    supervisor = installation.up(installation.usual())
    read_until_ready(supervisor)
    sessions = {os.getsid(int(pid)) for *_, pid in installation.diary("started")}
    assert len(sessions) == 4
    assert os.getsid(supervisor.pid) not in sessions


def test_a_child_that_dies_is_started_again(installation: Installation) -> None:
    read_until_ready(installation.up(installation.usual()))
    ((*_, pid),) = installation.diary("clock started")
    os.kill(int(pid), signal.SIGKILL)
    assert until(lambda: len(installation.diary("clock started")) == 2)


@pytest.mark.parametrize("program", ["postgres", "redis-server"])
def test_a_store_that_dies_is_started_again(installation: Installation, program: str) -> None:
    supervisor = installation.up(installation.usual())
    read_until_ready(supervisor)
    first = store_of(supervisor, program)
    os.kill(first, signal.SIGKILL)
    assert until(lambda: store_of(supervisor, program) not in (0, first))


def store_of(supervisor: subprocess.Popen[str], program: str) -> int:
    for child in psutil.Process(supervisor.pid).children():
        if child.name() == program and child.status() != psutil.STATUS_ZOMBIE:
            return int(child.pid)
    return 0


def test_a_child_that_will_not_end_is_killed_when_its_patience_is_over(
    installation: Installation,
) -> None:
    stubborn = installation.child("worker", "WORKERS", manner="stubborn", patience_s=0.5)
    supervisor = installation.up([stubborn])
    read_until_ready(supervisor)
    supervisor.terminate()
    assert supervisor.wait(20) == 0
    assert installation.pids() == []


def test_a_second_signal_ends_everything_at_once(installation: Installation) -> None:
    stubborn = installation.child("worker", "WORKERS", manner="stubborn", patience_s=600)
    supervisor = installation.up([stubborn])
    read_until_ready(supervisor)
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert supervisor.poll() is None
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(5) == 128 + signal.SIGINT


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent's life")
def test_nothing_outlives_a_supervisor_that_was_killed(installation: Installation) -> None:
    supervisor = installation.up(installation.usual())
    read_until_ready(supervisor)
    supervisor.kill()
    assert until(lambda: not installation.pids())
    read_until_ready(installation.up(installation.usual()))


def test_a_child_that_cannot_start_stops_the_whole_start(installation: Installation) -> None:
    api = installation.child("api", "API", port=installation.port, manner="mute")
    clock = installation.child("clock", "CLOCK", manner="broken")
    supervisor = installation.up([api, clock])
    output, _ = supervisor.communicate(timeout=30)
    assert "refused: clock ended with status 3 before everything was ready" in output
    assert "ready:" not in output
    assert supervisor.returncode == 1


def test_a_taken_port_is_refused_before_anything_starts(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        supervisor = installation.up(installation.usual())
        output, _ = supervisor.communicate(timeout=30)
    assert f"api: another program already listens on 127.0.0.1:{installation.port}" in output
    assert installation.diary() == []


def test_a_second_installation_over_the_same_folder_is_refused(installation: Installation) -> None:
    first = installation.up([installation.child("worker", "WORKERS")])
    read_until_ready(first)
    second = installation.up([installation.child("worker", "WORKERS")])
    output, _ = second.communicate(timeout=30)
    assert f"is in use by the running process {first.pid}" in output
    assert first.poll() is None


def test_given_stores_are_used_and_none_is_started(
    installation: Installation, postgres_server: EmbeddedPostgres, redis_server: EmbeddedRedis
) -> None:
    supervisor = installation.up(
        installation.usual(),
        BAOTIN_DATABASE_URL=postgres_server.url(),
        BAOTIN_REDIS_URL=redis_server.url(),
    )
    read_until_ready(supervisor)
    assert store_of(supervisor, "postgres") == store_of(supervisor, "redis-server") == 0
    assert not (installation.folder / "data").exists()
