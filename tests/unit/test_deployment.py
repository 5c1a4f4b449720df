"""The container files name only what exists: settings, commands, ports and versions."""

import re
from pathlib import Path

import pytest

from gateway.embedded.postgres import MAJOR_VERSION
from gateway.settings import known_keys, load_settings

_ROOT = Path(__file__).parents[2]
_DOCKERFILE = (_ROOT / "Dockerfile").read_text()
_COMPOSE = (_ROOT / "compose.yaml").read_text()


@pytest.mark.parametrize("text", [_DOCKERFILE, _COMPOSE], ids=["Dockerfile", "compose.yaml"])
def test_every_variable_is_a_setting(text: str) -> None:
    known = {f"BAOTIN_{section}_{key}".upper() for section, key in known_keys()}
    known |= {f"{name}_FILE" for name in known}
    named = set(re.findall(r"\bBAOTIN_\w+", text))
    assert named
    assert named <= known


def test_every_command_exists() -> None:
    commands = pytest.importorskip("gateway.cli").main.commands
    named = set(re.findall(r"command: \[(\w+)\]", _COMPOSE)) | set(
        re.findall(r'CMD \["(\w+)"\]', _DOCKERFILE)
    )
    assert named == {"serve", "work", "clock", "migrate"}
    assert named <= set(commands)


@pytest.mark.parametrize(
    "line",
    ["EXPOSE {port}", "http://127.0.0.1:{port}/readyz", '"127.0.0.1:{port}:{port}"'],
)
def test_the_port_is_the_one_the_api_listens_on(line: str) -> None:
    assert line.format(port=load_settings({}).web.port) in _DOCKERFILE + _COMPOSE


def test_both_ways_to_run_have_the_same_postgresql() -> None:
    assert f"image: postgres:{MAJOR_VERSION}\n" in _COMPOSE


def test_every_secret_that_is_mounted_is_given() -> None:
    mounted = set(re.findall(r"/run/secrets/(\w+)", _COMPOSE))
    given = set(re.findall(r"^  (\w+): \{file: \./secrets/\1\}$", _COMPOSE, re.MULTILINE))
    assert mounted == given
