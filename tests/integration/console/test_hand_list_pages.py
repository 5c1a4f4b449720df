"""A list from upload to its end: matched, put right, confirmed, sent once; by whom it is seen."""

import re

import aiohttp
import pytest
from console_site import Answer, Browser, ConsoleSite
from yarl import URL

from gateway.domain.staff import Role
from gateway.intake.hand_file import read_table
from gateway.ledger import hand_lists
from gateway.services.live_templates import publish_shipped
from gateway.wiring import TEMPLATES

BU_DOP, LOC_NINH, PAGE = "H10.12", "H10.13", "/console/hand-list"
GOOD = "H10-0001;Nguyễn Thị Minh Ánh;0984 765 321\nH10-0002;Trần Văn Bình;912345678\n"
LIST = f"Mã hồ sơ;Họ và tên;Điện thoại\n{GOOD}=H10-0003;Lê Cường;không có\n;Phạm Dung;0984765322\n"


@pytest.fixture(autouse=True)
async def _ready(site: ConsoleSite) -> None:
    await site.with_directory()
    await publish_shipped(site.api.core.database, TEMPLATES)
    await site.api.core.templates.refresh()


async def upload(browser: Browser, content: str | bytes, unit: str = BU_DOP) -> Answer:
    form = aiohttp.FormData({"csrf": browser.token, "unit": unit})
    raw = content.encode() if isinstance(content, str) else content
    form.add_field("file", raw, filename="danh-sach.csv", content_type="text/csv")
    url = browser.base.join(URL(PAGE))
    async with browser.session.post(url, data=form, allow_redirects=False) as answer:
        return Answer(status=answer.status, text=await answer.text(), headers=answer.headers)


async def begun(browser: Browser, path: str) -> Answer:
    """Looked at and confirmed."""
    page = await browser.get(path)
    reading = re.search(r'name="reading" value="([^"]+)"', page.text)
    return await browser.post(f"{path}/begin", reading=reading[1] if reading else "")


async def sent(site: ConsoleSite, browser: Browser, path: str) -> Answer:
    """Confirmed, and worked off while no page is open."""
    await begun(browser, path)
    await site.work_off()
    return await browser.get(path)


async def events(site: ConsoleSite) -> int:
    [row] = await site.rows("SELECT count(*) AS rows FROM notification")
    return int(row["rows"])


async def test_nothing_is_sent_before_it_is_confirmed_and_nothing_twice(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    uploaded = await upload(browser, LIST)
    assert uploaded.status == 303
    page = await browser.get(uploaded.location)
    for shown in (
        *("2 dòng gửi được, 2 dòng cần sửa", "Gửi 2 dòng", "Trần Văn Bình"),
        *("Số điện thoại không đọc được", "Thiếu mã hồ sơ"),
    ):
        assert shown in page.text
    await site.work_off()
    assert await events(site) == 0

    done = await sent(site, browser, uploaded.location)
    assert "2 dòng đã nhận gửi, 0 dòng đã gửi từ trước, 2 dòng không gửi" in done.text
    assert await events(site) == 2
    [by] = await site.rows("SELECT DISTINCT actor FROM history WHERE revision = 1")
    assert by["actor"].startswith("user:")
    again = await upload(browser, LIST)
    twice = await sent(site, browser, again.location)
    assert "0 dòng đã nhận gửi, 2 dòng đã gửi từ trước" in twice.text
    other = await upload(browser, LIST.replace("0984 765 321", "0987 000 111"))
    conflict = await sent(site, browser, other.location)
    assert "đã gửi trước đó với nội dung khác" in conflict.text
    assert await events(site) == 2
    acts = [(act, detail) for act, _, detail in await site.audited()]
    assert (
        acts
        == [("hand_list.upload", "H10.12 igate-bu-dop"), ("hand_list.send", "H10.12 igate-bu-dop")]
        * 3
    )


async def test_faulty_rows_are_downloaded_with_their_reasons_and_without_formulas(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    uploaded = await upload(browser, LIST)
    url = browser.base.join(URL(f"{uploaded.location}/faults.csv"))
    async with browser.session.get(url) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        table = read_table(await answer.read())
    assert table.header[-1] == "Lý do"
    assert [row[0] for row in table.rows] == ["=H10-0003", ""]
    assert table.rows[0][-1] == "Số điện thoại không đọc được."


async def test_columns_that_were_not_guessed_are_chosen(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    uploaded = await upload(browser, f"A;B;C\n{GOOD}")
    page = await browser.get(uploaded.location)
    assert page.text.count("Hãy chọn cột.") == 2
    assert "Gửi 2 dòng" not in page.text
    refused = await browser.post(f"{uploaded.location}/begin")
    assert "Còn thiếu cột" in (await browser.get(refused.location)).text
    await browser.post(f"{uploaded.location}/columns", code="0", name="1", phone="2", ready="99")
    assert "Gửi 2 dòng" in (await browser.get(uploaded.location)).text
    await browser.post(f"{uploaded.location}/discard")
    assert (await browser.get(uploaded.location)).status == 404
    assert await events(site) == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Hãy chọn một tệp"),
        (b"M\0\1\n1\n", "không phải bảng"),
        (b"M\xe3 h\xf4 s\xec;\xd0\n1;2\n", "Bảng mã của tệp không đọc được"),
        (b"a;b\n", "không có dòng nào"),
    ],
    ids=["none", "binary", "windows-1258", "header-only"],
)
async def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    site: ConsoleSite, content: bytes, sentence: str
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    answer = await upload(browser, content)
    assert answer.status == 422
    assert sentence in answer.text
    assert await site.rows("SELECT FROM hand_list") == []


async def test_a_list_is_its_uploaders_alone_sealed_and_of_their_units(site: ConsoleSite) -> None:
    browser = await site.limited(Role.OPERATOR, BU_DOP)
    assert (await upload(browser, LIST, LOC_NINH)).status == 422
    uploaded = await upload(browser, LIST)
    assert uploaded.status == 303
    other = await site.signed_in(Role.OPERATOR)
    for path in ("", "/faults.csv"):
        assert (await other.get(uploaded.location + path)).status == 404
    assert (await other.get(f"{uploaded.location}/progress")).status == 404
    for path in ("/columns", "/begin", "/discard"):
        answer = await other.post(uploaded.location + path)
        assert (answer.status, answer.location) in ((404, ""),), path
    [row] = await site.rows("SELECT sealed, state, uploader FROM hand_list")
    assert row["state"] == "draft"
    assert b"0984" not in row["sealed"]
    await site.rows("UPDATE hand_list SET created_at = now() - interval '25 hours'")
    async with site.api.core.database.connection() as connection:
        await hand_lists.forget_old(connection)
    gone = await browser.get(uploaded.location)
    assert "đã được xóa sau một ngày" in gone.text
    assert (await browser.get(f"{uploaded.location}/faults.csv")).status == 404


async def test_templates_have_the_columns_that_are_guessed(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    for name in ("mau.csv", "mau.xlsx"):
        url = browser.base.join(URL(f"{PAGE}/files/{name}"))
        async with browser.session.get(url) as answer:
            content = await answer.read()
        assert answer.status == 200
        assert content
    assert (await browser.get(f"{PAGE}/files/none")).status == 404
