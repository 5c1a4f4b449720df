"""The container files name only what exists: settings, commands, ports and versions."""

import re
from pathlib import Path

import pytest
import yaml

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


_SERVICES = yaml.safe_load(_COMPOSE)["services"]
_SCRAPED = {
    name: job["port"]
    for config in yaml.safe_load((_ROOT / "config/prometheus/prometheus.yml").read_text())[
        "scrape_configs"
    ]
    for job in config.get("dns_sd_configs", [])
    for name in job["names"]
}


def test_prometheus_asks_every_process_where_it_answers() -> None:
    """The API on its own port, the others on the one they are given."""
    ours = {name for name, one in _SERVICES.items() if one.get("image") == "baotin"}
    port = int(_SERVICES["worker"]["environment"]["BAOTIN_METRICS_PORT"])
    api = load_settings({}).web.port
    assert ours == set(_SCRAPED) | {"migrate"}
    assert {name: api if name == "api" else port for name in _SCRAPED} == _SCRAPED
    assert _SERVICES["worker"]["environment"]["BAOTIN_WEB_HOST"] == "0.0.0.0"


def test_monitoring_comes_only_when_asked_for_and_finds_its_files() -> None:
    monitoring = {name for name, one in _SERVICES.items() if "profiles" in one}
    assert monitoring == {"prometheus", "grafana", "node"}
    mounts = [mount for name in monitoring for mount in _SERVICES[name]["volumes"]]
    folders = [mount.partition(":")[0] for mount in mounts if mount.startswith("./")]
    assert len(folders) == 3
    assert all((_ROOT / folder).is_dir() for folder in folders)
    provided = yaml.safe_load(
        (_ROOT / "config/grafana/provisioning/dashboards/baotin.yml").read_text()
    )
    [provider] = provided["providers"]
    assert f"./config/grafana/dashboards:{provider['options']['path']}:ro" in mounts


def test_what_only_monitoring_uses_keeps_nobody_from_starting() -> None:
    needed = {
        secret
        for one in _SERVICES.values()
        if "profiles" not in one
        for secret in one.get("secrets", [])
    }
    assert "grafana_password" not in needed
