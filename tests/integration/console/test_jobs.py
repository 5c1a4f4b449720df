"""Jobs go on while nobody looks; stopped by those who may, interrupted, taken twice, orphaned."""

import asyncio
import re
from uuid import UUID

import aiohttp
import pytest
from console_site import Answer, Browser, ConsoleSite
from yarl import URL

from gateway.domain.staff import Role
from gateway.ledger import jobs, restored
from gateway.ledger.jobs import JobKind
from gateway.services.jobs import MOST_TRIES
from gateway.services.live_templates import publish_shipped
from gateway.services.work_list import PART
from gateway.wiring import TEMPLATES, wire_jobs

BU_DOP, LOC_NINH, PAGE = "H10.12", "H10.13", "/console/hand-list"


@pytest.fixture(autouse=True)
async def _ready(site: ConsoleSite) -> None:
    await site.with_directory()
    await publish_shipped(site.api.core.database, TEMPLATES)
    await site.api.core.templates.refresh()


def rows_of(count: int, prefix: str = "H10") -> str:
    people = (f"{prefix}-{n:04d};Trần Văn Bình;0912{n:06d}" for n in range(count))
    return "\n".join(["Mã hồ sơ;Họ và tên;Điện thoại", *people])


async def begun(browser: Browser, content: str, unit: str = BU_DOP) -> str:
    """The page of a list that was uploaded and confirmed."""
    form = aiohttp.FormData({"csrf": browser.token, "unit": unit})
    form.add_field("file", content.encode(), filename="ds.csv", content_type="text/csv")
    url = browser.base.join(URL(PAGE))
    async with browser.session.post(url, data=form, allow_redirects=False) as answer:
        assert answer.status == 303
        path = answer.headers["Location"]
    reading = re.search(r'name="reading" value="([^"]+)"', (await browser.get(path)).text)
    assert reading
    await browser.post(f"{path}/begin", reading=reading[1])
    return path


async def stop(browser: Browser, page: Answer) -> Answer:
    action = re.search(r'action="(/console/jobs/job_[0-9a-f]{32}/stop)"', page.text)
    assert action, page.text
    return await browser.post(action[1])


async def stands(site: ConsoleSite) -> tuple[str, int, int, int, str]:
    """The only list: its state, how far it is, what was accepted and seen, and why it stopped."""
    [row] = await site.rows("SELECT state, done, accepted, seen, stopped FROM hand_list")
    return tuple(row)


async def owed(site: ConsoleSite) -> int:
    [row] = await site.rows("SELECT count(*) AS rows FROM notification")
    return int(row["rows"])


