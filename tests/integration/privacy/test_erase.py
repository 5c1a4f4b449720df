"""Erasing a person: what goes, what stays, and what must not come back."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

import pytest
from office import E164, MOBILE, Office, posted, report

from gateway.domain.notification import Lane
from gateway.domain.outcome import Blame, Reason, Rejected
from gateway.services import erase as erasing
from gateway.services import raw_receipt
from gateway.services.erase import Erase, NobodyMeant, Whom
from gateway.services.look_up import Reader
from gateway.services.submit import Answer

DOSSIER = "000.00.12.H10-260303-0001"
OTHER_MOBILE, OTHER_E164 = "0900 000 043", "+84900000043"
NO_ZALO = Rejected(reason=Reason.NO_ZALO_ACCOUNT, blame=Blame.RECIPIENT)
READER = Reader(who="a test")


def eraser(office: Office) -> Erase:
    return Erase(
        database=office.database, hasher=office.hasher, sealer=office.sealer, actor="an officer"
    )


async def erase(office: Office, **whom: Any) -> erasing.Erasure:
    return await eraser(office).erase(Whom(**whom))


async def delivered(office: Office) -> UUID:
    """One that was sent and reported as delivered."""
    [notification_id] = await office.owed(posted())
    await office.serve()
    receive = office.receive()
    body = {"verdict": "delivered", "reference": office.sms.sent[-1].reference}
    await receive.take("esms", report(body))
    await receive.drained()
    return notification_id


async def dump(office: Office) -> str:
    """Every column of every table as text; bytes as hexadecimal digits."""
    tables = await office.rows(
        "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND c.relnamespace = 'public'::regnamespace"
    )
    found = [await office.rows(f"SELECT t::text FROM {row['relname']} t") for row in tables]
    return "\n".join(row["t"] for rows in found for row in rows)


async def sealed_values(office: Office) -> list[bytes]:
    tables = ("notification", "attempt", "receipt_raw")
    found = [
        await office.rows(f"SELECT sealed FROM {table} WHERE sealed IS NOT NULL")
        for table in tables
    ]
    return [row["sealed"] for rows in found for row in rows]


def traces(office: Office) -> Iterator[str]:
    """What would betray the person of `posted()` in a dump."""
    for plain in ("984765321", DOSSIER, "Ánh", "anh", "Nguyễn"):
        yield plain
        yield plain.encode().hex()
    for version in office.hasher.versions:
        yield office.hasher.phone(E164, version).hex()
        yield str(office.hasher.token("phone", E164, version))
        yield str(office.hasher.token("dossier", DOSSIER.casefold(), version))
        yield str(office.hasher.token("word", "anh", version))


class TestWhatGoes:
    async def test_nothing_in_any_table_leads_to_the_person(self, office: Office) -> None:
        await delivered(office)
        [waiting] = await office.owed(posted(2))
        erasure = await erase(office, phone=MOBILE)
        assert erasure.counts.notifications == 2
        assert await sealed_values(office) == []
        text = await dump(office)
        assert [trace for trace in traces(office) if trace in text] == []
        assert await office.state(waiting) == ("cancelled", "withdrawn")

    async def test_an_older_hash_key_leaves_no_trace_either(self, office: Office) -> None:
        await delivered(office)
        office.hasher.use(office.keyring.with_new_hash_key())
        await erase(office, phone=MOBILE)
        text = await dump(office)
        assert [trace for trace in traces(office) if trace in text] == []

    async def test_a_phone_without_zalo_is_forgotten(self, office: Office) -> None:
        await office.owed(posted(unit="H10.13"))
        office.zalo.answers = [NO_ZALO]
        await office.serve("zalo")
        assert len(await office.rows("SELECT FROM phone_memory")) == 1
        erasure = await erase(office, dossier=DOSSIER)
        assert erasure.counts.remembered_phones == 1
        assert await office.rows("SELECT FROM phone_memory") == []

    async def test_reports_that_were_never_matched_are_found_by_the_number_in_them(
        self, office: Office
    ) -> None:
        await office.owed(posted())
        receive = office.receive()
        body = {"verdict": "delivered", "provider_id": "no such", "code": "to 84984765321"}
        other = {"verdict": "delivered", "provider_id": "no such", "code": "to 84900000043"}
        for one in (body, other):
            await receive.take("esms", report(one))
        await receive.drained()
        erasure = await erase(office, phone=MOBILE)
        assert erasure.counts.reports == 1
        assert len(await office.rows("SELECT FROM receipt_raw")) == 1
        assert len(await office.rows("SELECT FROM receipt_todo")) == 1


class TestWhoIsFound:
    @pytest.mark.parametrize(
        ("whom", "found"),
        [
            pytest.param({"phone": "+84 984 765 321"}, 2, id="a-phone"),
            pytest.param({"dossier": DOSSIER.lower()}, 1, id="a-dossier"),
            pytest.param({"name": "minh anh", "dossier": DOSSIER}, 1, id="a-name-in-a-dossier"),
            pytest.param({"name": "Trần", "dossier": DOSSIER}, 0, id="another-name"),
            pytest.param({"phone": OTHER_MOBILE}, 1, id="another-phone"),
            pytest.param({"phone": MOBILE, "source": "igate"}, 2, id="of-its-source"),
            pytest.param({"phone": MOBILE, "source": "other"}, 0, id="of-another-source"),
            pytest.param({"phone": "not a number"}, 0, id="no-phone-at-all"),
        ],
    )
    async def test_only_those_who_are_meant(
        self, office: Office, whom: dict[str, str], found: int
    ) -> None:
        await office.owed(posted(1), posted(2), posted(3, phones=[OTHER_MOBILE]))
        assert (await erase(office, **whom)).counts.notifications == found

    async def test_an_applicant_is_found_in_a_notice_to_somebody_else(self, office: Office) -> None:
        authorised = {"name": "Trần Văn Bình", "phones": [OTHER_MOBILE]}
        await office.owed(posted(authorised=authorised))
        assert (await erase(office, phone=MOBILE)).counts.notifications == 1

    @pytest.mark.parametrize(
        "whom",
        [{}, {"name": "Ánh"}, {"phone": MOBILE, "name": "Ánh"}, {"source": "igate"}],
        ids=["nobody", "only-a-name", "a-phone-and-a-name", "a-whole-source"],
    )
    async def test_whom_to_erase_must_be_clear(self, office: Office, whom: dict[str, str]) -> None:
        with pytest.raises(NobodyMeant):
            await erase(office, **whom)


class TestWhatStays:
    async def test_posting_the_same_event_again_sends_nothing(self, office: Office) -> None:
        notification_id = await delivered(office)
        await erase(office, phone=MOBILE)
        [again] = await office.post(posted())
        assert again.answer is Answer.SEEN
        assert [one.id for one in again.owed] == [notification_id]
        await office.serve()
        assert len(office.sms.sent) == 1

    async def test_states_history_and_statistics_stay(self, office: Office) -> None:
        notification_id = await delivered(office)
        before = await office.rows("SELECT * FROM history ORDER BY revision")
        await erase(office, phone=MOBILE)
        assert await office.state(notification_id) == ("delivered", None)
        assert await office.rows("SELECT * FROM history ORDER BY revision") == before
        [attempt] = await office.rows("SELECT * FROM attempt")
        assert (attempt["outcome"], attempt["verdict"]) == ("accepted", "delivered")
        assert (attempt["provider_id"], attempt["erased"]) == ("p-1", True)
        assert attempt["reference"] == office.sms.sent[0].reference

    async def test_staff_see_that_it_was_erased(self, office: Office) -> None:
        notification_id = await delivered(office)
        await erase(office, phone=MOBILE)
        looked = office.look_up()
        told = await looked.one(notification_id, None, READER)
        assert told is not None
        assert (told["dossier"], told["steps"][0]["phone"]) == ("erased", "erased")

    async def test_the_receipt_says_what_was_done_and_names_nobody(self, office: Office) -> None:
        notification_id = await delivered(office)
        erasure = await eraser(office).erase(Whom(phone=MOBILE), why="request 12/2026")
        shown = erasure.as_json()
        assert shown["by"] == "an officer"
        assert shown["found_by"] == "phone"
        assert shown["notifications"] == [f"ntf_{notification_id.hex}"]
        assert shown["counts"] == {
            "notifications": 1,
            "ended": 0,
            "texts": 1,
            "reports": 1,
            "remembered_phones": 0,
            "list_rows": 0,
        }
        [row] = await office.rows("SELECT * FROM erasure")
        assert (row["id"], row["actor"], row["found_by"]) == (erasure.id, "an officer", "phone")
        assert row["finished_at"] == erasure.at
        [entry] = await office.rows("SELECT * FROM audit")
        assert (entry["actor"], entry["action"], entry["why"], entry["found"]) == (
            *("an officer", "erase", "request 12/2026"),
            1,
        )

    async def test_erasing_again_finds_nobody(self, office: Office) -> None:
        await delivered(office)
        await erase(office, phone=MOBILE)
        again = await erase(office, phone=MOBILE)
        assert set(asdict(again.counts).values()) == {0}
        assert again.notification_ids == []


class TestWhatIsOnItsWay:
    async def test_a_worker_that_was_sending_does_not_bring_the_text_back(
        self, office: Office
    ) -> None:
        [notification_id] = await office.owed(posted())
        office.sms.gate.clear()
        worker = office.worker()
        slice_ = asyncio.create_task(worker.work(Lane(pool="sms"), lambda: False))
        await office.sms.called.wait()
        erasure = await erase(office, phone=MOBILE)
        assert (erasure.counts.ended, erasure.counts.texts) == (1, 1)
        office.sms.gate.set()
        await slice_
        await worker.finish()
        assert await office.state(notification_id) == ("cancelled", "withdrawn")
        [attempt] = await office.rows("SELECT * FROM attempt")
        assert (attempt["outcome"], attempt["provider_id"]) == ("accepted", "p-1")
        assert await sealed_values(office) == []
        for table in ("due", "watch"):
            assert await office.rows(f"SELECT FROM {table}") == []

    async def test_a_worker_that_learns_of_no_zalo_does_not_remember_the_phone(
        self, office: Office
    ) -> None:
        await office.owed(posted(unit="H10.13"))
        office.zalo.answers = [NO_ZALO]
        office.zalo.gate.clear()
        worker = office.worker()
        slice_ = asyncio.create_task(worker.work(Lane(pool="zalo"), lambda: False))
        await office.zalo.called.wait()
        await erase(office, phone=MOBILE)
        office.zalo.gate.set()
        await slice_
        await worker.finish()
        assert await office.rows("SELECT FROM phone_memory") == []
        assert await office.rows("SELECT FROM due") == []

    async def test_a_report_that_comes_later_is_understood_and_not_kept(
        self, office: Office
    ) -> None:
        [notification_id] = await office.owed(posted())
        await office.serve()
        await erase(office, phone=MOBILE)
        assert await office.state(notification_id) == ("cancelled", "withdrawn")
        receive = office.receive()
        body = {"verdict": "delivered", "reference": office.sms.sent[0].reference}
        await receive.take("esms", report(body))
        await receive.drained()
        assert await office.state(notification_id) == ("delivered", None)
        assert await sealed_values(office) == []
        assert await office.rows("SELECT FROM receipt_todo") == []

    async def test_an_unsigned_report_about_an_erased_one_proves_nothing(
        self, office: Office
    ) -> None:
        [notification_id] = await office.owed(posted())
        await office.serve()
        await erase(office, phone=MOBILE)
        receive = office.receive()
        body = {"verdict": "delivered", "reference": office.sms.sent[0].reference}
        await receive.take("esms", report({**body, "needs_query": True}))
        await receive.drained()
        assert office.sms.asked == []
        assert await office.state(notification_id) == ("cancelled", "withdrawn")
        assert await sealed_values(office) == []

    async def test_the_clock_goes_over_it_again_until_nothing_can_come_any_more(
        self, office: Office
    ) -> None:
        notification_id = await delivered(office)
        await erase(office, phone=MOBILE)
        request = raw_receipt.sealed("esms", report({"verdict": "progress"}), office.sealer)
        await office.rows(
            "WITH raw AS (INSERT INTO receipt_raw (id, account, sealed, seal_key)"
            " VALUES ($1, 'esms', $2, $3))"
            " INSERT INTO receipt (notification_id, receipt_id, step, try, verdict)"
            " VALUES ($4, $1, 0, 1, 'progress')",
            *(request.id, request.sealed, request.seal_key, notification_id),
        )
        await erasing.settle(office.database)
        assert await sealed_values(office) == []
        [row] = await office.rows("SELECT notification_ids FROM erasure")
        assert row["notification_ids"] == [notification_id]
        await office.rows("UPDATE erasure SET at = at - interval '3 days'")
        await erasing.settle(office.database)
        [row] = await office.rows("SELECT notification_ids FROM erasure")
        assert row["notification_ids"] is None

    async def test_the_sweep_passes_over_what_was_erased(self, office: Office) -> None:
        await office.owed(posted())
        await office.serve()
        await erase(office, phone=MOBILE)
        await office.rows("INSERT INTO watch SELECT id, 0, 1, 'receipt', now() FROM notification")
        assert await office.sweep().run_out() == 1
        assert await office.rows("SELECT FROM watch") == []
        assert office.sms.asked == []

    async def test_two_at_once_erase_each_person_once(self, office: Office) -> None:
        await office.owed(*(posted(number) for number in range(1, 31)))
        ours, theirs = await asyncio.gather(
            erase(office, phone=MOBILE), erase(office, phone=MOBILE)
        )
        assert ours.counts.notifications + theirs.counts.notifications == 30
        assert ours.counts.ended + theirs.counts.ended == 30

    async def test_what_cannot_be_opened_any_more_is_erased_all_the_same(
        self, office: Office
    ) -> None:
        await office.owed(posted())
        await office.rows("UPDATE notification SET sealed = sealed || 'x'::bytea")
        assert (await erase(office, dossier=DOSSIER)).counts.notifications == 1
