"""Breakers as the page of accounts shows them: what all worker processes say, also after some have
gone, and without Redis."""

from collections.abc import AsyncIterator

import pytest
from centre import Centre
from console_site import Browser

from gateway.domain.outcome import Reason, Unknown
from gateway.domain.staff import Role
from gateway.ledger.heartbeats import Beating
from gateway.services.accounts import OpenAccount
from gateway.services.heartbeat import Heartbeat, not_closed
from gateway.wiring import Delivery, wire_delivery

PAGE, LOST = "/console/accounts/esms", Unknown(reason=Reason.TIMEOUT)


@pytest.fixture
async def workers(centre: Centre) -> AsyncIterator[list[Delivery]]:
    """Three workers whose Redis is away."""
    settings = centre.site.api.core.settings
    away = settings.redis.model_copy(update={"url": "redis://127.0.0.1:1/0"})
    settings = settings.model_copy(update={"redis": away})
    opened = [await wire_delivery(settings, lambda _lane: None) for _ in range(3)]
    yield opened
    for one in opened:
        await one.close()


def esms_of(worker: Delivery) -> OpenAccount:
    found = worker.core.accounts.get("esms")
    assert found
    return found


async def fails(worker: Delivery, times: int = 10) -> None:
    for _ in range(times):
        esms_of(worker).begin()
        esms_of(worker).end(LOST)
    await worker.heartbeat.beat()


async def said(browser: Browser) -> str:
    text = (await browser.get(PAGE)).text.partition("Tự ngắt khi lỗi</dt><dd>")[2]
    return " ".join(text.partition("<br>")[0].split())


async def test_without_workers_nothing_is_known(centre: Centre) -> None:
    browser = await centre.staff("thu", Role.OPERATOR)
    assert "không rõ" in await said(browser)
    assert "không rõ" in (await browser.get("/console/accounts")).text


async def test_every_worker_says_how_its_breaker_stands(
    centre: Centre, workers: list[Delivery]
) -> None:
    browser = await centre.staff("thu", Role.OPERATOR)
    for one in workers:
        await one.heartbeat.beat()
    assert await said(browser) == "không ngắt (3 tiến trình gửi)"
    await fails(workers[0])
    told = await said(browser)
    assert "Đang ngắt</span> ở 1 trên 3 tiến trình gửi từ " in told
    await fails(workers[1])
    assert "Đang ngắt</span> ở 2 trên 3 tiến trình gửi từ " in await said(browser)
    esms_of(workers[1]).breaker.half_open()
    await workers[1].heartbeat.beat()
    told = await said(browser)
    assert "Đang ngắt</span> ở 1 trên 3" in told
    assert "Đang thử lại</span> ở 1 trên 3" in told
    for one in workers[:2]:
        esms_of(one).breaker.went_well()
        await one.heartbeat.beat()
    assert await said(browser) == "không ngắt (3 tiến trình gửi)"
    page = (await browser.get("/console/accounts")).text
    assert page.count("không ngắt (3 tiến trình gửi)") == 3


async def test_a_worker_that_ended_or_was_killed_is_not_counted(
    centre: Centre, workers: list[Delivery]
) -> None:
    browser = await centre.staff("thu", Role.OPERATOR)
    for one in workers:
        await fails(one)
    await workers.pop().close()
    assert "ở 2 trên 2" in await said(browser)
    await centre.ledger.execute(
        "UPDATE heartbeat SET at = now() - interval '1 minute' WHERE process ="
        " (SELECT process FROM heartbeat WHERE kind = 'worker' LIMIT 1)"
    )
    assert "ở 1 trên 1" in await said(browser)


async def test_it_is_told_when_something_changes_and_not_with_every_call(centre: Centre) -> None:
    core = centre.site.api.core
    esms = core.accounts.get("esms")
    tells = Heartbeat(core.database, Beating.WORKER, lambda: not_closed(core.accounts))
    assert esms
    seen = []
    for faults in (0, 9, 0, 1, 0):
        for _ in range(faults):
            esms.begin()
            esms.end(LOST)
        await tells.beat()
        seen += await centre.ledger.fetch("SELECT xmin::text, breakers ? 'esms' FROM heartbeat")
    written, is_open = [row[0] for row in seen], [row[1] for row in seen]
    assert is_open == [False, False, False, True, True]
    assert len(set(written)) == 2
