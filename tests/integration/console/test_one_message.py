"""One message and the counter: what is told, what stays masked, and who may see it."""

import re
from uuid import uuid4

from centre import HERE, MOBILE, NAME, THERE, Centre, code_of, path_of
from ledger_rows import anywhere, due

from gateway.domain.notification import AttemptVerdict, Change
from gateway.domain.outcome import Reason, Receipt, Verdict
from gateway.domain.staff import Role
from gateway.domain.status import State
from gateway.ledger import moves, receipts
from gateway.ledger.receipts import Kept
from gateway.services.minting import mint

TEXT = "TTPVHCC Bu Dop: ho so da co ket qua."


async def acts(centre: Centre, *actions: str) -> list[tuple[str, str, object]]:
    rows = await centre.site.rows(
        "SELECT action, why, notification_id FROM audit WHERE action = ANY ($1) ORDER BY id",
        list(actions),
    )
    return [tuple(row) for row in rows]


async def test_the_story_tells_each_attempt_report_and_move_in_plain_words(
    centre: Centre,
) -> None:
    one = await centre.owe(1)
    await centre.send(one, text=TEXT, code="100", segments=2, cost_vnd=1640)
    await moves.apply(
        centre.ledger,
        [
            anywhere(
                one,
                State.ACKNOWLEDGED,
                verdict=AttemptVerdict(verdict=Verdict.ACKNOWLEDGED, code="ok"),
            )
        ],
    )
    report = Receipt(verdict=Verdict.ACKNOWLEDGED, code="DTMF", keys="2", talked_s=31)
    kept = Kept(notification_id=one, receipt_id=mint(), part=0, step=0, try_no=1, receipt=report)
    await receipts.keep(centre.ledger, [kept])
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    text = (await browser.get(path_of(one))).text
    for said in (
        "Người dân đã xác nhận",
        "Gửi bằng Tin nhắn SMS qua tài khoản esms",
        "Trả lời: nhà cung cấp đã nhận.",
        "2 phần tin",
        "Giá 1.640 ₫",
        "DTMF",
        "Cuộc gọi dài 31 giây.",
        "<kbd>2</kbd>",
        f"p-{one}",
        "hệ thống nguồn",
        "Đang chờ gửi",
        code_of(1),
    ):
        assert said in text, said
    story = text.split('class="story"')[1]
    assert story.index("Đang chờ gửi") < story.index("Gửi bằng") < story.index("Đã gửi, chờ")
    assert story.index("Đã gửi, chờ") < story.index("DTMF")
    for hidden in (NAME, "984765", "0984", TEXT):
        assert hidden not in text
    assert await acts(centre, "read") == [("read", "", one)]


async def test_a_refusal_is_told_with_the_providers_code_our_reason_and_what_to_do(
    centre: Centre,
) -> None:
    one = await centre.owe(1)
    await centre.send(one, outcome="rejected", reason=Reason.CONTENT_REFUSED, code="104")
    await centre.end(one, State.FAILED, Reason.CONTENT_REFUSED)
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    text = (await browser.get(path_of(one))).text
    assert "Nội dung bị từ chối" in text
    assert "Báo người soạn mẫu tin; sau khi sửa, gửi lại." in text
    assert "<code>104</code>" in text


async def test_opening_a_person_wants_a_reason_and_is_written_down(centre: Centre) -> None:
    one = await centre.owe(1)
    await centre.send(one, text=TEXT)
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    await browser.get(path_of(one))
    for why in ("", "because", "Nguyễn"):
        refused = await browser.post(f"{path_of(one)}/reveal", why=why)
        assert (refused.status, NAME in refused.text) == (422, False)
        assert "Hãy chọn lý do cần xem." in refused.text
    assert await acts(centre, "message.reveal") == []
    opened = await browser.post(f"{path_of(one)}/reveal", why="asked")
    assert opened.status == 200
    for shown in (NAME, "+84984765321", TEXT):
        assert shown in opened.text
    assert await acts(centre, "message.reveal") == [("message.reveal", "asked", one)]
    assert NAME not in (await browser.get(path_of(one))).text


async def test_one_of_another_unit_is_not_there(centre: Centre) -> None:
    one = await centre.owe(1, unit=THERE)
    browser = await centre.staff("bu.dop", Role.OPERATOR, units=frozenset({HERE}))
    await browser.get("/console/messages")
    assert (await browser.get(path_of(one))).status == 404
    assert (await browser.post(f"{path_of(one)}/reveal", why="asked")).status == 404
    assert (await browser.get(path_of(uuid4()))).status == 404
    assert (await browser.get("/console/messages/anything")).status == 404
    assert await acts(centre, "read", "message.reveal") == []


