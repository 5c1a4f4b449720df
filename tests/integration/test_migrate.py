"""The schema comes up from nothing, and a second time changes nothing."""

import asyncio
import subprocess
import sys

import asyncpg
from alembic.script import ScriptDirectory

from gateway.ledger import schema
from gateway.ledger.migrate import alembic_config, migrate


async def _tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p')"
        )
        return {row["relname"] for row in rows}
    finally:
        await connection.close()


def test_the_revisions_are_known_without_loading_what_migrates() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    walked = [script.revision for script in scripts.walk_revisions()]
    assert list(schema.known()) == walked
    loaded = "import sys, gateway.serve, workers.worker; print('alembic' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


async def test_migrating_twice_is_the_same_as_once(empty_database_url: str) -> None:
    await asyncio.to_thread(migrate, empty_database_url)
    first = await _tables(empty_database_url)
    await asyncio.to_thread(migrate, empty_database_url)
    assert await _tables(empty_database_url) == first
    assert {"notification", "attempt", "history", "due", "event_key", "feed"} <= first


async def test_two_processes_may_migrate_at_once(empty_database_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, empty_database_url) for _ in range(3)))
    assert "notification" in await _tables(empty_database_url)
