"""The commands as an operator runs them, beside a gateway that goes on working."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from installation import Installation, event

PHONE = "0984 765 321"


@pytest.fixture
def running(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Installation]:
    one = Installation(tmp_path, database_url, redis_url, {})
    one.prepare()
    one.start("api", "worker-1", "clock", "sandbox")
    yield one
    one.stop()


async def run(one: Installation, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "gateway", *words],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **one.env},
    )


async def done(one: Installation, *words: str, typed: str = "") -> str:
    command = await run(one, *words, typed=typed)
    assert command.returncode == 0, command.stderr
    return command.stdout


async def test_both_keys_rotate_and_a_person_is_erased_while_everything_runs(
    running: Installation,
) -> None:
    async with aiohttp.ClientSession() as session:

        async def sent(number: int) -> str:
            status, answer = await running.post(session, event(number))
            assert status == 202
            shown = str(answer["notifications"][0]["id"])
            assert (await running.ended(session, shown))["state"] == "delivered"
            return shown

        first = await sent(1)
        assert "seal key 2 is in use" in await done(running, "keys", "rotate", "seal")
        assert "hash key 2 is in use" in await done(running, "keys", "rotate", "hash")
        second = await sent(2)
        assert [(await running.post(session, event(one)))[0] for one in (1, 2)] == [200, 200]

        assert "rows sealed anew" in await done(running, "keys", "reseal")
        assert "1 rows hashed anew" in await done(running, "keys", "rehash")
        await done(running, "keys", "retire", "seal", "1")
        refused = await run(running, "keys", "retire", "hash", "1")
        assert refused.returncode == 1
        assert "event_key" in refused.stderr
        third = await sent(3)

        told = await done(running, "erase", "--phone", "--yes", typed=f"{PHONE}\n")
        receipt = json.loads(told)
        assert receipt["notifications"] == [first, second, third]
        for shown in (first, second, third):
            assert (await running.notification(session, shown))["dossier"] == "erased"
        assert [(await running.post(session, event(one)))[0] for one in (1, 2, 3)] == [200] * 3
        assert len(await running.books(session)) == 3
    read = await running.rows("SELECT DISTINCT actor FROM audit WHERE action = 'read'")
    assert [row["actor"].split("/")[0] for row in read] == ["igate-bu-dop"]
    text = running.logs() + told
    assert "984765321" not in text
    assert PHONE not in text


async def test_a_person_must_be_meant_and_the_erasure_confirmed(running: Installation) -> None:
    nobody = await run(running, "erase", "--name", "Ánh", "--yes")
    assert nobody.returncode == 1
    assert "Say whom to erase" in nobody.stderr
    declined = await run(running, "erase", "--dossier", "H10-1", typed="n\n")
    assert declined.returncode == 1
    assert "erase 0 notifications?" in declined.stdout
    assert await running.rows("SELECT FROM erasure") == []
