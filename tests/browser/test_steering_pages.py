"""Steering in a real browser: a pause that everybody sees, a pick-up point that the next notice
names, a list with bad rows; every page accessible and narrow."""

import signal

import asyncpg
import pytest
from browsing import PageAs, assert_accessible, assert_fits, screenshot
from installation import Installation
from playwright.async_api import Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = (
    "accounts",
    "accounts/esms-main",
    "held",
    "held/one",
    "suppressions",
    "directory",
    "directory/pickup_point",
    "directory/unit/H10.12",
    "directory/calendar_day/_new",
    "mapping-trial",
    "hand-list",
)
PAUSE = "INSERT INTO pause (scope, actor) VALUES ('everything', 'test') RETURNING 1"
LIST = """Mã hồ sơ;Họ và tên;Số điện thoại
H10-TAY-0001;Nguyễn Thị Minh Ánh;0984 765 321
H10-TAY-0002;Trần Văn Bình;không nhớ
;Lê Cường;0912 345 678
"""


async def test_every_page_is_accessible_and_fits(page_as: PageAs) -> None:
    page = await page_as("operator")
    for path in PAGES:
        await page.goto(f"/console/{path}")
        await assert_accessible(page)
        await assert_fits(page)


async def test_connections_are_accessible_and_fit(page_as: PageAs) -> None:
    page = await page_as("admin")
    for path in ("account/zalo-oa", "source/igate-bu-dop", "account/zalo-oa/history"):
        await page.goto(f"/console/directory/{path}")
        await assert_accessible(page)
        await assert_fits(page)


async def test_a_pause_stands_on_every_page_until_it_is_taken_back(page_as: PageAs) -> None:
    page, viewer = await page_as("operator"), await page_as("viewer")
    await page.goto("/console/accounts")
    await page.get_by_label("Dừng gì").select_option("unit:H10.13")
    await page.get_by_label("Lý do").fill("mất điện cả xã")
    await page.get_by_role("button", name="Tạm dừng").click()
    banner = page.get_by_role("region", name="Đang tạm dừng gửi")
    await expect(banner).to_contain_text("mất điện cả xã")
    await assert_accessible(page)
    await assert_fits(page)
    await screenshot(page, "console-paused")
    await viewer.goto("/console/account")
    await expect(viewer.get_by_role("region", name="Đang tạm dừng gửi")).to_be_visible()
    await page.get_by_role("button", name="Cho gửi lại: Đơn vị").click()
    await expect(banner).to_have_count(0)


async def test_an_edited_pickup_point_is_what_the_next_notice_says(
    page_as: PageAs, console_site: Installation
) -> None:
    page = await page_as("operator")
    await page.goto("/console/directory/pickup_point/bu-dop")
    await page.get_by_label("Địa chỉ").fill("số 9 đường Hoa Ban, Bù Đốp")
    await page.get_by_label("Thứ sáu, đóng cửa 2").fill("11:00")
    await page.get_by_role("button", name="Xem thay đổi").click()
    await expect(page.locator("#hours-fault")).to_contain_text("mở trước đóng")
    await page.get_by_label("Thứ sáu, đóng cửa 2").fill("16:00")
    await page.get_by_role("button", name="Xem thay đổi").click()
    await expect(page.get_by_role("cell", name="số 9 đường Hoa Ban, Bù Đốp")).to_be_visible()
    await assert_accessible(page)
    await assert_fits(page)
    await screenshot(page, "console-pickup-point-change")
    await page.get_by_role("button", name="Lưu những thay đổi này").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã lưu")

    event = {
        "specversion": "1.0",
        "id": "after-the-edit",
        "source": "/h10/bu-dop/igate",
        "type": "vn.dossier.result-ready",
        "data": {
            "dossier": {"code": "H10-SUA-0001"},
            "applicant": {"name": "Nguyễn Văn An", "phones": ["0984 765 321"]},
            "unit": "H10.12",
        },
    }
    answer = await page.request.post(
        f"{console_site.base_url}/v1/events?check=1", data=event, headers=console_site.headers()
    )
    texts = [message["text"] for message in (await answer.json())["messages"]]
    assert any("Hoa Ban" in text for text in texts)

    await page.get_by_role("link", name="Lịch sử").click()
    await expect(page.get_by_text("số 1 đường Lê Hồng Phong, Bù Đốp →")).to_be_visible()
    await assert_accessible(page)
    await page.get_by_role("button", name="Lấy lại bản này").last.click()
    await expect(page.get_by_role("status")).to_contain_text("Đã lấy lại bản cũ")
    await expect(page.get_by_label("Địa chỉ")).to_have_value("số 1 đường Lê Hồng Phong, Bù Đốp")


