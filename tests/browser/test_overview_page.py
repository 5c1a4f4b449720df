"""The overview as it lives: notices are accepted, sent and delivered while the page stands open,
and its numbers are those of the ledger. Reports beside it."""

import asyncio
from typing import Any

import aiohttp
import asyncpg
import pytest
from browsing import PageAs, assert_accessible, assert_fits, screenshot
from installation import Installation, event
from playwright.async_api import Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIGURES = """
SELECT count(*) AS accepted,
    count(*) FILTER (WHERE state IN ('delivered', 'acknowledged')) AS arrived,
    count(*) FILTER (WHERE state IN ('held', 'waiting', 'sending', 'sent')) AS under_way,
    count(*) FILTER (WHERE state IN ('failed', 'expired')) AS lost
FROM notification WHERE mode = 'live'
  AND (accepted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
      = (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
"""
SHOWN = """
() => Object.fromEntries(['accepted', 'arrived', 'under_way', 'lost'].map(
    (name) => [name, Number(document.querySelector(`[data-figure=${name}]`)
                            .textContent.replaceAll('.', ''))]))
"""


@pytest.fixture(scope="module")
def running_site(console_site: Installation) -> Installation:
    console_site.start_missing("worker-1", "clock", "sandbox")
    return console_site


async def in_ledger(site: Installation) -> dict[str, Any]:
    connection = await asyncpg.connect(site.database_url)
    try:
        return dict(await connection.fetchrow(FIGURES))
    finally:
        await connection.close()


async def comes_to_agree(page: Page, site: Installation) -> dict[str, Any]:
    """What page and ledger both say, once they do; the ledger is asked before and after."""
    async with asyncio.timeout(30):
        while True:
            before, shown = await in_ledger(site), await page.evaluate(SHOWN)
            if before == shown == await in_ledger(site):
                return before
            await asyncio.sleep(0.3)


async def the_clock_counts(site: Installation) -> None:
    """Figures would be right without it, but slower to come by."""
    counts = "SELECT filled_to IS NULL AND since > now() - interval '20 seconds' FROM count_head"
    connection = await asyncpg.connect(site.database_url)
    try:
        async with asyncio.timeout(30):
            while True:
                if await connection.fetchval(counts):
                    break
                await asyncio.sleep(0.2)
        assert await connection.fetchval("SELECT count(*) > 0 FROM notice_day")
    finally:
        await connection.close()


async def test_the_overview_follows_the_ledger_while_it_stands_open(
    page_as: PageAs, running_site: Installation
) -> None:
    page = await page_as("operator")
    await page.goto("/console/overview")
    before = await comes_to_agree(page, running_site)
    async with aiohttp.ClientSession() as session:
        posted = [event(77_000 + number, f"098480000{number}") for number in range(3)]
        answers = [await running_site.post(session, one) for one in posted]
        for _, answer in answers:
            await running_site.ended(session, answer["notifications"][0]["id"])
    after = await comes_to_agree(page, running_site)
    assert after["accepted"] == before["accepted"] + 3
    assert after["arrived"] == before["arrived"] + 3
    await the_clock_counts(running_site)
    await expect(page.locator(".verdict-word")).to_be_visible()
    await page.get_by_text("Xem bằng số").first.click()
    await assert_accessible(page)
    await assert_fits(page)
    await screenshot(page, "console-overview")


async def test_who_reads_is_not_torn_away_and_may_hold_the_figures(
    page_as: PageAs, running_site: Installation
) -> None:
    page = await page_as("operator")
    await page.goto("/console/overview")
    charts = page.get_by_text("Xem bằng số")
    await charts.first.focus()
    before = await comes_to_agree(page, running_site)
    async with aiohttp.ClientSession() as session:
        await running_site.post(session, event(77_100, "0984800009"))
    # New figures come although something has the focus, and it keeps that.
    one_more = f"{before['accepted'] + 1:,}".replace(",", ".")
    await expect(page.locator("[data-figure=accepted]")).to_have_text(one_more)
    await expect(charts.first).to_be_focused()
    hold = page.get_by_role("button", name="Dừng cập nhật")
    await hold.click()
    await expect(hold).to_have_attribute("aria-pressed", "true")
    async with aiohttp.ClientSession() as session:
        await running_site.post(session, event(77_101, "0984800008"))
    await page.wait_for_timeout(7_000)
    await expect(page.locator("[data-figure=accepted]")).to_have_text(one_more)
    await hold.click()
    await comes_to_agree(page, running_site)


async def test_pages_nobody_sees_keep_no_connection(
    page_as: PageAs, running_site: Installation
) -> None:
    """A browser has six to a server: a seventh page would wait for ever."""
    page = await page_as("operator")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/console/overview")
    await expect(page.locator("[data-figure=accepted]")).to_be_visible()
    hide = (
        "(hidden) => { Object.defineProperty(document, 'hidden',"
        " { value: hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    async with page.expect_event("requestfailed", lambda one: one.url.endswith("/live")):
        await page.evaluate(hide, True)
    before = sum(url.endswith("/live") for url in asked)
    await page.evaluate(hide, False)
    await comes_to_agree(page, running_site)
    assert sum(url.endswith("/live") for url in asked) == before + 1


@pytest.mark.parametrize("path", ["/console/reports?by=unit", "/console/reports/month"])
async def test_reports_are_accessible_and_fit(
    page_as: PageAs, running_site: Installation, path: str
) -> None:
    page = await page_as("operator")
    await page.goto(path)
    await assert_accessible(page)
    await assert_fits(page)
    await screenshot(page, "console-report" if "?" in path else "console-month")
    async with page.expect_download() as download:
        if "?" not in path:
            await page.goto("/console/reports")
        await page.get_by_role("link", name="Tải Excel").click()
    assert (await download.value).suggested_filename.endswith(".xlsx")
