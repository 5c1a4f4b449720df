"""The directory: applied as a whole, told before it is changed, sealed, and soon known to all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from office import SHIPPED, TABLES, entries, until

from gateway.errors import DirectoryError
from gateway.intake.mappings import read_mappings
from gateway.ledger import directory as stored
from gateway.ledger.database import Database
from gateway.providers.registry import PROVIDERS
from gateway.sealing import Keyring, Sealer
from gateway.services.api_keys import create_key, revoke_key
from gateway.services.apply_directory import apply, differences, read_file
from gateway.services.directory_rules import Installed
from gateway.services.live_directory import LiveDirectory


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(Keyring.generate())


def _with(kind: str, code: str, **changes: Any) -> dict[str, list[dict[str, Any]]]:
    """The tables with one entry changed."""
    return {
        one: [{**row, **changes} if (one, row["code"]) == (kind, code) else row for row in rows]
        for one, rows in TABLES.items()
    }


def _without(kind: str) -> dict[str, list[dict[str, Any]]]:
    return {one: rows for one, rows in TABLES.items() if one != kind}


class _Lingering(Database):
    """Whoever asks first is kept after they have read, until `go` is set."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._first = True
        self.read, self.go = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        is_first, self._first = self._first, False
        async with self._database.connection() as connection:
            yield connection
        if is_first:
            self.read.set()
            await self.go.wait()


async def test_a_look_that_lingers_does_not_bring_back_what_was_in_force_before(
    database: Database, sealer: Sealer
) -> None:
    await apply(database, sealer, entries(TABLES), "test")
    lingering = _Lingering(database)
    live = LiveDirectory(lingering, sealer)
    first = asyncio.create_task(live.refresh())
    await lingering.read.wait()
    await apply(database, sealer, entries(_with("account", "esms", sender="NEW")), "test")
    second = asyncio.create_task(live.refresh())
    await asyncio.wait({second}, timeout=0.5)
    lingering.go.set()
    await asyncio.gather(first, second)
    assert live.now.accounts["esms"].sender == "NEW"


