"""Whom not to write to: on which channel, about what, until when, and under which hash keys."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from office import MOBILE, Office, posted, report

from gateway.administration.privacy import PersonalData
from gateway.domain.channel import Channel
from gateway.domain.outcome import Blame, Reason, Rejected
from gateway.ledger import key_holders
from gateway.ledger.database import Database
from gateway.ledger.key_holders import Held
from gateway.sealing import KeyPurpose, Keyring
from gateway.services.erase import Erase, Whom
from gateway.services.key_rotation import KeyInUse
from gateway.services.rehash import Rehash
from gateway.services.suppress import NotSuppressible, Why, Wish
from gateway.settings import load_settings

NAME = "Nguyễn Thị Minh Ánh"
OTHER_NAME = "Trần Văn Bình"
OTHER_MOBILE = "0912 345 678"
DOSSIER = "000.00.12.H10-260303-0001"
BOTH_CHANNELS = "H10.13"  # Zalo, then SMS
OPTED_OUT = Rejected(reason=Reason.OPTED_OUT, blame=Blame.RECIPIENT, code="21610")


async def add(office: Office, **wish: Any) -> UUID:
    told = {"phone": MOBILE, "reason": Why.BY_STAFF, "origin": "a test", **wish}
    return await office.suppress.add(Wish(**told))


async def told(office: Office, number: int = 1, **data: Any) -> tuple[str, str | None]:
    """How a notification fares that is posted now and served over both channels."""
    [one] = await office.owed(posted(number, **data))
    await office.serve("zalo")
    await office.serve("sms")
    return await office.state(one)


async def suppressions(office: Office) -> list[tuple[str, str | None]]:
    rows = await office.rows("SELECT reason, channel FROM suppression ORDER BY since, id")
    return [(row["reason"], row["channel"]) for row in rows]


def applicant(name: str, *phones: str) -> dict[str, Any]:
    return {"applicant": {"name": name, "phones": list(phones)}}


SUPPRESSED = ("suppressed", "suppressed")
SENT = ("sent", None)


class TestANumber:
    async def test_on_one_channel_goes_to_the_next_step(self, office: Office) -> None:
        await add(office, channel=Channel.ZALO)
        assert await told(office, unit=BOTH_CHANNELS) == SENT
        assert (len(office.zalo.sent), len(office.sms.sent)) == (0, 1)
        rows = await office.rows("SELECT state, reason FROM history ORDER BY revision")
        assert ("waiting", "suppressed") in [tuple(row) for row in rows]
        assert [row["step"] for row in await office.rows("SELECT step FROM attempt")] == [1]

    async def test_on_all_channels_ends_unsent(self, office: Office) -> None:
        await add(office)
        assert await told(office, unit=BOTH_CHANNELS) == SUPPRESSED
        assert (office.zalo.sent, office.sms.sent) == ([], [])
        assert await office.rows("SELECT FROM attempt") == []
        assert await office.rows("SELECT FROM watch") == []

    async def test_whoever_has_it(self, office: Office) -> None:
        await add(office)
        assert await told(office, **applicant(OTHER_NAME, MOBILE)) == SUPPRESSED

    async def test_in_any_spelling(self, office: Office) -> None:
        await add(office, phone="+84 (0) 984.765.321")
        assert await told(office) == SUPPRESSED

    async def test_leaves_the_person_their_other_number(self, office: Office) -> None:
        await add(office)
        assert await told(office, phones=(MOBILE, OTHER_MOBILE)) == SENT
        [sent] = office.sms.sent
        assert sent.phone.e164 == "+84912345678"

    async def test_on_another_channel_is_none(self, office: Office) -> None:
        await add(office, channel=Channel.VOICE)
        assert await told(office) == SENT

    async def test_is_looked_at_when_a_step_is_claimed(self, office: Office) -> None:
        [one] = await office.owed(posted())
        await add(office)
        await office.serve()
        assert await office.state(one) == SUPPRESSED

    async def test_after_a_step_that_may_have_reached_somebody_is_unconfirmed(
        self, office: Office
    ) -> None:
        [one] = await office.owed(posted(unit=BOTH_CHANNELS))
        await office.serve("zalo")
        await add(office, channel=Channel.SMS)
        await office.run_out("receipt")
        await office.sweep().run_out()
        assert await office.state(one) == ("waiting", "receipt_missing")
        await office.serve("sms")
        assert office.sms.sent == []
        assert await office.state(one) == ("unconfirmed", "receipt_missing")

    async def test_after_a_step_that_was_refused_is_suppressed(self, office: Office) -> None:
        await add(office, channel=Channel.SMS)
        office.zalo.answers = [Rejected(reason=Reason.NO_ZALO_ACCOUNT, blame=Blame.RECIPIENT)]
        assert await told(office, unit=BOTH_CHANNELS) == SUPPRESSED


class TestAPerson:
    @pytest.fixture(autouse=True)
    async def _suppressed(self, office: Office) -> None:
        await add(office, name=NAME)

    async def test_on_any_of_the_numbers_of_a_dossier(self, office: Office) -> None:
        assert await told(office, phones=(OTHER_MOBILE, MOBILE)) == SUPPRESSED
        assert office.sms.sent == []

    async def test_is_known_without_accents(self, office: Office) -> None:
        assert await told(office, **applicant("NGUYEN THI MINH ANH", MOBILE)) == SUPPRESSED

    async def test_a_namesake_with_another_number_is_another(self, office: Office) -> None:
        assert await told(office, phones=(OTHER_MOBILE,)) == SENT

    async def test_somebody_else_on_the_same_number_is_another(self, office: Office) -> None:
        assert await told(office, **applicant(OTHER_NAME, MOBILE)) == SENT

    async def test_a_shorter_name_is_another(self, office: Office) -> None:
        assert await told(office, **applicant("Nguyễn Thị Ánh", MOBILE)) == SENT


class TestADossier:
    async def test_is_held_back_alone(self, office: Office) -> None:
        await add(office, dossier=f" {DOSSIER.lower()} ")
        assert await told(office, 1) == SUPPRESSED
        assert await told(office, 2) == SENT

    async def test_with_a_person_only_for_that_person(self, office: Office) -> None:
        await add(office, name=NAME, dossier=DOSSIER)
        assert await told(office, 1) == SUPPRESSED
        assert await told(office, 2) == SENT


class TestAnEnd:
    async def test_comes_with_its_date(self, office: Office) -> None:
        await add(office, until=datetime.now(UTC) + timedelta(days=30))
        assert await told(office, 1) == SUPPRESSED
        await office.rows("UPDATE suppression SET until = now() RETURNING 1")
        assert await told(office, 2) == SENT
        assert await office.suppress.in_force() == []

    async def test_comes_when_staff_say_so(self, office: Office) -> None:
        one = await add(office)
        assert await office.suppress.end(one)
        assert not await office.suppress.end(one)
        assert await told(office) == SENT


class TestAnOptOut:
    async def test_refused_by_the_provider_holds_for_its_channel(self, office: Office) -> None:
        office.zalo.answers = [OPTED_OUT]
        assert await told(office, 1, unit=BOTH_CHANNELS) == SENT
        assert await suppressions(office) == [("opted_out", "zalo")]
        assert await told(office, 2, unit=BOTH_CHANNELS) == SENT
        assert (len(office.zalo.sent), len(office.sms.sent)) == (1, 2)

    async def test_refused_for_two_messages_at_once_is_kept_once(self, office: Office) -> None:
        office.sms.otherwise = OPTED_OUT
        await office.owed(*(posted(number) for number in range(1, 11)))
        office.sms.gate.clear()
        serving = asyncio.create_task(office.serve())
        await office.sms.called.wait()
        await asyncio.sleep(0.1)
        office.sms.gate.set()
        await serving
        assert len(office.sms.sent) > 1
        assert await suppressions(office) == [("opted_out", "sms")]

    async def test_told_by_a_report_holds_for_its_channel(self, office: Office) -> None:
        assert await told(office, 1) == SENT
        receive = office.receive()
        body = {"verdict": "failed", "reason": "opted_out", "code": "21610"}
        body |= {"reference": office.sms.sent[-1].reference}
        for _ in range(2):
            await receive.take("esms", report(body))
        await receive.drained()
        assert await suppressions(office) == [("opted_out", "sms")]
        [shown] = await office.suppress.in_force()
        assert (shown.origin, shown.until, shown.person) == ("esms", None, False)
        assert await told(office, 2) == SUPPRESSED
        assert await told(office, 3, unit=BOTH_CHANNELS) == SENT
        assert len(office.zalo.sent) == 1


class TestTheList:
    async def test_masks_numbers_and_names_nobody(self, office: Office) -> None:
        await add(office, name=NAME, dossier=DOSSIER, note="at the desk")
        await add(office, phone=OTHER_MOBILE, channel=Channel.VOICE, reason=Why.WRONG_NUMBER)
        other, first = await office.suppress.in_force()
        assert (other.phone, other.person, other.channel) == ("+84•••678", False, "voice")
        assert (first.phone, first.person, first.dossier) == ("+84•••321", True, True)
        assert (first.note, first.origin, first.reason) == ("at the desk", "a test", "by_staff")
        for word in ("984", "Ánh", "H10-2603"):
            assert word not in repr([other, first])

    async def test_is_found_by_a_number(self, office: Office) -> None:
        await add(office, name=NAME)
        await add(office, phone=OTHER_MOBILE)
        [found] = await office.suppress.in_force("84984765321")
        assert found.person
        assert await office.suppress.in_force("0913 000 111") == []
        with pytest.raises(NotSuppressible):
            await office.suppress.in_force("none")

    @pytest.mark.parametrize(
        "wish",
        [{"phone": "12"}, {"phone": f"{MOBILE} {OTHER_MOBILE}"}, {"name": "..."}],
        ids=["no number", "two numbers", "no name"],
    )
    async def test_what_names_nobody_is_refused(self, office: Office, wish: dict[str, str]) -> None:
        with pytest.raises(NotSuppressible):
            await add(office, **wish)
        assert await suppressions(office) == []


class TestOtherHashKeys:
    async def test_one_of_before_is_found_by_what_is_posted_under_the_new_key(
        self, office: Office
    ) -> None:
        await add(office, name=NAME)
        office.hasher.use(office.keyring.with_new_hash_key())
        assert await office.suppress.under_every_version() == 1
        assert await office.suppress.under_every_version() == 0
        assert await told(office) == SUPPRESSED

    async def test_one_added_under_both_is_found_by_what_was_posted_before(
        self, office: Office
    ) -> None:
        [one] = await office.owed(posted())
        office.hasher.use(office.keyring.with_new_hash_key())
        await add(office)
        await office.serve()
        assert await office.state(one) == SUPPRESSED

    async def test_the_older_hashes_go_once_nobody_has_them(self, office: Office) -> None:
        await add(office)
        [one] = await office.owed(posted())
        both = office.keyring.with_new_hash_key()
        office.hasher.use(both)
        await office.suppress.under_primary_alone()
        assert await self._versions(office) == [1, 2], "a notification is still hashed by it"
        await Rehash(office.database, office.sealer, office.hasher, rest=0).run()
        await self._tell(office, primary=1)
        await office.suppress.under_primary_alone()
        assert await self._versions(office) == [1, 2], "a process still writes under it"
        await self._tell(office, primary=2)
        await office.suppress.under_primary_alone()
        assert await self._versions(office) == [2]
        office.hasher.use(replace(both, hash=both.hash.without(1)))
        await office.serve()
        assert await office.state(one) == SUPPRESSED

    async def test_what_has_ended_needs_no_new_hashes(self, office: Office) -> None:
        await office.suppress.end(await add(office))
        office.hasher.use(office.keyring.with_new_hash_key())
        await office.suppress.under_primary_alone()
        assert await self._versions(office) == []

    @staticmethod
    async def _versions(office: Office) -> list[int]:
        rows = await office.rows("SELECT hash_key FROM suppression_key ORDER BY hash_key")
        return [row["hash_key"] for row in rows]

    @staticmethod
    async def _tell(office: Office, primary: int) -> None:
        versions = (1, 2)
        async with office.database.connection() as connection:
            await key_holders.report(
                connection,
                Held(
                    holder="a worker",
                    seal_primary=1,
                    seal_versions=versions,
                    hash_primary=primary,
                    hash_versions=versions,
                ),
            )


async def test_rotating_rehashing_and_retiring_a_key_loses_nobody(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "keyring.json"
    Keyring.generate().save(file)
    settings = load_settings(
        {"BAOTIN_DATABASE_URL": database_url, "BAOTIN_KEYS_KEYRING_FILE": str(file)}
    )
    office = await Office.open(database, Keyring.load(file))
    await add(office, name=NAME)
    [before, again] = await office.owed(posted(1), posted(2))
    personal = PersonalData(settings)
    for purpose, version in ((KeyPurpose.HASH, 2), (KeyPurpose.SEAL, 2)):
        assert (await personal.rotate(purpose)).version == version
    office.hasher.use(Keyring.load(file))
    office.sealer.use(Keyring.load(file))
    [after] = await office.owed(posted(3))
    assert (await personal.rehash(lambda _: None, 0)).rows == 2
    await personal.reseal(lambda _: None, 0)
    with pytest.raises(KeyInUse, match="event_key") as refused:
        await personal.retire(KeyPurpose.HASH, 1)
    assert "suppression_key" not in str(refused.value)
    for table in ("event_key", "notice_once", "dossier"):
        await office.rows(f"DELETE FROM {table} WHERE hash_key = 1 RETURNING 1")
    await personal.retire(KeyPurpose.HASH, 1)
    await personal.retire(KeyPurpose.SEAL, 1)
    office.hasher.use(Keyring.load(file))
    office.sealer.use(Keyring.load(file))
    await office.serve()
    for one in (before, again, after):
        assert await office.state(one) == SUPPRESSED
    [shown] = await office.suppress.in_force(MOBILE)
    assert shown.person
    await office.close()


async def test_erasing_a_person_leaves_them_suppressed(office: Office) -> None:
    await add(office, name=NAME)
    await office.owed(posted())
    erase = Erase(
        database=office.database, hasher=office.hasher, sealer=office.sealer, actor="an officer"
    )
    await erase.erase(Whom(phone=MOBILE))
    assert await told(office, 2) == SUPPRESSED
    [shown] = await office.suppress.in_force(MOBILE)
    assert shown.person
