"""The clients that docs/integration.md shows are run as they stand there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from installation import Installation

Install = Callable[..., Installation]

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture
def running(install: Install) -> Installation:
    one = install()
    one.prepare()
    one.start("api", "worker-1", "clock", "sandbox")
    return one


def answers(
    running: Installation, argv: Sequence[str], environment: Mapping[str, str] = os.environ
) -> tuple[str, str]:
    """The ids of the notification that two runs of the same client were told."""
    told = {
        "BAOTIN_URL": running.base_url,
        "BAOTIN_SOURCE": running.demo["source"],
        "BAOTIN_SECRET": running.demo["webhook_secret"],
    }
    ids = []
    for _ in range(2):
        done = subprocess.run(
            argv, env={**environment, **told}, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        ids.append(json.loads(done.stdout)["notifications"][0]["id"])
    return ids[0], ids[1]


def test_the_python_client_posts_and_may_post_again(running: Installation) -> None:
    first, second = answers(running, [sys.executable, str(EXAMPLES / "client.py")])
    assert first.startswith("ntf_")
    assert first == second


def test_the_node_client_posts_and_may_post_again(running: Installation, tmp_path: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed, so the Node client was NOT run")
    shutil.copy(EXAMPLES / "client.mjs", tmp_path)
    install = [npm, "install", "--silent", "standardwebhooks", "cloudevents"]
    if subprocess.run(install, cwd=tmp_path, capture_output=True, timeout=120).returncode:
        pytest.skip("npm could not fetch its libraries, so the Node client was NOT run")
    first, second = answers(running, [node, str(tmp_path / "client.mjs")])
    assert first.startswith("ntf_")
    assert first == second


def test_the_java_client_posts_and_may_post_again(running: Installation) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("java is not installed, so the Java client was NOT run")
    first, second = answers(running, [java, str(EXAMPLES / "Client.java")])
    assert first.startswith("ntf_")
    assert first == second
