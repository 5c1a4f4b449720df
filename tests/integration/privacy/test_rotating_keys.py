"""Keys rotate while events come in: nothing becomes unreadable, nothing is told twice."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from office import E164, MOBILE, Office, posted, report

from gateway.domain.outcome import Blame, Reason, Rejected
from gateway.ledger import hashed_rows, key_holders, sealed_rows
from gateway.ledger.database import Database
from gateway.ledger.key_holders import Held
from gateway.sealing import Hasher, KeyPurpose, Keyring, Sealer
from gateway.services import reseal as resealing
from gateway.services.key_rotation import KeyInUse, KeyRotation
from gateway.services.live_keys import LiveKeys
from gateway.services.look_up import Question, Reader
from gateway.services.progress import Progress
from gateway.services.rehash import Rehash
from gateway.services.reseal import Reseal
from gateway.services.submit import Answer

READER = Reader(who="a test")
NO_ZALO = Rejected(reason=Reason.NO_ZALO_ACCOUNT, blame=Blame.RECIPIENT)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keyring.json"
    Keyring.generate().save(path)
    return path


def knowing(holder: str, *versions: int, primary: int = 1) -> Held:
    """A process that knows these versions of both keys."""
    return Held(
        holder=holder,
        seal_primary=primary,
        seal_versions=versions,
        hash_primary=primary,
        hash_versions=versions,
    )


async def tell(database: Database, held: Held) -> None:
    async with database.connection() as connection:
        await key_holders.report(connection, held)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(100):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError


async def seal_keys(office: Office, table: str) -> set[int]:
    rows = await office.rows(f"SELECT seal_key FROM {table} WHERE sealed IS NOT NULL")
    return {row["seal_key"] for row in rows}


async def found(office: Office, question: Question) -> int:
    look_up = office.look_up()
    return len((await look_up.search(question, READER)).found)


class TestRotating:
    @pytest.mark.parametrize("purpose", KeyPurpose)
    async def test_a_new_key_is_written_under_once_everybody_can_read_it(
        self, database: Database, file: Path, purpose: KeyPurpose
    ) -> None:
        await tell(database, knowing("one", 1, 2))
        done = await KeyRotation(database, file, 0).rotate(purpose)
        assert (done.version, done.waits_for) == (2, ())
        assert Keyring.load(file).of(purpose).primary == 2

    async def test_until_then_it_only_stands_in_the_file(
        self, database: Database, file: Path
    ) -> None:
        await tell(database, knowing("one", 1, 2))
        await tell(database, knowing("other", 1))
        rotation = KeyRotation(database, file, 0)
        first = await rotation.rotate(KeyPurpose.HASH)
        assert (first.version, list(first.waits_for)) == (2, ["other"])
        assert Keyring.load(file).hash.versions == (1, 2)
        await tell(database, knowing("other", 1, 2))
        again = await rotation.rotate(KeyPurpose.HASH)
        assert (again.version, list(again.waits_for)) == (2, [])
        assert Keyring.load(file).hash.versions == (2, 1)

    async def test_a_process_that_is_gone_is_not_waited_for(
        self, database: Database, file: Path
    ) -> None:
        await tell(database, knowing("gone", 1))
        async with database.connection() as connection:
            await connection.execute("UPDATE key_holder SET seen_at = now() - interval '1 minute'")
        assert not (await KeyRotation(database, file, 0).rotate(KeyPurpose.SEAL)).waits_for

    async def test_a_running_process_takes_the_new_key_up_and_tells(
        self, database: Database, file: Path
    ) -> None:
        keys = LiveKeys(file)
        await keys.report(database)
        following = asyncio.create_task(keys.follow(database))
        done = await KeyRotation(database, file, 10).rotate(KeyPurpose.SEAL)
        assert not done.waits_for
        await until(lambda: keys.sealer.primary == 2)
        following.cancel()
        await keys.leave(database)
        async with database.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM key_holder") == 0

    def test_a_row_under_a_newer_key_makes_a_process_look_at_the_file_at_once(
        self, file: Path
    ) -> None:
        keys = LiveKeys(file)
        newer = Keyring.load(file).with_new_seal_key()
        newer.save(file)
        assert keys.sealer.open(*Sealer(newer).seal(b"plain", b"row"), b"row") == b"plain"
        assert keys.sealer.primary == 2

    def test_the_keys_of_another_installation_are_not_taken_up(self, file: Path) -> None:
        keys = LiveKeys(file)
        sealed = keys.sealer.seal(b"plain", b"row")
        file.unlink()
        Keyring.generate().save(file)
        keys.look()
        assert keys.sealer.open(*sealed, b"row") == b"plain"


class TestAnEventPostedAgain:
    async def test_is_known_under_the_older_key(self, office: Office) -> None:
        [first] = await office.post(posted())
        office.hasher.use(office.keyring.with_new_hash_key())
        [again] = await office.post(posted())
        assert (again.answer, again.owed) == (Answer.SEEN, first.owed)
        [changed] = await office.post(posted(again=True))
        assert changed.answer is Answer.CONFLICT
        [other] = await office.post(posted(2))
        assert other.answer is Answer.NEW

    async def test_is_known_to_a_process_that_still_writes_under_the_older_key(
        self, office: Office
    ) -> None:
        both = office.keyring.with_new_hash_key()
        office.hasher.use(both)
        [first] = await office.post(posted())
        office.hasher.use(replace(both, hash=replace(both.hash, primary=1)))
        [again] = await office.post(posted())
        assert (again.answer, again.owed) == (Answer.SEEN, first.owed)

    async def test_twins_in_one_group_hear_of_the_older_one(self, office: Office) -> None:
        await office.post(posted())
        office.hasher.use(office.keyring.with_new_hash_key())
        answers = await office.post(posted(again=True), posted(), posted())
        assert [one.answer for one in answers] == [Answer.CONFLICT, Answer.SEEN, Answer.SEEN]

    async def test_at_the_moment_of_the_change_two_processes_take_turns(
        self, office: Office
    ) -> None:
        """One still writes under the older key, the other already under the newer one."""
        both = office.keyring.with_new_hash_key()
        older = replace(both, hash=replace(both.hash, primary=1))
        for number in range(1, 21):
            submits = []
            for keyring in (both, older):
                submit = office.submit()
                submit._hasher = Hasher(keyring)
                source = office.directory.now.sources["igate"]
                submits.append(submit.submit(source, [posted(number)]))
            answers = await asyncio.gather(*submits)
            assert sorted(one.answer for [one] in answers) == [Answer.NEW, Answer.SEEN]
        assert len(await office.rows("SELECT FROM notification")) == 20

    async def test_a_dossier_reported_before_is_still_known(self, office: Office) -> None:
        await office.post(posted())
        office.hasher.use(office.keyring.with_new_hash_key())
        event = posted()
        same_again = replace(event, event=replace(event.event, event_id="another id"))
        [told] = await office.post(same_again)
        assert [one.reason for one in told.owed] == [Reason.DUPLICATE]


class TestSealingAnew:
    async def _everywhere(self, office: Office) -> None:
        await office.owed(posted(), posted(2))
        await office.serve()
        receive = office.receive()
        for sent in office.sms.sent:
            await receive.take(
                "esms", report({"verdict": "delivered", "reference": sent.reference})
            )
        await receive.drained()

    async def test_every_sealed_row_is_read_under_the_newer_key_alone(self, office: Office) -> None:
        await self._everywhere(office)
        both = office.keyring.with_new_seal_key()
        done = await Reseal(office.database, Sealer(both), rest=0).run()
        assert done.unreadable == 0
        for table in sealed_rows.SEALED_TABLES:
            assert await seal_keys(office, table.name) <= {2}, table.name
        assert done.rows == 2 + 2 + 2 + 1  # notifications, texts, reports, secrets of an account
        only_new = replace(both, seal=both.seal.without(1))
        office.sealer.use(only_new)
        assert await found(office, Question(phone=MOBILE)) == 2
        again = await Reseal(office.database, Sealer(both), rest=0).run()
        assert again.rows == 0

    async def test_no_table_with_a_seal_is_forgotten(self, office: Office) -> None:
        async with office.database.connection() as connection:
            tables = await sealed_rows.tables_with(connection, "seal_key")
        assert sorted(tables) == sorted(table.name for table in sealed_rows.SEALED_TABLES)

    async def test_pages_follow_each_other_and_tell_how_far_they_are(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(resealing, "PAGE", 10)
        await office.owed(*(posted(number) for number in range(1, 26)))
        heard: list[Progress] = []
        both = office.keyring.with_new_seal_key()
        done = await Reseal(office.database, Sealer(both), heard.append, rest=0).run()
        assert done.rows == 26
        assert [one.rows for one in heard] == [10, 20]
        assert all(one.share is not None and 0 <= one.share <= 1 for one in heard)

    async def test_what_was_changed_or_erased_meanwhile_stays_as_it_is(
        self, office: Office
    ) -> None:
        await office.owed(posted(), posted(2))
        [notifications, *_] = sealed_rows.SEALED_TABLES
        async with office.database.connection() as connection:
            rows = await sealed_rows.older(connection, notifications, 2, None, 10)
            await connection.execute(
                "UPDATE notification SET sealed = NULL, seal_key = NULL WHERE id = $1",
                rows[0].key[0],
            )
            written = await sealed_rows.replace(
                connection, notifications, [(row, b"anew") for row in rows], 2
            )
        assert written == 1
        assert len(await office.rows("SELECT FROM notification WHERE sealed IS NULL")) == 1

    async def test_a_row_in_somebodys_hands_is_passed_over_and_nobody_waits(
        self, office: Office
    ) -> None:
        [held, _] = await office.owed(posted(), posted(2))
        both = office.keyring.with_new_seal_key()
        async with office.database.transaction() as connection:
            await connection.execute("SELECT FROM notification WHERE id = $1 FOR UPDATE", held)
            resealing_all = asyncio.create_task(Reseal(office.database, Sealer(both), rest=0).run())
            while 2 not in await seal_keys(office, "notification"):
                assert not resealing_all.done()
        done = await resealing_all
        assert done.rows == 3
        assert await seal_keys(office, "notification") == {2}

    async def test_a_row_that_cannot_be_opened_is_counted_and_left(self, office: Office) -> None:
        [torn, _] = await office.owed(posted(), posted(2))
        await office.rows(
            "UPDATE notification SET sealed = sealed || 'x'::bytea WHERE id = $1", torn
        )
        both = office.keyring.with_new_seal_key()
        done = await Reseal(office.database, Sealer(both), rest=0).run()
        assert (done.rows, done.unreadable) == (2, 1)

    async def test_a_worker_without_the_key_gives_it_back_unsent(self, office: Office) -> None:
        office.sealer.use(office.keyring.with_new_seal_key())
        [notification_id] = await office.owed(posted())
        office.sealer.use(office.keyring)
        await office.serve()
        assert office.sms.sent == []
        assert await office.state(notification_id) == ("waiting", "given_back")
        office.sealer.use(office.keyring.with_new_seal_key())


class TestHashingAnew:
    async def test_people_are_found_under_the_newer_key_alone(self, office: Office) -> None:
        await office.owed(posted(), posted(2))
        both = office.keyring.with_new_hash_key()
        done = await Rehash(office.database, office.sealer, Hasher(both), rest=0).run()
        assert (done.rows, done.unreadable) == (2, 0)
        office.hasher.use(replace(both, hash=both.hash.without(1)))
        assert await found(office, Question(phone=MOBILE)) == 2
        assert await found(office, Question(name="minh anh")) == 2
        assert await found(office, Question(dossier="000.00.12.H10-260303-0002")) == 1
        new = Hasher(both).phone(E164, 2)
        assert {row["phone"] for row in await office.rows("SELECT phone FROM due")} == {new}
        for row in await office.rows("SELECT steps FROM notification"):
            assert [step["phone_key"] for step in json.loads(row["steps"])] == [new.hex()]

    async def test_it_can_be_sent_afterwards(self, office: Office) -> None:
        [notification_id] = await office.owed(posted())
        both = office.keyring.with_new_hash_key()
        await Rehash(office.database, office.sealer, Hasher(both), rest=0).run()
        await office.serve()
        assert await office.state(notification_id) == ("sent", None)

    async def test_a_phone_without_zalo_stays_remembered(self, office: Office) -> None:
        await office.owed(posted(unit="H10.13"))
        office.zalo.answers = [NO_ZALO]
        await office.serve("zalo")
        both = office.keyring.with_new_hash_key()
        await Rehash(office.database, office.sealer, Hasher(both), rest=0).run()
        [memory] = await office.rows("SELECT phone, hash_key FROM phone_memory")
        assert tuple(memory) == (Hasher(both).phone(E164, 2), 2)
        office.hasher.use(both)
        await office.owed(posted(2, unit="H10.13"))
        await office.serve("zalo")
        assert len(office.zalo.sent) == 1

    async def test_one_that_was_erased_only_says_so_under_the_newer_key(
        self, office: Office
    ) -> None:
        await office.owed(posted())
        await office.rows("UPDATE notification SET sealed = NULL, seal_key = NULL, tokens = '{}'")
        both = office.keyring.with_new_hash_key()
        assert (await Rehash(office.database, office.sealer, Hasher(both), rest=0).run()).rows == 0
        [row] = await office.rows("SELECT hash_key, tokens FROM notification")
        assert tuple(row) == (2, [])

    async def test_one_that_changed_meanwhile_keeps_its_hashes(self, office: Office) -> None:
        await office.owed(posted())
        async with office.database.connection() as connection:
            [row] = await hashed_rows.older(connection, 2, UUID(int=0), 10)
            await connection.execute("UPDATE notification SET sealed = NULL, seal_key = NULL")
            anew = hashed_rows.Rehashed(row=row, tokens=[1], steps="[]")
            assert await hashed_rows.replace(connection, [anew], 2) == 0


class TestRetiring:
    async def _rotated(self, office: Office, file: Path, *purposes: KeyPurpose) -> KeyRotation:
        """Both keys rotated, with rows of the old ones."""
        office.keyring.save(replace_file(file))
        await office.owed(posted())
        rotation = KeyRotation(office.database, file, 0)
        for purpose in purposes:
            await rotation.rotate(purpose)
        return rotation

    async def test_a_seal_key_goes_when_no_row_is_left(self, office: Office, file: Path) -> None:
        rotation = await self._rotated(office, file, KeyPurpose.SEAL)
        with pytest.raises(KeyInUse, match="directory_entry, notification still has rows"):
            await rotation.retire(KeyPurpose.SEAL, 1)
        await Reseal(office.database, Sealer(Keyring.load(file)), rest=0).run()
        await rotation.retire(KeyPurpose.SEAL, 1)
        assert Keyring.load(file).seal.versions == (2,)

    async def test_a_hash_key_stays_as_long_as_keys_of_events_are_kept(
        self, office: Office, file: Path
    ) -> None:
        rotation = await self._rotated(office, file, KeyPurpose.HASH)
        keyring = Keyring.load(file)
        await Rehash(office.database, Sealer(keyring), Hasher(keyring), rest=0).run()
        with pytest.raises(KeyInUse, match="event_key"):
            await rotation.retire(KeyPurpose.HASH, 1)
        await office.rows("DELETE FROM event_key")
        await office.rows("DELETE FROM dossier")
        await office.rows("DELETE FROM notice_once")
        await rotation.retire(KeyPurpose.HASH, 1)
        assert Keyring.load(file).hash.versions == (2,)

    async def test_a_key_somebody_writes_under_stays(self, database: Database, file: Path) -> None:
        rotation = KeyRotation(database, file, 0)
        await rotation.rotate(KeyPurpose.SEAL)
        await tell(database, knowing("slow", 1, 2, primary=1))
        with pytest.raises(KeyInUse, match="slow still writes"):
            await rotation.retire(KeyPurpose.SEAL, 1)

    @pytest.mark.parametrize("version", [2, 3, 9], ids=["in-use", "to-come", "unknown"])
    async def test_only_an_older_key_can_go(
        self, database: Database, file: Path, version: int
    ) -> None:
        rotation = KeyRotation(database, file, 0)
        await rotation.rotate(KeyPurpose.SEAL)
        await tell(database, knowing("other", 1, 2, primary=2))
        await rotation.rotate(KeyPurpose.SEAL)
        assert Keyring.load(file).seal.versions == (2, 3, 1)
        with pytest.raises(KeyInUse):
            await rotation.retire(KeyPurpose.SEAL, version)


def replace_file(file: Path) -> Path:
    file.unlink()
    return file
