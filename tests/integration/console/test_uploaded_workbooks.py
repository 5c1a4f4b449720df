"""Workbooks as they are uploaded: read in a process of their own, which the console outlives."""

import asyncio
import io
import time
import zipfile

import aiohttp
import pytest
from console_site import Answer, Browser, ConsoleSite
from openpyxl import Workbook
from yarl import URL

from gateway.domain.staff import Role
from gateway.web.console.pages.hand_list import _letters

PAGE = "/console/hand-list"
_SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b"%s</sheetData></worksheet>"
)


@pytest.fixture
async def browser(site: ConsoleSite) -> Browser:
    await site.with_directory()
    return await site.signed_in(Role.OPERATOR)


async def upload(browser: Browser, content: bytes) -> Answer:
    form = aiohttp.FormData({"csrf": browser.token, "unit": "H10.12"})
    form.add_field("file", content, filename="ds.xlsx")
    url = browser.base.join(URL(PAGE))
    async with browser.session.post(url, data=form, allow_redirects=False) as answer:
        return Answer(status=answer.status, text=await answer.text(), headers=answer.headers)


def workbook(*rows: list[object]) -> bytes:
    book, content = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def with_sheet(rows: bytes) -> bytes:
    """A workbook whose only sheet says this."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["a"]))) as sound,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in sound.namelist():
            said = _SHEET % rows if name.endswith("sheet1.xml") else sound.read(name)
            packed.writestr(name, said)
    return content.getvalue()


async def test_a_workbook_is_read_with_the_numbers_of_its_rows(browser: Browser) -> None:
    rows: list[list[object]] = [
        ["DANH SÁCH"],
        ["Mã hồ sơ", "Họ tên", "Điện thoại"],
        ["H10-1", "Nguyễn Thị Minh Ánh", 984765321],
        ["H10-2", "Trần Văn Bình", "không nhớ"],
    ]
    uploaded = await upload(browser, workbook(*rows))
    page = (await browser.get(uploaded.location)).text
    assert "1 dòng gửi được, 1 dòng cần sửa" in page
    assert '<th scope="row" data-label="Dòng">4</th>' in page


async def test_sheets_that_were_not_read_are_named_until_the_content_is_gone(
    browser: Browser,
) -> None:
    book, content = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.title = "Tháng 3"
    for sheet in (book.active, book.create_sheet("Tháng <4>")):
        sheet.append(["Mã hồ sơ", "Điện thoại"])
        sheet.append(["H10-1", "0984765321"])
    book.save(content)
    uploaded = await upload(browser, content.getvalue())
    page = (await browser.get(uploaded.location)).text
    assert "Chỉ đọc trang tính “Tháng 3”" in page
    assert "chưa được đọc: Tháng <4>" in page
    uploaded = await upload(browser, workbook(["Mã hồ sơ", "Điện thoại"], ["H10-2", "0984765321"]))
    assert "Chỉ đọc trang tính" not in (await browser.get(uploaded.location)).text


def test_columns_of_one_name_are_told_apart_by_their_letters() -> None:
    assert [_letters(at) for at in (0, 25, 26, 59)] == ["A", "Z", "AA", "BH"]


async def test_two_columns_of_one_name_can_be_chosen_between(browser: Browser) -> None:
    rows: list[list[object]] = [["Mã hồ sơ", "Điện thoại", "Điện thoại"], ["H10-1", "", "1"]]
    uploaded = await upload(browser, workbook(*rows))
    page = (await browser.get(uploaded.location)).text
    assert "Điện thoại (B)</option>" in page
    assert "Điện thoại (C)</option>" in page


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="99999999999"><c r="A9"><v>1</v></c></row>',
        b"<row/>" * 6_000_000,
    ],
    ids=["far-below", "millions"],
)
async def test_a_workbook_that_would_take_for_ever_is_refused_while_others_are_served(
    browser: Browser, rows: bytes
) -> None:
    content = with_sheet(rows)
    assert len(content) < 200_000
    refusing = asyncio.create_task(upload(browser, content))
    slowest = 0.0
    while not refusing.done():
        asked = time.monotonic()
        assert (await browser.get("/console/account")).status == 200
        slowest = max(slowest, time.monotonic() - asked)
        await asyncio.sleep(0.2)
    answer = await refusing
    assert answer.status == 422
    assert "Hãy chia thành nhiều tệp" in answer.text
    assert slowest < 5
