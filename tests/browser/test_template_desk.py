"""The desk in a real browser: from an edit to the changed notice on a citizen's phone, by mouse and
by keyboard alone, with the connection lost, narrow, enlarged, and for who cannot see the page."""

import asyncio
import os

import aiohttp
import pytest
from browsing import PICTURES, PageAs, assert_accessible, assert_fits, screenshot
from installation import Installation, event
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIST = "/console/templates"
SMS, ZALO = f"{LIST}/result-ready.sms.vi", f"{LIST}/result-ready.zalo.vi"
VOICE = f"{LIST}/result-ready.voice.vi"
# Each story has a template of its own, so that none finds what another left.
KEYS, LOST, TWO = (f"{LIST}/{kind}.sms.vi" for kind in ("received", "overdue", "stopped"))
SMS_ONLY = "0900000043"
BOX = "#box-text"


async def picture(page: Page, name: str) -> None:
    """What somebody sees without scrolling, where pictures are asked for."""
    if os.environ.get("PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        await page.screenshot(path=PICTURES / f"{name}.png")


async def _typed(page: Page, old: str, new: str, box: str = BOX) -> None:
    """Change some words, and wait until the preview has heard of it."""
    before = await page.input_value(box)
    assert old in before
    async with page.expect_response("**/preview"):
        await page.fill(box, before.replace(old, new))


@pytest.fixture(scope="module")
def everything(console_site: Installation) -> Installation:
    """With those who send and receive."""
    console_site.start_missing("worker-1", "clock", "sandbox")
    return console_site


async def test_a_changed_text_reaches_a_citizens_phone(
    page_as: PageAs, everything: Installation
) -> None:
    editor = await page_as("editor")
    await editor.goto(LIST)
    await picture(editor, "templates-list")
    await editor.get_by_role("link", name="SMS Có kết quả", exact=True).click()
    await picture(editor, "templates-editor")

    await _typed(editor, "đã có kết quả", "đã có kết quả, xem https://dvc.vn/1, {{ ma_so }}")
    await expect(editor.locator("#verdict")).to_have_text("Có 2 lỗi phải sửa trước khi gửi duyệt.")
    remarks = editor.locator("#remarks-text li")
    await expect(remarks).to_contain_text(["Không có biến nào tên là “ma_so”", "đường liên kết"])
    await expect(editor.locator(".marks mark.grave")).to_have_text(["https://dvc.vn/1,", "ma_so"])
    await picture(editor, "templates-faults")
    await remarks.nth(1).get_by_role("button").click()
    chosen = await editor.evaluate(
        "(({value, selectionStart, selectionEnd}) => value.slice(selectionStart, selectionEnd))"
        "(document.activeElement)"
    )
    assert chosen == "https://dvc.vn/1,"

    await _typed(editor, "đã có kết quả, xem https://dvc.vn/1, {{ ma_so }}", "đã xong")
    await expect(editor.locator("#verdict")).to_have_text("Không thấy lỗi nào.")
    await expect(editor.locator(".bubble").first).to_contain_text("da xong")
    await editor.get_by_role("button", name="Lưu và gửi duyệt").click()
    await editor.wait_for_url(f"**{SMS}/review")
    await expect(editor.locator("del")).to_contain_text("có kết quả")
    await editor.fill("#note", "gọn hơn")
    await editor.get_by_role("button", name="Gửi duyệt", exact=True).click()
    await expect(editor.locator("#messages")).to_contain_text("Đã gửi duyệt")
    await expect(editor.get_by_role("button", name="Phát hành", exact=True)).to_have_count(0)

    approver = await page_as("approver")
    await approver.goto("/console/templates-to-release")
    await picture(approver, "templates-queue")
    await approver.get_by_role("link", name="Xem và duyệt").click()
    await expect(approver.locator("q")).to_have_text("gọn hơn")
    await screenshot(approver, "templates-review")
    await approver.get_by_role("button", name="Phát hành", exact=True).click()
    await expect(approver.locator("#messages")).to_contain_text("Đã phát hành")
    await picture(approver, "templates-versions")
    # The API looks for what is newest once a second.
    await asyncio.sleep(1.5)

    async with aiohttp.ClientSession() as session:
        status, answer = await everything.post(session, event(1, SMS_ONLY))
        assert status == 202, answer
        await everything.ended(session, answer["notifications"][0]["id"])
    await approver.goto(f"{everything.sandbox_url}/phones/{SMS_ONLY}")
    await expect(approver.get_by_text("da xong")).to_be_visible()
    await picture(approver, "templates-phone")


async def test_a_specimen_reaches_ones_own_phone(page_as: PageAs, everything: Installation) -> None:
    page = await page_as("editor")
    await page.goto(f"{LIST}/fee-due.sms.vi")
    await page.get_by_text("Gửi thử cho chính mình").click()
    await page.get_by_label("Số điện thoại của anh/chị").fill("0912 345 678")
    await page.get_by_role("button", name="Gửi thử").click()
    await expect(page.locator("#specimen-result")).to_contain_text("Đã gửi thử tới +84•••678")
    await page.locator("#specimen-result").scroll_into_view_if_needed()
    await picture(page, "templates-specimen")
    await page.goto(f"{everything.sandbox_url}/phones/0912345678")
    await expect(page.get_by_text("[TIN THU]")).to_be_visible()


async def test_a_text_is_written_and_asked_for_by_keyboard_alone(page_as: PageAs) -> None:
    page = await page_as("editor")
    await page.goto(KEYS)

    async def tab_to(selector: str) -> None:
        for _ in range(60):
            await page.keyboard.press("Tab")
            if await page.evaluate(f"document.activeElement.matches({selector!r})"):
                return
        raise AssertionError(f"{selector} is out of reach")

    await tab_to(BOX)
    await page.keyboard.press("Control+End")
    await page.keyboard.type("Chủ hồ sơ: ")
    await page.keyboard.press("Shift+Tab")
    for _ in range(20):
        if await page.evaluate("document.activeElement.closest('.tool') !== null"):
            break
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("chu ho so")
    async with page.expect_response("**/preview"):
        await page.keyboard.press("Enter")
    assert (await page.input_value(BOX)).endswith("Chủ hồ sơ: {{ owner }}")
    await tab_to("#save")
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages")).to_contain_text("Đã lưu bản nháp")
    await tab_to('button[value="ask"]')
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/review")
    await tab_to("#note")
    await page.keyboard.type("thêm chủ hồ sơ")
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages")).to_contain_text("Đã gửi duyệt")


async def test_a_case_goes_around_what_was_selected(page_as: PageAs) -> None:
    page = await page_as("editor")
    await page.goto(f"{LIST}/correction.sms.vi")
    await page.fill(BOX, "Xin mang theo giấy hẹn.")
    await page.evaluate(f"document.querySelector({BOX!r}).setSelectionRange(0, 22)")
    await page.get_by_text("Đặt điều kiện", exact=True).click()
    await page.get_by_role("button", name="Chỉ khi viết cho người được ủy quyền").click()
    assert await page.input_value(BOX) == ("{% if authorised %}Xin mang theo giấy hẹn{% endif %}.")


async def test_a_lost_connection_loses_no_text(page_as: PageAs) -> None:
    page = await page_as("editor")
    await page.goto(LOST)
    await page.context.set_offline(True)
    await page.fill(BOX, "chưa kịp lưu {{ code }}")
    await page.get_by_role("button", name="Lưu bản nháp").click()
    await expect(page.locator("#offline")).to_be_visible()
    await expect(page.locator(BOX)).to_have_value("chưa kịp lưu {{ code }}")
    await page.context.set_offline(False)

    # The machine was switched off meanwhile: the page comes anew, the text is still there.
    again = await page.context.new_page()
    await again.goto(LOST)
    await expect(again.locator(BOX)).not_to_have_value("chưa kịp lưu {{ code }}")
    await expect(again.locator("#kept")).to_be_visible()
    await again.get_by_role("button", name="Dùng lại chữ ấy").click()
    await expect(again.locator(BOX)).to_have_value("chưa kịp lưu {{ code }}")
    await again.get_by_role("button", name="Lưu bản nháp").click()
    await expect(again.locator("#messages")).to_contain_text("Đã lưu bản nháp")
    await again.reload()
    await expect(again.locator("#kept")).to_be_hidden()


async def test_two_who_edit_at_once_are_told_and_lose_nothing(page_as: PageAs) -> None:
    first, second = await page_as("editor"), await page_as("editor")
    for page in (first, second):
        await page.goto(TWO)
    await first.fill(BOX, "của người thứ nhất {{ code }}")
    await first.get_by_role("button", name="Lưu bản nháp").click()
    await expect(first.locator("#messages")).to_contain_text("Đã lưu bản nháp")
    await second.fill(BOX, "của người thứ hai {{ code }}")
    await second.get_by_role("button", name="Lưu bản nháp").click()
    await expect(second.get_by_role("heading", name="Hai người cùng sửa")).to_be_visible()
    await expect(second.locator("del")).to_contain_text("nhất")
    await expect(second.locator(BOX)).to_have_value("của người thứ hai {{ code }}\n")
    await picture(second, "templates-conflict")
    await assert_accessible(second)
    await second.get_by_role("button", name="Lưu bản nháp").click()
    await expect(second.locator("#messages")).to_contain_text("Đã lưu bản nháp")
    await expect(second.locator(BOX)).to_have_value("của người thứ hai {{ code }}\n")


@pytest.mark.parametrize(
    "path",
    [LIST, SMS, ZALO, VOICE, f"{SMS}?whole=1", f"{SMS}/versions", "/console/templates-to-release"],
    ids=["list", "sms", "zalo", "voice", "whole", "versions", "queue"],
)
async def test_a_page_of_the_desk_is_accessible_and_fits(page_as: PageAs, path: str) -> None:
    page = await page_as("editor")
    await page.goto(path)
    if await page.locator(BOX).count():
        async with page.expect_response("**/preview"):
            await page.fill(BOX, "{{ ten }} nhanh chóng {{ fee }} https://a.vn")
    for summary in await page.locator("details:not(.tool) > summary").all():
        if await summary.is_visible():
            await summary.click()
    await assert_accessible(page)
    await assert_fits(page)


async def test_panels_and_calls_are_shown_as_staff_see_them(page_as: PageAs) -> None:
    page = await page_as("editor")
    await page.goto(SMS)
    await page.get_by_text("Chèn biến", exact=True).click()
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, "templates-words")
    await page.keyboard.press("Escape")
    await page.get_by_text("Đặt điều kiện", exact=True).click()
    await picture(page, "templates-cases")
    await page.goto(ZALO)
    await picture(page, "templates-zalo")
    await page.goto(VOICE)
    await picture(page, "templates-voice")


