"""An alert reaches the operators' own address through the processes of an installation."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable

from callback_receiver import Receiver
from installation import Installation

Install = Callable[..., Installation]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def _try_ways(one: Installation, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", "alerts", "test"],
        env={**os.environ, **one.env, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


async def test_an_alert_is_told_by_the_clock_and_a_trial_by_a_command(install: Install) -> None:
    async with Receiver(secret=SECRET) as receiver:
        one = install(BAOTIN_ALERTS_WEBHOOK_URL=receiver.url, BAOTIN_ALERTS_WEBHOOK_SECRET=SECRET)
        one.prepare()
        receiver.explain = one.logs
        one.start("clock")
        await one.rows(
            "INSERT INTO alert (kind, subject, detail) VALUES ('account_stopped', 'esms', 'wallet')"
        )
        await receiver.until(lambda told: len(told.taken) == 1)
        await one.rows("UPDATE alert SET cleared_at = now(), cleared_by = 'test'")
        await receiver.until(lambda told: len(told.taken) == 2)
        states = [told.data["alerts"][0]["state"] for told in receiver.taken]
        assert states == ["open", "over"]
        done = await asyncio.to_thread(_try_ways, one)
        assert (done.returncode, done.stdout) == (0, "webhook: told\n"), done.stderr
        assert receiver.taken[2].data["alerts"][0]["kind"] == "trial"
    nobody = await asyncio.to_thread(_try_ways, one)
    assert (nobody.returncode, nobody.stdout) == (1, "webhook: unreachable\n")
    no_way = await asyncio.to_thread(_try_ways, one, BAOTIN_ALERTS_WEBHOOK_URL="")
    assert no_way.returncode == 1
    assert "no way is configured" in no_way.stderr


async def test_a_clock_that_is_gone_is_told_of_by_the_api(install: Install) -> None:
    async with Receiver(secret=SECRET) as receiver:
        one = install(
            BAOTIN_ALERTS_WEBHOOK_URL=receiver.url,
            BAOTIN_ALERTS_WEBHOOK_SECRET=SECRET,
            BAOTIN_ALERTS_CLOCK_SILENT_S="8",
            BAOTIN_ALERTS_WORKER_SILENT_S="1",
        )
        one.prepare()
        receiver.explain = one.logs
        one.start("api", "clock", "worker-1")
        # The clock and the worker are both at work, and nobody says otherwise.
        await asyncio.sleep(10)
        assert receiver.taken == []
        one.kill("clock")
        await receiver.until(lambda told: len(told.taken) == 1)
        one.kill("worker-1")
        one.start("clock")
        await receiver.until(lambda told: len(_said(told)) == 3, within_s=60)
        assert _said(receiver)[0] == ("clock_stopped", "open")
        assert set(_said(receiver)[1:]) == {("clock_stopped", "over"), ("no_worker", "open")}


def _said(receiver: Receiver) -> list[tuple[str, str]]:
    return [
        (alert["kind"], alert["state"]) for told in receiver.taken for alert in told.data["alerts"]
    ]
