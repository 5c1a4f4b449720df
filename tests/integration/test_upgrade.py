"""The schema is upgraded while the release before works on; the wrong release does not start."""

import asyncio
import os
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
from alembic import command
from ledger_rows import accepted, take

from gateway import backup
from gateway.domain.notification import Claimed
from gateway.embedded.account import account_for
from gateway.errors import ConfigurationError
from gateway.ledger import migrate as migrating
from gateway.ledger import schema
from gateway.ledger.migrate import migrate
from gateway.ledger.partitions import PARTITIONED, keep_partitions_ahead
from gateway.sealing import Keyring
from gateway.services.minting import mint

_FIRST_RELEASE_ACCEPTS = """
INSERT INTO notification (id, event_id, source, unit, kind, class, mode, publication, state,
    steps, latest_send_at, reference_seed, tokens, hash_key)
VALUES ($1, $1, 'igate', 'H10.12', 'result-ready', 'live', 'live', 1, 'waiting',
    '[]', now() + interval '1 day', '\\x00', '{}', 1)
"""
_FIRST_RELEASE_SCHEDULES = """
INSERT INTO due (notification_id, pool, class, due_at, unit, phone, latest_at)
VALUES ($1, 'sms', 'live', now(), 'H10.12', '\\x00', now())
"""
_FIRST_RELEASE_OPENS = """
INSERT INTO attempt (notification_id, step, try, id, channel, account, reference, publication)
VALUES ($1, 0, 1, $1, 'sms', 'esms', 'r', 1)
"""
_FIRST_RELEASE_ENDS = """
WITH moved AS (
    UPDATE notification SET state = 'delivered', revision = revision + 1, ended_at = now()
    WHERE id = $1 AND state = 'waiting' RETURNING id, revision, source, state
), unscheduled AS (
    DELETE FROM due WHERE notification_id = $1
), logged AS (
    INSERT INTO history (notification_id, revision, state, step, try, actor)
    SELECT id, revision, state, 0, 1, 'gateway' FROM moved
)
INSERT INTO outbox (notification_id, revision, source, state)
SELECT id, revision, source, state FROM moved
"""
_TABLES_OF_THE_FIRST_RELEASE = (
    *("notification", "attempt", "history", "receipt", "receipt_raw"),
    *("due", "watch", "event_key", "outbox", "feed"),
)
_CHECK_CODE = (
    "((('x' || encode(substr(sha256('\\x636865636b'::bytea || reference_seed), 1, 7), 'hex'))"
    "::bit(56)::bigint % 10000000000))"
)
# A second of waiting for a lock, and the wait of what queues up behind a second one.
LONGEST_STALL_S = 3.0


