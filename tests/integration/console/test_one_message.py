"""One message and the counter: what is told, what stays masked, and who may see it."""

from uuid import uuid4

from centre import HERE, MOBILE, NAME, THERE, Centre, code_of, path_of
from ledger_rows import anywhere

from gateway.domain.notification import AttemptVerdict
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
        "Trả lời ngay: nhà cung cấp đã nhận.",
        "2 phần tin",
        "Giá 1.640 đ",
        "DTMF",
        "Nói chuyện 31 giây.",
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
    State.HELD: "Chưa báo",
    State.WAITING: "Chưa báo",
    State.SENDING: "Chưa báo",
}


async def test_the_counter_answers_for_every_state(centre: Centre) -> None:
    one = await centre.owe(1)
    await centre.send(one, text=TEXT)
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


async def test_the_counter_keeps_to_units_and_says_when_there_is_nothing(centre: Centre) -> None:
    await centre.owe(1, unit=THERE)
    browser = await centre.staff("tai.quay", Role.VIEWER, units=frozenset({HERE}))
    await browser.get("/console/counter")
    for code in (code_of(1), code_of(2)):
        asked = await browser.post("/console/counter", dossier=code)
        assert "Không có thông báo nào cho mã này" in (await browser.get(asked.location)).text
    assert (await browser.post("/console/counter", dossier=" ")).location == "/console/counter"
    assert (await browser.get("/console/messages")).status == 403
