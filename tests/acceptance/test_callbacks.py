"""Dossier systems hear how their notices ended: by signed callbacks, and by the feed."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
from callback_receiver import Receiver
from installation import Installation, event

Install = Callable[..., Installation]

ALL = ("api", "worker-1", "clock", "sandbox")
NEAR = {"BAOTIN_CALLBACKS_ALLOWED_HOSTS": "127.0.0.1"}
NO_PHONE = "0999"


def baotin(one: Installation, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        env={**os.environ, **one.env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def send_callbacks_to(one: Installation, url: str) -> None:
    """Put the address into the directory as an administrator would."""
    file = one.folder / "directory.toml"
    lines = [line for line in file.read_text().splitlines() if "callback_url" not in line]
    place = lines.index("[[source]]") + 1
    file.write_text("\n".join([*lines[:place], f'callback_url = "{url}"', *lines[place:]]))
    baotin(one, "apply", "--yes", str(file))


def listed(one: Installation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(baotin(one, "callbacks", "list", "--json"))
    return found


async def post_batch(
    one: Installation, session: aiohttp.ClientSession, events: list[dict[str, Any]]
) -> list[str]:
    """As a source does that is told to wait: a fast machine spends its rate."""
    headers = {**one.headers(), "Content-Type": "application/cloudevents-batch+json"}
    url = f"{one.base_url}/v1/events"
    while True:
        async with session.post(url, json=events, headers=headers) as answer:
            if answer.status == 429:
                await asyncio.sleep(float(answer.headers["Retry-After"]))
                continue
            assert answer.status == 207
            results = (await answer.json())["results"]
        return [result["notifications"][0]["id"] for result in results]


async def test_a_source_is_told_what_its_reader_would_read(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install(**NEAR, BAOTIN_LOGS_LEVEL="debug")
    one.prepare()
    async with Receiver(secret=one.demo["webhook_secret"]) as receiver:
        send_callbacks_to(one, receiver.url)
        one.start(*ALL)
        _, answer = await one.post(session, event(7))
        shown = answer["notifications"][0]["id"]
        found = await one.ended(session, shown)
        await receiver.until(lambda each: len(each.taken) == 1)
    [told] = receiver.taken
    assert told.body["type"] == "vn.notice.delivered"
    for name in ("event", "dossier", "unit", "kind", "mode", "state", "reason", "revision"):
        assert told.data[name] == found[name], name
    assert told.data["notification"] == shown
    assert told.data["event_id"] == "test-7"
    async with session.get(f"{one.base_url}/v1/feed", headers=one.headers()) as feed:
        [entry] = (await feed.json())["entries"]
    assert (entry["position"], entry["revision"]) == (told.data["position"], told.data["revision"])
    for secret in ("984765321", "984 765 321", "Minh Ánh", "MINH ÁNH"):
        assert secret not in json.dumps(told.body, ensure_ascii=False)
        assert secret not in one.logs()
    assert "241105-00007" not in one.logs()


async def test_every_ending_is_told_although_the_clock_is_killed_in_between(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install(**NEAR, BAOTIN_CALLBACKS_TIMEOUT_S="1", BAOTIN_CALLBACKS_RETRY_S="0.2,0.5,60")
    one.prepare()
    slow = Receiver(secret=one.demo["webhook_secret"], delay_s=0.2, explain=one.logs)
    async with slow as receiver:
        send_callbacks_to(one, receiver.url)
        one.start("api", "clock")
        ids = await post_batch(one, session, [event(n, NO_PHONE) for n in range(80)])
        await receiver.until(lambda each: len(each.taken) >= 20)
        one.kill("clock")
        before = len(receiver.seen)
        one.start("clock-2")
        receiver.statuses = [503, 500]
        await receiver.until(lambda each: len({got.id for got in each.taken}) == 80, within_s=40)
    assert before < 80
    assert {got.data["notification"] for got in receiver.taken} == set(ids)
    # Those that were open when it was killed come twice, under the same id.
    assert len(receiver.taken) <= 80 + 8
    assert receiver.refused == 0


async def test_a_private_address_is_refused_shown_and_redriven_once_it_is_allowed(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install(BAOTIN_CALLBACKS_RETRY_S="0.5")
    one.prepare()
    async with Receiver(secret=one.demo["webhook_secret"]) as receiver:
        send_callbacks_to(one, receiver.url)
        one.start("api", "clock")
        _, answer = await one.post(session, event(1, NO_PHONE))
        shown = answer["notifications"][0]["id"]
        for _ in range(50):
            if listed(one)["given_up"]:
                break
        [given_up] = listed(one)["given_up"]
        assert (given_up["notification_id"], given_up["last_ending"]) == (shown, "private_address")
        assert (receiver.seen, receiver.refused) == ([], 0)
        one.kill("clock")
        one.env |= NEAR
        one.start("clock-2")
        assert baotin(one, "callbacks", "redrive", one.demo["source"]).startswith("1 ")
        await receiver.until(lambda each: len(each.taken) == 1)
    assert receiver.taken[0].data["notification"] == shown


async def test_410_stops_callbacks_until_the_directory_changes(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install(**NEAR, BAOTIN_CALLBACKS_RETRY_S="0.5,0.5,0.5,60")
    one.prepare()
    async with (
        Receiver(secret=one.demo["webhook_secret"], statuses=[410] * 100) as gone,
        Receiver(secret=one.demo["webhook_secret"]) as moved,
    ):
        send_callbacks_to(one, gone.url)
        one.start("api", "clock")
        first = await post_batch(one, session, [event(1, NO_PHONE)])
        await gone.until(lambda each: len(each.seen) == 1)
        second = await post_batch(one, session, [event(2, NO_PHONE)])
        await asyncio.sleep(2)
        assert len(gone.seen) == 1
        [queue] = listed(one)["sources"]
        assert (queue["waiting"], queue["stopped"]) == (2, True)
        send_callbacks_to(one, moved.url)
        await moved.until(lambda each: len(each.taken) == 2)
    assert {got.data["notification"] for got in moved.taken} == {*first, *second}


async def test_a_slow_reader_of_the_feed_misses_nothing_while_four_write(
    install: Install, session: aiohttp.ClientSession
) -> None:
    writers, batches, size = 4, 25, 200
    one = install()
    one.prepare()
    one.start("api", "clock")
    owed = writers * batches * size

    async def write(writer: int) -> list[str]:
        posted = []
        for batch in range(batches):
            first = (writer * batches + batch) * size
            events = [event(first + n, NO_PHONE) for n in range(size)]
            posted += await post_batch(one, session, events)
        return posted

    async def follow() -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = []
        after = 0
        while len(read) < owed:
            url = f"{one.base_url}/v1/feed?after={after}&limit=400"
            async with session.get(url, headers=one.headers()) as answer:
                page = await answer.json()
            read += page["entries"]
            after = page["next"]
            await asyncio.sleep(0.05)
        return read

    async with asyncio.timeout(90):
        read, *posted = await asyncio.gather(follow(), *map(write, range(writers)))
    positions = [entry["position"] for entry in read]
    assert positions == list(range(1, owed + 1))
    ids = [entry["notification"] for entry in read]
    assert len(ids) == len(set(ids))
    assert set(ids) == {shown for some in posted for shown in some}
