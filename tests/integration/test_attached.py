"""Commands find the ledger of this machine: configured, running or stopped."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from gateway.embedded import EmbeddedPostgres
from gateway.embedded.attached import attached
from gateway.sealing import Keyring
from gateway.settings import Settings, load_settings


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with TemporaryDirectory(prefix="baotin-attached-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def settings(data_dir: Path, **more: str) -> Settings:
    return load_settings({"BAOTIN_EMBEDDED_DATA_DIR": str(data_dir), **more})


def one(url: str) -> int:
    async def ask() -> int:
        connection = await asyncpg.connect(url)
        try:
            return int(await connection.fetchval("SELECT 1"))
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, ask()).result()


def test_a_running_server_is_used_and_left_running(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, settings={"shared_buffers": "32MB"})
    url = server.start()
    try:
        with attached(settings(data_dir)) as found:
            assert found.database.url == url
            assert one(found.database.url) == 1
        assert one(url) == 1
    finally:
        server.stop()


def test_a_stopped_server_runs_for_the_command_only(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, settings={"shared_buffers": "32MB"})
    server.start()
    server.stop()
    with attached(settings(data_dir)) as found:
        url = found.database.url
        assert one(url) == 1
    with pytest.raises(OSError):
        one(url)


def test_without_a_ledger_none_is_made_unless_it_may_be(data_dir: Path) -> None:
    with attached(settings(data_dir)) as found:
        assert found.database.url == ""
    assert not (data_dir / "postgres").exists()
    with attached(settings(data_dir), make=True) as found:
        assert one(found.database.url) == 1


def test_a_configured_database_is_never_replaced(data_dir: Path) -> None:
    url = "postgresql://db.example/baotin"
    with attached(settings(data_dir, BAOTIN_DATABASE_URL=url)) as found:
        assert found.database.url == url


def test_the_keys_that_up_made_are_found_and_named_ones_go_first(data_dir: Path) -> None:
    Keyring.generate().save(data_dir / "keyring.json")
    with attached(settings(data_dir)) as found:
        assert found.keys.keyring_file == data_dir / "keyring.json"
    with attached(settings(data_dir, BAOTIN_KEYS_KEYRING_FILE="/elsewhere")) as found:
        assert found.keys.keyring_file == Path("/elsewhere")
