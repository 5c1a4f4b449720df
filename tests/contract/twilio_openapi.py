"""Twilio's published OpenAPI description, and Prism, a mock server that refuses what violates it.

Both are npm packages of fixed versions, fetched once into a folder that outlives the tests.
"""

import fcntl
import json
import re
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.tether import Program, end, spawn

# The newest Prism that runs on Node 18.20 and later; newer ones want 24.
PRISM = "@stoplight/prism-cli@5.14.2"
# Twilio's own command line carries the description; its code is not installed.
DESCRIBED_IN = "@twilio/cli-core@9.0.0"
DESCRIPTION = "package/src/services/twilio-api/twilio_api_v2010.json"
FORM = "application/x-www-form-urlencoded"

FETCHED_WITHIN_S = 180.0
STARTED_WITHIN_S = 60.0


class NotHere(Exception):
    """Why this machine cannot have Prism or the description."""


@dataclass(frozen=True, kw_only=True)
class Kit:
    node: str
    prism: Path
    description: Path


def fetched(shelf: Path) -> Kit:
    """What stands on the shelf, fetched by the first who asks. Raises NotHere."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotHere("node and npm are not installed")
    folder = shelf / re.sub(r"[^\w.]+", "-", f"{PRISM} {DESCRIBED_IN}").strip("-")
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = shelf / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _fetch(npm, unfinished)
            unfinished.rename(folder)
    return Kit(
        node=node,
        prism=folder / "node_modules/@stoplight/prism-cli/dist/index.js",
        description=folder / Path(DESCRIPTION).name,
    )


def _fetch(npm: str, folder: Path) -> None:
    _run(npm, folder, "pack", DESCRIBED_IN)
    [packed] = folder.glob("*.tgz")
    with tarfile.open(packed) as archive:
        member = archive.extractfile(DESCRIPTION)
        assert member is not None
        (folder / Path(DESCRIPTION).name).write_bytes(member.read())
    packed.unlink()
    quietly = ("--no-audit", "--no-fund", "--ignore-scripts", "--engine-strict")
    _run(npm, folder, "install", f"--prefix={folder}", *quietly, PRISM)


def _run(npm: str, folder: Path, *words: str) -> None:
    # By itself npm waits more than a minute before it gives up where there is no network.
    tries = ("--fetch-retries=2", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000")
    network = ("--prefer-offline", "--fetch-timeout=20000", *tries)
    try:
        done = subprocess.run(
            [npm, *words, *network, "--loglevel=error"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=FETCHED_WITHIN_S,
        )
    except subprocess.TimeoutExpired:
        raise NotHere(f"npm {words[0]} took longer than {FETCHED_WITHIN_S:.0f} s") from None
    if done.returncode:
        reason = (done.stderr.splitlines() or ["no reason given"])[0].removeprefix("npm error ")
        raise NotHere(f"npm could not fetch {words[-1]}: {reason}")


@contextmanager
def serving(kit: Kit, folder: Path) -> Iterator[str]:
    """The address of a Prism that answers as the description says, and refuses other requests.

    Not with `--errors`: requests are refused without it, and with it also Twilio's own examples
    would be, because their `uri` fields hold paths.
    """
    log = folder / "prism.log"
    words = ("mock", "--port=0", "--multiprocess=false", str(kit.description))
    process = spawn(
        Program(argv=[kit.node, str(kit.prism), *words], log=log, env={"FORCE_COLOR": "0"})
    )
    try:
        yield _address(process, log)
    finally:
        end(process, [(signal.SIGTERM, 5.0)])


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        if told := re.search(r"listening on (http://[\d.]+:\d+)", log.read_text()):
            return told[1]
        time.sleep(0.05)
    raise AssertionError(f"Prism did not start: {log.read_text()[-2000:]}")


class Description:
    """Which names a request may carry: Prism lets an unknown one pass, as OpenAPI does."""

    def __init__(self, file: Path) -> None:
        paths = json.loads(file.read_bytes())["paths"]
        self._paths = [(_pattern(template), operations) for template, operations in paths.items()]

    def names(self, method: str, path: str) -> set[str]:
        """Of the query for GET, of the form for POST."""
        [operations] = [item for pattern, item in self._paths if pattern.fullmatch(path)]
        operation: dict[str, Any] = operations[method.lower()]
        if method == "GET":
            return {one["name"] for one in operation["parameters"] if one["in"] == "query"}
        return set(operation["requestBody"]["content"][FORM]["schema"]["properties"])


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)))
