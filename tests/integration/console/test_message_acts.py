"""Cancelling and sending again, one message and many, with every refusal explained."""

import re
from collections.abc import Sequence
from uuid import UUID

from centre import HERE, THERE, Centre, code_of, path_of
from console_site import Answer, Browser

from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.outcome import Reason
from gateway.domain.staff import Role
from gateway.domain.status import State

KEY = "k" * 32


async def audited(centre: Centre) -> list[tuple[str, str, str]]:
    rows = await centre.site.rows(
        "SELECT action, why, detail FROM audit WHERE action LIKE 'message.%' ORDER BY id"
    )
    return [tuple(row) for row in rows]


async def operator(centre: Centre, units: frozenset[str] | None = None) -> Browser:
    browser = await centre.staff("van.hanh", Role.OPERATOR, units=units)
    await browser.get("/console/messages")
    return browser


async def failed(centre: Centre, number: int, unit: str = HERE) -> UUID:
    one = await centre.owe(number, unit=unit)
    await centre.send(one, outcome="rejected", reason=Reason.PHONE_INVALID)
    await centre.end(one, State.FAILED, Reason.PHONE_INVALID)
    return one


async def resent(centre: Centre, one: UUID) -> list[tuple[str, str]]:
    """The state and first channel of what was sent instead."""
    rows = await centre.site.rows(
        "SELECT state, steps->0->>'channel' FROM notification WHERE resend_of = $1 ORDER BY id", one
    )
    return [tuple(row) for row in rows]


async def first_actor(centre: Centre, one: UUID) -> str:
    """Who wanted what was sent instead."""
    [row] = await centre.site.rows(
        "SELECT h.actor FROM history h JOIN notification n ON n.id = h.notification_id"
        " WHERE n.resend_of = $1 AND h.revision = 1",
        one,
    )
    return str(row["actor"])


async def test_a_waiting_message_is_cancelled_once(centre: Centre) -> None:
    one, browser = await centre.owe(1), await operator(centre)
    assert "Hủy thông báo này" in (await browser.get(path_of(one))).text
    done = await browser.post(f"{path_of(one)}/cancel")
    assert (done.status, done.location) == (303, path_of(one))
    page = (await browser.get(path_of(one))).text
    assert "Đã hủy thông báo." in page
    assert "van.hanh" in page
    assert "Hủy thông báo này" not in page
    assert await centre.state(one) == ("cancelled", "withdrawn")
    again = await browser.post(f"{path_of(one)}/cancel")
    assert (again.status, again.location) == (303, path_of(one))
    assert await audited(centre) == [("message.cancel", "", "")]


async def test_what_has_ended_otherwise_is_not_cancelled(centre: Centre) -> None:
    one, browser = await failed(centre, 1), await operator(centre)
    answer = await browser.post(f"{path_of(one)}/cancel")
    assert (answer.status, "không hủy được nữa" in answer.text) == (422, True)
    assert await audited(centre) == []


async def test_what_was_typed_is_still_there_after_a_refusal(centre: Centre) -> None:
    """Else somebody ticks the box that is asked for, and sends to the old number."""
    one, browser = await centre.owe(1), await operator(centre)
    wish = {"key": KEY, "reason": "wrong_phone", "phone": "0912.345.678", "by": "voice"}
    refused = await browser.post(f"{path_of(one)}/resend", **wish)
    assert refused.status == 422
    for kept in ('value="0912.345.678"', 'value="voice" selected', 'value="wrong_phone" selected'):
        assert kept in refused.text, kept
    again = await browser.post(f"{path_of(one)}/resend", **{**wish, "force": "yes", "phone": "x"})
    assert (again.status, 'name="force" value="yes" checked' in again.text) == (422, True)


async def test_what_staff_sent_again_says_who_did(centre: Centre) -> None:
    one, browser = await failed(centre, 1), await operator(centre)
    new = (await browser.post(f"{path_of(one)}/resend", key=KEY)).location
    story = (await browser.get(new)).text.split('class="story"')[1]
    assert "Được tạo để gửi lại một thông báo trước." in story
    assert "Người thực hiện: van.hanh" in story
    assert "hệ thống nguồn" not in story


