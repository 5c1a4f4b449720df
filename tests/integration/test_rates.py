"""Rates shared through a real Redis: what all workers may call together, and what one alone."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from gateway.services.rates import Allowance, SharedRates


@pytest.fixture
async def workers(redis_url: str) -> AsyncIterator[list[SharedRates]]:
    opened = [SharedRates(redis_url) for _ in range(4)]
    yield opened
    for one in opened:
        await one.close()


async def spent(rates: SharedRates, allowance: Allowance, until: float) -> int:
    """All that a worker may call for, as fast as it can, until then."""
    count = 0
    while time.monotonic() < until:
        await rates.fetch({"esms": allowance}, 16)
        while allowance.available():
            allowance.spend()
            count += 1
        await asyncio.sleep(0.005)
    return count


async def test_four_workers_together_keep_to_the_rate(workers: list[SharedRates]) -> None:
    began = time.monotonic()
    until = began + 1.0
    counts = await asyncio.gather(
        *(spent(one, Allowance(50.0, processes=4), until) for one in workers)
    )
    lasted_s = time.monotonic() - began
    assert sum(counts) <= 50 + 50 * lasted_s + 1, "the burst, and the rate"
    assert sum(counts) >= 80


async def test_one_worker_alone_may_use_the_whole_rate(workers: list[SharedRates]) -> None:
    count = await spent(workers[0], Allowance(50.0, processes=4), time.monotonic() + 1.0)
    assert count >= 80, "not a quarter of it"


async def test_accounts_have_rates_of_their_own(workers: list[SharedRates]) -> None:
    fast, slow = Allowance(100.0, processes=1), Allowance(2.0, processes=1)
    await workers[0].fetch({"fast": fast, "slow": slow}, 16)
    assert (fast.available(), slow.available()) == (16, 2)


async def test_what_was_fetched_and_not_used_is_not_saved_up(redis_url: str) -> None:
    moments = [0.0]
    allowance = Allowance(100.0, processes=1, clock=lambda: moments[0])
    rates = SharedRates(redis_url)
    await rates.fetch({"esms": allowance}, 16)
    moments[0] = 5.0
    assert allowance.available() == 0
    await rates.fetch({"esms": allowance}, 16)
    assert allowance.available() == 16
    await rates.close()


async def test_a_slow_account_is_not_saved_up_by_looking_often(redis_url: str) -> None:
    moments = [0.0]
    allowance = Allowance(1.0, processes=1, clock=lambda: moments[0])
    rates = SharedRates(redis_url)
    for _ in range(300):
        await rates.fetch({"twilio": allowance}, 64)
        assert allowance.available() <= 1
        moments[0] += 0.02
    await rates.close()


async def test_without_redis_each_worker_keeps_to_its_own_part() -> None:
    rates = SharedRates("redis://127.0.0.1:1/0")
    allowance = Allowance(40.0, processes=4)
    await rates.fetch({"esms": allowance}, 64)
    assert allowance.available() == 10
    began = time.monotonic()
    await rates.fetch({"esms": allowance}, 64)
    assert time.monotonic() - began < 0.5, "Redis is not waited for again at once"
    await rates.close()
