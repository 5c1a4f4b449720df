"""Every page of the frame in a real browser: accessible, narrow, by keyboard, in both languages."""

import re

import pytest
from browsing import PageAs, assert_accessible, assert_fits, screenshot, sign_in
from installation import Installation
from playwright.async_api import Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = {
    "users": "/console/users",
    "new-user": "/console/users/new",
    "audit": "/console/audit",
    "account": "/console/account",
    "not-found": "/console/nothing",
}


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_accessible_and_fits(page_as: PageAs, name: str) -> None:
    page = await page_as("admin")
    await page.goto(PAGES[name])
    await assert_accessible(page)
    await assert_fits(page)
    await screenshot(page, f"console-{name}")


async def test_the_form_to_sign_in_is_accessible_and_fits(page: Page) -> None:
    await page.goto("/")
    await expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    await assert_accessible(page)
    await assert_fits(page)
    await screenshot(page, "console-sign-in")


async def test_a_user_is_made_and_changed_by_keyboard_alone(page_as: PageAs) -> None:
    page = await page_as("admin")
    await page.goto("/console/users")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#content")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/users/new")
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id === 'name'"):
            break
    await page.keyboard.type("ban.phim")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator("#start-password")).to_have_text(re.compile(r"(\w{4}-){3}\w{4}"))
    await assert_accessible(page)
    await page.goto("/console/users")
    await page.get_by_role("link", name="ban.phim").click()
    await expect(page.get_by_label("Người xem")).to_be_checked()
    await assert_accessible(page)
    await assert_fits(page)
    await screenshot(page, "console-user")


async def test_a_first_sign_in_with_a_password_from_somebody_else(
    page_as: PageAs, page: Page
) -> None:
    admin = await page_as("admin")
    await admin.goto("/console/users/new")
    await admin.fill("#name", "moi.vao")
    await admin.get_by_label("Người soạn").check()
    await admin.get_by_role("button", name="Thêm").click()
    given = await admin.locator("#start-password").inner_text()

    await page.goto("/console/")
    await page.fill("#name", "moi.vao")
    await page.fill("#password", "không phải mật khẩu này")
    await page.get_by_role("main").get_by_role("button").click()
    await expect(page.get_by_role("alert")).to_contain_text("không đúng")
    await expect(page.locator("#name")).to_have_value("moi.vao")
    await assert_accessible(page)
    await page.fill("#password", given)
    await page.get_by_role("main").get_by_role("button").click()
    await expect(page.get_by_text("Hãy chọn mật khẩu của riêng mình")).to_be_visible()
    await expect(page.get_by_role("navigation")).to_have_count(0)
    await page.fill("#current", given)
    await page.fill("#password", "ngắn")
    await page.fill("#again", "ngắn")
    await page.get_by_role("main").get_by_role("button").click()
    await expect(page.locator("#password-fault")).to_contain_text("ít nhất 12 ký tự")
    await assert_accessible(page)
    await page.fill("#current", given)
    for field in ("#password", "#again"):
        await page.fill(field, "cầu Sài Gòn về đêm")
    await page.get_by_role("main").get_by_role("button").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã đổi mật khẩu")


async def test_languages_change_the_whole_page_and_stay(page_as: PageAs) -> None:
    page = await page_as("admin")
    await page.goto("/console/audit")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Audit")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.get_by_role("link", name="Users").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Users")
    await page.get_by_role("button", name="Tiếng Việt").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Người dùng")


async def test_everybody_sees_what_they_may_open(page_as: PageAs) -> None:
    for role in ("viewer", "editor", "approver", "operator"):
        page = await page_as(role)
        await expect(page.get_by_role("link", name="Người dùng")).to_have_count(0)
        await page.goto("/console/users")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("không có quyền")
    await assert_accessible(page)


async def test_signing_out_leaves_nothing_behind_the_back_button(
    page: Page, console_site: Installation
) -> None:
    await sign_in(page, console_site, "admin")
    await page.goto("/console/users")
    await page.get_by_role("button", name="Đăng xuất").click()
    await expect(page.get_by_role("status")).to_contain_text("đã đăng xuất")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")


async def test_htmx_sends_the_token_and_runs_under_the_policy(page_as: PageAs) -> None:
    """A button that a page could have: htmx is there, and the guard lets its request in."""
    page = await page_as("viewer")
    await page.evaluate(
        """() => {
        const button = document.createElement("button");
        button.id = "probe";
        button.setAttribute("hx-post", "/console/language");
        button.setAttribute("hx-target", "#messages");
        button.textContent = "probe";
        document.querySelector("main").append(button);
        htmx.process(button);
        }"""
    )
    async with page.expect_response("**/console/language") as answered:
        await page.click("#probe")
    answer = await answered.value
    # Let in, and then told that no language was named.
    assert answer.status == 400
    await expect(page.locator("#messages")).to_contain_text("Không hiểu yêu cầu")