async def test_who_listens_after_the_session_ended_is_told_so(page_as: PageAs) -> None:
    page = await page_as("editor")
    await page.goto(VOICE)
    if await page.locator(".listen").count() == 0:
        pytest.skip("NO VOICE: listening was NOT tested. Install espeak-ng and run again.")
    await page.context.clear_cookies()
    await page.locator(".listen").first.click()
    await expect(page.locator("#messages")).to_contain_text("Phiên làm việc đã kết thúc.")


async def test_without_a_script_a_text_survives_the_end_of_the_session(
    browser: Browser, console_site: Installation, page_as: PageAs
) -> None:
    signed_in = await (await page_as("editor")).context.storage_state()
    async with await browser.new_context(
        base_url=console_site.base_url,
        locale="vi-VN",
        storage_state=signed_in,
        java_script_enabled=False,
    ) as context:
        page = await context.new_page()
        await page.goto(KEYS)
        await page.fill(BOX, "một câu viết đã lâu {{ code }}")
        await context.clear_cookies()
        await page.click("#save")
        await expect(page.locator("h1")).to_have_text("Phiên làm việc đã kết thúc.")
        await expect(page.locator("textarea")).to_have_value("một câu viết đã lâu {{ code }}")


async def test_a_viewer_reads_and_changes_nothing(page_as: PageAs) -> None:
    page = await page_as("viewer")
    await page.goto(SMS)
    await expect(page.locator(BOX)).to_have_attribute("readonly", "")
    await expect(page.get_by_role("button", name="Lưu bản nháp")).to_have_count(0)
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="What citizens will get")).to_be_visible()
    await page.get_by_role("button", name="Tiếng Việt").click()