async def test_the_list_leads_to_mending_what_was_not_sent_again_yet(centre: Centre) -> None:
    one, other, browser = await failed(centre, 1), await failed(centre, 2), await operator(centre)
    await browser.post(f"{path_of(other)}/resend", key=KEY)
    text = (await browser.get("/console/messages?state=failed")).text
    [mend] = re.findall(r'href="([^"]*\?do=resend)#acts"', text)
    assert mend.startswith(path_of(one))
    assert text.count("Đã gửi lại") == 1
    doubtful, told = await centre.owe(3), await centre.owe(4)
    await centre.end(doubtful, State.UNCONFIRMED, Reason.UNKNOWN_OUTCOME)
    await centre.end(told, State.DELIVERED)
    everything = (await browser.get("/console/messages")).text
    assert f"{path_of(doubtful)}?do=resend" in everything
    assert f"{path_of(told)}?do=resend" not in everything
    assert "<details open><summary>Gửi lại, đổi kênh hoặc sửa số" in (await browser.get(mend)).text


async def test_a_search_that_is_none_finds_nobody_to_act_on(centre: Centre) -> None:
    browser = await operator(centre)
    await centre.owe(1)
    assert (await browser.get("/console/messages?who=srch_1")).status == 404
    refused = await browser.post("/console/acts", act="cancel", scope="all", who="srch_1")
    assert refused.status == 404


async def test_a_failed_message_is_sent_again_to_a_corrected_phone(centre: Centre) -> None:
    one, browser = await failed(centre, 1), await operator(centre)
    wish = {"key": KEY, "reason": "wrong_phone", "phone": "0912.345.678", "by": ""}
    first, second = [await browser.post(f"{path_of(one)}/resend", **wish) for _ in range(2)]
    assert (first.status, second.location) == (303, first.location)
    assert await resent(centre, one) == [("waiting", "sms")]
    assert await audited(centre) == [("message.resend", "wrong_phone", "phone")]
    new = (await browser.get(first.location)).text
    assert "Gửi lại của" in new
    assert await first_actor(centre, one) == "user:van.hanh"
    assert "hệ thống nguồn" not in new
    assert "+84•••678" in new
    assert "0912" not in first.location
    assert first.location in (await browser.get(path_of(one))).text


async def test_what_is_in_the_way_of_sending_again_is_said(centre: Centre) -> None:
    browser = await operator(centre)
    lost, arrived, erased = await failed(centre, 1), await centre.owe(2), await failed(centre, 3)
    await centre.send(arrived)
    await centre.end(arrived, State.DELIVERED)
    await centre.ledger.execute(
        "UPDATE notification SET sealed = NULL, seal_key = NULL WHERE id = $1", erased
    )

    async def send(one: UUID, **wish: str) -> Answer:
        return await browser.post(f"{path_of(one)}/resend", **{"key": KEY, "by": "", **wish})

    for one, wish, said in (
        (arrived, {}, "Người dân có thể đã nhận tin"),
        (lost, {"by": "zalo"}, "Đơn vị không có bước gửi bằng kênh này"),
        (lost, {"phone": "not a number"}, "Không có số nào nhắn hay gọi được"),
        (erased, {}, "đã được xóa nên không gửi lại được"),
    ):
        answer = await send(one, **wish)
        assert answer.status == 422
        assert said in answer.text
    assert await audited(centre) == []
    assert (await send(arrived, force="yes", by="voice")).status == 303
    assert (await send(lost, by="voice", reason="nonsense")).status == 303
    assert await resent(centre, arrived) == [("waiting", "voice")]
    assert await resent(centre, lost) == [("waiting", "voice")]
    assert await audited(centre) == [
        ("message.resend", "", "voice force"),
        ("message.resend", "", "voice"),
    ]
    other = await send(lost, by="sms", key=KEY)
    assert (other.status, "nội dung khác" in other.text) == (422, True)


