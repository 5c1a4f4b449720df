"""Backups of a real ledger and their way back into an empty database."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from ledger_rows import ACCEPTED, FOR_RECEIPT, UNKNOWN, about, accepted, reach, row, sent, take

from gateway import backup
from gateway.backup import BackupError
from gateway.domain.status import State
from gateway.errors import ConfigurationError
from gateway.ledger import feed, horizon, moves, schema, tokens
from gateway.sealing import Keyring

RING = Keyring.generate()


@pytest.fixture
async def live(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(empty_database_url)
    yield connection
    await connection.close()


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@dataclass(frozen=True, kw_only=True)
class Way:
    """From a live ledger into an empty one."""

    live_url: str
    empty_url: str
    file: Path

    async def take(self) -> backup.Taken:
        return await backup.take(self.live_url, RING, self.file)

    async def restore(self) -> backup.Restored:
        return await backup.restore(self.empty_url, RING, self.file, "an operator")


@pytest.fixture
def way(database_url: str, empty_database_url: str, tmp_path: Path) -> Way:
    return Way(live_url=database_url, empty_url=empty_database_url, file=tmp_path / "one.backup")


async def test_everything_unfinished_comes_back_held_and_the_rest_as_it_was(
    live: asyncpg.Connection, empty: asyncpg.Connection, way: Way
) -> None:
    before = {state: await reach(live, state) for state in State if state is not State.HELD}
    await tokens.store(live, "zalo-oa", b"sealed", 1, 90_000)
    await feed.number(live, horizon.of_numbers())
    given = await live.fetchval("SELECT position FROM feed_head")
    taken = await way.take()
    done = await way.restore()
    unfinished = {State.WAITING, State.SENDING, State.SENT}
    for state, notification_id in before.items():
        was, now = await row(live, notification_id), await row(empty, notification_id)
        if state in unfinished:
            assert (now["state"], now["reason"]) == ("held", "restored")
            assert now["revision"] == was["revision"] + 1
            story = await empty.fetch(
                "SELECT state, actor FROM history WHERE notification_id = $1 ORDER BY revision",
                notification_id,
            )
            assert tuple(story[-1]) == ("held", "an operator")
        else:
            assert now == was
    assert (done.held, done.lost_tokens) == (3, ("zalo-oa",))
    pauses = await empty.fetch("SELECT scope, reason FROM pause")
    assert [tuple(one) for one in pauses] == [("everything", "restored")]
    assert await empty.fetch("SELECT * FROM watch") == []
    assert await empty.fetchval("SELECT count(*) FROM due WHERE due_at = 'infinity'") == 3
    assert await empty.fetchval("SELECT count(*) FROM due") == 3
    assert await empty.fetchval("SELECT position FROM feed_head") > given + 1_000_000
    assert await empty.fetchval("SELECT backup_at FROM restore") == taken.header.made_at
    await schema.require_current(empty)


async def test_a_restored_ledger_claims_nothing_even_when_resumed(
    live: asyncpg.Connection, empty: asyncpg.Connection, way: Way
) -> None:
    await accepted(live)
    await way.take()
    await way.restore()
    await empty.execute("DELETE FROM pause")
    assert await take(empty) == []


async def test_a_backup_is_of_one_moment_although_rows_change_meanwhile(
    live: asyncpg.Connection, empty: asyncpg.Connection, way: Way
) -> None:
    going = True

    async def traffic() -> None:
        while going:
            await accepted(live)
            for claimed in await take(live):
                change = about(claimed, State.SENT, result=ACCEPTED, watch=FOR_RECEIPT)
                await moves.apply(live, [change])

    for _ in range(50):
        await accepted(live)
    busy = asyncio.create_task(traffic())
    await asyncio.sleep(0.2)
    await way.take()
    going = False
    await busy
    await way.restore()
    torn = await empty.fetch(
        "SELECT n.id FROM notification n WHERE NOT EXISTS"
        " (SELECT FROM event_key k WHERE n.id = ANY (k.notification_ids))"
        " OR n.revision <> (SELECT max(revision) FROM history h WHERE h.notification_id = n.id)"
        " OR n.tries <> (SELECT count(*) FROM attempt a WHERE a.notification_id = n.id)"
    )
    assert torn == []
    assert await empty.fetchval("SELECT count(*) FROM notification") >= 50


async def test_the_file_belongs_to_its_owner_and_appears_only_when_whole(
    database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "one.backup"
    await backup.take(database_url, RING, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _names(tmp_path) == ["one.backup"]
    with pytest.raises(BackupError, match="exists"):
        await backup.take(database_url, RING, file)
    header, size = backup.check(file, RING)
    assert header.schema == schema.known()[0]
    assert size > 1000


async def test_a_backup_that_cannot_be_written_leaves_nothing(
    database_url: str, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="cannot be written"):
        await backup.take(database_url, RING, tmp_path / "missing" / "one.backup")
    assert _names(tmp_path) == []


async def test_a_database_without_a_ledger_is_not_backed_up(
    empty_database_url: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="no ledger"):
        await backup.take(empty_database_url, RING, tmp_path / "one.backup")


async def test_a_database_that_holds_anything_is_refused(
    database_url: str, tmp_path: Path, way: Way
) -> None:
    await way.take()
    with pytest.raises(ConfigurationError, match="not empty"):
        await backup.restore(database_url, RING, tmp_path / "one.backup", "an operator")


async def test_a_damaged_file_leaves_the_database_empty(
    database_url: str, empty: asyncpg.Connection, empty_database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "one.backup"
    await backup.take(database_url, RING, file)
    spoilt = bytearray(file.read_bytes())
    spoilt[-20] ^= 1
    file.write_bytes(spoilt)
    with pytest.raises(BackupError, match="damaged"):
        backup.check(file, RING)
    with pytest.raises(BackupError, match="damaged"):
        await backup.restore(empty_database_url, RING, file, "an operator")
    assert await schema.is_empty(empty)


async def test_a_restore_that_fails_inside_postgresql_leaves_the_database_empty(
    live: asyncpg.Connection, empty: asyncpg.Connection, way: Way
) -> None:
    await live.execute("CREATE EXTENSION IF NOT EXISTS plpgsql")
    await live.execute("CREATE FUNCTION broken() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    await live.execute("CREATE TABLE late (n int CHECK (n > broken() - 1))")
    await live.execute("INSERT INTO late VALUES (1)")
    # A constraint that its own data no longer fulfil: pg_restore stops there.
    await live.execute("CREATE OR REPLACE FUNCTION broken() RETURNS int LANGUAGE sql AS 'SELECT 5'")
    await way.take()
    with pytest.raises(BackupError, match="pg_restore failed"):
        await way.restore()
    assert await empty.fetchval("SELECT to_regclass('notification')") is None
    assert await schema.is_empty(empty)


async def test_no_process_starts_over_a_restore_that_did_not_finish(
    live: asyncpg.Connection, way: Way
) -> None:
    from gateway.ledger import restored

    await restored.mark(live)
    with pytest.raises(ConfigurationError, match="did not finish"):
        await schema.require_current(live)


async def test_a_backup_of_a_later_release_is_refused(live: asyncpg.Connection, way: Way) -> None:
    await live.execute("UPDATE alembic_version SET version_num = '9999'")
    await way.take()
    with pytest.raises(BackupError, match="this release is older"):
        await way.restore()


async def test_a_password_is_never_an_argument(monkeypatch: pytest.MonkeyPatch, way: Way) -> None:
    from gateway.backup.programs import connecting

    monkeypatch.delenv("PGPASSWORD", raising=False)
    bare, environment = connecting("postgresql://u:p%40ss@db.example:5432/baotin?sslmode=require")
    assert bare == "postgresql://u@db.example:5432/baotin?sslmode=require"
    assert environment["PGPASSWORD"] == "p@ss"
    assert "PGPASSWORD" not in os.environ


async def test_unknown_attempts_come_back_as_they_were(
    live: asyncpg.Connection, empty: asyncpg.Connection, way: Way
) -> None:
    notification_id = await accepted(live)
    [claimed] = await take(live)
    await moves.apply(live, [about(claimed, State.SENT, result=UNKNOWN, watch=FOR_RECEIPT)])
    other = await sent(live)
    await way.take()
    await way.restore()
    statement = "SELECT * FROM attempt WHERE notification_id = ANY ($1) ORDER BY id"
    ids = [notification_id, other.id]
    assert await empty.fetch(statement, ids) == await live.fetch(statement, ids)
