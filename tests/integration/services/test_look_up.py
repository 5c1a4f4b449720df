"""A search of a dossier system: page by page, of its own notices, by the ledger's time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from office import MOBILE, Office, posted

from gateway.domain.identity import NOTIFICATION, read, show
from gateway.services.look_up import Question, Reader

READER = Reader(who="a test")


async def _found(office: Office, question: Question) -> list[str]:
    looked = await office.look_up().search(question, READER)
    return [str(one["id"]) for one in looked.found]


def _shown(ids: list[UUID]) -> list[str]:
    return [show(NOTIFICATION, one) for one in ids]


async def test_a_page_tells_where_the_next_one_begins_until_there_is_none(office: Office) -> None:
    owed = await office.owed(*(posted(number) for number in range(1, 4)))
    pages, before, look_up = list[list[str]](), None, office.look_up()
    while not pages or before:
        looked = await look_up.search(
            Question(source="igate", phone=MOBILE, limit=2, before=before), READER
        )
        pages.append([str(one["id"]) for one in looked.found])
        before = read(NOTIFICATION, looked.next) if looked.next else None
    newest_first = _shown(sorted(owed, reverse=True))
    assert pages == [newest_first[:2], newest_first[2:]]


async def test_a_source_finds_its_own_alone(office: Office) -> None:
    owed = await office.owed(posted(1))
    assert await _found(office, Question(source="igate", phone=MOBILE)) == _shown(owed)
    for question in (Question(source="another", phone=MOBILE), Question(source="another")):
        assert await _found(office, question) == []


async def test_no_state_is_found_by_none_and_each_by_its_own(office: Office) -> None:
    owed = await office.owed(posted(1))
    for states, expected in ((None, owed), ([], []), (["waiting"], owed), (["failed"], [])):
        question = Question(source="igate", phone=MOBILE, states=states)
        assert await _found(office, question) == _shown(expected), states
        without_person = Question(source="igate", states=states)
        assert await _found(office, without_person) == _shown(expected), states


async def test_times_are_those_of_the_ledger_not_of_whoever_minted_the_id(office: Office) -> None:
    owed, now = await office.owed(posted(1)), datetime.now(UTC)
    await office.rows("UPDATE notification SET accepted_at = now() - interval '30 minutes'")
    ago = now - timedelta(minutes=20)
    assert await _found(office, Question(phone=MOBILE, accepted_to=ago)) == _shown(owed)
    assert await _found(office, Question(phone=MOBILE, accepted_from=ago)) == []
