"""Messages in a real browser: found, read, opened, sent again, cancelled, many at once; the
counter and what needs somebody. Every page accessible and narrow."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from browsing import PageAs, assert_accessible, assert_fits, screenshot
from installation import Installation, event
from playwright.async_api import Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOLD, LOST, LOST_TOO, WAITING, WAITING_TOO, WRONG = 9101, 9102, 9103, 9104, 9106, 9105
_PAUSE = "INSERT INTO pause (scope, actor) VALUES ('everything', 'test') RETURNING 1"
# It waits until tomorrow: the pictures are of a day on which nothing is paused.
_WAITS = "UPDATE due SET due_at = now() + interval '20 hours' RETURNING 1"
_RESUME = "DELETE FROM pause RETURNING 1"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def messages(console_site: Installation) -> AsyncIterator[dict[int, str]]:
    """One told by Zalo, two without a phone, two that wait; by number, the code of their
    dossier."""
    console_site.start_missing("worker-1", "clock", "sandbox")
    codes = {}
    async with aiohttp.ClientSession() as session:
        wrong = event(WRONG, "0984 765 321")
        wrong["data"]["unit"] = "H10.99"
        assert (await console_site.post(session, wrong))[0] == 422
        for number in (TOLD, LOST, LOST_TOO, WAITING, WAITING_TOO):
            posted = event(number, "" if number in (LOST, LOST_TOO) else "0984 765 321")
            if number in (WAITING, WAITING_TOO):
                await console_site.rows(_PAUSE)
            status, answer = await console_site.post(session, posted)
            assert status == 202, answer
            codes[number] = posted["data"]["dossier"]["code"]
            if number == TOLD:
                await console_site.ended(session, answer["notifications"][0]["id"])
            if number in (WAITING, WAITING_TOO):
                await console_site.rows(_WAITS)
                await console_site.rows(_RESUME)
    await _refusals_are_written(console_site)
    yield codes


async def _refusals_are_written(site: Installation, within_s: float = 20) -> None:
    """What is refused is counted in memory for a few seconds."""
    async with asyncio.timeout(within_s):
        while True:
            if await site.rows("SELECT FROM refused_post"):
                return
            await asyncio.sleep(0.1)


async def look_at(page: Page, name: str = "") -> None:
    await assert_accessible(page)
    await assert_fits(page)
    if name:
        await screenshot(page, name)


async def search(page: Page, **fields: str) -> None:
    await page.goto("/console/messages")
    for name, value in fields.items():
        await page.fill(f"#{name}", value)
    await page.get_by_role("button", name="Tìm", exact=True).click()


async def test_a_message_is_found_read_and_opened(
    page_as: PageAs, messages: dict[int, str]
) -> None:
    page = await page_as("operator")
    await search(page, dossier=messages[TOLD].lower(), phone="+84 984.765.321")
    await expect(page.locator("tbody tr")).to_have_count(1)
    assert "984" not in page.url
    assert messages[TOLD] not in page.url
    await look_at(page, "messages-list")
    await page.get_by_text("Thêm bộ lọc").click()
    await page.select_option("#state", "failed")
    await page.get_by_role("button", name="Tìm", exact=True).click()
    await expect(page.locator(".empty")).to_be_visible()
    await assert_accessible(page)
    await page.go_back()
    await page.get_by_role("link", name=messages[TOLD]).click()
    await expect(page.get_by_role("heading", name="Diễn biến")).to_be_visible()
    await expect(page.locator(".story")).to_contain_text("Gửi bằng Zalo qua tài khoản")
    await look_at(page, "messages-one")
    await page.get_by_role("button", name="Mở xem").click()
    await expect(page.get_by_role("alert")).to_contain_text("chọn lý do")
    await page.get_by_label("Người dân hỏi").check()
    await page.get_by_role("button", name="Mở xem").click()
    await expect(page.locator("#person + dl")).to_contain_text("+84984765321")
    await expect(page.locator("figure.text")).to_be_visible()
    await look_at(page)


async def test_a_message_without_a_phone_is_sent_again_to_the_right_one(
    page_as: PageAs, messages: dict[int, str]
) -> None:
    page = await page_as("operator")
    await page.goto("/console/attention")
    await expect(page.locator("#refused + p + .table")).to_contain_text("/data/unit")
    await look_at(page, "attention")
    row = page.locator("tr", has_text="Không có số điện thoại dùng được")
    await row.get_by_role("link").first.click()
    line = page.locator("tr", has_text=messages[LOST])
    await line.get_by_role("link", name="Gửi lại, sửa số").click()
    await page.select_option("#reason", "wrong_phone")
    await page.get_by_role("button", name="Gửi lại").click()
    await expect(page.get_by_role("alert")).to_contain_text("Hãy gõ số đúng")
    await page.fill("#phone", "0912 345 678")
    await assert_accessible(page)
    await page.get_by_role("button", name="Gửi lại").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã tạo thông báo mới")
    await expect(page.get_by_text("+84•••678").first).to_be_visible()


async def cancel(page: Page, code: str) -> None:
    await search(page, dossier=code)
    await page.get_by_role("link", name=code).click()
    await page.get_by_text("Hủy thông báo này").click()
    await look_at(page)
    await page.get_by_role("button", name="Hủy thông báo", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("Đã hủy thông báo.")


async def test_a_waiting_message_is_cancelled(page_as: PageAs, messages: dict[int, str]) -> None:
    page = await page_as("operator")
    await cancel(page, messages[WAITING])


async def test_many_are_ticked_shown_and_done_by_themselves(
    page_as: PageAs, messages: dict[int, str]
) -> None:
    page = await page_as("operator")
    await cancel(page, messages[WAITING_TOO])
    await page.goto("/console/messages?state=failed,cancelled")
    for number in (LOST_TOO, WAITING_TOO):
        await page.get_by_label(messages[number]).check()
    await assert_fits(page)
    await page.get_by_text("Làm cho nhiều thông báo").click()
    await page.get_by_role("button", name="Gửi lại nhiều thông báo").click()
    await expect(page.locator("main")).to_contain_text("1 trong 2 thông báo chưa tới ai")
    await expect(page.locator("main")).to_contain_text("Không có số nào nhắn hay gọi được")
    await look_at(page, "messages-many")
    await page.get_by_role("button", name="Gửi lại 1 thông báo").click()
    # The page asks how far it is, and is new once all is done.
    await expect(page.locator("main")).to_contain_text("Đã xong.")
    await expect(page.locator("#progress")).to_contain_text("2 trên 2 thông báo.")
    await expect(page.locator("main")).to_contain_text("Không có số nào nhắn hay gọi được")
    await look_at(page)


async def test_the_counter_answers_a_viewer(page_as: PageAs, messages: dict[int, str]) -> None:
    page = await page_as("viewer")
    await page.goto("/console/counter")
    await page.fill("#dossier", messages[TOLD])
    await page.keyboard.press("Enter")
    await expect(page.locator(".answer")).to_contain_text("Đã báo cho người dân lúc")
    assert messages[TOLD] not in page.url
    await look_at(page, "counter")
    await page.fill("#dossier", "khong-co")
    await page.keyboard.press("Enter")
    await expect(page.locator(".empty")).to_be_visible()
