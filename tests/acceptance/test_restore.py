"""A disaster: the ledger is lost, yesterday's backup comes back, the providers remember the rest.

The simulated providers run on through it all, so their books tell who got a message twice.
"""

import asyncio
import itertools
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from installation import Installation, event

Install = Callable[..., Installation]

ESMS_UNIT, TWILIO_UNIT = "H10.12", "H10.13"


def events(numbers: range, unit: str = ESMS_UNIT) -> list[dict[str, Any]]:
    """Each for a person of its own."""
    return [event(n, _phone(n), unit=unit) for n in numbers]


def _phone(number: int) -> str:
    return f"09123{number:05d}"


async def post_all(
    one: Installation, session: aiohttp.ClientSession, posted: Sequence[dict[str, Any]]
) -> None:
    for status, answer in await asyncio.gather(*(one.post(session, each) for each in posted)):
        assert status == 202, answer


async def post_until(
    one: Installation, session: aiohttp.ClientSession, over: asyncio.Event
) -> None:
    """Load that does not end before it is told to: mostly over eSMS, some over Twilio."""
    for first in itertools.count(1000, 10):
        await post_all(one, session, events(range(first, first + 8)))
        await post_all(one, session, events(range(first + 8, first + 10), TWILIO_UNIT))
        await asyncio.sleep(0.1)
        if over.is_set():
            return


async def baotin(one: Installation, *arguments: str) -> str:
    """Run a command as an operator would; its words."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "gateway", *arguments],
        env={**os.environ, **one.env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def deliveries(one: Installation, session: aiohttp.ClientSession) -> Counter[str]:
    """How often each person got a message, whatever its reference."""
    got: Counter[str] = Counter()
    for book in await one.books(session):
        got[f"0{book['phone'].removeprefix('+').removeprefix('84')}"] += book["delivered"]
    return got


async def nothing_open(one: Installation, within_s: float = 60) -> bool:
    statement = "SELECT count(*) FROM notification WHERE ended_at IS NULL"
    for _ in range(int(within_s * 5)):
        if (await one.rows(statement))[0][0] == 0:
            return True
        await asyncio.sleep(0.2)
    return False


async def lose_and_restore(one: Installation, file: Path, empty_database_url: str) -> None:
    """Everything but the providers dies; the backup comes back in another database."""
    for name in [name for name in one.processes if name != "sandbox"]:
        one.kill(name)
    one.database_url = one.env["BAOTIN_DATABASE_URL"] = empty_database_url
    said = await baotin(one, "restore", str(file))
    assert "everything is paused" in said
    assert "baotin resume everything" in said


async def test_after_a_restore_everything_ends_and_nobody_gets_a_message_twice(
    install: Install, session: aiohttp.ClientSession, empty_database_url: str, tmp_path: Path
) -> None:
    one, file = install(), tmp_path / "ledger.backup"
    one.prepare()
    await one.route_only("sms", window_s=3)
    one.start("api", "clock", "sandbox", "worker-1")
    await one.control(session, latency_ms=300, receipt_delay_ms=1000)
    over = asyncio.Event()
    load = asyncio.create_task(post_until(one, session, over))
    await asyncio.sleep(1)
    await baotin(one, "backup", str(file))
    over.set()
    await load
    after = events(range(40))
    await post_all(one, session, after)
    assert await nothing_open(one)
    sent = await deliveries(one, session)
    assert set(sent.values()) == {1}

    await lose_and_restore(one, file, empty_database_url)
    unfinished = await one.rows("SELECT count(*) FROM notification WHERE state = 'held'")
    assert unfinished[0][0] > 10
    books = await one.books(session)
    one.start("api", "clock", "worker-1")
    await asyncio.sleep(2)
    assert await one.books(session) == books, "something was sent although nobody said so"

    # The source posts again what the restored ledger does not know; eSMS knows the references.
    [known] = await one.rows("SELECT count(*) FROM event_key")
    for each in after:
        status, _ = await one.post(session, each)
        assert status == 202
    await baotin(one, "held", "release", "--yes")
    await baotin(one, "resume", "everything")
    await baotin(one, "held", "discard", "--yes")
    assert await nothing_open(one)
    assert await deliveries(one, session) == sent
    again = [book for book in await one.books(session) if book["submissions"] > 1]
    assert len(again) >= len(after)
    [now_known] = await one.rows("SELECT count(*) FROM event_key")
    assert now_known[0] == known[0] + len(after)
    twilio = await one.rows("SELECT DISTINCT state FROM notification WHERE unit = $1", TWILIO_UNIT)
    assert {row["state"] for row in twilio} <= {"delivered", "unconfirmed"}


async def test_a_restored_installation_refuses_a_database_that_is_in_use(
    install: Install, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    one, file = install(), tmp_path / "ledger.backup"
    one.prepare()
    await baotin(one, "backup", str(file))
    assert "is whole" in await baotin(one, "backup", "--check", str(file))
    with pytest.raises(AssertionError, match="the database is not empty"):
        await baotin(one, "restore", str(file))


@pytest.mark.parametrize("process", ["serve", "work", "clock"])
async def test_no_process_starts_over_a_schema_it_does_not_know(
    install: Install, process: str
) -> None:
    one = install()
    one.prepare()
    await one.rows("UPDATE alembic_version SET version_num = '9999' RETURNING 1")
    with pytest.raises(AssertionError, match="newer than this release knows"):
        await baotin(one, process)