async def test_a_list_is_worked_off_part_by_part_and_its_page_asks_how_far(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = await begun(browser, rows_of(PART + 20))
    await site.work_off(parts=1)
    page = await browser.get(path)
    assert f"Đã xử lý {PART} trên {PART + 20} dòng: {PART} dòng đã nhận gửi" in page.text
    assert f'hx-get="{path}/progress" hx-trigger="every 2s"' in page.text
    assert "tự chạy tiếp; có thể đóng trang" in page.text
    part = await browser.get(f"{path}/progress", **{"HX-Request": "true"})
    assert "HX-Refresh" not in part.headers
    await site.work_off()
    ended = await browser.get(f"{path}/progress", **{"HX-Request": "true"})
    assert ended.headers["HX-Refresh"] == "true"
    page = await browser.get(path)
    assert f"Xong: {PART + 20} dòng đã nhận gửi" in page.text
    assert "Dừng lại" not in page.text
    assert await site.rows("SELECT FROM job") == []
    assert await owed(site) == PART + 20


async def test_what_a_list_sends_waits_behind_what_dossier_systems_post(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    await begun(browser, rows_of(3))
    await site.work_off()
    rows = await site.rows("SELECT DISTINCT n.class, d.class FROM notification n, due d")
    assert [tuple(row) for row in rows] == [("bulk", "bulk")]


async def test_a_confirmed_list_is_no_storm_and_uses_up_nobodys_hour(site: ConsoleSite) -> None:
    [source] = site.api.core.directory.now.sources.values()
    guarded = source.model_copy(update={"hold_above_per_hour": 2})
    site.api.core.directory.now.sources[source.code] = guarded  # type: ignore[index]
    browser = await site.signed_in(Role.OPERATOR)
    await begun(browser, rows_of(5))
    await site.work_off()
    await site.owed(1)
    rows = await site.rows("SELECT state, count(*) AS rows FROM notification GROUP BY state")
    assert [tuple(row) for row in rows] == [("waiting", 6)]


async def test_a_part_that_broke_off_is_counted_as_its_own_and_not_as_sent_before(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    await begun(browser, rows_of(3))
    await site.work_off()
    path = await begun(browser, rows_of(6))
    [job] = await site.rows("SELECT * FROM job")
    await site.work_off()
    # As if the worker had died before it noted the part.
    await site.rows("UPDATE hand_list SET state = 'running', done = 0, accepted = 0, seen = 0")
    async with site.api.core.database.connection() as connection:
        await jobs.begin(connection, job["id"], JobKind.HAND_LIST, job["user_id"], BU_DOP)
    await site.rows("UPDATE job SET part_since = $1, tries = 1", job["begun_at"])
    await site.work_off()
    assert "Xong: 3 dòng đã nhận gửi, 3 dòng đã gửi từ trước" in (await browser.get(path)).text
    assert await owed(site) == 6


async def test_two_workers_count_a_part_once(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    await begun(browser, rows_of(3 * PART + 7))

    async def worker() -> None:
        mine = wire_jobs(site.api.core, lambda _lane: None)
        for _ in range(10):
            await mine.one()

    await asyncio.gather(*(worker() for _ in range(4)))
    assert await stands(site) == ("done", 3 * PART + 7, 3 * PART + 7, 0, "")
    assert await owed(site) == 3 * PART + 7


async def test_who_lost_their_lease_notes_nothing(site: ConsoleSite) -> None:
    """The part of a worker that was away too long is done by another one meanwhile."""
    browser = await site.signed_in(Role.OPERATOR)
    await begun(browser, rows_of(PART + 1))
    async with site.api.core.database.connection() as connection:
        away = await jobs.take(connection, UUID(int=1))
        assert away is not None
        assert await jobs.take(connection, UUID(int=2)) is None
        await connection.execute("UPDATE job SET leased_until = '-infinity'")
    await site.work_off(parts=1)
    await wire_jobs(site.api.core, lambda _lane: None)._go_on(away)
    assert (await stands(site))[:4] == ("running", PART, PART, 0)
    await site.work_off()
    state, done, accepted, seen, _ = await stands(site)
    assert (state, done, accepted + seen) == ("done", PART + 1, PART + 1)
    assert await owed(site) == PART + 1


async def test_a_running_list_is_stopped_and_says_how_far_it_came(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = await begun(browser, rows_of(PART + 20))
    await site.work_off(parts=1)
    stopped = await stop(browser, await browser.get(path))
    assert stopped.location == path
    await site.work_off()
    page = await browser.get(path)
    assert f"a-operator đã dừng việc này ở {PART} trên {PART + 20}" in page.text
    assert await owed(site) == PART
    url = browser.base.join(URL(f"{path}/faults.csv"))
    async with browser.session.get(url) as answer:
        left = (await answer.text()).splitlines()
    assert len(left) == 1 + 20
    assert "Chưa làm tới dòng này" in left[-1]
    assert [act for act, _, _ in await site.audited()][-1] == "job.stop"
    # The rest can be sent by uploading the list once more.
    await begun(browser, rows_of(PART + 20))
    await site.work_off()
    assert await owed(site) == PART + 20


async def test_stopping_waits_for_the_part_that_somebody_has_in_hand(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = await begun(browser, rows_of(2 * PART))
    async with site.api.core.database.connection() as connection:
        await jobs.take(connection, UUID(int=1))
    await stop(browser, await browser.get(path))
    assert "a-operator đã yêu cầu dừng" in (await browser.get(path)).text
    # That worker died; whoever has the part next counts it, and stops.
    await site.rows("UPDATE job SET leased_until = '-infinity'")
    await site.work_off()
    assert await stands(site) == ("done", PART, PART, 0, "asked")
    assert await owed(site) == PART


async def test_colleagues_see_figures_of_running_jobs_and_stop_those_of_their_units(
    site: ConsoleSite,
) -> None:
    browser = await site.limited(Role.OPERATOR, BU_DOP)
    path = await begun(browser, rows_of(PART + 1))
    stranger = await site.limited(Role.OPERATOR, LOC_NINH)
    nothing = await stranger.get("/console/jobs")
    assert "Không có việc nào đang chạy" in nothing.text
    assert "b-operator-0" not in nothing.text
    colleague = await site.limited(Role.OPERATOR, BU_DOP, LOC_NINH)
    page = await colleague.get("/console/jobs")
    assert "b-operator-0" in page.text
    assert f"0 trên {PART + 1}" in page.text
    assert "Trần Văn Bình" not in page.text
    assert (await colleague.get(path)).status == 404
    action = re.search(r'action="(/console/jobs/job_\w+/stop)"', page.text)
    assert action
    await stranger.post(action[1])
    assert (await stands(site))[0] == "running"
    assert (await colleague.post(action[1])).location == "/console/jobs"
    assert await stands(site) == ("done", 0, 0, 0, "asked")
    assert "b-operator-2 đã dừng" in (await browser.get(path)).text
    assert (await colleague.post(action[1])).location == "/console/jobs"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE console_user SET disabled = true",
        "UPDATE console_user SET roles = '{viewer}'",
        "UPDATE console_user SET units = '{H10.13}'",
    ],
    ids=["disabled", "role", "unit"],
)
async def test_a_list_stops_where_whoever_confirmed_it_lost_the_right(
    site: ConsoleSite, change: str
) -> None:
    browser = await site.limited(Role.OPERATOR, BU_DOP)
    await begun(browser, rows_of(PART + 20))
    await site.work_off(parts=1)
    await site.rows(change)
    await site.work_off()
    assert await stands(site) == ("done", PART, PART, 0, "rights_gone")
    [row] = await site.rows("SELECT actor, why, subject FROM audit WHERE action = 'job.stop'")
    assert tuple(row)[:2] == ("gateway", "rights_gone")
    assert await owed(site) == PART


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("UPDATE hand_list SET sealed = NULL, seal_key = NULL", "content_gone"),
        (f"UPDATE job SET tries = {MOST_TRIES}", "broken"),
    ],
    ids=["content", "tries"],
)
async def test_a_list_that_cannot_go_on_ends_and_says_why(
    site: ConsoleSite, change: str, word: str
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = await begun(browser, rows_of(3))
    await site.rows(change)
    await site.work_off()
    assert await stands(site) == ("done", 0, 0, 0, word)
    assert "Việc dừng ở 0 trên 3" in (await browser.get(path)).text
    assert await owed(site) == 0


async def test_a_failing_part_is_left_to_its_lease_and_holds_up_no_other_job(
    site: ConsoleSite,
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    await begun(browser, rows_of(3))
    await site.rows("UPDATE hand_list SET sealed = 'not sealed at all'")
    await begun(browser, rows_of(4, "H11"))
    await site.work_off()
    rows = await site.rows("SELECT rows, state FROM hand_list ORDER BY id")
    assert [tuple(row) for row in rows] == [(3, "running"), (4, "done")]
    async with site.api.core.database.connection() as connection:
        assert not await jobs.is_due(connection)
        await connection.execute("UPDATE job SET leased_until = now() - interval '1 second'")
        assert await jobs.is_due(connection)


async def test_a_list_is_sent_as_it_was_looked_at_or_not_at_all(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    form = aiohttp.FormData({"csrf": browser.token, "unit": BU_DOP})
    form.add_field("file", rows_of(2).encode(), filename="ds.csv", content_type="text/csv")
    async with browser.session.post(
        browser.base.join(URL(PAGE)), data=form, allow_redirects=False
    ) as answer:
        path = answer.headers["Location"]
    reading = re.search(r'name="reading" value="([^"]+)"', (await browser.get(path)).text)
    assert reading
    # In another window.
    await browser.post(f"{path}/columns", code="1", name="0", phone="2")
    refused = await browser.post(f"{path}/begin", reading=reading[1])
    assert "Các cột vừa được đổi" in (await browser.get(refused.location)).text
    await site.work_off()
    assert (await stands(site))[0] == "draft"
    assert await owed(site) == 0


async def test_a_list_that_another_release_began_goes_on(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    await begun(browser, rows_of(3))
    await site.rows("DELETE FROM job")
    async with site.api.core.database.connection() as connection:
        for _ in range(2):
            await jobs.adopt(connection)
    await site.work_off()
    assert await stands(site) == ("done", 3, 3, 0, "")
    async with site.api.core.database.connection() as connection:
        await jobs.adopt(connection)
        assert not await jobs.is_due(connection)


async def test_confirming_twice_is_confirming_once(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    path = await begun(browser, rows_of(3))
    page = await browser.get(path)
    await asyncio.gather(
        *(browser.post(f"{path}/begin", reading="code:0,name:1,phone:2") for _ in range(3))
    )
    assert "Đã xử lý 0 trên 3" in page.text
    await site.work_off()
    assert await stands(site) == ("done", 3, 3, 0, "")
    acts = [act for act, _, _ in await site.audited()]
    assert acts.count("hand_list.send") == 1


async def test_rows_that_are_taken_but_not_sent_are_told_with_the_reason(
    site: ConsoleSite,
) -> None:
    """The dossier system has told of the first one before."""
    browser = await site.signed_in(Role.OPERATOR)
    await site.owed(1)
    content = (
        "Mã hồ sơ;Họ và tên;Điện thoại\n"
        "000.00.12.H10-260303-0001;Nguyễn Thị Minh Ánh;0984 765 321\n"
        "H10-0002;Trần Văn Bình;0912 345 678\n"
    )
    path = await begun(browser, content)
    await site.work_off()
    page = await browser.get(path)
    assert "Xong: 1 dòng đã nhận gửi, 0 dòng đã gửi từ trước, 1 dòng không gửi" in page.text
    assert "Dòng 2: Người này đã được báo về hồ sơ này trong 30 ngày qua" in page.text


async def test_a_restored_backup_goes_on_with_no_job(site: ConsoleSite) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    await begun(browser, rows_of(PART + 1))
    await site.work_off(parts=1)
    async with site.api.core.database.connection() as connection:
        [row] = await connection.fetch("SELECT now() AS at")
        await restored.hold_everything(connection, row["at"], "test")
    await site.work_off()
    assert await stands(site) == ("done", PART, PART, 0, "restored")
    assert await owed(site) == PART


async def test_a_decision_about_held_ones_leaves_what_is_held_later(site: ConsoleSite) -> None:
    first = await site.owed(1)
    held = "UPDATE notification SET state = 'held', reason = 'storm_guard' WHERE id = $1"
    await site.rows(held, first)
    await site.rows("UPDATE due SET due_at = 'infinity'")
    browser = await site.signed_in(Role.OPERATOR)
    begun = await browser.post("/console/held/decide", what="release")
    later = await site.owed(2)
    await site.rows(held, later)
    await site.rows("UPDATE due SET due_at = 'infinity'")
    assert "Đã xét 0 trên 1 thông báo" in (await browser.get(begun.location)).text
    await site.work_off()
    assert "Xong: 1 thông báo đã xử lý." in (await browser.get(begun.location)).text
    rows = await site.rows("SELECT id, state FROM notification ORDER BY id")
    assert {row["id"]: row["state"] for row in rows} == {first: "waiting", later: "held"}
    other = await site.limited(Role.OPERATOR, BU_DOP)
    assert (await other.get(begun.location)).status == 404


async def test_a_page_that_is_read_while_its_job_is_stopped_says_so_or_asks_again(
    site: ConsoleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job ends between the two looks that make the page."""
    browser = await site.signed_in(Role.OPERATOR)
    path = await begun(browser, rows_of(3))
    watch, lists = site.api.parts.console.jobs, site.api.parts.console.hand_lists
    look, find = lists.look, watch.find
    looked: list[str] = []

    async def stop_between(name: str) -> None:
        looked.append(name)
        if len(looked) == 2:
            async with site.api.core.database.transaction() as connection:
                [job] = await connection.fetch("SELECT id FROM job")
                await jobs.stop(connection, job["id"], JobKind.HAND_LIST, "asked", "a-operator")

    async def find_then(job_id: UUID) -> object:
        await stop_between("job")
        return await find(job_id)

    async def look_then(wanted: UUID, staff: object) -> object:
        await stop_between("list")
        return await look(wanted, staff)  # type: ignore[arg-type]

    monkeypatch.setattr(watch, "find", find_then)
    monkeypatch.setattr(lists, "look", look_then)
    page = (await browser.get(path)).text
    assert "đã dừng việc này" in page
    assert f'hx-get="{path}/progress"' in page
