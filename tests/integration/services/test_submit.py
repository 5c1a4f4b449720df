"""Submitting: who may post, whom it is owed to, and that posting again is safe."""

import asyncio
from typing import Any

import pytest
from office import E164, MOBILE, Office, posted

from gateway.domain.notification import Lane
from gateway.errors import LedgerUnavailable
from gateway.services import payload
from gateway.services.submit import Answer


async def _count(office: Office, table: str) -> int:
    [found] = await office.rows(f"SELECT count(*) FROM {table}")
    return int(found["count"])


class TestPostingAgain:
    async def test_the_same_event_is_seen_and_its_lane_rung_once_more(self, office: Office) -> None:
        [new] = await office.post(posted(1))
        [seen] = await office.post(posted(1))
        assert (new.answer, seen.answer) == (Answer.NEW, Answer.SEEN)
        assert [one.id for one in seen.owed] == [one.id for one in new.owed]
        assert office.rung == [Lane(pool="sms"), Lane(pool="sms")]

    async def test_other_content_is_a_conflict(self, office: Office) -> None:
        [first] = await office.post(posted(1))
        [other] = await office.post(posted(1, again=True))
        assert other.answer is Answer.CONFLICT
        assert [one.id for one in other.owed] == [one.id for one in first.owed]

    async def test_twins_in_one_batch_owe_one_notification(self, office: Office) -> None:
        first, twin = await office.post(posted(1), posted(1))
        assert (first.answer, twin.answer) == (Answer.NEW, Answer.SEEN)
        assert [one.id for one in twin.owed] == [one.id for one in first.owed]
        assert await _count(office, "notification") == 1

    async def test_a_twin_with_other_content_in_one_batch_is_a_conflict(
        self, office: Office
    ) -> None:
        answers = await office.post(posted(1), posted(1, again=True))
        assert [one.answer for one in answers] == [Answer.NEW, Answer.CONFLICT]

    async def test_what_was_booked_is_seen_even_behind_a_conflicting_twin(
        self, office: Office
    ) -> None:
        await office.post(posted(1))
        answers = await office.post(posted(1, again=True), posted(1))
        assert [one.answer for one in answers] == [Answer.CONFLICT, Answer.SEEN]

    async def test_twenty_posts_at_once_owe_one_notification(self, office: Office) -> None:
        submit, source = office.submit(), office.directory.now.sources["igate"]
        answers = await asyncio.gather(*(submit.submit(source, [posted(1)]) for _ in range(20)))
        words = sorted(one.answer for [one] in answers)
        assert words == [Answer.NEW] + [Answer.SEEN] * 19
        assert await _count(office, "notification") == 1

    async def test_the_reference_seed_does_not_depend_on_when_it_was_posted(
        self, office: Office
    ) -> None:
        await office.post(posted(1))
        [before] = await office.rows("SELECT reference_seed FROM notification")
        await office.rows("TRUNCATE event_key, notification, due")
        await office.post(posted(1, again=True))
        [after] = await office.rows("SELECT reference_seed FROM notification")
        assert after == before


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "status", "code", "pointer"),
        [
            pytest.param(
                {"source": "/h99/other"}, 403, "source_not_yours", "/source", id="foreign-source"
            ),
            pytest.param({"unit": "H10.77"}, 422, "unknown_unit", "/data/unit", id="no-such-unit"),
            pytest.param(
                {"unit": "H10.99"}, 403, "unit_not_yours", "/data/unit", id="foreign-unit"
            ),
            pytest.param(
                {"pickup": {"point": "moon"}},
                422,
                "unknown_pickup_point",
                "/data/pickup/point",
                id="no-such-place",
            ),
        ],
    )
    async def test_what_may_not_be_posted_is_refused_and_not_kept(
        self, office: Office, data: dict[str, Any], status: int, code: str, pointer: str
    ) -> None:
        [answer] = await office.post(posted(1, **data))
        assert answer.answer is Answer.REFUSED
        assert answer.refusal is not None
        assert (answer.refusal.status, answer.refusal.code) == (status, code)
        assert [one.pointer for one in answer.refusal.errors] == [pointer]
        assert await _count(office, "event_key") == 0

    async def test_a_refused_one_does_not_hold_up_its_batch(self, office: Office) -> None:
        answers = await office.post(posted(1), posted(2, unit="H10.77"), posted(3))
        assert [one.answer for one in answers] == [Answer.NEW, Answer.REFUSED, Answer.NEW]
        assert await _count(office, "notification") == 2

    async def test_an_alias_names_the_unit(self, office: Office) -> None:
        [answer] = await office.post(posted(1, unit="000.00.12.H10"))
        assert answer.answer is Answer.NEW
        [found] = await office.rows("SELECT unit FROM notification")
        assert found["unit"] == "H10.12"

    async def test_without_a_ledger_nothing_is_promised(self, office: Office) -> None:
        await office.database.close()
        with pytest.raises(LedgerUnavailable):
            await office.post(posted(1))
        assert office.rung == []


