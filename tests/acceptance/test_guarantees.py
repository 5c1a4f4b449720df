"""What the gateway promises, broken on purpose: afterwards the books of all sides are compared."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import pytest
import redis
from installation import Installation, event

from gateway.embedded import EmbeddedPostgres, EmbeddedRedis

Install = Callable[..., Installation]

WORKERS = ("worker-1", "worker-2", "worker-3")
QUICK_LEASES = {"BAOTIN_DELIVER_LEASE_MARGIN_S": "1"}


async def post_all(
    one: Installation, session: aiohttp.ClientSession, events: Sequence[dict[str, Any]]
) -> list[str]:
    """Post every event by itself, twenty at a time; the ids of what was accepted."""
    gate = asyncio.Semaphore(20)

    async def post(posted: dict[str, Any]) -> str:
        async with gate:
            status, answer = await one.post(session, posted)
        assert status == 202, answer
        return str(answer["notifications"][0]["id"])

    return list(await asyncio.gather(*(post(posted) for posted in events)))


async def all_ended(
    one: Installation, session: aiohttp.ClientSession, ids: Sequence[str], within_s: float = 60
) -> list[dict[str, Any]]:
    async def nothing_open() -> bool:
        rows = await one.rows(
            "SELECT count(*) AS open FROM notification"
            " WHERE state IN ('held', 'waiting', 'sending', 'sent')"
        )
        return bool(rows[0]["open"] == 0)

    for _ in range(int(within_s * 5)):
        if await nothing_open():
            break
        await asyncio.sleep(0.2)
    return [await one.ended(session, shown, within_s=1) for shown in ids]


async def compare_books(
    one: Installation, session: aiohttp.ClientSession, ended: Sequence[dict[str, Any]]
) -> None:
    """Nobody got a message twice, and whoever is said to have got one did."""
    books = {book["reference"]: book for book in await one.books(session)}
    assert [book for book in books.values() if book["delivered"] > 1] == []
    for notification in ended:
        attempts = notification["attempts"]
        got = sum(books.get(each["reference"], {}).get("delivered", 0) for each in attempts)
        assert got <= 1, notification
        if notification["state"] in ("delivered", "acknowledged"):
            assert got == 1, notification


async def test_an_event_posted_twenty_times_at_once_is_one_notice(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    one.start("api", "worker-1", "clock", "sandbox")
    answers = await asyncio.gather(*(one.post(session, event(1)) for _ in range(20)))
    assert sorted(status for status, _ in answers) == [200] * 19 + [202]
    [shown] = {answer["notifications"][0]["id"] for _, answer in answers}
    await one.ended(session, shown)
    assert len(await one.books(session)) == 1
    changed = event(1)
    changed["data"]["applicant"]["name"] = "Người Khác"
    status, answer = await one.post(session, changed)
    assert (status, answer["code"]) == (409, "other_content")


async def test_a_worker_killed_during_calls_loses_nothing_and_doubles_nothing(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install(**QUICK_LEASES)
    one.prepare()
    await one.route_only("sms")
    await one.retune_accounts(timeout_s=2.0)
    one.start("api", "clock", "sandbox")
    await one.control(session, latency_ms=800)
    ids = await post_all(one, session, [event(n, f"09123{n:05d}") for n in range(60)])
    one.start("worker-1")
    await _until_calls_are_open(one, 20)
    one.kill("worker-1")
    struck = await one.rows("SELECT count(*) AS open FROM attempt WHERE closed_at IS NULL")
    assert struck[0]["open"] >= 20
    await one.control(session, latency_ms=0)
    one.start("worker-2")
    ended = await all_ended(one, session, ids)
    assert {each["state"] for each in ended} == {"delivered"}
    assert any(attempt["times_asked"] > 1 for each in ended for attempt in each["attempts"])
    await compare_books(one, session, ended)


async def _until_calls_are_open(one: Installation, wanted: int) -> None:
    for _ in range(200):
        rows = await one.rows("SELECT count(*) AS open FROM attempt WHERE closed_at IS NULL")
        if rows[0]["open"] >= wanted:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the worker never got that many calls open")


async def test_a_worker_told_to_end_leaves_no_unknown_behind(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    await one.route_only("sms")
    one.start("api", "clock", "sandbox")
    await one.control(session, latency_ms=500)
    ids = await post_all(one, session, [event(n, f"09123{n:05d}") for n in range(100)])
    one.start("worker-1")
    await _until_calls_are_open(one, 20)
    one.kill("worker-1", signal.SIGTERM)
    assert await one.rows("SELECT * FROM attempt WHERE closed_at IS NULL") == []
    one.start("worker-2")
    ended = await all_ended(one, session, ids)
    assert {len(each["attempts"]) for each in ended} == {1}
    assert {each["attempts"][0]["times_asked"] for each in ended} == {1}
    await compare_books(one, session, ended)


async def test_redis_emptied_amid_five_hundred_events_loses_none(
    install: Install, session: aiohttp.ClientSession, redis_url: str
) -> None:
    one = install()
    one.prepare()
    one.start("api", "worker-1", "worker-2", "clock", "sandbox")

    async def empty_redis() -> None:
        with redis.Redis.from_url(redis_url) as client:
            for _ in range(5):
                await asyncio.sleep(0.2)
                client.flushall()

    emptying = asyncio.create_task(empty_redis())
    ids = await post_all(one, session, [event(n, f"09123{n:05d}") for n in range(500)])
    await emptying
    ended = await all_ended(one, session, ids)
    assert {each["state"] for each in ended} == {"delivered"}
    await compare_books(one, session, ended)


async def test_events_are_accepted_without_redis_and_sent_once_it_is_back(
    install: Install, session: aiohttp.ClientSession, own_redis: EmbeddedRedis
) -> None:
    one = install(BAOTIN_REDIS_URL=own_redis.url())
    one.prepare()
    one.start("api", "worker-1", "clock", "sandbox")
    own_redis.stop()
    ids = await post_all(one, session, [event(n, f"09123{n:05d}") for n in range(50)])
    async with session.get(f"{one.base_url}/readyz") as ready:
        assert (ready.status, (await ready.json())["status"]) == (200, "degraded")
    own_redis.start()
    ended = await all_ended(one, session, ids)
    assert {each["state"] for each in ended} == {"delivered"}
    await compare_books(one, session, ended)


async def test_two_clocks_and_three_workers_never_send_a_row_twice(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    one.start("api", *WORKERS, "clock-1", "clock-2", "sandbox")
    ids = await post_all(one, session, [event(n, f"09123{n:05d}") for n in range(600)])
    ended = await all_ended(one, session, ids)
    assert {each["state"] for each in ended} == {"delivered"}
    assert {len(each["attempts"]) for each in ended} == {1}
    books = await one.books(session)
    assert {book["submissions"] for book in books} == {1}
    assert len(books) == 600


async def test_a_standby_clock_takes_over_when_the_leader_is_killed(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    one.start("clock-1")
    for _ in range(100):
        if "clock_leads" in (one.folder / "clock-1.log").read_text():
            break
        await asyncio.sleep(0.1)
    one.start("clock-2", "api", "worker-1", "sandbox")
    one.kill("clock-1")
    for _ in range(50):
        if "clock_leads" in (one.folder / "clock-2.log").read_text():
            break
        await asyncio.sleep(0.1)
    else:
        raise AssertionError("no clock took over within five seconds")
    [shown] = await post_all(one, session, [event(1)])
    assert (await one.ended(session, shown))["state"] == "delivered"


async def test_a_standby_clock_takes_over_when_the_leader_stands_still(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    one.start("clock-1")
    first, second = one.folder / "clock-1.log", one.folder / "clock-2.log"
    await until_said(first, "clock_leads", within_s=10)
    one.start("clock-2", "api", "worker-1", "sandbox")
    one.processes["clock-1"].send_signal(signal.SIGSTOP)
    try:
        await until_said(second, "clock_leads", within_s=20)
        [shown] = await post_all(one, session, [event(1)])
        assert (await one.ended(session, shown))["state"] == "delivered"
    finally:
        one.processes["clock-1"].send_signal(signal.SIGCONT)
    await until_said(first, "clock_without_ledger", within_s=10)
    assert first.read_text().count("clock_leads") == 1


async def until_said(log: Path, word: str, within_s: float) -> None:
    for _ in range(int(within_s * 10)):
        if word in log.read_text():  # noqa: ASYNC240 - a short file of this test
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{word} was not said within {within_s} s")


@pytest.mark.parametrize(
    ("phone", "rule"),
    [
        ("0900000003", "a report may come before the answer it belongs to"),
        ("0900000004", "a report may come twice"),
        ("0900000005", "reports may come in the wrong order"),
        ("0900000006", "a report may spell the id differently"),
        ("0900000007", "a report may be about a message nobody knows"),
        ("0900000011", "delivered outranks failed"),
    ],
)
@pytest.mark.parametrize("unit", ["H10.12", "H10.13"], ids=["esms", "twilio"])
async def test_reports_misbehave_and_the_end_is_right(
    install: Install, session: aiohttp.ClientSession, phone: str, unit: str, rule: str
) -> None:
    one = install()
    one.prepare()
    await one.route_only("sms")
    one.start("api", "worker-1", "clock", "sandbox")
    [shown] = await post_all(one, session, [event(1, phone, unit=unit)])
    found = await one.until(session, shown, lambda each: each["state"] == "delivered")
    assert len(found["attempts"]) == 1, rule
    await compare_books(one, session, [found])


async def test_a_forged_report_moves_nothing(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    await one.route_only("sms", window_s=2)
    one.start("api", "worker-1", "clock", "sandbox")
    [esms, twilio] = await post_all(
        one,
        session,
        [event(1, "0900000009", unit="H10.12"), event(2, "0900000009", unit="H10.13")],
    )
    for shown in (esms, twilio):
        ended = await one.ended(session, shown)
        assert ended["state"] != "delivered"
        assert ended["receipts"] == []


async def test_without_the_ledger_nothing_is_promised_and_reports_are_refused_until_it_is_back(
    install: Install, session: aiohttp.ClientSession, own_postgres: EmbeddedPostgres
) -> None:
    one = install(BAOTIN_DATABASE_URL=own_postgres.url())
    one.database_url = own_postgres.url()
    one.prepare()
    one.start("api", "worker-1", "clock", "sandbox")
    await one.control(session, receipt_delay_ms=1500)
    [before] = await post_all(one, session, [event(1)])
    await one.until(session, before, lambda each: each["state"] == "sent")
    own_postgres.stop()
    status, answer = await one.post(session, event(2))
    assert (status, answer["code"]) == (503, "ledger_unavailable")
    async with session.get(f"{one.base_url}/readyz") as ready:
        assert ready.status == 503
    await asyncio.sleep(2)
    own_postgres.start()
    for _ in range(50):
        status, answer = await one.post(session, event(2))
        if status != 503:
            break
        await asyncio.sleep(0.2)
    assert status in (200, 202)
    after = answer["notifications"][0]["id"]
    ended = await all_ended(one, session, [before, after])
    assert {each["state"] for each in ended} == {"delivered"}
    await compare_books(one, session, ended)


async def test_one_event_with_a_nul_among_a_hundred_fails_alone(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    one.start("api", "worker-1", "clock", "sandbox")
    batch = [event(n, f"09123{n:05d}") for n in range(100)]
    batch[41]["data"]["applicant"]["name"] = "Nguyễn\0Văn A"
    headers = {**one.headers(), "Content-Type": "application/cloudevents-batch+json"}
    async with session.post(f"{one.base_url}/v1/events", json=batch, headers=headers) as answer:
        assert answer.status == 207
        results = (await answer.json())["results"]
    assert [result["status"] for result in results] == [202] * 41 + [422] + [202] * 58
    [problem] = results[41]["problem"]["errors"]
    assert (problem["pointer"], problem["code"]) == ("/data/applicant/name", "unstorable")


_BROKEN = """
template = "result-ready"
[params.name]
value = "{{ nothing_of_this_name }}"
max = 30
"""


async def test_a_template_that_fails_ends_its_notices_and_blocks_nobody(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    await one.publish("result-ready", "zalo", "H10.12", _BROKEN)
    one.start("api", "worker-1", "clock", "sandbox")
    broken, good = await post_all(one, session, [event(1), event(2, unit="H10.13")])
    ended = await one.ended(session, broken)
    assert (ended["state"], ended["reason"]) == ("failed", "render_failed")
    assert (await one.ended(session, good))["state"] == "delivered"
    lines = [json.loads(line) for line in one.logs().splitlines() if line.startswith("{")]
    [failed] = [line for line in lines if line["event"] == "render_failed"]
    assert failed["notification_id"] == broken
    async with session.get(f"{one.base_url}/metrics") as metrics:
        text = await metrics.text()
    assert re.search(r"baotin_render_failures_total\{.*zalo.*\} 1\.0", text), text


async def test_counters_add_up_over_processes_and_restarts(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    one.start("api", "worker-1", "worker-2", "clock", "sandbox")
    await all_ended(
        one, session, await post_all(one, session, [event(n, f"09123{n:05d}") for n in range(40)])
    )
    one.kill("worker-1", signal.SIGTERM)
    one.start("worker-3")
    await all_ended(
        one,
        session,
        await post_all(one, session, [event(n, f"09123{n:05d}") for n in range(40, 60)]),
    )
    async with session.get(f"{one.base_url}/metrics") as metrics:
        text = await metrics.text()
    accepted = re.search(r'baotin_events_total\{answer="new".*?\} (\d+)', text)
    sent = re.findall(r'baotin_submissions_total\{.*outcome="accepted".*\} (\d+)', text)
    ended = re.findall(r'baotin_notifications_ended_total\{.*state="delivered"\} (\d+)', text)
    assert accepted is not None, text
    assert int(accepted[1]) == 60
    assert sum(map(int, sent)) == 60
    assert sum(map(int, ended)) == 60


def test_a_bad_setting_stops_the_start_with_its_name_and_the_reason() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "serve"],
        env={"PATH": "", "BAOTIN_WEB_PORT": "many"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert "web.port (from BAOTIN_WEB_PORT)" in done.stderr
    assert "many" not in done.stderr


async def test_nothing_personal_reaches_a_log(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install(BAOTIN_LOGS_LEVEL="debug")
    one.prepare()
    one.start("api", "worker-1", "clock", "sandbox")
    phones = ["0984765321", "0900000009", "0900000028", "0900000043"]
    ids = await post_all(one, session, [event(n, phone) for n, phone in enumerate(phones)])
    for shown in ids[:1] + ids[3:]:
        await one.ended(session, shown)
    logs = one.logs()
    for secret in ("984765321", "900000043", "MINH ÁNH", "Minh Ánh", "241105-0000"):
        assert secret not in logs, secret


@pytest.fixture
def own_redis() -> Iterator[EmbeddedRedis]:
    """A Redis of this test alone, to be stopped and started."""
    with TemporaryDirectory(prefix="baotin-redis-") as folder:
        server = EmbeddedRedis(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this test alone, to be stopped and started."""
    with TemporaryDirectory(prefix="baotin-postgres-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder), settings={"shared_buffers": "64MB"})
        server.start()
        yield server
        server.stop()
