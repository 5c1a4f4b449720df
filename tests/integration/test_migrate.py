"""The schema comes up from nothing, and a second time changes nothing."""

import asyncio

import asyncpg

from gateway.ledger.migrate import migrate


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


async def test_migrating_twice_is_the_same_as_once(empty_database_url: str) -> None:
    await asyncio.to_thread(migrate, empty_database_url)
    first = await _tables(empty_database_url)
    await asyncio.to_thread(migrate, empty_database_url)
    assert await _tables(empty_database_url) == first
    assert {"notification", "attempt", "history", "due", "event_key", "feed"} <= first


async def test_two_processes_may_migrate_at_once(empty_database_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, empty_database_url) for _ in range(3)))
    assert "notification" in await _tables(empty_database_url)
