"""The made-up ledger of the measurements is one that the gateway itself could have written."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from bench.rig import province
from gateway.domain.route import Step
from gateway.ledger import counting, reading, statistics
from gateway.ledger.database import Database
from gateway.ledger.statistics import Wanted
from gateway.sealing import Hasher, Keyring, Sealer
from gateway.services import payload
from gateway.services.search_tokens import search_tokens

COUNT, DAYS = 3_000, 9


async def test_a_province_is_skewed_openable_and_counted(
    database: Database, database_url: str, connection: asyncpg.Connection, tmp_path: Path
) -> None:
    keyring = Keyring.generate()
    keyring.save(tmp_path / "keyring.json")
    await province.fill(database_url, tmp_path / "keyring.json", COUNT, DAYS)
    rows = await connection.fetch("SELECT * FROM notification")
    # The last day may only have begun.
    assert COUNT * 0.75 < len(rows) <= COUNT + DAYS

    sealer, hasher, names = Sealer(keyring), Hasher(keyring), []
    for row in rows:
        content = payload.read(sealer.open(row["sealed"], row["seal_key"], row["id"].bytes))
        assert sorted(row["tokens"]) == sorted(search_tokens(hasher, content))
        names.append(content.recipient.name)
    assert 0.34 < sum(name.startswith("Nguyễn ") for name in names) / len(rows) < 0.42
    assert 0.26 < sum(row["unit"] == province.BIG_UNIT for row in rows) / len(rows) < 0.34

    await _stories_are_whole(connection)
    await _counts_agree(connection, database)


async def _stories_are_whole(connection: asyncpg.Connection) -> None:
    """Every step can be read, the last row of the history is the state, and who waits is due."""
    story = await reading.story(
        connection, await connection.fetchval("SELECT id FROM notification WHERE step = 1 LIMIT 1")
    )
    assert story is not None
    assert all(isinstance(step, Step) for step in story.notification.steps)
    assert [one["step"] for one in story.attempts] == [0, 1]
    broken = """
        SELECT count(*) FROM notification n
        LEFT JOIN history h ON h.notification_id = n.id AND h.revision = n.revision
        WHERE h.state IS DISTINCT FROM n.state OR h.reason IS DISTINCT FROM n.reason
           OR (n.state = 'waiting') <> EXISTS (SELECT FROM due WHERE notification_id = n.id)
           OR (n.state = 'sent') <> EXISTS (SELECT FROM watch WHERE notification_id = n.id)
    """
    assert await connection.fetchval(broken) == 0


async def _counts_agree(connection: asyncpg.Connection, database: Database) -> None:
    today = await connection.fetchval("SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date")
    wanted = Wanted(first=today - timedelta(days=DAYS), last=today)
    async with statistics.moment(database, 10) as reading_now:
        assert not (await counting.standing(reading_now)).is_filling
        [found] = await statistics.notices(reading_now, wanted, ())
        attempts = await statistics.attempts(reading_now, wanted)
    rows = await connection.fetch("SELECT state, count(*) AS n FROM notification GROUP BY state")
    assert {str(state): count for state, count in found.states.items()} == {
        row["state"]: row["n"] for row in rows
    }
    assert sum(one.attempts for one in attempts) == await connection.fetchval(
        "SELECT count(*) FROM attempt"
    )
    # Counting them anew alters nothing.
    async with connection.transaction():
        await connection.execute("UPDATE count_head SET filled_to = $1", UUID(int=0))
        while not await counting.count_old(connection, 1000):
            pass
    async with statistics.moment(database, 10) as reading_now:
        [again] = await statistics.notices(reading_now, wanted, ())
    assert again.states == found.states
    assert 0.3 < found.collected / found.told < 0.8