class TestWhomItIsOwedTo:
    async def test_without_any_usable_phone_it_ends_failed_for_staff_to_see(
        self, office: Office
    ) -> None:
        [notification_id] = await office.owed(posted(1, phones=["1022", "không có"]))
        assert await office.state(notification_id) == ("failed", "no_usable_phone")
        assert await _count(office, "outbox") == 1
        assert office.rung == []

    async def test_the_authorised_person_is_written_to(self, office: Office) -> None:
        authorised = {"name": "Trần Văn Bình", "phones": ["0912 345 678"]}
        [one] = await office.owed(posted(1, authorised=authorised))
        opened = await self._opened(office, one)
        assert opened.recipient.name == "Trần Văn Bình"
        assert [phone.e164 for phone in opened.phones] == ["+84912345678"]
        assert opened.notes == ()

    async def test_an_authorised_person_without_a_phone_leaves_the_applicant_and_a_note(
        self, office: Office
    ) -> None:
        authorised = {"name": "Trần Văn Bình", "phones": ["0999"]}
        [one] = await office.owed(posted(1, authorised=authorised))
        opened = await self._opened(office, one)
        assert opened.recipient.name == "Nguyễn Thị Minh Ánh"
        assert [phone.e164 for phone in opened.phones] == [E164]
        assert opened.notes == ("authorised_without_usable_phone",)

    async def _opened(self, office: Office, notification_id: Any) -> payload.Payload:
        [found] = await office.rows(
            "SELECT sealed, seal_key FROM notification WHERE id = $1", notification_id
        )
        return office.compose.payload(notification_id, found["sealed"], found["seal_key"])


@pytest.mark.parametrize("table", ["notification", "event_key", "due", "history"])
async def test_no_table_shows_who_it_is_about(office: Office, table: str) -> None:
    await office.post(posted(1))
    [row] = await office.rows(f"SELECT t::text FROM {table} t")
    for secret in ("Nguyễn", "Minh", E164[3:], MOBILE, "260303", "event-1"):
        assert secret not in row["t"]
        assert secret.encode().hex() not in row["t"]


class TestALedgerOutOfOrder:
    """Nobody is told that an event cannot be stored where it is the ledger that cannot."""

    async def test_one_that_says_nothing_is_not_waited_for_without_end(
        self, office: Office
    ) -> None:
        submit = office.submit(patience_s=0.3)
        source = office.directory.now.sources["igate"]
        async with office.database.transaction() as connection:
            await connection.execute("LOCK TABLE event_key IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(LedgerUnavailable):
                await submit.submit(source, [posted(1)])
        [again] = await office.post(posted(1))
        assert again.answer in (Answer.NEW, Answer.SEEN)
        assert await _count(office, "notification") == 1

    @pytest.mark.parametrize(
        "trouble",
        [
            "ALTER TABLE event_key RENAME TO elsewhere",
            "DO $$ DECLARE month regclass; BEGIN FOR month IN SELECT inhrelid::regclass"
            " FROM pg_inherits WHERE inhparent = 'notification'::regclass"
            " LOOP EXECUTE 'DROP TABLE ' || month || ' CASCADE'; END LOOP; END $$",
        ],
        ids=["a-table-is-away", "the-month-has-no-tables"],
    )
    async def test_its_own_trouble_promises_nothing_and_blames_no_event(
        self, office: Office, trouble: str
    ) -> None:
        async with office.database.connection() as connection:
            await connection.execute(trouble)
        for events in ([posted(1)], [posted(1), posted(2)]):
            with pytest.raises(LedgerUnavailable):
                await office.post(*events)

    @pytest.mark.parametrize(
        "code",
        ["28000", "28P01", "3D000", "57P04", "58000", "58030"],
        ids=["not-let-in", "password", "no-database", "dropped", "system", "disk"],
    )
    async def test_what_is_wrong_with_it_is_told_as_its_absence(
        self, office: Office, code: str
    ) -> None:
        with pytest.raises(LedgerUnavailable):
            async with office.database.connection() as connection:
                await connection.execute(
                    f"DO $$ BEGIN RAISE SQLSTATE '{code}' USING MESSAGE = 'trouble'; END $$"
                )
