"""What is held back, in the console: counted, looked at, released or discarded; by whom."""

import re
from uuid import UUID

import pytest
from console_site import Answer, Browser, ConsoleSite
from forms import hidden

from gateway.domain.staff import Role

BU_DOP, LOC_NINH = "H10.12", "H10.13"


@pytest.fixture
async def held(site: ConsoleSite) -> tuple[UUID, UUID, UUID]:
    """Two of one unit and one of another, kept by the storm guard; the first an hour ago."""
    await site.with_directory()
    first, second = await site.owed(1), await site.owed(2)
    third = await site.owed(3, unit=LOC_NINH)
    await site.rows("UPDATE notification SET state = 'held', reason = 'storm_guard'")
    await site.rows("UPDATE due SET due_at = 'infinity'")
    await site.rows(
        "UPDATE notification SET accepted_at = now() - interval '90 minutes' WHERE id = $1", first
    )
    return first, second, third


async def states(site: ConsoleSite) -> dict[UUID, str]:
    return {
        row["id"]: row["state"] for row in await site.rows("SELECT id, state FROM notification")
    }


async def decided(site: ConsoleSite, browser: Browser, **fields: str) -> Answer:
    """The page of the decision once it was worked off, while no page was open."""
    begun = await browser.post("/console/held/decide", **fields)
    await site.work_off()
    return await browser.get(begun.location)


async def test_piles_are_shown_by_source_and_reason(
    site: ConsoleSite, held: tuple[UUID, UUID, UUID]
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    page = await browser.get("/console/held")
    assert "Hệ thống một cửa Bù Đốp (mẫu)" in page.text
    assert "Đột ngột quá nhiều" in page.text
    found = re.search(r'href="(/console/held/one\?[^"]+)"', page.text)
    assert found
    one = await browser.get(found[1])
    assert "3 thông báo sẽ được gửi một lần" in one.text
    assert "Bỏ 3 thông báo" in one.text
    older = await browser.get("/console/held/one?age=1")
    assert "Bỏ 1 thông báo" in older.text
    assert (
        "Không có thông báo nào như bộ lọc" in (await browser.get("/console/held/one?age=72")).text
    )


async def test_the_texts_are_shown_masked_and_the_look_is_kept(
    site: ConsoleSite, held: tuple[UUID, UUID, UUID]
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    page = await browser.post("/console/held/samples", unit=LOC_NINH)
    assert "Loc Ninh" in page.text
    assert "+84•••321" in page.text
    assert "984765321" not in page.text
    assert await site.audited() == [("held.look", "", LOC_NINH)]


@pytest.mark.parametrize(("what", "becomes"), [("release", "waiting"), ("discard", "cancelled")])
async def test_a_selection_is_released_or_discarded_and_the_rest_stays(
    site: ConsoleSite, held: tuple[UUID, UUID, UUID], what: str, becomes: str
) -> None:
    first, second, third = held
    browser = await site.signed_in(Role.OPERATOR)
    answer = await decided(site, browser, what=what, unit=BU_DOP)
    assert "Xong: 2 thông báo đã xử lý." in answer.text
    assert await states(site) == {first: becomes, second: becomes, third: "held"}
    assert await site.audited() == [(f"held.{what}", "", BU_DOP)]
    [row] = await site.rows("SELECT actor, found FROM audit WHERE action LIKE 'held.%'")
    assert tuple(row) == ("user:a-operator", 2)


async def test_what_was_held_after_the_page_was_shown_is_not_decided_about(
    site: ConsoleSite, held: tuple[UUID, UUID, UUID]
) -> None:
    browser = await site.signed_in(Role.OPERATOR)
    page = await browser.get("/console/held/one")
    assert "Bỏ 3 thông báo" in page.text
    later = await site.owed(4)
    await site.rows("UPDATE notification SET state = 'held' WHERE id = $1", later)
    await site.rows("UPDATE due SET due_at = 'infinity'")
    await decided(site, browser, what="discard", until=hidden(page, "until"))
    found = await states(site)
    assert found.pop(later) == "held"
    assert set(found.values()) == {"cancelled"}


async def test_what_may_have_been_sent_needs_a_word_of_its_own(
    site: ConsoleSite, held: tuple[UUID, UUID, UUID]
) -> None:
    await site.rows("INSERT INTO restore (backup_at, actor) VALUES (now(), 'test')")
    browser = await site.signed_in(Role.OPERATOR)
    path = f"/console/held/one?unit={BU_DOP}"
    assert "Gửi cả 2 thông báo có thể đã gửi rồi" in (await browser.get(path)).text
    kept = await decided(site, browser, what="release", unit=BU_DOP)
    assert "Xong: 0 thông báo đã xử lý" in kept.text
    assert set((await states(site)).values()) == {"held"}
    await decided(site, browser, what="release", unit=BU_DOP, also_maybe_sent="1")
    assert sorted((await states(site)).values()) == ["held", "waiting", "waiting"]


async def test_somebody_limited_to_units_decides_about_these_alone(
    site: ConsoleSite, held: tuple[UUID, UUID, UUID]
) -> None:
    first, second, third = held
    browser = await site.limited(Role.OPERATOR, LOC_NINH)
    assert "Bỏ 1 thông báo" in (await browser.get("/console/held/one")).text
    assert (
        "Bù Đốp" not in (await browser.post("/console/held/samples")).text.partition("<figure")[2]
    )
    assert "Không có thông báo nào" in (await browser.get(f"/console/held/one?unit={BU_DOP}")).text
    await decided(site, browser, what="release")
    assert await states(site) == {first: "held", second: "held", third: "waiting"}
    assert (await browser.post("/console/held/decide", what="burn")).status == 400