def migrate_to_first(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate_to("0001", url, monkeypatch)


def migrate_to(revision: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def only_so_far(connection: Any) -> None:
        config = migrating.alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    with monkeypatch.context() as patched:
        patched.setattr(migrating, "_run_alembic", only_so_far)
        migrate(url)


async def _statements_of_the_first_release(url: str, stop: asyncio.Event) -> tuple[int, float]:
    """How many notifications went their whole way, and the longest that one statement took."""
    connection = await asyncpg.connect(url)
    longest, done = 0.0, 0
    try:
        while not stop.is_set():
            notification_id = mint()
            for statement in (
                _FIRST_RELEASE_ACCEPTS,
                _FIRST_RELEASE_SCHEDULES,
                _FIRST_RELEASE_OPENS,
                _FIRST_RELEASE_ENDS,
            ):
                started = time.monotonic()
                await connection.execute(statement, notification_id)
                longest = max(longest, time.monotonic() - started)
            done += 1
            await asyncio.sleep(0.002)
    finally:
        await connection.close()
    return done, longest


async def _reader(url: str, for_s: float) -> None:
    """A report or a backup: it holds every table it has looked at until it is done."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for table in _TABLES_OF_THE_FIRST_RELEASE:
                await connection.fetchval(f"SELECT count(*) FROM {table}")
            await asyncio.sleep(for_s)
    finally:
        await connection.close()


async def test_the_schema_is_upgraded_under_traffic_and_beside_a_long_reader(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty_database_url
    await asyncio.to_thread(migrate_to_first, url, monkeypatch)
    stop = asyncio.Event()
    traffic = [asyncio.create_task(_statements_of_the_first_release(url, stop)) for _ in range(3)]
    reader = asyncio.create_task(_reader(url, 4))
    await asyncio.sleep(0.5)
    await asyncio.to_thread(migrate, url)
    await asyncio.sleep(0.3)
    stop.set()
    results = await asyncio.gather(*traffic)
    await reader
    assert sum(done for done, _ in results) > 100
    assert max(longest for _, longest in results) < LONGEST_STALL_S
    connection = await asyncpg.connect(url)
    try:
        await schema.require_current(connection)
        open_rows = "SELECT count(*) FROM notification WHERE state <> 'delivered'"
        assert await connection.fetchval(open_rows) == 0
    finally:
        await connection.close()


async def test_a_table_that_stays_locked_ends_the_migration_with_a_sentence(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "_TRIES", 2)
    monkeypatch.setattr(migrating, "_LOCK_TIMEOUT_MS", 50)
    await asyncio.to_thread(migrate_to_first, empty_database_url, monkeypatch)
    connection = await asyncpg.connect(empty_database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(ConfigurationError, match="kept a table locked"):
                await asyncio.to_thread(migrate, empty_database_url)
    finally:
        await connection.close()


async def test_a_new_month_does_not_wait_for_readers(database_url: str) -> None:
    reader, keeper = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    try:
        await keeper.execute("SET lock_timeout = '500ms'")
        async with reader.transaction():
            for table in PARTITIONED:
                await reader.fetchval(f"SELECT count(*) FROM {table}")
            await keep_partitions_ahead(keeper, datetime.now(UTC) + timedelta(days=200))
        plain = await keeper.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition"
            " AND relname ~ '_20[0-9]{2}_[0-9]{2}$'"
        )
        assert plain == []
    finally:
        await reader.close()
        await keeper.close()


async def test_an_index_that_was_left_half_built_is_finished(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A month was indexed, another's index failed, the clock went on and made a new month."""
    url = empty_database_url
    await asyncio.to_thread(migrate_to, "0010", url, monkeypatch)
    connection = await asyncpg.connect(url)
    try:
        first, second, *_ = await connection.fetch(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'notification'::regclass ORDER BY c.relname"
        )
        await connection.execute("DROP INDEX notification_check")
        await connection.execute(
            f"CREATE INDEX notification_check ON ONLY notification {_CHECK_CODE}"
        )
        for month in (first["relname"], second["relname"]):
            await connection.execute(f"CREATE INDEX {month}_check ON {month} {_CHECK_CODE}")
        await connection.execute(
            f"ALTER INDEX notification_check ATTACH PARTITION {first['relname']}_check"
        )
        await connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid ="
            f" '{second['relname']}_check'::regclass"
        )
        await keep_partitions_ahead(connection, datetime.now(UTC) + timedelta(days=62))
        await connection.execute("UPDATE alembic_version SET version_num = '0009'")
        await asyncio.to_thread(migrate, url)
        unfinished = (
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
            " AND indrelid::regclass::text LIKE 'notification%'"
        )
        assert await connection.fetch(unfinished) == []
        twice = (
            "SELECT i.indrelid::regclass::text FROM pg_index i WHERE i.indexprs IS NOT NULL"
            " AND i.indrelid::regclass::text LIKE 'notification%' GROUP BY 1 HAVING count(*) > 1"
        )
        assert await connection.fetch(twice) == []
    finally:
        await connection.close()


_RELEASE_BEFORE_RESENDS = """
INSERT INTO notification (id, event_id, source, unit, kind, class, mode, publication, state,
    steps, latest_send_at, reference_seed, tokens, hash_key, resend_of)
VALUES ($1, $1, 'igate', 'H10.12', $2, 'live', 'live', 1, 'waiting',
    '[]', now() + interval '1 day', '\\x00', '{}', 1, $3)
"""


async def test_results_sent_again_before_are_known_by_their_first_notice(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty_database_url
    await asyncio.to_thread(migrate_to, "0021", url, monkeypatch)
    connection = await asyncpg.connect(url)
    try:
        first, second, third, asked, again = [mint() for _ in range(5)]
        for one, kind, of in (
            (first, "result-ready", None),
            (second, "result-ready", first),
            (third, "result-ready", second),
            (asked, "supplement-required", None),
            (again, "supplement-required", asked),
        ):
            await connection.execute(_RELEASE_BEFORE_RESENDS, one, kind, of)
        await asyncio.to_thread(migrate, url)
        rows = await connection.fetch("SELECT * FROM same_result")
        assert {tuple(row) for row in rows} == {(second, first), (third, first)}
    finally:
        await connection.close()


async def _with_version(url: str, change: Callable[[asyncpg.Connection], Awaitable[Any]]) -> None:
    connection = await asyncpg.connect(url)
    try:
        await change(connection)
        await schema.require_current(connection)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "run `baotin migrate`"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer than this release knows"),
        ("DROP TABLE alembic_version", "has no schema yet"),
    ],
    ids=["older", "newer", "none"],
)
async def test_the_wrong_schema_is_refused_with_a_sentence(
    database_url: str, statement: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        await _with_version(database_url, lambda connection: connection.execute(statement))


async def test_the_right_schema_is_let_pass(database_url: str) -> None:
    await _with_version(database_url, lambda connection: connection.execute("SELECT 1"))


@pytest.mark.parametrize("major", [9, 14])
def test_an_old_postgresql_is_refused(major: int) -> None:
    with pytest.raises(ConfigurationError, match=f"PostgreSQL {major} is too old; 15 or newer"):
        migrating._check_version(major)


OLDEST = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def oldest_postgres() -> Iterator[str]:
    """A server of the oldest major version that is promised to work."""
    if not (OLDEST / "postgres").exists():
        pytest.skip("PostgreSQL 15 is not installed on this machine")
    with TemporaryDirectory(prefix="baotin-pg15-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        account = account_for(folder / "data")
        as_account: dict[str, Any] = (
            {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
        )
        if account:
            os.chown(folder, account.uid, account.gid)
        data, options = folder / "data", f"-c listen_addresses= -k {folder}"
        server = [OLDEST / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        for argv in (
            [OLDEST / "initdb", "-D", data, "-U", "baotin", "-A", "trust", "-E", "UTF8", "-N"],
            [*server, "-o", options, "start"],
        ):
            subprocess.run(argv, check=True, capture_output=True, cwd=folder, **as_account)
        try:
            yield f"postgresql://baotin@/postgres?host={quote(str(folder), safe='')}"
        finally:
            stop = [*server, "-m", "immediate", "stop"]
            subprocess.run(stop, check=True, capture_output=True, cwd=folder, **as_account)


async def test_the_oldest_promised_postgresql_is_migrated_backed_up_and_restored(
    oldest_postgres: str, tmp_path: Path
) -> None:
    await asyncio.to_thread(migrate, oldest_postgres)
    ring = Keyring.generate()
    taken = await backup.take(oldest_postgres, ring, tmp_path / "one.backup")
    assert (taken.header.postgres, taken.header.dumped_by) == (15, 15)
    connection = await asyncpg.connect(oldest_postgres)
    try:
        [claimed] = await _one_claimed(connection)
        assert claimed.times_asked == 1
        await connection.execute("CREATE DATABASE again")
    finally:
        await connection.close()
    again = oldest_postgres.replace("/postgres?", "/again?")
    restored = await backup.restore(again, ring, tmp_path / "one.backup", "an operator")
    assert restored.held == 0


async def _one_claimed(connection: asyncpg.Connection) -> list[Claimed]:
    await accepted(connection)
    return await take(connection)
