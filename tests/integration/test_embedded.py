"""The embedded stores: real servers, started, killed and started again."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from gateway.embedded import EmbeddedPostgres, EmbeddedRedis
from gateway.errors import ConfigurationError

_SMALL = {"shared_buffers": "16MB"}


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="baotin-tests-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data_dir, settings=_SMALL)
    yield server
    server.stop()


@pytest.fixture
def redis_store(data_dir: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(data_dir)
    yield server
    server.stop()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def say(url: str, *command: str) -> object:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return client.execute_command(*command)


async def test_postgres_keeps_what_it_committed_over_a_stop(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    await ask(url, "CREATE TABLE kept AS SELECT 'hồ sơ' AS word")
    postgres.stop()
    assert postgres.pid is None
    assert await ask(postgres.start(), "SELECT word FROM kept") == "hồ sơ"


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"])
async def test_postgres_runs_with_full_durability(postgres: EmbeddedPostgres, name: str) -> None:
    assert await ask(postgres.start(), f"SHOW {name}") == "on"


async def test_postgres_recovers_after_it_was_killed(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    await ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
    kill(postgres)
    assert await ask(postgres.start(), "SELECT number FROM kept") == 7


async def test_a_start_of_a_running_postgres_changes_nothing(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    pid = postgres.pid
    assert await ask(postgres.start(), "SELECT 1") == 1
    assert postgres.pid == pid


async def test_a_stale_lock_naming_an_unrelated_process_does_not_hinder_a_start(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    postgres.start()
    postgres.stop()
    stale = data_dir / "postgres" / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n0\n5432\n{data_dir}\n\n0 0\nready\n")
    assert await ask(postgres.start(), "SELECT 1") == 1


def test_a_folder_made_by_another_major_version_is_refused(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    postgres.start()
    postgres.stop()
    (data_dir / "postgres" / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ConfigurationError, match="was made by PostgreSQL 17, this release brings"):
        postgres.start()


def test_a_killed_first_start_leaves_nothing_in_the_way(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    half = data_dir / "postgres" / "new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    if os.geteuid() == 0:
        half.parent.chmod(0o700)
    postgres.start()
    assert postgres.pid


def test_postgres_writes_no_statement_and_no_value_to_its_log(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    connect = psql(postgres.start())
    connect("CREATE TABLE person (phone text PRIMARY KEY)")
    connect("INSERT INTO person VALUES ('0984765321')")
    connect("INSERT INTO person VALUES ('0984765321')")
    log = (data_dir / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "0984765321" not in log


def test_redis_keeps_its_data_and_refuses_to_evict(redis_store: EmbeddedRedis) -> None:
    url = redis_store.start()
    say(url, "SET", "bell", "rung")
    assert say(url, "CONFIG", "GET", "maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    redis_store.stop()
    assert redis_store.pid is None
    assert say(redis_store.start(), "GET", "bell") == "rung"


def test_redis_starts_again_after_it_was_killed(redis_store: EmbeddedRedis) -> None:
    redis_store.start()
    kill(redis_store)
    assert say(redis_store.start(), "PING") in (True, "PONG")


@pytest.mark.parametrize("kind", [EmbeddedPostgres, EmbeddedRedis])
def test_a_second_run_over_a_folder_in_use_is_refused(
    data_dir: Path, kind: Callable[[Path], EmbeddedPostgres | EmbeddedRedis]
) -> None:
    first = kind(data_dir)
    first.start()
    try:
        with pytest.raises(
            ConfigurationError, match=f"in use by the running process {os.getpid()}"
        ):
            kind(data_dir).start()
        assert first.pid
    finally:
        first.stop()


@pytest.mark.parametrize("kind", [EmbeddedPostgres, EmbeddedRedis])
async def test_a_data_folder_too_deep_for_a_socket_still_works(
    data_dir: Path, kind: Callable[[Path], EmbeddedPostgres | EmbeddedRedis]
) -> None:
    store = kind(data_dir / ("d" * 60) / ("e" * 60))
    try:
        url = store.start()
        answer = say(url, "PING") if url.startswith("unix") else await ask(url, "SELECT 1")
        assert answer
    finally:
        store.stop()


_OWNER = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from gateway.embedded import EmbeddedPostgres, EmbeddedRedis
    folder = Path(sys.argv[1])
    stores = EmbeddedPostgres(folder, settings={"shared_buffers": "16MB"}), EmbeddedRedis(folder)
    for store in stores:
        store.start()
    print("pids", *(store.pid for store in stores), flush=True)
    time.sleep(60)
""")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent's life")
def test_no_store_outlives_an_owner_that_was_killed(data_dir: Path) -> None:
    pids = start_and_kill_an_owner(data_dir)
    assert until(lambda: all(map(has_ended, pids)), within_s=15)


async def test_a_run_right_after_a_killed_one_gets_the_folder(
    data_dir: Path, postgres: EmbeddedPostgres, redis_store: EmbeddedRedis
) -> None:
    start_and_kill_an_owner(data_dir)
    assert await ask(postgres.start(), "SELECT 1") == 1
    assert say(redis_store.start(), "PING")


def start_and_kill_an_owner(data_dir: Path) -> list[int]:
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER, data_dir], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout
        line = next(line for line in owner.stdout if line.startswith("pids "))
        owner.kill()
    pids = [int(pid) for pid in line.split()[1:]]
    assert len(pids) == 2
    return pids


def kill(store: EmbeddedPostgres | EmbeddedRedis) -> None:
    assert store.pid
    os.kill(store.pid, signal.SIGKILL)
    assert until(lambda: store.pid is None, within_s=5)


def has_ended(pid: int) -> bool:
    """One that nobody has collected yet has ended, too."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def until(condition: Callable[[], bool], *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def psql(url: str) -> Callable[[str], None]:
    from gateway.embedded.postgres import program_folder

    def run(statement: str) -> None:
        command = [program_folder() / "psql", "--no-psqlrc", "-d", url, "-c", statement]
        subprocess.run(command, check=False, capture_output=True)

    return run
