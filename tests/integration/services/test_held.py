"""Held notifications: counted, released only where nobody can get it twice, discarded."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from ledger_rows import (
    ACCEPTED,
    FOR_RECEIPT,
    SMS,
    UNKNOWN,
    ZALO_THEN_SMS,
    about,
    accepted,
    new_event,
    sent,
    state_of,
    take,
)

from gateway.domain.held import Memory, Prospect
from gateway.domain.notification import Lane
from gateway.domain.status import State
from gateway.ledger import moves, restored, watches
from gateway.ledger.database import Database
from gateway.ledger.held import Selection
from gateway.services.held import Group, HeldNotifications

ALL = Selection()
REMEMBERS = Memory(
    account_s={"esms": 3 * 3600.0, "zalo-oa": 0.0},
    pools={"sms": ("esms",), "zalo": ("zalo-oa",)},
)
ZALO = Lane(pool="zalo")


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def held(database: Database) -> HeldNotifications:
    return HeldNotifications(database, REMEMBERS, "an operator")


async def restore_now(connection: asyncpg.Connection, backup_age: timedelta = timedelta(0)) -> None:
    """As after a restore, with the pause already taken back."""
    await restored.hold_everything(connection, datetime.now(UTC) - backup_age, "an operator")
    await connection.execute("DELETE FROM pause")


async def lost_answer(connection: asyncpg.Connection) -> UUID:
    notification_id = await accepted(connection)
    [claimed] = await take(connection)
    await moves.apply(connection, [about(claimed, State.SENT, result=UNKNOWN, watch=FOR_RECEIPT)])
    return notification_id


async def test_one_that_waited_is_sent_as_its_first_try(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    notification_id = await accepted(connection, new_event())
    await restore_now(connection)
    assert await held.release(ALL, also_maybe_sent=False) == {(Prospect.READY, State.WAITING): 1}
    [claimed] = await take(connection)
    assert claimed.id == notification_id
    assert claimed.try_no == 1


async def test_a_lost_answer_is_asked_again_as_the_same_attempt(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    notification_id = await lost_answer(connection)
    before = await connection.fetchval("SELECT reference FROM attempt")
    await restore_now(connection)
    assert await held.release(ALL, also_maybe_sent=False) == {
        (Prospect.ASK_AGAIN, State.WAITING): 1
    }
    [claimed] = await take(connection)
    assert (claimed.id, claimed.reference, claimed.try_no) == (notification_id, before, 1)
    assert claimed.times_asked == 2


async def test_what_may_have_been_sent_stays_held_unless_asked_for_by_name(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    notification_id = await accepted(connection, new_event(steps=ZALO_THEN_SMS))
    await restore_now(connection)
    assert await held.release(ALL, also_maybe_sent=False) == {}
    assert await state_of(connection, notification_id) == ("held", "restored")
    assert await held.release(ALL, also_maybe_sent=True) == {
        (Prospect.MAYBE_SENT, State.WAITING): 1
    }
    [claimed] = await take(connection, lane=ZALO, account="zalo-oa")
    assert (claimed.id, claimed.times_asked) == (notification_id, 1)


async def test_an_old_backup_makes_everything_in_it_doubtful(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    await accepted(connection)
    await connection.execute("UPDATE notification SET accepted_at = now() - interval '5 hours'")
    await restore_now(connection, timedelta(hours=4))
    assert await held.release(ALL, also_maybe_sent=False) == {}


async def test_discarding_tells_the_truth_about_each(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    waited = await accepted(connection)
    doubtful = await accepted(connection, new_event(steps=ZALO_THEN_SMS))
    await restore_now(connection)
    assert await held.discard(ALL) == {
        (Prospect.READY, State.CANCELLED): 1,
        (Prospect.MAYBE_SENT, State.UNCONFIRMED): 1,
    }
    assert await state_of(connection, waited) == ("cancelled", "by_operator")
    assert await state_of(connection, doubtful) == ("unconfirmed", "unknown_outcome")
    assert await connection.fetch("SELECT * FROM due") == []
    assert await connection.fetchval("SELECT count(*) FROM outbox") == 2


async def test_a_report_about_a_held_one_still_proves_delivery(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    claimed = await sent(connection)
    await restore_now(connection)
    await moves.apply(connection, [about(claimed, State.DELIVERED, anywhere=True)])
    assert await held.release(ALL, also_maybe_sent=True) == {}
    assert (await state_of(connection, claimed.id))[0] == "delivered"


async def test_too_late_ones_end_by_themselves_and_when_released(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    notification_id = await accepted(connection)
    await restore_now(connection)
    await connection.execute("UPDATE notification SET latest_send_at = now() - interval '1 s'")
    await connection.execute("UPDATE due SET latest_at = now() - interval '1 s'")
    assert [found[0] for found in await watches.late(connection, 10)] == [notification_id]
    assert await held.release(ALL, also_maybe_sent=True) == {(Prospect.LATE, State.EXPIRED): 1}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(unit="H10.12"), 2),
        (Selection(unit="H10.99"), 0),
        (Selection(kind="fee-due"), 1),
        (Selection(source="igate", reason="restored"), 3),
        (Selection(reason="storm_guard"), 0),
        (Selection(since=datetime(2020, 1, 1, tzinfo=UTC)), 3),
        (Selection(until=datetime(2020, 1, 1, tzinfo=UTC)), 0),
        (Selection(older_than_s=3600), 0),
        (Selection(older_than_s=0), 3),
    ],
    ids=lambda value: repr(value) if isinstance(value, Selection) else "",
)
async def test_a_selection_narrows_what_is_counted(
    connection: asyncpg.Connection, held: HeldNotifications, selection: Selection, expected: int
) -> None:
    await accepted(connection)
    await accepted(connection, new_event(kind="fee-due"))
    await accepted(connection, new_event(unit="H10.13"))
    await restore_now(connection)
    assert (await held.preview(selection)).total() == expected


async def test_the_preview_groups_by_what_releasing_would_mean(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    for _ in range(3):
        await accepted(connection)
    await accepted(connection, new_event(steps=ZALO_THEN_SMS))
    await restore_now(connection)
    about_them = {"reason": "restored", "unit": "H10.12", "kind": "result-ready"}
    assert await held.preview(ALL) == {
        Group(**about_them, prospect=Prospect.READY): 3,
        Group(**about_them, prospect=Prospect.MAYBE_SENT): 1,
    }


async def test_more_than_a_page_is_released_completely(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    for _ in range(1201):
        await accepted(connection)
    await restore_now(connection)
    done = await held.release(ALL, also_maybe_sent=False)
    assert done == {(Prospect.READY, State.WAITING): 1201}
    assert await held.preview(ALL) == {}


async def test_two_operators_releasing_at_once_release_each_one_once(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    for _ in range(300):
        await accepted(connection)
    await restore_now(connection)
    one, other = await asyncio.gather(*(held.release(ALL, also_maybe_sent=False) for _ in range(2)))
    assert one.total() + other.total() == 300
    revisions = await connection.fetch("SELECT DISTINCT revision FROM notification")
    assert [tuple(found) for found in revisions] == [(3,)]


async def test_what_was_accepted_after_the_restore_is_not_doubtful(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    await restore_now(connection, timedelta(hours=4))
    notification_id = await accepted(connection, new_event(steps=ZALO_THEN_SMS))
    await connection.execute("UPDATE notification SET state = 'held', reason = 'storm_guard'")
    await connection.execute("UPDATE due SET due_at = 'infinity'")
    assert await held.release(ALL, also_maybe_sent=False) == {(Prospect.READY, State.WAITING): 1}
    assert (await state_of(connection, notification_id))[0] == "waiting"


async def test_an_accepted_attempt_of_a_forgetful_account_is_never_sent_again_by_default(
    connection: asyncpg.Connection, held: HeldNotifications
) -> None:
    await accepted(connection, new_event(steps=ZALO_THEN_SMS))
    [claimed] = await take(connection, lane=ZALO, account="zalo-oa")
    await moves.apply(connection, [about(claimed, State.SENT, result=ACCEPTED, watch=FOR_RECEIPT)])
    await restore_now(connection)
    assert await held.release(ALL, also_maybe_sent=False) == {}
    assert await take(connection, lane=SMS) == []
