"""Real stores for the tests that ask for them. Tests that do not ask start no server.

Each session has its own servers in its own folder. Each test gets a fresh, migrated database
and an empty Redis.
"""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from gateway.embedded import EmbeddedPostgres, EmbeddedRedis
from gateway.embedded.postgres import program_folder

_TEMPLATE = "baotin_template"
# Much quicker than by the log where the disk is not waited for.
_COPIED = "STRATEGY FILE_COPY"
# File systems on disks are slow to make files where thousands were just deleted, as databases of
# tests are, many times a minute.
_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 4 << 30
_SETTINGS = {"shared_buffers": "128MB", "fsync": "off", "max_wal_size": "256MB"}
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def store_folder() -> Iterator[Path]:
    # Not pytest's own temporary folder: as root, PostgreSQL's account could not enter that.
    folder = Path(tempfile.mkdtemp(prefix="baotin-tests-", dir=_in_memory()))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> Path | None:
    """Where there is room in memory; otherwise the place for temporary files serves."""
    fits = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return _MEMORY if fits else None


@pytest.fixture(scope="session")
def postgres_server(store_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A running PostgreSQL without the gateway's schema. Commits are as in production, but the disk
    is not waited for: tests kill processes, never the machine."""
    server = EmbeddedPostgres(store_folder, settings=_SETTINGS)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server(store_folder: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(store_folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: EmbeddedPostgres) -> str:
    """The name of a migrated database that others are copied from. Nobody connects to it."""
    from gateway.ledger.migrate import migrate

    run_sql(postgres_server, f"CREATE DATABASE {_TEMPLATE}")
    # migrate() runs an event loop of its own, which must not disturb the one of the tests.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(migrate, postgres_server.url(_TEMPLATE)).result()
    return _TEMPLATE


@pytest.fixture
def database_url(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """The URL of a database with the newest schema that only this test knows."""
    name = f"baotin_test_{next(_numbers)}"
    run_sql(postgres_server, f"CREATE DATABASE {name} TEMPLATE {migrated_template} {_COPIED}")
    yield postgres_server.url(name)
    run_sql(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def module_database_url(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """The same for all tests of one module together."""
    name = f"baotin_module_{next(_numbers)}"
    run_sql(postgres_server, f"CREATE DATABASE {name} TEMPLATE {migrated_template} {_COPIED}")
    yield postgres_server.url(name)
    run_sql(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def session_database_url(
    postgres_server: EmbeddedPostgres, migrated_template: str
) -> Iterator[str]:
    """The same for all tests of a process that ask for it."""
    name = "baotin_session"
    run_sql(postgres_server, f"CREATE DATABASE {name} TEMPLATE {migrated_template} {_COPIED}")
    yield postgres_server.url(name)
    run_sql(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def empty_database_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """The URL of a database without any table, for tests of the migrations themselves."""
    name = f"baotin_empty_{next(_numbers)}"
    run_sql(postgres_server, f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    run_sql(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis) -> str:
    """The URL of a Redis that holds nothing."""
    with redis.Redis.from_url(redis_server.url()) as client:
        client.flushall()
    return redis_server.url()


def run_sql(server: EmbeddedPostgres, statement: str) -> None:
    """One statement as the owner of the server, outside of any transaction."""
    psql = program_folder() / "psql"
    command = [
        psql,
        "--no-psqlrc",
        "--quiet",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        server.url("postgres"),
    ]
    subprocess.run([*command, "-c", statement], check=True, capture_output=True)