async def test_what_goes_on_in_the_name_of_a_successor_is_said_instead_of_linked(
    centre: Centre,
) -> None:
    one, browser = await failed(centre, 1, THERE), await operator(centre, frozenset({THERE}))
    await centre.end_unit(THERE, successor=HERE)
    done = await browser.post(f"{path_of(one)}/resend", key=KEY)
    assert (done.status, done.location) == (303, path_of(one))
    page = await browser.get(done.location)
    assert page.status == 200
    assert "Đã tạo thông báo mới; đang gửi. Thông báo mới do Trung tâm Bù Đốp đứng tên" in page.text
    [new] = await centre.site.rows("SELECT id, unit FROM notification WHERE resend_of = $1", one)
    assert new["unit"] == HERE
    assert path_of(new["id"]) not in page.text
    assert "lần 1 (thuộc Trung tâm Bù Đốp, ngoài phạm vi được xem)" in page.text
    everywhere = await centre.staff("moi.noi", Role.OPERATOR)
    assert path_of(new["id"]) in (await everywhere.get(path_of(one))).text
    successor = await centre.staff("bu.dop", Role.OPERATOR, units=frozenset({HERE}))
    page = await successor.get(path_of(new["id"]))
    assert path_of(one) not in page.text
    assert "thuộc Trung tâm Lộc Ninh, ngoài phạm vi được xem" in page.text


async def lanes(centre: Centre, one: UUID) -> list[str]:
    """In which class of lane what was sent instead waits."""
    rows = await centre.site.rows(
        "SELECT d.class FROM due d JOIN notification n ON n.id = d.notification_id"
        " WHERE n.resend_of = $1 AND n.class = d.class",
        one,
    )
    return [row["class"] for row in rows]


async def test_many_sent_again_wait_behind_fresh_notices_and_a_single_one_does_not(
    centre: Centre,
) -> None:
    many, single, browser = await failed(centre, 1), await failed(centre, 2), await operator(centre)
    ticked = shown([many])
    prepared = await browser.post("/console/acts", act="resend", scope="ticked", id=ticked)
    await run(centre, browser, prepared.location)
    await browser.post(f"{path_of(single)}/resend", key=KEY)
    assert await lanes(centre, many) == ["bulk"]
    assert await lanes(centre, single) == ["live"]


async def test_what_belongs_to_another_unit_cannot_be_touched(centre: Centre) -> None:
    one = await centre.owe(1, unit=THERE)
    browser = await operator(centre, frozenset({HERE}))
    for act in ("cancel", "resend"):
        assert (await browser.post(f"{path_of(one)}/{act}", key=KEY)).status == 404
    ticked = await browser.post(
        "/console/acts", act="cancel", scope="ticked", id=show(NOTIFICATION, one)
    )
    page = await run(centre, browser, ticked.location)
    assert "Không còn, hoặc ngoài phạm vi của anh/chị" in page
    assert await centre.state(one) == ("waiting", None)


async def run(centre: Centre, browser: Browser, path: str) -> str:
    """Confirmed, and worked off while no page is open."""
    assert (await browser.post(f"{path}/begin")).location == path
    await centre.site.work_off()
    page = (await browser.get(path)).text
    assert "Đã xong." in page
    return page


async def break_off(centre: Centre) -> None:
    """As if the worker had died before it noted what it did."""
    await centre.ledger.execute("UPDATE mass_act SET done = 0, tally = '{}', ended_at = NULL")
    await centre.ledger.execute(
        "INSERT INTO job (id, kind, user_id, part_since, tries)"
        " SELECT id, 'mass_act', user_id, begun_at, 1 FROM mass_act"
    )


def shown(ids: Sequence[UUID]) -> list[str]:
    return [show(NOTIFICATION, one) for one in ids]


