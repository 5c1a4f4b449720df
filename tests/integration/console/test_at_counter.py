"""What stands first at the counter: what answers whether, when and how the owner was told."""

import re
from uuid import UUID

from centre import Centre, code_of
from ledger_rows import anywhere

from gateway.domain.notification import AttemptVerdict
from gateway.domain.outcome import Reason, Verdict
from gateway.domain.staff import Role
from gateway.domain.status import State
from gateway.ledger import moves

YES, NO = "Đã báo cho người dân lúc", "Người dân chưa được báo"
NOT_YET, STOPPED = "Chưa báo", "Thông báo này đã dừng"


async def delivered(centre: Centre, one: UUID, text: str) -> UUID:
    """By SMS, as its provider reports."""
    await centre.send(one, text=text)
    await moves.apply(
        centre.ledger,
        [anywhere(one, State.DELIVERED, verdict=AttemptVerdict(verdict=Verdict.DELIVERED))],
    )
    return one


async def answer(centre: Centre) -> str:
    browser = await centre.staff("tai.quay", Role.VIEWER)
    await browser.get("/console/counter")
    asked = await browser.post("/console/counter", dossier=code_of(1))
    return (await browser.get(asked.location)).text


def articles(page: str) -> list[str]:
    return [re.sub(r"<[^>]*>|\s+", " ", one) for one in page.split('<article class="card">')[1:]]


async def test_what_was_delivered_stands_above_newer_ones_that_told_nobody(centre: Centre) -> None:
    await delivered(centre, await centre.owe(1), "the delivered one")
    await centre.owe(1, event="twin")
    for number, state, reason in (
        (1, State.SUPPRESSED, Reason.SUPPRESSED),
        (2, State.CANCELLED, Reason.WITHDRAWN),
        (3, State.FAILED, Reason.PHONE_INVALID),
    ):
        one = await centre.owe(1, event=f"again-{number}", again=True)
        await centre.end(one, state, reason)
    page = await answer(centre)
    first, *others = articles(page)
    assert YES in first
    assert "(Tin nhắn SMS)" in first
    assert "the delivered one" in first
    assert [next(word for word in (NO, STOPPED) if word in one) for one in others] == [
        *(NO, NO, STOPPED, STOPPED),
    ]
    assert page.index("the delivered one") < page.index("Các thông báo khác về hồ sơ này")


async def test_what_is_new_stands_above_what_was_told_before_unless_it_was_stopped(
    centre: Centre,
) -> None:
    """That papers were asked for says nothing of the result."""
    asked = await centre.owe(1, kind="supplement-required", details={"items": ["ảnh"]})
    await delivered(centre, asked, "bring a photo")
    result = await centre.owe(1, event="result", time="2026-03-04T09:00:00+07:00")
    first, second = articles(await answer(centre))
    assert (NOT_YET in first, "bring a photo" in second) == (True, True)
    await centre.end(result, State.CANCELLED, Reason.WITHDRAWN)
    browser = await centre.staff("quay.hai", Role.VIEWER)
    await browser.get("/console/counter")
    again = await browser.post("/console/counter", dossier=code_of(1))
    first, second = articles((await browser.get(again.location)).text)
    assert ("bring a photo" in first, STOPPED in second) == (True, True)


async def test_other_papers_are_another_matter(centre: Centre) -> None:
    first = await centre.owe(1, kind="supplement-required", details={"items": ["ảnh"]})
    await delivered(centre, first, "bring a photo")
    await centre.owe(
        1, event="more", kind="supplement-required", details={"items": ["giấy khai sinh"]}
    )
    newest, older = articles(await answer(centre))
    assert (NOT_YET in newest, YES in older) == (True, True)


async def test_a_confirmation_does_not_move_the_time_at_which_somebody_was_told(
    centre: Centre,
) -> None:
    one = await delivered(centre, await centre.owe(1), "told")
    await centre.ledger.execute(
        "UPDATE history SET at = '2026-03-03T02:15:00Z' WHERE notification_id = $1", one
    )
    await centre.end(one, State.ACKNOWLEDGED)
    assert f"{YES} 03/03/2026 09:15" in articles(await answer(centre))[0]


async def test_the_delivered_one_is_found_behind_any_number_of_duplicates(centre: Centre) -> None:
    await delivered(centre, await centre.owe(1), "the delivered one")
    for number in range(25):
        await centre.owe(1, event=f"twin-{number}")
    page = await answer(centre)
    shown = articles(page)
    assert "the delivered one" in shown[0]
    assert len(shown) == 20
    assert "còn ít nhất 6 thông báo khác" in page
