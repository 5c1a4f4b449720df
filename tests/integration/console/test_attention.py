"""What needs somebody: counted as the list shows it, within a user's units."""

import re

from centre import HERE, THERE, Centre, path_of

from gateway.domain.outcome import Reason
from gateway.domain.staff import Role
from gateway.domain.status import State
from gateway.ledger import counting
from gateway.services.minting import mint

PATH = "/console/attention"


async def fill(centre: Centre) -> None:
    for number in range(3):
        await centre.owe(number, phones=[])
    for number, (state, reason) in enumerate(
        [
            (State.EXPIRED, Reason.LATEST_TIME_PASSED),
            (State.UNCONFIRMED, Reason.UNKNOWN_OUTCOME),
            (State.UNCONFIRMED, Reason.NO_RECEIPTS),
            (State.CANCELLED, Reason.OVERTAKEN),
            (State.HELD, Reason.STORM_GUARD),
        ],
        start=10,
    ):
        await centre.end(await centre.owe(number, unit=THERE), state, reason)
    late = await centre.owe(20, unit=THERE)
    await centre.end(late, State.FAILED, Reason.BUSY)
    await centre.end(late, State.DELIVERED)
    await centre.ledger.execute("UPDATE due SET due_at = 'infinity'")
    await centre.ledger.execute(
        "INSERT INTO receipt_todo (receipt_id, account) VALUES ($1, 'esms')", mint()
    )
    await centre.ledger.execute(
        "INSERT INTO callback (position, notification_id, revision, source, state, ended_at, fate)"
        " VALUES (1, $1, 1, 'igate', 'failed', now(), 'dead')",
        late,
    )


def counts(text: str) -> dict[str, int]:
    """The number in each row of the table, by what is said in front of it."""
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>.*?<a href="[^"]*">(\d+)</a>', text, re.S)
    return {re.sub(r"<[^>]*>|\s+", " ", what).strip(): int(times) for what, times in rows}


async def test_what_reached_nobody_is_counted_by_reason_and_leads_to_the_list(
    centre: Centre,
) -> None:
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    assert "Không có gì phải xử lý." in (await browser.get(PATH)).text
    await fill(centre)
    text = (await browser.get(PATH)).text
    assert {re.sub(" +", " ", what): times for what, times in counts(text).items()} == {
        "Không gửi được Không có số điện thoại dùng được": 3,
        "Hết hạn gửi Quá giờ gửi muộn nhất": 1,
        "Không rõ đã gửi": 1,
        "Đang giữ lại": 1,
    }
    assert "Tìm số đúng trong hồ sơ giấy" in text
    for path, times in re.findall(r'<a href="(/console/messages\?[^"]*)">(\d+)</a>', text):
        listed = (await browser.get(path)).text
        assert len(re.findall(r'href="/console/messages/ntf_\w+"', listed)) == int(times), path
    for section, code in (("sources", "igate"), ("unmatched", "esms"), ("untold", "igate")):
        shown = text.split(f'id="{section}"')[1].split("</section>")[0]
        assert f"<dt>{code}</dt>" in shown


async def test_a_user_of_some_units_sees_counts_of_these_only(centre: Centre) -> None:
    await fill(centre)
    browser = await centre.staff("bu.dop", Role.OPERATOR, units=frozenset({HERE}))
    text = (await browser.get(PATH)).text
    assert list(counts(text).values()) == [3]
    assert 'id="unmatched"' not in text
    assert 'id="untold"' not in text
    assert path_of(mint()) not in text


async def test_what_was_sent_again_needs_nobody_any_more(centre: Centre) -> None:
    ids = [await centre.owe(number) for number in range(2)]
    for one in ids:
        await centre.end(one, State.FAILED, Reason.BUSY)
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    await browser.get("/console/messages")
    await browser.post(f"{path_of(ids[0])}/resend", key="k")
    text = (await browser.get(PATH)).text
    assert list(counts(text).values()) == [1]
    assert "(và 1 đã gửi lại)" in text
    await browser.post(f"{path_of(ids[1])}/resend", key="k")
    assert "Không có gì phải xử lý." in (await browser.get(PATH)).text


async def test_a_rehearsal_that_fails_needs_nobody(centre: Centre) -> None:
    await centre.end(await centre.owe(1), State.FAILED, Reason.BUSY)
    await centre.ledger.execute("UPDATE notification SET mode = 'test'")
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    assert "Không có gì phải xử lý." in (await browser.get(PATH)).text


async def test_a_row_leads_to_the_act_on_all_that_it_counts(centre: Centre) -> None:
    """Where the number is not the trouble; then, each has to be corrected."""
    for number in range(2):
        await centre.end(await centre.owe(number), State.FAILED, Reason.BUSY)
    await centre.owe(3, phones=[])
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    text = (await browser.get(PATH)).text
    [form] = re.findall(r'<form method="post" action="/console/acts".*?</form>', text, re.S)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    fields.pop("csrf")
    assert (fields["state"], fields["reason"]) == ("failed", "busy")
    prepared = await browser.post("/console/acts", **fields)
    preview = (await browser.get(prepared.location)).text
    assert "2 trong 2 thông báo chưa tới ai" in preview


async def test_figures_that_are_not_whole_say_so_and_never_that_all_is_well(
    centre: Centre,
) -> None:
    await centre.ledger.execute("UPDATE count_head SET since = now() - interval '1 hour'")
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    text = (await browser.get(PATH)).text
    assert "Số liệu chưa đầy đủ" in text
    assert "Không có gì phải xử lý." not in text
    await fill(centre)
    assert "Đang giữ lại" in (await browser.get(PATH)).text


async def test_counts_of_what_is_counted_and_what_is_not_yet_come_together(
    centre: Centre,
) -> None:
    await fill(centre)
    async with centre.ledger.transaction():
        await counting.count_changed(centre.ledger)
    late = await centre.owe(30)
    await centre.end(late, State.EXPIRED, Reason.LATEST_TIME_PASSED)
    browser = await centre.staff("van.hanh", Role.OPERATOR)
    text = (await browser.get(PATH)).text
    assert 2 in counts(text).values()
    await centre.end(late, State.DELIVERED)
    text = (await browser.get(PATH)).text
    assert sorted(counts(text).values()) == [1, 1, 1, 3]