async def test_a_whole_filter_is_shown_first_and_then_cancelled_in_batches(
    centre: Centre,
) -> None:
    browser = await operator(centre)
    waiting = [await centre.owe(number) for number in range(25)]
    elsewhere = await centre.owe(100, unit=THERE)
    arrived = await failed(centre, 101)
    prepared = await browser.post("/console/acts", act="cancel", scope="all", unit=HERE)
    assert re.fullmatch(r"/console/acts/act_[0-9a-f]{32}", prepared.location)
    preview = (await browser.get(prepared.location)).text
    assert "25 trong 26 thông báo chưa kết thúc" in preview
    assert "<dt>Đã kết thúc</dt><dd>1</dd>" in preview
    assert await centre.state(waiting[0]) == ("waiting", None)
    await browser.post(f"{prepared.location}/begin")
    await centre.site.work_off(parts=1)
    first = await browser.get(f"{prepared.location}/progress", **{"HX-Request": "true"})
    assert "20 trên 26 thông báo." in first.text
    assert 'hx-trigger="every 2s"' in first.text
    assert "<html" not in first.text
    page = await run(centre, browser, prepared.location)
    assert "26 trên 26 thông báo." in page
    assert "<dt>Đã làm</dt><dd>25</dd>" in page
    assert {await centre.state(one) for one in waiting} == {("cancelled", "withdrawn")}
    assert await centre.state(elsewhere) == ("waiting", None)
    assert await centre.state(arrived) == ("failed", "phone_invalid")
    acts = [action for action, _, _ in await audited(centre)]
    assert (acts.count("message.mass_cancel"), acts.count("message.cancel")) == (1, 25)
    ended = await browser.get(f"{prepared.location}/progress", **{"HX-Request": "true"})
    assert ended.headers["HX-Refresh"] == "true"
    await browser.post(f"{prepared.location}/begin")
    await centre.site.work_off()
    assert len(await audited(centre)) == len(acts)


async def test_a_batch_that_is_repeated_sends_nobody_a_second_one(centre: Centre) -> None:
    browser = await operator(centre)
    lost = [await failed(centre, number) for number in (1, 2)]
    arrived = await centre.owe(3)
    await centre.send(arrived)
    await centre.end(arrived, State.DELIVERED)
    ticked = shown([*lost, arrived, lost[0]])
    prepared = await browser.post(
        "/console/acts", act="resend", scope="ticked", id=ticked, by="voice"
    )
    preview = (await browser.get(prepared.location)).text
    assert "2 trong 3 thông báo chưa tới ai" in preview
    await browser.post(f"{prepared.location}/begin")
    for _ in range(2):
        await centre.site.work_off()
        page = (await browser.get(prepared.location)).text
        assert "<dt>Đã làm</dt><dd>2</dd>" in page
        assert "<dt>Đã tới, có thể đã tới, hoặc đang trên đường</dt><dd>1</dd>" in page
        await break_off(centre)
    for one in lost:
        assert await resent(centre, one) == [("waiting", "voice")]
    assert await resent(centre, arrived) == []


def told(page: str) -> dict[str, str]:
    """The counts of a page, by what they are about."""
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", page))


NOT_DUE = (
    "Không cần nữa: đã báo bằng thông báo khác, hoặc hồ sơ đã sang bước khác (ví dụ đã trả kết quả)"
)


async def mixed(centre: Centre, browser: Browser) -> list[UUID]:
    """A dozen that somebody may tick at once; three of them can be sent again."""
    lost, arrived, collected, erased, locked = [
        await failed(centre, number) for number in range(1, 6)
    ]
    await centre.end(arrived, State.DELIVERED)
    await centre.report(3, "returned", event="handed over", time="2026-03-05T09:00:00+07:00")
    seal = "UPDATE notification SET sealed = $2, seal_key = $3 WHERE id = $1"
    await centre.ledger.execute(seal, erased, None, None)
    await centre.ledger.execute(seal, locked, b"nonsense", 1)
    nowhere, landline = await centre.owe(6, phones=[]), await failed(centre, 7)
    await browser.post(f"{path_of(landline)}/resend", key=KEY)
    [again] = await centre.site.rows("SELECT id FROM notification WHERE resend_of = $1", landline)
    await centre.end(again["id"], State.FAILED, Reason.BUSY)
    elsewhere, twin = await failed(centre, 8, THERE), await failed(centre, 9)
    await centre.end(twin, State.DELIVERED)
    repeated = await centre.owe(9, event="twin")
    assert await centre.state(repeated) == ("cancelled", "duplicate")
    first = await failed(centre, 10)
    anew = await centre.owe(10, event="anew")
    await centre.end(anew, State.FAILED, Reason.BUSY)
    both = [again["id"], landline, first, anew]
    return [lost, arrived, collected, erased, locked, nowhere, elsewhere, repeated, *both]


