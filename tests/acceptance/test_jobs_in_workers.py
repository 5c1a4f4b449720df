"""A confirmed list is worked off by worker processes, whatever dies meanwhile; counted exactly."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
import redis
from installation import Installation, event
from yarl import URL

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "console"))

from console_site import Browser

Install = Callable[..., Installation]

ROWS = 1200
_MIDDLE = f"SELECT FROM hand_list WHERE state = 'running' AND done BETWEEN 100 AND {ROWS - 200}"
_DONE = "SELECT FROM hand_list WHERE state = 'done'"
_STANDS = "SELECT done, accepted, seen, stopped FROM hand_list"


@pytest.fixture
async def one(install: Install) -> Installation:
    """Nothing is sent: it is the rows that are looked at."""
    made = install()
    made.prepare()
    made.start("api", "clock")
    await made.rows("INSERT INTO pause (scope, actor) VALUES ('everything', 'test') RETURNING 1")
    return made


@pytest.fixture
async def browser(one: Installation) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        opened = Browser(session=session, base=URL(one.base_url))
        [user] = [user for user in one.demo["users"] if user["role"] == "operator"]
        assert (await opened.sign_in(user["name"], user["password"])).status == 303
        yield opened


async def confirmed(browser: Browser, rows: int = ROWS) -> str:
    people = (f"H10-{n:04d};Trần Văn Bình;0912{n:06d}" for n in range(rows))
    content = "\n".join(["Mã hồ sơ;Họ và tên;Điện thoại", *people])
    form = aiohttp.FormData({"csrf": browser.token, "unit": "H10.12"})
    form.add_field("file", content.encode(), filename="ds.csv", content_type="text/csv")
    url = browser.base.join(URL("/console/hand-list"))
    async with browser.session.post(url, data=form, allow_redirects=False) as answer:
        assert answer.status == 303
        path = answer.headers["Location"]
    reading = re.search(r'name="reading" value="([^"]+)"', (await browser.get(path)).text)
    assert reading
    await browser.post(f"{path}/begin", reading=reading[1])
    return path


async def assert_counted_exactly(one: Installation, browser: Browser, path: str) -> None:
    [row] = await one.rows(_STANDS)
    assert tuple(row) == (ROWS, ROWS, 0, "")
    [owed] = await one.rows("SELECT count(*) AS rows FROM notification")
    assert owed["rows"] == ROWS
    assert await one.rows("SELECT FROM job") == []
    assert f"Xong: {ROWS} dòng đã nhận gửi" in (await browser.get(path)).text


async def test_a_worker_killed_amid_a_list_is_followed_by_another(
    one: Installation, browser: Browser
) -> None:
    path = await confirmed(browser)
    one.start("worker-1")
    await one.until_rows(_MIDDLE, within_s=60)
    one.kill("worker-1")
    one.start("worker-2")
    await one.until_rows(_DONE, within_s=120)
    await assert_counted_exactly(one, browser, path)


async def test_two_workers_and_an_emptied_redis_count_every_row_once(
    one: Installation, browser: Browser
) -> None:
    one.start("worker-1", "worker-2")
    path = await confirmed(browser)
    client = redis.Redis.from_url(one.env["BAOTIN_REDIS_URL"])
    for _ in range(5):
        await asyncio.sleep(0.5)
        client.flushall()
    client.close()
    await one.until_rows(_DONE, within_s=120)
    await assert_counted_exactly(one, browser, path)


async def test_workers_that_are_told_to_end_leave_the_rest_to_those_who_follow(
    one: Installation, browser: Browser
) -> None:
    path = await confirmed(browser)
    for number in range(1, 4):
        one.start(f"worker-{number}")
        await one.until_rows(_MIDDLE, within_s=60)
        one.kill(f"worker-{number}", number=signal.SIGTERM)
        # Nobody has to wait for a lease to run out.
        assert await one.rows("SELECT FROM job WHERE leased_until < now()")
    one.start("worker-4")
    await one.until_rows(_DONE, within_s=120)
    await assert_counted_exactly(one, browser, path)
    assert "Traceback" not in one.logs()


async def test_a_list_is_stopped_amid_its_work(one: Installation, browser: Browser) -> None:
    one.start("worker-1")
    path = await confirmed(browser)
    await one.until_rows(_MIDDLE, within_s=60)
    page = await browser.get(path)
    action = re.search(r'action="(/console/jobs/\w+/stop)"', page.text)
    assert action
    await browser.post(action[1])
    await one.until_rows(_DONE)
    [row] = await one.rows(_STANDS)
    assert 0 < row["done"] < ROWS
    assert (row["accepted"], row["stopped"]) == (row["done"], "asked")
    await asyncio.sleep(1)
    [owed] = await one.rows("SELECT count(*) AS rows FROM notification")
    assert owed["rows"] == row["done"]
    assert f"đã dừng việc này ở {row['done']} trên {ROWS}" in (await browser.get(path)).text


async def test_a_list_in_work_delays_no_message(one: Installation, browser: Browser) -> None:
    """One worker has both: what is posted meanwhile is sent at once."""
    await one.rows("DELETE FROM pause RETURNING 1")
    one.start("sandbox", "worker-1")
    await confirmed(browser)
    await one.until_rows(_MIDDLE, within_s=60)
    async with aiohttp.ClientSession() as session:
        status, answer = await one.post(session, event(7))
        assert status == 202
        await one.ended(session, answer["notifications"][0]["id"], within_s=15)
    assert await one.rows("SELECT FROM hand_list WHERE state = 'running'")
