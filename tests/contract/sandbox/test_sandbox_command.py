"""The sandbox as a process of its own, and the configuration it reads."""

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout
from sandbox_site import SEND

from gateway.sandbox.config import BadConfig
from gateway.sandbox.simulators import SIMULATORS, config_from, config_from_file

EXAMPLE = Path(__file__).parents[3] / "config" / "sandbox.example.toml"


def test_the_example_is_a_configuration_with_one_account_of_each_provider() -> None:
    accounts = config_from_file(EXAMPLE).accounts
    assert {type(one) for one in accounts} == {one.setting for one in SIMULATORS.values()}
    assert len(accounts) == len(SIMULATORS)


@pytest.mark.parametrize(
    "table",
    [
        pytest.param({"shwon": 1}, id="unknown key"),
        pytest.param({"account": [{"provider": "fax"}]}, id="unknown provider"),
        pytest.param({"account": [{"provider": "esms", "code": "x"}]}, id="missing key"),
        pytest.param({"timing": {"pcae": 1}}, id="unknown timing"),
    ],
)
def test_a_wrong_configuration_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(BadConfig):
        config_from(table)


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(config_from_file(EXAMPLE)).replace("secret_key", "")


def test_a_configuration_may_be_json(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    file.write_text(json.dumps({"shown": 7}))
    assert config_from_file(file).shown == 7


async def test_the_command_serves_and_stops_at_once_when_told() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.sandbox", "--config", str(EXAMPLE), "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    url = line.rpartition(" ")[2].strip()
    assert line.startswith("sandbox listening on http://127.0.0.1:")
    fields = {
        "ApiKey": "demo-esms-key",
        "SecretKey": "demo-esms-secret",
        "Content": "x",
        "Brandname": "TTHCC",
        "SmsType": "2",
    }
    async with ClientSession(timeout=ClientTimeout(total=5)) as client:
        with pytest.raises(ClientError):
            await client.post(url + SEND, json=fields | {"Phone": "84900000023"})
        silent = asyncio.create_task(
            client.post(url + SEND, json=fields | {"Phone": "84900000021"})
        )
        await asyncio.sleep(0.3)
        began = time.monotonic()
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 5) == 0
        assert time.monotonic() - began < 3
        with pytest.raises(ClientError):
            await silent
