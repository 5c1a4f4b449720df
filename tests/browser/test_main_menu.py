"""The main menu in a real browser: one row on an ordinary screen, a sheet on a phone; by keyboard,
without scripts, and with filters that outlive a change of the language."""

import pytest
from browsing import PageAs, assert_accessible, assert_fits
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROW_PX = 60
PHONE = {"width": 360, "height": 740}


async def height_of_menu(page: Page) -> float:
    box = await page.get_by_role("navigation").bounding_box()
    assert box
    return box["height"]


async def test_the_menu_is_one_row_with_the_page_one_is_on_marked(page_as: PageAs) -> None:
    page = await page_as("operator")
    for width in (1024, 1280, 1920):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.goto("/console/held")
        assert await height_of_menu(page) < ROW_PX, width
    menu = page.get_by_role("navigation")
    group = menu.get_by_text("Điều hành gửi")
    await expect(group).to_have_attribute("aria-current", "true")
    await expect(menu.get_by_role("link", name="Đang giữ")).to_be_hidden()
    await group.click()
    marked = menu.get_by_role("link", name="Đang giữ")
    await expect(marked).to_be_visible()
    await expect(marked).to_have_attribute("aria-current", "page")
    await assert_accessible(page)
    await page.get_by_role("heading", level=1).click()
    await expect(marked).to_be_hidden()


async def test_a_group_of_the_menu_is_used_by_keyboard(page_as: PageAs) -> None:
    page = await page_as("operator")
    group = page.get_by_role("navigation").get_by_text("Điều hành gửi")
    accounts = page.get_by_role("link", name="Tài khoản gửi")
    await group.focus()
    await page.keyboard.press("Enter")
    await expect(accounts).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(accounts).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(accounts).to_be_hidden()
    await expect(group).to_be_focused()
    await page.keyboard.press("Enter")
    for _ in range(4):
        await page.keyboard.press("Tab")
    await expect(accounts).to_be_hidden()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/accounts")


async def test_on_a_phone_the_menu_is_a_sheet_that_names_the_page(page_as: PageAs) -> None:
    page = await page_as("operator")
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await page.goto("/console/attention")
    assert await height_of_menu(page) < ROW_PX
    opens = page.get_by_role("button", name="Menu: Cần xử lý")
    held = page.get_by_role("link", name="Đang giữ")
    await expect(held).to_be_hidden()
    await opens.click()
    await expect(held).to_be_visible()
    await assert_accessible(page)
    await assert_fits(page, 320, 360)
    await page.keyboard.press("Escape")
    await expect(held).to_be_hidden()
    await expect(opens).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Đóng menu").click()
    await expect(held).to_be_hidden()
    await opens.click()
    await held.click()
    await expect(page.get_by_role("button", name="Menu: Đang giữ")).to_be_visible()


async def test_the_menu_works_without_scripts(page_as: PageAs, browser: Browser) -> None:
    signed_in = await page_as("operator")
    async with await browser.new_context(
        base_url=signed_in.url,
        storage_state=await signed_in.context.storage_state(),
        java_script_enabled=False,
    ) as context:
        page = await context.new_page()
        for size in ({"width": 1280, "height": 800}, PHONE):
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            await page.goto("/console/held")
            if size is PHONE:
                await page.get_by_role("button", name="Menu: Đang giữ").click()
            await page.get_by_role("navigation").get_by_text("Điều hành gửi").click()
            await page.get_by_role("link", name="Danh sách chặn").click()
            await page.wait_for_url("**/console/suppressions")


async def test_filters_outlive_a_change_of_the_language(page_as: PageAs) -> None:
    page = await page_as("operator")
    await page.goto("/console/messages")
    await page.get_by_label("Trạng thái").select_option("failed")
    await page.fill("#phone", "0984 765 321")
    await page.get_by_role("main").get_by_role("button", name="Tìm").click()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Messages")
    await expect(page.locator("#state")).to_have_value("failed")
    await expect(page.locator("#phone")).to_have_value("0984 765 321")
    assert "0984" not in page.url
    await page.get_by_role("button", name="Tiếng Việt").click()
    await expect(page.locator("#state")).to_have_value("failed")