async def test_an_erased_person_is_told_as_erased(centre: Centre) -> None:
    one = await centre.owe(1)
    await centre.ledger.execute(
        "UPDATE notification SET sealed = NULL, seal_key = NULL, tokens = '{}' WHERE id = $1", one
    )
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    answer = await browser.get(path_of(one))
    assert answer.status == 200
    assert "Dữ liệu của người này đã được xóa" in answer.text
    assert (await browser.post(f"{path_of(one)}/reveal", why="asked")).status == 200
    assert "Dữ liệu đã xóa" in (await browser.get("/console/messages")).text


ANSWERS = {
    State.DELIVERED: "Đã báo cho người dân lúc",
    State.ACKNOWLEDGED: "Đã báo cho người dân lúc",
    State.SENT: "chưa có xác nhận",
    State.UNCONFIRMED: "chưa có xác nhận",
    State.CANCELLED: "Thông báo này đã dừng",
    State.HELD: "Chưa báo",
    State.WAITING: "Chưa báo",
    State.SENDING: "Chưa báo",
}


async def test_the_counter_answers_for_every_state(centre: Centre) -> None:
    one = await centre.owe(1)
    await centre.send(one, text=TEXT, outcome="rejected", reason=Reason.CARRIER_REJECTED)
    browser = await centre.staff("tai.quay", Role.VIEWER)
    await browser.get("/console/counter")
    asked = await browser.post("/console/counter", dossier=code_of(1))
    assert (asked.status, code_of(1) in asked.location) == (303, False)
    for state in State:
        await centre.ledger.execute(
            "UPDATE notification SET state = $2, ended_at = now() WHERE id = $1", one, state.value
        )
        answer = (await browser.get(asked.location)).text
        assert ANSWERS.get(state, "Người dân chưa được báo") in answer, state
        assert TEXT in answer
        assert MOBILE not in answer
        assert NAME not in answer
    looks = await acts(centre, "message.counter")
    assert looks == [("message.counter", "", one)] * len(State)


async def test_the_counter_tells_the_reason_in_a_sentence_of_its_own(centre: Centre) -> None:
    await centre.end(await centre.owe(1), State.CANCELLED, Reason.OVERTAKEN)
    browser = await centre.staff("tai.quay", Role.VIEWER)
    await browser.get("/console/counter")
    asked = await browser.post("/console/counter", dossier=code_of(1))
    answer = (await browser.get(asked.location)).text
    assert "không gửi cho người dân. Lý do: Đã có tin mới hơn." in answer


async def test_the_counter_does_not_deny_what_was_taken_by_an_earlier_step(
    centre: Centre,
) -> None:
    """It goes on by the next channel, or was cancelled after it had left."""
    one = await centre.owe(1)
    await centre.send(one, text=TEXT)
    browser = await centre.staff("tai.quay", Role.VIEWER)
    await browser.get("/console/counter")
    asked = await browser.post("/console/counter", dossier=code_of(1))
    for state in (State.WAITING, State.SENDING, State.CANCELLED, State.EXPIRED):
        await centre.ledger.execute(
            "UPDATE notification SET state = $2, ended_at = now() WHERE id = $1", one, state.value
        )
        assert "chưa có xác nhận" in (await browser.get(asked.location)).text, state


async def test_a_rehearsal_tells_nobody_at_the_counter_and_says_so_elsewhere(
    centre: Centre,
) -> None:
    one = await centre.owe(1)
    await centre.send(one, text=TEXT)
    await centre.end(one, State.DELIVERED)
    await centre.ledger.execute("UPDATE notification SET mode = 'test' WHERE id = $1", one)
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    await browser.get("/console/counter")
    asked = await browser.post("/console/counter", dossier=code_of(1))
    assert "Không có thông báo nào cho mã này" in (await browser.get(asked.location)).text
    for path in ("/console/messages", path_of(one)):
        assert "Thử nghiệm" in (await browser.get(path)).text


async def test_a_code_is_found_as_it_is_pasted(centre: Centre) -> None:
    await centre.owe(1)
    browser = await centre.staff("tai.quay", Role.VIEWER)
    await browser.get("/console/counter")
    for typed in (
        "000.00.12.h10 - 260303 - 0001",
        "000.00.12.H10–260303–0001",
        "\u200b000.00.12.H10-260303-0001\u00a0",
    ):
        asked = await browser.post("/console/counter", dossier=typed)
        assert "Có kết quả" in (await browser.get(asked.location)).text, typed


