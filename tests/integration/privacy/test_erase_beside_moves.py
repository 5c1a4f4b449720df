"""An erasure and a released text that meet over one message which has just come back to waiting."""

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "services"))

from desk_site import GOOD, LAN, SMS, DeskSite
from office import Office, posted

from gateway.services.erase import erase_rows

_BACK = """
WITH back AS (
    UPDATE notification SET state = 'waiting' WHERE id = $1
    RETURNING id, class, unit, latest_send_at
)
INSERT INTO due (notification_id, pool, class, due_at, unit, phone, latest_at)
SELECT id, 'sms', class, now(), unit, 'hash', latest_send_at FROM back
"""


async def _waiters(office: Office, number: int) -> None:
    for _ in range(1000):
        locks = await office.rows("SELECT DISTINCT pid FROM pg_locks WHERE NOT granted")
        if len(locks) == number:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{number} do not wait for a lock")


async def test_an_erasure_and_a_move_get_past_each_other(office: Office) -> None:
    """The due row is born while the erasure waits for the message: it has the message first and
    the due row last, the move the other way round. PostgreSQL ends one of them."""
    desk = DeskSite.over(office)
    under_way, ended = await office.owed(posted(1), posted(2))
    await office.rows("UPDATE notification SET state = 'cancelled' WHERE id = $1", ended)
    await office.rows("UPDATE notification SET state = 'sending' WHERE id = $1", under_way)
    await office.rows("DELETE FROM due")
    asked = await desk.asked(GOOD.replace("đã xong", "xong roi"), waiting="move")
    done = await desk.releasing.release(SMS, asked.revision, LAN)
    async with office.database.transaction() as theirs:
        await theirs.execute("SELECT FROM notification WHERE id = $1 FOR UPDATE", ended)
        async with office.database.transaction() as worker:
            await worker.execute(_BACK, under_way)
            erasure = asyncio.create_task(erase_rows(office.database, [under_way, ended], "me"))
            await _waiters(office, 1)
        await _waiters(office, 1)
        move = asyncio.create_task(desk.moving.at_once(done.release, SMS))
        await _waiters(office, 2)
    counts, _moved = await asyncio.gather(erasure, move)
    assert counts.notifications == 2
    assert await office.state(under_way) == ("cancelled", "withdrawn")
    assert await office.rows("SELECT FROM due") == []