class TestApplying:
    async def test_the_first_time_everything_is_added(
        self, database: Database, sealer: Sealer
    ) -> None:
        wanted = entries(TABLES)
        _, shown = await differences(database, sealer, wanted)
        assert [str(one) for one in shown][:3] == [
            "+ pickup_point bu-dop", "+ account oa", "+ account esms",
        ]  # fmt: skip
        assert await apply(database, sealer, wanted, "test") == shown

    async def test_the_second_time_changes_nothing(
        self, database: Database, sealer: Sealer
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        async with database.connection() as connection:
            before = await stored.head(connection)
            assert (await differences(database, sealer, entries(TABLES)))[1] == []
            assert await apply(database, sealer, entries(TABLES), "test") == []
            assert await stored.head(connection) == before

    async def test_what_changed_after_it_was_shown_is_not_written_over(
        self, database: Database, sealer: Sealer
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        seen, _ = await differences(database, sealer, entries(TABLES))
        await apply(database, sealer, entries(_with("unit", "H10.12", name="Mới")), "console")
        with pytest.raises(DirectoryError, match="changed meanwhile"):
            await apply(database, sealer, entries(TABLES), "test", seen)
        seen, shown = await differences(database, sealer, entries(TABLES))
        assert await apply(database, sealer, entries(TABLES), "test", seen) == shown

    async def test_what_a_person_applies_is_in_the_audit(
        self, database: Database, sealer: Sealer
    ) -> None:
        await apply(database, sealer, entries(TABLES), "demo")
        changed = entries(_with("unit", "H10.12", name="Mới"))
        await apply(database, sealer, changed, "thu", audited=True)
        async with database.connection() as connection:
            rows = await connection.fetch("SELECT actor, action, subject, detail FROM audit")
        assert [tuple(row) for row in rows] == [("thu", "directory.change", "unit:H10.12", "name")]

    async def test_what_is_under_way_keeps_its_unit(
        self, database: Database, sealer: Sealer
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        async with database.connection() as connection:
            await connection.execute(
                "INSERT INTO due (notification_id, pool, class, unit, due_at, latest_at, phone)"
                " VALUES (gen_random_uuid(), 'sms', 'live', 'H10.12', now(), now(), '')"
            )
        fewer = entries({one: rows for one, rows in _without("unit").items() if one != "source"})
        with pytest.raises(DirectoryError, match="1 notifications under way still need it"):
            await apply(database, sealer, fewer, "test")

    async def test_looking_changes_nothing(self, database: Database, sealer: Sealer) -> None:
        await differences(database, sealer, entries(TABLES))
        async with database.connection() as connection:
            assert await stored.current(connection) == (0, [])

    @pytest.mark.parametrize(
        ("changes", "line"),
        [
            pytest.param({"rate_per_s": 5}, "~ account esms rate_per_s", id="a-value"),
            pytest.param(
                {"secrets": {"callback_token": "other"}}, "~ account esms secrets", id="a-secret"
            ),
            pytest.param({"secrets": {}}, "~ account esms secrets", id="a-secret-taken-away"),
            pytest.param(
                {"sender": "TTPVHCC", "timeout_s": 3},
                "~ account esms sender, timeout_s",
                id="two-values",
            ),
        ],
    )
    async def test_a_difference_names_its_fields_and_no_value(
        self, database: Database, sealer: Sealer, changes: dict[str, Any], line: str
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        changed = await apply(database, sealer, entries(_with("account", "esms", **changes)), "me")
        assert [str(one) for one in changed] == [line]

    async def test_what_is_not_in_the_file_is_removed_and_its_past_stays(
        self, database: Database, sealer: Sealer
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        removed = await apply(database, sealer, entries(_without("source")), "test")
        assert [str(one) for one in removed] == ["- source igate"]
        directory = LiveDirectory(database, sealer)
        await directory.refresh()
        assert directory.now.sources == {}
        async with database.connection() as connection:
            rows = await connection.fetch(
                "SELECT removed FROM directory_entry WHERE code = 'igate'"
            )
        assert sorted(row["removed"] for row in rows) == [False, True]

    async def test_what_was_removed_can_come_back(self, database: Database, sealer: Sealer) -> None:
        for tables in (TABLES, _without("source"), TABLES):
            await apply(database, sealer, entries(tables), "test")
        directory = LiveDirectory(database, sealer)
        await directory.refresh()
        assert list(directory.now.sources) == ["igate"]

    async def test_two_who_apply_at_once_take_turns(
        self, database: Database, sealer: Sealer
    ) -> None:
        answers = await asyncio.gather(
            *(apply(database, sealer, entries(TABLES), "test") for _ in range(4))
        )
        assert sum(bool(changed) for changed in answers) == 1

    async def test_the_example_of_the_manual_applies(
        self, database: Database, sealer: Sealer
    ) -> None:
        mappings = read_mappings(SHIPPED / "config" / "sources", None)
        installed = Installed(
            providers=PROVIDERS,
            mappings={name: one.source_uri for name, one in mappings.items()},
        )
        wanted = read_file(SHIPPED / "config" / "directory.example.toml", installed)
        assert len(await apply(database, sealer, wanted, "test")) == len(wanted)
        assert await apply(database, sealer, wanted, "test") == []

    async def test_no_secret_stands_in_the_table(self, database: Database, sealer: Sealer) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        [secret] = [row["secrets"] for row in TABLES["account"] if "secrets" in row]
        async with database.connection() as connection:
            rows = await connection.fetch("SELECT e::text AS t FROM directory_entry e")
        for plain in secret.values():
            assert not any(plain in row["t"] or plain.encode().hex() in row["t"] for row in rows)
        directory = LiveDirectory(database, sealer)
        await directory.refresh()
        assert directory.now.secrets_of("account", "esms") == secret


class TestInForce:
    async def test_a_change_is_known_within_two_seconds(
        self, database: Database, sealer: Sealer
    ) -> None:
        directory = LiveDirectory(database, sealer)
        heard: list[int] = []
        directory.on_change.append(lambda now: heard.append(now.revision))
        following = asyncio.create_task(directory.follow())
        await apply(database, sealer, entries(TABLES), "test")
        try:
            await until(lambda: "esms" in directory.now.accounts, within_s=2)
        finally:
            following.cancel()
        assert heard == [1]

    async def test_nothing_is_told_where_nothing_changed(
        self, database: Database, sealer: Sealer
    ) -> None:
        directory = LiveDirectory(database, sealer)
        heard: list[int] = []
        directory.on_change.append(lambda now: heard.append(now.revision))
        await apply(database, sealer, entries(TABLES), "test")
        for _ in range(3):
            await directory.refresh()
        assert heard == [1]

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            pytest.param("drone", '{"code": "d-1"}', id="a-kind-of-a-later-version"),
            pytest.param(
                "pool", '{"code": "p", "shape": "round"}', id="a-field-of-a-later-version"
            ),
        ],
    )
    async def test_an_entry_that_cannot_be_read_leaves_what_was_in_force(
        self, database: Database, sealer: Sealer, kind: str, body: str
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        directory = LiveDirectory(database, sealer)
        await directory.refresh()
        async with database.connection() as connection:
            await _later_entry(connection, kind, body)
        with pytest.raises(DirectoryError):
            await directory.refresh()
        assert directory.now.revision == 1
        assert "esms" in directory.now.accounts

    async def test_following_goes_on_after_an_entry_that_could_not_be_read(
        self, database: Database, sealer: Sealer
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        directory = LiveDirectory(database, sealer)
        await directory.refresh()
        async with database.connection() as connection:
            await _later_entry(connection, "pool", '{"code": "d-1", "shape": "round"}')
        following = asyncio.create_task(directory.follow())
        try:
            await asyncio.sleep(1.1)
            assert not following.done()
            await apply(database, sealer, entries(TABLES), "test")
            await until(lambda: directory.now.revision == 3, within_s=2)
        finally:
            following.cancel()

    async def test_secrets_may_stand_in_a_file_or_the_environment(
        self,
        database: Database,
        sealer: Sealer,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        (tmp_path / "token").write_text("from a file\n")
        monkeypatch.setenv("A_SECRET_OF_THE_TEST", "from the environment")
        secrets = {
            "one": f"file:{tmp_path / 'token'}",
            "two": "env:A_SECRET_OF_THE_TEST",
            "three": "as it is",
            "four": f"file:{tmp_path / 'nowhere'}",
            "five": "env:NOT_SET_IN_ANY_TEST",
        }
        await apply(database, sealer, entries(_with("account", "oa", secrets=secrets)), "test")
        directory = LiveDirectory(database, sealer)
        await directory.refresh()
        assert directory.now.secrets_of("account", "oa") == {
            "one": "from a file",
            "two": "from the environment",
            "three": "as it is",
            "four": "",
            "five": "",
        }


class TestKeys:
    async def test_a_key_is_shown_once_and_kept_as_a_hash(
        self, database: Database, sealer: Sealer
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        key = await create_key(database, "igate", ("post",), "live", "test")
        async with database.connection() as connection:
            rows = await connection.fetch("SELECT e::text AS t FROM directory_entry e")
        assert not any(key.secret in row["t"] for row in rows)
        directory = LiveDirectory(database, sealer)
        await directory.refresh()
        assert directory.now.keys[key.prefix].scopes == ("post",)

    async def test_applying_a_file_leaves_the_keys_alone(
        self, database: Database, sealer: Sealer
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        key = await create_key(database, "igate", ("post",), "live", "test")
        assert await apply(database, sealer, entries(TABLES), "test") == []
        directory = LiveDirectory(database, sealer)
        await directory.refresh()
        assert key.prefix in directory.now.keys

    async def test_a_revoked_key_is_known_as_revoked(
        self, database: Database, sealer: Sealer
    ) -> None:
        await apply(database, sealer, entries(TABLES), "test")
        key = await create_key(database, "igate", ("post",), "live", "test")
        await revoke_key(database, key.prefix, "test")
        directory = LiveDirectory(database, sealer)
        await directory.refresh()
        assert directory.now.keys[key.prefix].revoked

    async def test_a_source_that_is_not_there_gets_no_key(self, database: Database) -> None:
        with pytest.raises(DirectoryError, match="no source igate"):
            await create_key(database, "igate", ("post",), "live", "test")

    async def test_a_prefix_that_no_key_has_cannot_be_revoked(self, database: Database) -> None:
        with pytest.raises(DirectoryError, match="no key has the prefix"):
            await revoke_key(database, "0badc0de", "test")


async def _later_entry(connection: asyncpg.Connection, kind: str, body: str) -> None:
    """What a later version of the gateway wrote beside this one."""
    entry = stored.StoredEntry(kind=kind, code="d-1", body={})
    async with connection.transaction():
        revision = await stored.write(connection, [entry], "later version")
        await connection.execute(
            "UPDATE directory_entry SET body = $1 WHERE revision = $2", body, revision
        )
