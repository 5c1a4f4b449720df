"""Messages that wait when a text is released: they keep theirs, or get it by choice."""

import asyncio

import pytest
from desk_site import GOOD, LAN, OWN_SMS, SMS, ZALO, DeskSite
from office import Office, posted

from gateway.domain.channel import Channel
from gateway.ledger import template_releases
from gateway.rendering.fields import put_together, take_apart
from gateway.services.desk.listing import Filter
from gateway.services.desk.moving import Moving

NEW = GOOD.replace("đã xong", "xong roi")


@pytest.fixture
def desk(office: Office) -> DeskSite:
    return DeskSite.over(office)


async def _publications(office: Office) -> list[int]:
    rows = await office.rows("SELECT publication FROM notification ORDER BY unit")
    return [row["publication"] for row in rows]


async def test_what_waits_keeps_the_text_it_was_accepted_under(
    desk: DeskSite, office: Office
) -> None:
    await office.owed(posted(1))
    await desk.released(NEW)
    assert await _publications(office) == [1]
    [text] = await desk.said()
    assert "xong roi" not in text


async def test_what_waits_gets_the_new_text_by_choice(desk: DeskSite, office: Office) -> None:
    await office.owed(posted(1), posted(2))
    done = await desk.released(NEW, waiting="move")
    assert done.moved == 2
    texts = await desk.said()
    assert len(texts) == 2
    assert all("xong roi" in text for text in texts)


async def test_only_the_released_text_reaches_those_that_keep_another(
    desk: DeskSite, office: Office
) -> None:
    """The Zalo text was released for new messages only; the SMS for all. A message of before has
    the new SMS and still the old Zalo text."""
    await office.owed(posted(1, unit="H10.13"))
    zalo = (await desk.drafting.open(ZALO)).body
    await desk.released(zalo.replace("Thời gian", "Thời điểm"), ZALO)
    await desk.released(NEW, waiting="move")
    [number] = await _publications(office)
    renderer = await office.templates.renderer(number)
    bodies = {
        one.key.channel: one.body
        for one in renderer.publication.templates.values()
        if one.key.kind == "result-ready"
    }
    assert bodies[Channel.SMS] == NEW
    assert bodies[Channel.ZALO] == zalo


async def test_the_newest_publication_has_both_texts(desk: DeskSite, office: Office) -> None:
    await office.owed(posted(1))
    zalo = (await desk.drafting.open(ZALO)).body
    await desk.released(zalo.replace("Thời gian", "Thời điểm"), ZALO)
    await desk.released(NEW, waiting="move")
    renderer = await office.templates.renderer(office.templates.current)
    bodies = [one.body for one in renderer.publication.templates.values()]
    assert NEW in bodies
    assert zalo.replace("Thời gian", "Thời điểm") in bodies


async def test_a_units_text_moves_that_units_messages_only(desk: DeskSite, office: Office) -> None:
    await office.owed(posted(1), posted(2, unit="H10.13"))
    done = await desk.released(NEW, OWN_SMS, waiting="move")
    assert done.moved == 1
    assert await _publications(office) == [2, 1]


async def test_a_common_text_leaves_units_with_their_own_alone(
    desk: DeskSite, office: Office
) -> None:
    await desk.released(NEW, OWN_SMS)
    await office.owed(posted(1), posted(2, unit="H10.13"))
    assert (await desk.released(NEW + " Xin cảm ơn.", waiting="move")).moved == 1


async def test_a_try_that_is_asked_again_keeps_its_words(desk: DeskSite, office: Office) -> None:
    [one] = await office.owed(posted(1))
    await office.rows("UPDATE due SET ask_again = 'esms' WHERE notification_id = $1", one)
    assert (await desk.released(NEW, waiting="move")).moved == 0
    assert await _publications(office) == [1]


