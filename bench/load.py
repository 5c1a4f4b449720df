"""A first load on a running demo: closed-loop clients post single events until all have ended.

    make run                              # in one terminal
    .venv/bin/python bench/load.py 2000   # in another: how many events, then how many clients

Prints events accepted a second, notifications a second until the last provider call, and the CPU
milliseconds each process group spent per notification, read from /proc.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import psutil

DEMO = json.loads(Path(".data/demo.json").read_text())
LONGEST_S = 120
STARTED = int(time.time())
HEADERS = {
    "Authorization": f"Bearer {DEMO['api_key']}",
    "Content-Type": "application/cloudevents+json",
}


def event(number: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"load-{time.time_ns()}-{number}",
        "source": "/h10/bu-dop/igate",
        "type": "vn.dossier.result-ready",
        "data": {
            "dossier": {"code": f"H10.12-{STARTED % 1_000_000}-{number:06d}"},
            "applicant": {"name": "Nguyễn Văn Mẫu", "phones": [f"0912{number % 1_000_000:06d}"]},
            "unit": DEMO["unit"],
        },
    }


def group_of(process: psutil.Process) -> str | None:
    line = " ".join(process.cmdline())
    for word, group in (
        ("gateway.sandbox", "sandbox"),
        ("gateway serve", "api"),
        ("gateway work", "workers"),
        ("gateway clock", "clock"),
        ("postgres", "postgres"),
        ("redis-server", "redis"),
    ):
        if word in line:
            return group
    return None


def cpu_seconds() -> dict[str, float]:
    spent: dict[str, float] = defaultdict(float)
    for process in psutil.process_iter():
        try:
            if group := group_of(process):
                times = process.cpu_times()
                spent[group] += times.user + times.system
        except psutil.Error:
            continue
    return spent


async def main(count: int, clients: int) -> None:
    before = cpu_seconds()
    async with aiohttp.ClientSession() as session:
        start_books = await summary(session)
        started = time.perf_counter()
        await post_all(session, count, clients)
        accepted_s = time.perf_counter() - started
        async with asyncio.timeout(LONGEST_S):
            while (await summary(session))["taken"] - start_books["taken"] < count:
                await asyncio.sleep(0.05)
        sent_s = time.perf_counter() - started
        await asyncio.sleep(3)
    after = cpu_seconds()
    print(f"accepted {count / accepted_s:.0f}/s, sent {count / sent_s:.0f}/s")
    costs = {group: (after[group] - before.get(group, 0)) * 1000 / count for group in after}
    for group, cost in sorted(costs.items()):
        print(f"{group:10} {cost:6.2f} CPU-ms per notification")
    gateway = sum(cost for group, cost in costs.items() if group != "sandbox")
    print(f"{'together':10} {gateway:6.2f} without the sandbox")


async def post_all(session: aiohttp.ClientSession, count: int, clients: int) -> None:
    numbers: Iterator[int] = iter(range(count))

    async def client() -> None:
        for number in numbers:
            url = f"{DEMO['base_url']}/v1/events"
            async with session.post(url, json=event(number), headers=HEADERS) as answer:
                assert answer.status == 202, await answer.text()

    await asyncio.gather(*(client() for _ in range(clients)))


async def summary(session: aiohttp.ClientSession) -> dict[str, int]:
    async with session.get(f"{DEMO['sandbox_url']}/books?summary=1") as answer:
        found: dict[str, int] = await answer.json()
        return found


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50))