async def test_what_will_be_left_alone_is_told_before_it_is_confirmed(centre: Centre) -> None:
    browser = await operator(centre, frozenset({HERE}))
    ids = shown(await mixed(centre, browser))
    prepared = await browser.post("/console/acts", act="resend", scope="ticked", id=ids)
    preview = (await browser.get(prepared.location)).text
    assert "3 trong 12 thông báo chưa tới ai và sẽ được gửi lại." in preview
    assert "Gửi lại 3 thông báo" in preview
    left_alone = {
        "Đã tới, có thể đã tới, hoặc đang trên đường": "2",
        NOT_DUE: "3",
        "Dữ liệu của người dân đã được xóa": "1",
        "Máy này không mở được dữ liệu: báo người quản trị máy chủ": "1",
        "Không có số nào nhắn hay gọi được: sửa số ở từng thông báo": "1",
        "Không còn, hoặc ngoài phạm vi của anh/chị": "1",
    }
    assert told(preview) == left_alone
    assert told(await run(centre, browser, prepared.location)) == {**left_alone, "Đã làm": "3"}


async def test_a_channel_that_none_can_take_is_told_before(centre: Centre) -> None:
    browser, one = await operator(centre), await failed(centre, 1)
    prepared = await browser.post(
        "/console/acts", act="resend", scope="ticked", id=shown([one]), by="zalo"
    )
    preview = (await browser.get(prepared.location)).text
    assert "0 trong 1 thông báo" in preview
    assert told(preview) == {"Đơn vị không có bước gửi bằng kênh này cho số đó": "1"}
    assert f'action="{prepared.location}/begin"' not in preview
    assert "Không có thông báo nào gửi lại được như vậy." in preview


async def test_a_batch_of_cancelling_that_is_repeated_counts_what_it_did(centre: Centre) -> None:
    browser = await operator(centre)
    waiting = [await centre.owe(number) for number in range(3)]
    before = await centre.owe(3)
    await browser.post(f"{path_of(before)}/cancel")
    ticked = shown([*waiting, before])
    prepared = await browser.post("/console/acts", act="cancel", scope="ticked", id=ticked)
    await browser.post(f"{prepared.location}/begin")
    for _ in range(2):
        await centre.site.work_off()
        page = (await browser.get(prepared.location)).text
        assert "<dt>Đã làm</dt><dd>3</dd>" in page
        await break_off(centre)


async def test_a_search_for_a_person_can_be_acted_on(centre: Centre) -> None:
    browser = await operator(centre)
    one, other = await centre.owe(1), await centre.owe(2)
    found = await browser.post("/console/messages", dossier=code_of(1))
    who = found.location.partition("who=")[2]
    prepared = await browser.post("/console/acts", act="cancel", scope="all", who=who)
    await run(centre, browser, prepared.location)
    assert await centre.state(one) == ("cancelled", "withdrawn")
    assert await centre.state(other) == ("waiting", None)
    colleague = await centre.staff("nguoi.khac", Role.OPERATOR)
    await colleague.get("/console/messages")
    assert (await colleague.get(prepared.location)).status == 404
    assert (await colleague.post(f"{prepared.location}/begin")).status == 404


async def test_nothing_ticked_is_nothing_done(centre: Centre) -> None:
    browser = await operator(centre)
    for fields in (
        {"act": "cancel"},
        {"act": "erase", "scope": "all"},
        {"act": "resend", "id": "x"},
    ):
        answer = await browser.post("/console/acts", **fields)
        assert answer.location == "/console/messages"
        assert "Chưa chọn thông báo nào." in (await browser.get(answer.location)).text
