"""Who looked at people's data is written down, once per look."""

from office import MOBILE, Office, posted

from gateway.services.look_up import LookUp, Question, Reader
from gateway.services.minting import mint

READER = Reader(who="igate/bt_12ab34cd", why="api")


def look_up(office: Office) -> LookUp:
    return office.look_up()


async def entries(office: Office) -> list[tuple[object, ...]]:
    rows = await office.rows(
        "SELECT actor, action, why, notification_id, found FROM audit ORDER BY id"
    )
    return [tuple(row) for row in rows]


async def test_a_look_at_one_notification_names_it(office: Office) -> None:
    [notification_id] = await office.owed(posted())
    await look_up(office).one(notification_id, "igate", READER)
    assert await entries(office) == [("igate/bt_12ab34cd", "read", "api", notification_id, 1)]


async def test_a_search_is_one_entry_with_its_count(office: Office) -> None:
    await office.owed(posted(), posted(2))
    await look_up(office).search(Question(phone=MOBILE), READER)
    assert await entries(office) == [("igate/bt_12ab34cd", "search", "api", None, 2)]


async def test_what_is_not_shown_is_not_written_down(office: Office) -> None:
    [notification_id] = await office.owed(posted())
    assert await look_up(office).one(notification_id, "another source", READER) is None
    assert await look_up(office).one(mint(), None, READER) is None
    assert await entries(office) == []


async def test_sending_is_no_look(office: Office) -> None:
    await office.owed(posted())
    await office.serve()
    assert await entries(office) == []
