"""Erasing who stands in uploaded lists: drafts, running and finished ones lose the rows."""

import asyncio
import re
from uuid import UUID

import aiohttp
import pytest
from console_site import Browser, ConsoleSite
from yarl import URL

from gateway.domain.staff import Role
from gateway.ledger import jobs
from gateway.services.erase import Erase, Erasure, Whom
from gateway.services.live_templates import publish_shipped
from gateway.services.work_list import PART
from gateway.wiring import TEMPLATES

PAGE = "/console/hand-list"
PERSON = "H10-0150;Nguyễn Thị Minh Ánh;0984.765.321"


@pytest.fixture(autouse=True)
async def _ready(site: ConsoleSite) -> None:
    await site.with_directory()
    await publish_shipped(site.api.core.database, TEMPLATES)
    await site.api.core.templates.refresh()


def content(rows: int = 2 * PART) -> str:
    """Her row is one of the second part."""
    people = [f"H10-{n:04d};Trần Văn Bình;0912{n:06d}" for n in range(rows)]
    people[150] = PERSON
    return "\n".join(["Mã hồ sơ;Họ và tên;Điện thoại", *people])


async def uploaded(browser: Browser) -> str:
    form = aiohttp.FormData({"csrf": browser.token, "unit": "H10.12"})
    form.add_field("file", content().encode(), filename="ds.csv", content_type="text/csv")
    url = browser.base.join(URL(PAGE))
    async with browser.session.post(url, data=form, allow_redirects=False) as answer:
        return answer.headers["Location"]


async def confirm(browser: Browser, path: str) -> None:
    reading = re.search(r'name="reading" value="([^"]+)"', (await browser.get(path)).text)
    assert reading
    await browser.post(f"{path}/begin", reading=reading[1])


async def erase(site: ConsoleSite, **whom: str) -> Erasure:
    core = site.api.core
    erase = Erase(
        database=core.database, hasher=core.hasher, sealer=core.sealer, actor="an officer"
    )
    found = await erase.in_lists(Whom(**whom))
    erasure = await erase.erase(Whom(**whom))
    assert erasure.counts.list_rows == found
    return erasure


async def plain(site: ConsoleSite) -> str:
    """What the sealed contents of all lists say."""
    rows = await site.rows("SELECT id, sealed, seal_key FROM hand_list WHERE sealed IS NOT NULL")
    opened = [
        site.api.core.sealer.open(row["sealed"], row["seal_key"], row["id"].bytes) for row in rows
    ]
    return b"\n".join(opened).decode()


@pytest.mark.parametrize(
    ("whom", "rows"),
    [
        ({"phone": "0984 765 321"}, 1),
        ({"phone": "+84984765321"}, 1),
        ({"dossier": "h10-0150"}, 1),
        ({"dossier": "H10-0150", "name": "nguyen thi anh"}, 1),
        ({"dossier": "H10-0150", "name": "Trần Văn Bình"}, 0),
        ({"dossier": "H10-0150", "source": "another"}, 0),
        ({"phone": "0984 765 322"}, 0),
    ],
    ids=["phone", "international", "dossier", "name", "other-name", "other-source", "other-phone"],
)
async def test_a_draft_loses_the_rows_of_the_person_and_no_others(
    site: ConsoleSite, whom: dict[str, str], rows: int
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = await uploaded(browser)
    assert (await erase(site, **whom)).counts.list_rows == rows
    left = await plain(site)
    assert ("Minh Ánh" in left) == (rows == 0)
    assert "H10-0149" in left
    page = (await browser.get(path)).text
    assert f"{2 * PART - rows} dòng gửi được, {rows} dòng cần sửa" in page
    assert ("đã được xóa theo yêu cầu" in page) == (rows == 1)


async def test_a_running_list_goes_on_without_the_person(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = await uploaded(browser)
    await confirm(browser, path)
    await site.work_off(parts=1)
    await erase(site, phone="0984765321")
    await site.work_off()
    page = (await browser.get(path)).text
    assert f"Xong: {2 * PART - 1} dòng đã nhận gửi, 0 dòng đã gửi từ trước, 1 dòng không" in page
    assert "Minh Ánh" not in await plain(site)
    assert "0984" not in (await browser.get(f"{path}/faults.csv")).text
    [row] = await site.rows("SELECT count(*) AS rows FROM notification")
    assert row["rows"] == 2 * PART - 1


async def test_a_finished_list_loses_the_row_and_its_message_is_erased(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    await confirm(browser, await uploaded(browser))
    await site.work_off()
    erasure = await erase(site, phone="0984765321")
    assert (erasure.counts.notifications, erasure.counts.list_rows) == (1, 1)
    assert "Minh Ánh" not in await plain(site)
    again = await erase(site, phone="0984765321")
    assert (again.counts.notifications, again.counts.list_rows) == (0, 0)


async def test_a_part_that_was_taken_with_the_person_in_it_is_waited_for(
    site: ConsoleSite,
) -> None:
    """Its messages come up while the erasure runs, and are erased with the rest."""
    browser = await site.signed_in(Role.OPERATOR)
    await confirm(browser, await uploaded(browser))
    await site.work_off(parts=1)
    database = site.api.core.database
    async with database.connection() as connection:
        taken = await jobs.take(connection, UUID(int=1))
        assert taken is not None
    erasing = asyncio.create_task(erase(site, phone="0984765321"))
    for _ in range(400):
        if "Minh Ánh" not in await plain(site):
            break
        await asyncio.sleep(0.05)
    late = await site.owed(1, applicant={"name": "Nguyễn Thị Minh Ánh", "phones": ["0984765321"]})
    async with database.transaction() as connection:
        await jobs.move(connection, taken.id)
    assert (await erasing).counts.notifications == 1
    [row] = await site.rows("SELECT sealed FROM notification WHERE id = $1", late)
    assert row["sealed"] is None