async def test_the_story_tells_a_fallback_and_a_report_that_came_late(centre: Centre) -> None:
    one = await centre.owe(1)
    await centre.send(one, outcome="rejected", reason=Reason.CARRIER_REJECTED, code="104")
    [before] = await centre.site.rows("SELECT step, tries FROM notification WHERE id = $1", one)
    on_to_a_call = Change(
        notification_id=one,
        step=before["step"],
        try_no=before["tries"],
        to=State.WAITING,
        reason=Reason.CARRIER_REJECTED,
        next_step=1,
        due=due(),
    )
    await moves.apply(centre.ledger, [on_to_a_call])
    await centre.end(one, State.FAILED, Reason.NO_ANSWER)
    await centre.end(one, State.DELIVERED)
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    story = (await browser.get(path_of(one))).text.split('class="story"')[1]
    told = (
        "Tiếp nhận từ hệ thống nguồn igate.",
        "Gửi bằng Tin nhắn SMS qua tài khoản esms tới số +84•••321",
        "Trả lời: nhà cung cấp từ chối.",
        "Chuyển sang cách gửi tiếp theo: Cuộc gọi tự động tới số +84•••321.",
        "Kết thúc.",
        "Có báo mới sau khi đã kết thúc",
    )
    plain = re.sub(r"<[^>]*>|\s+", " ", story)
    places = [re.sub(" +", " ", plain).find(one) for one in told]
    assert places == sorted(places)
    assert -1 not in places


async def test_what_has_ended_is_not_promised_to_go_on(centre: Centre) -> None:
    one = await centre.owe(1)
    await centre.end(one, State.FAILED, Reason.NO_ANSWER)
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    for path in (path_of(one), "/console/attention"):
        text = (await browser.get(path)).text
        assert "Đã gọi đủ số lần mà không ai nghe." in text
        assert "Hệ thống tự gọi lại" not in text


async def test_an_ending_that_its_source_has_not_taken_is_told(centre: Centre) -> None:
    one = await centre.owe(1)
    await centre.end(one, State.FAILED, Reason.NO_ANSWER)
    await centre.ledger.execute(
        "INSERT INTO callback (position, notification_id, revision, source, state, ended_at, fate,"
        " tries) VALUES (1, $1, 1, 'igate', 'failed', now(), 'dead', 9)",
        one,
    )
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    assert "đã thử 9 lần trong một ngày rồi thôi" in (await browser.get(path_of(one))).text


async def test_what_it_waits_for_is_told(centre: Centre) -> None:
    one, browser = await centre.owe(1), await centre.staff("van.hanh", Role.OPERATOR)
    for wait, said in (("1 hour", "<dt>Sẽ gửi lúc</dt><dd>"), ("-1 hour", "đã tới giờ từ")):
        await centre.ledger.execute(f"UPDATE due SET due_at = now() + interval '{wait}'")
        assert said in (await browser.get(path_of(one))).text
    await centre.send(one)
    assert "<dt>Chờ báo cáo phát đến</dt>" in (await browser.get(path_of(one))).text


async def test_one_that_is_held_is_told_where_to_decide(centre: Centre) -> None:
    one, browser = await centre.owe(1), await centre.staff("van.hanh", Role.OPERATOR)
    await centre.end(one, State.HELD, Reason.STORM_GUARD)
    text = (await browser.get(path_of(one))).text
    assert "Vào trang Đang giữ để xem" in text
    assert "9999" not in text


async def test_another_language_leads_back_to_the_masked_page(centre: Centre) -> None:
    one = await centre.owe(1)
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    await browser.get(path_of(one))
    opened = await browser.post(f"{path_of(one)}/reveal", why="asked")
    assert f'name="back" value="{path_of(one)}"' in opened.text


async def test_the_counter_keeps_to_units_and_says_when_there_is_nothing(centre: Centre) -> None:
    await centre.owe(1, unit=THERE)
    browser = await centre.staff("tai.quay", Role.VIEWER, units=frozenset({HERE}))
    await browser.get("/console/counter")
    for code in (code_of(1), code_of(2)):
        asked = await browser.post("/console/counter", dossier=code)
        assert "Không có thông báo nào cho mã này" in (await browser.get(asked.location)).text
    assert (await browser.post("/console/counter", dossier=" ")).location == "/console/counter"
    assert (await browser.get("/console/messages")).status == 403