async def test_what_comes_in_late_under_the_old_publication_is_moved_too(
    desk: DeskSite, office: Office
) -> None:
    """A process that has not seen the release yet accepts a message under the one before."""
    asked = await desk.asked(NEW, waiting="move")
    await desk.releasing.release(SMS, asked.revision, LAN)
    assert office.templates.current == 1
    await office.owed(posted(1))
    assert await _publications(office) == [1]
    await desk.moving.go_on()
    assert await _publications(office) == [2]
    [row] = await office.rows(
        "SELECT moved, settled_at IS NOT NULL AS settled FROM template_release"
    )
    assert (row["moved"], row["settled"]) == (1, True)
    [entry] = await office.rows("SELECT found FROM audit WHERE action = 'template.move_waiting'")
    assert entry["found"] == 1


async def test_more_than_a_batch_is_moved_and_the_rest_gone_on_with(office: Office) -> None:
    moving = Moving(office.database, ripe_after_s=0, batch=2, at_once=2)
    desk = DeskSite.over(office, moving=moving)
    await office.owed(*(posted(number) for number in range(1, 8)))
    assert (await desk.released(NEW, waiting="move")).moved == 4
    await moving.go_on()
    assert set(await _publications(office)) == {2}
    [row] = await office.rows("SELECT moved FROM template_release")
    assert row["moved"] == 7


async def test_who_waits_for_another_release_does_not_undo_it(
    desk: DeskSite, office: Office
) -> None:
    """Another process moves the message on while this one already has it in hand."""
    await office.owed(posted(1))
    asked = await desk.asked(NEW, waiting="move")
    mine = (await desk.releasing.release(SMS, asked.revision, LAN)).release
    await desk.released(NEW + " Xin cảm ơn.")
    [publication] = await _publications(office)
    await office.rows("UPDATE notification SET publication = 1")
    async with office.database.transaction() as theirs:
        await theirs.execute("UPDATE notification SET publication = 3")
        moving = asyncio.create_task(desk.moving.at_once(mine, SMS))
        await _waits_for_a_lock(office)
    assert (publication, await moving) == (2, 0)
    assert await _publications(office) == [3]


async def _waits_for_a_lock(office: Office) -> None:
    for _ in range(1000):
        if await office.rows("SELECT FROM pg_locks WHERE NOT granted"):
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody waits for a lock")


async def test_two_clocks_settle_a_release_once(desk: DeskSite, office: Office) -> None:
    await office.owed(posted(1))
    await desk.released(NEW, waiting="move")
    await asyncio.gather(*(desk.moving.go_on() for _ in range(4)))
    entries = await office.rows("SELECT 1 FROM audit WHERE action = 'template.move_waiting'")
    assert len(entries) == 1


async def test_held_messages_move_as_well(desk: DeskSite, office: Office) -> None:
    await office.reapply("source", "igate", hold_above_per_hour=1)
    await office.owed(posted(1))
    await office.owed(posted(2))
    states = await office.rows("SELECT state FROM notification")
    assert {row["state"] for row in states} == {"waiting", "held"}
    assert (await desk.released(NEW, waiting="move")).moved == 2


async def test_how_many_went_out_is_counted_by_the_words_they_had(
    desk: DeskSite, office: Office
) -> None:
    await office.owed(posted(1), posted(2))
    await desk.said()
    await desk.released(NEW, OWN_SMS)
    await office.owed(posted(3))
    await desk.said()
    await office.use.add()
    lines = await desk.listing.lines(Filter(kind="result-ready", channel="sms"))
    assert [(one.key.unit, one.sent) for one in lines] == [("", 2), ("H10.12", 1)]
    assert all(one.last_at for one in lines)
    assert await desk.listing.sent_lately(OWN_SMS) == 3


async def test_a_text_taken_apart_and_put_together_is_the_same(office: Office) -> None:
    async with office.database.connection() as connection:
        found = await template_releases.in_force(connection)
    assert len(found) == 27
    for one in found:
        channel = Channel(one.key.channel)
        taken = take_apart(channel, one.body)
        assert take_apart(channel, put_together(channel, taken)) == taken