async def test_a_list_with_bad_rows_is_uploaded_confirmed_and_sent(
    page_as: PageAs, console_site: Installation
) -> None:
    console_site.start_missing("worker-1", "clock", "sandbox")
    page = await page_as("operator")
    await page.goto("/console/hand-list")
    await page.get_by_label("Tệp Excel hoặc CSV").set_input_files(
        {"name": "ds.csv", "mimeType": "text/csv", "buffer": LIST.encode("utf-8-sig")}
    )
    await page.get_by_role("button", name="Tải lên và kiểm tra").click()
    await expect(
        page.get_by_role("heading", name="1 dòng gửi được, 2 dòng cần sửa")
    ).to_be_visible()
    await expect(page.get_by_text("Số điện thoại không đọc được")).to_be_visible()
    await assert_accessible(page)
    await assert_fits(page)
    await screenshot(page, "console-hand-list-check")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Tải các dòng này về").click()
    assert (await downloading.value).suggested_filename == "dong-can-sua.csv"
    await page.get_by_role("button", name="Gửi 1 dòng").click()
    # The page asks how far it is, and is new once all is done.
    await expect(page.get_by_text("Xong: 1 dòng đã nhận gửi")).to_be_visible()
    await expect(page.get_by_role("progressbar")).to_have_attribute("value", "3")
    await assert_accessible(page)


async def test_breakers_and_balances_are_accessible_and_fit(
    page_as: PageAs, console_site: Installation, session_database_url: str
) -> None:
    # Nobody at work says otherwise.
    for name in ("worker-1", "clock"):
        if name in console_site.processes:
            console_site.kill(name)
    connection = await asyncpg.connect(session_database_url)
    try:
        await connection.execute("TRUNCATE heartbeat, account_balance")
        await connection.execute(
            """
            INSERT INTO heartbeat (process, kind, at, breakers) VALUES
                (gen_random_uuid(), 'worker', now() + interval '1 hour', '{}'),
                (gen_random_uuid(), 'worker', now() + interval '1 hour', '{"esms-main":
                    {"state": "open", "since": "2026-03-03T02:00:00Z"},
                    "zalo-oa": {"state": "probing", "since": "2026-03-03T02:00:00Z"}}');
            INSERT INTO account_balance VALUES ('esms-main', 1250000, 'VND', now());
            """
        )
        page = await page_as("operator")
        for path in ("accounts", "accounts/esms-main"):
            await page.goto(f"/console/{path}")
            await expect(page.get_by_text("ở 1 trên 2 tiến trình gửi").first).to_be_visible()
            await expect(page.get_by_text("1.250.000 VND").first).to_be_visible()
            await assert_accessible(page)
            await assert_fits(page)
            if path == "accounts":
                await screenshot(page, "console-accounts")
    finally:
        await connection.execute("TRUNCATE heartbeat, account_balance")
        await connection.close()


async def upload(page: Page, rows: int, prefix: str) -> None:
    people = (f"{prefix}-{n:04d};Trần Văn Bình;0912{n:06d}" for n in range(rows))
    content = "\n".join(["Mã hồ sơ;Họ và tên;Số điện thoại", *people])
    await page.goto("/console/hand-list")
    await page.get_by_label("Tệp Excel hoặc CSV").set_input_files(
        {"name": "ds.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )
    await page.get_by_role("button", name="Tải lên và kiểm tra").click()
    await page.get_by_role("button", name=f"Gửi {rows} dòng").click()


async def test_a_running_list_goes_on_while_its_page_is_closed_and_is_stopped(
    page_as: PageAs, console_site: Installation
) -> None:
    if "worker-1" in console_site.processes:
        console_site.kill("worker-1")
    page = await page_as("operator")
    await console_site.rows(PAUSE)
    try:
        await watch_and_stop(page, console_site)
    finally:
        if "worker-1" in console_site.processes:
            console_site.processes["worker-1"].send_signal(signal.SIGCONT)
        await console_site.rows("DELETE FROM pause RETURNING 1")


async def watch_and_stop(page: Page, console_site: Installation) -> None:
    await upload(page, 5000, "H10-DAI")
    bar = page.get_by_role("progressbar")
    await expect(bar).to_have_attribute("value", "0")
    await expect(page.get_by_text("tự chạy tiếp; có thể đóng trang")).to_be_visible()
    await page.get_by_role("button", name="Dừng lại").focus()
    console_site.start_missing("worker-1", "clock", "sandbox")
    await console_site.until_rows("SELECT FROM hand_list WHERE rows = 5000 AND done > 0")
    # However slow the pages, the list is under way on all of them.
    worker = console_site.processes["worker-1"]
    worker.send_signal(signal.SIGSTOP)
    await expect(bar).not_to_have_attribute("value", "0")
    # Asking how far it is takes the button from under nobody's fingers.
    await expect(page.get_by_role("button", name="Dừng lại")).to_be_focused()
    await assert_accessible(page)
    await assert_fits(page)
    address = page.url
    # The picture is of a day on which nothing is paused.
    await console_site.rows("DELETE FROM pause RETURNING 1")
    await page.goto(address)
    await console_site.rows(PAUSE)
    await screenshot(page, "console-hand-list-progress")
    await page.goto("/console/jobs")
    await expect(page.get_by_role("row", name="Gửi theo danh sách")).to_contain_text("5000")
    await assert_accessible(page)
    await assert_fits(page)
    await page.goto(address)
    await page.get_by_role("button", name="Dừng lại").click()
    # It may have halted with the row locked that stopping the list writes to.
    worker.send_signal(signal.SIGCONT)
    await expect(page.get_by_text("đã dừng việc này ở")).to_be_visible()
    await assert_accessible(page)
    await assert_fits(page)
    await page.goto("/console/jobs")
    await expect(page.get_by_text("Không có việc nào đang chạy")).to_be_visible()
    await assert_accessible(page)
