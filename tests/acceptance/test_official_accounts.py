"""What Zalo says of an official account comes in by its webhook and is looked into by the clock."""

import asyncio
import time
from collections.abc import Callable

import aiohttp
from installation import Installation

Install = Callable[..., Installation]

ALERTS = "SELECT kind, subject, detail FROM alert WHERE cleared_at IS NULL"
READ = "SELECT 1 FROM zalo_account WHERE account = 'zalo-oa' AND read_at IS NOT NULL"


async def _until(one: Installation, statement: str, expected: list[tuple[object, ...]]) -> None:
    deadline = time.monotonic() + 20
    while (found := [tuple(row) for row in await one.rows(statement)]) != expected:
        assert time.monotonic() < deadline, f"{found}\n{one.logs()}"
        await asyncio.sleep(0.1)


async def test_a_template_that_zalo_disables_is_alerted_until_it_is_in_force_again(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install(BAOTIN_ZALO_LOOK_EVERY_S="0.2")
    one.prepare()
    # The clock asks as it starts, and one that finds nobody asks again only after a while.
    one.start("sandbox")
    one.start("api", "clock")
    await _until(one, READ, [(1,)])
    assert await one.rows(ALERTS) == []
    await one.control(session, account="zalo-oa", template_status={"300001": "DISABLE"})
    await _until(one, ALERTS, [("template_changed", "zalo-oa/300001", "is DISABLE")])
    await one.control(session, account="zalo-oa", template_status={"300001": "ENABLE"})
    await _until(one, ALERTS, [])
