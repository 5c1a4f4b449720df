"""Claiming: each due notification goes to one worker, with its attempt on disk before a call."""

import asyncio
import hashlib
import struct
from uuid import UUID

import asyncpg
import pytest
from ledger_rows import (
    REJECTED,
    SMS,
    UNKNOWN,
    ZALO_THEN_SMS,
    about,
    accepted,
    anywhere,
    attempts,
    book,
    bulk,
    count,
    due,
    new_event,
    row,
    slots,
    take,
)

from gateway.domain.notification import Claimed, Lane, Skip
from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger import directory, horizon, moves, phone_memory
from gateway.ledger.claim import Room, claim
from gateway.ledger.database import Database

ZALO = Lane(pool="zalo")


def _reference(seed: bytes, step_no: int, try_no: int) -> str:
    """The rule by hand: a hash of seed, step and try, the first 128 bits of it in hexadecimal."""
    return hashlib.sha256(seed + struct.pack(">hh", step_no, try_no)).hexdigest()[:32]


@pytest.mark.parametrize("workers", [2, 5])
async def test_workers_claiming_at_once_never_get_the_same_one(
    database: Database, connection: asyncpg.Connection, workers: int
) -> None:
    owed = [
        one
        for booked in await book(connection, *(new_event() for _ in range(400)))
        for one in booked.notification_ids
    ]

    async def work() -> list[UUID]:
        taken: list[UUID] = []
        async with database.connection() as own:
            while claimed := await take(own, 17):
                taken += [one.id for one in claimed]
        return taken

    shares = await asyncio.gather(*(work() for _ in range(workers)))
    taken = [one for share in shares for one in share]
    assert len(taken) == 400
    assert set(taken) == set(owed)
    assert await count(connection, "due") == 0
    assert await count(connection, "attempt") == 400


async def test_no_more_are_claimed_than_there_are_slots(connection: asyncpg.Connection) -> None:
    await book(connection, *(new_event() for _ in range(5)))
    assert len(await take(connection, 3)) == 3
    assert await take(connection, 0) == []
    assert len(await take(connection, 9)) == 2


async def test_the_one_due_longest_goes_first(connection: asyncpg.Connection) -> None:
    late, early = new_event(due_in_s=-5.0), new_event(due_in_s=-50.0)
    await book(connection, late, early)
    order = [(await take(connection))[0].id for _ in range(2)]
    assert order == [early.notifications[0].id, late.notifications[0].id]


async def test_a_lane_is_one_pool_and_one_class(connection: asyncpg.Connection) -> None:
    await book(connection, new_event(), new_event(klass="bulk"), new_event(pool="sms-abroad"))
    assert len(await take(connection, 9, SMS)) == 1
    assert len(await take(connection, 9, bulk("sms"))) == 1
    assert len(await take(connection, 9, Lane(pool="sms-abroad"))) == 1


class TestWhatAClaimLeaves:
    async def test_the_attempt_with_account_and_reference_is_committed(
        self, connection: asyncpg.Connection, database_url: str
    ) -> None:
        notification_id = await accepted(connection)
        [claimed] = await take(connection, account="esms-main")
        other = await asyncpg.connect(database_url)
        try:
            [attempt] = await attempts(other, notification_id)
        finally:
            await other.close()
        assert (attempt["account"], attempt["channel"]) == ("esms-main", "sms")
        assert attempt["reference"] == claimed.reference
        assert (attempt["step"], attempt["try"], attempt["asked"]) == (0, 1, 1)
        assert attempt["closed_at"] is None
        assert attempt["outcome"] is None

    async def test_the_notification_is_sending_under_a_lease(
        self, connection: asyncpg.Connection
    ) -> None:
        notification_id = await accepted(connection)
        [claimed] = await take(connection, lease_s=25)
        found = await row(connection, notification_id)
        assert (found["state"], found["revision"], found["tries"]) == ("sending", 2, 1)
        watch = await connection.fetchrow("SELECT *, until - now() AS left FROM watch")
        assert (watch["notification_id"], watch["kind"]) == (notification_id, "lease")
        assert 20 < watch["left"].total_seconds() <= 25
        assert claimed.try_no == 1
        assert claimed.now >= claimed.opened_at >= claimed.accepted_at

    async def test_each_claimed_one_has_the_account_of_its_own_slot(
        self, connection: asyncpg.Connection
    ) -> None:
        await book(connection, *(new_event() for _ in range(4)))
        room = Room(slots=[*slots(1, "one"), *slots(3, "other")])
        claimed = await claim(connection, SMS, "sms", room, 30, horizon.of_times())
        assert sorted(one.account for one in claimed) == ["one", "other", "other", "other"]


class TestReferences:
    async def test_a_reference_is_the_same_function_of_seed_step_and_try(
        self, connection: asyncpg.Connection
    ) -> None:
        await accepted(connection, new_event(reference_seed=b"\x00\xff seed"))
        [first] = await take(connection)
        assert first.reference == _reference(b"\x00\xff seed", 0, 1)
        await _again(connection, first)
        [second] = await take(connection)
        assert second.reference == _reference(b"\x00\xff seed", 0, 2)

    async def test_the_next_step_begins_with_its_first_try(
        self, connection: asyncpg.Connection
    ) -> None:
        event = new_event(steps=ZALO_THEN_SMS, reference_seed=b"s")
        await accepted(connection, event)
        [first] = await take(connection, 1, ZALO)
        move = about(first, State.WAITING, next_step=1, due=due(), result=REJECTED)
        await moves.apply(connection, [move])
        [second] = await take(connection)
        assert (second.step, second.try_no) == (1, 1)
        assert second.reference == _reference(b"s", 1, 1)


class TestPauses:
    @pytest.mark.parametrize(
        ("scope", "code"),
        [
            ("everything", ""),
            ("channel", "sms"),
            ("pool", "sms"),
            ("unit", "H10.12"),
            ("account", "esms"),
        ],
    )
    async def test_what_is_paused_is_not_claimed_until_it_is_resumed(
        self, connection: asyncpg.Connection, scope: str, code: str
    ) -> None:
        await accepted(connection)
        await directory.pause(connection, scope, code, "operator", "test")
        assert await take(connection) == []
        assert await count(connection, "due") == 1
        await directory.resume(connection, scope, code)
        assert len(await take(connection)) == 1

    @pytest.mark.parametrize(
        ("scope", "code"),
        [("channel", "zalo"), ("pool", "zalo"), ("unit", "H10.13"), ("account", "twilio")],
    )
    async def test_the_pause_of_another_holds_nobody_up(
        self, connection: asyncpg.Connection, scope: str, code: str
    ) -> None:
        await accepted(connection)
        await directory.pause(connection, scope, code, "operator", "test")
        assert len(await take(connection)) == 1

    async def test_the_other_accounts_of_a_pool_go_on(self, connection: asyncpg.Connection) -> None:
        await book(connection, *(new_event() for _ in range(4)))
        await directory.pause(connection, "account", "one", "operator", "test")
        room = Room(slots=[*slots(2, "one"), *slots(2, "other")])
        claimed = await claim(connection, SMS, "sms", room, 30, horizon.of_times())
        assert [one.account for one in claimed] == ["other", "other"]

    async def test_one_bound_to_a_paused_account_waits_for_it(
        self, connection: asyncpg.Connection
    ) -> None:
        await accepted(connection)
        [claimed] = await take(connection, account="one")
        await _ask_again(connection, claimed)
        await directory.pause(connection, "account", "one", "operator", "test")
        assert await take(connection, account="other") == []

    @pytest.mark.parametrize("account", ["one", "other"])
    async def test_one_bound_to_a_draining_account_is_asked_and_nothing_else_taken(
        self, connection: asyncpg.Connection, account: str
    ) -> None:
        await accepted(connection)
        [claimed] = await take(connection, account="one")
        await _ask_again(connection, claimed)
        await accepted(connection)
        await directory.pause(connection, "account", "one", "operator", "test", drains=True)
        asked = await take(connection, 2, account=account, asks_only=account == "one")
        assert [one.id for one in asked if one.account == "one"] == [claimed.id]
        assert len(asked) == (1 if account == "one" else 2)

    async def test_draining_takes_nothing_new(self, connection: asyncpg.Connection) -> None:
        await accepted(connection)
        await directory.pause(connection, "account", "esms", "operator", "test", drains=True)
        assert await take(connection) == []
        assert await take(connection, asks_only=True) == []
        await directory.pause(connection, "account", "esms", "operator", "broken")
        assert await count(connection, "pause") == 1
        await directory.resume(connection, "account", "esms")
        assert len(await take(connection)) == 1


class TestPassedOver:
    async def test_a_phone_known_to_be_without_zalo_is_skipped_without_an_attempt(
        self, connection: asyncpg.Connection
    ) -> None:
        notification_id = await accepted(connection, new_event(steps=ZALO_THEN_SMS))
        await phone_memory.remember_no_zalo(connection, notification_id, 0, 30)
        [claimed] = await take(connection, 1, ZALO)
        assert (claimed.skip, claimed.reference, claimed.try_no) == (Skip.NO_ZALO, "", 0)
        assert await attempts(connection, notification_id) == []
        assert (await row(connection, notification_id))["state"] == "sending"

    async def test_a_memory_that_ran_out_counts_no_more(
        self, connection: asyncpg.Connection
    ) -> None:
        notification_id = await accepted(connection, new_event(steps=ZALO_THEN_SMS))
        await phone_memory.remember_no_zalo(connection, notification_id, 0, -1)
        [claimed] = await take(connection, 1, ZALO)
        assert claimed.skip is None
        await phone_memory.forget_old(connection)
        assert await count(connection, "phone_memory") == 0

    async def test_a_phone_without_zalo_gets_an_sms_all_the_same(
        self, connection: asyncpg.Connection
    ) -> None:
        notification_id = await accepted(connection)
        await phone_memory.remember_no_zalo(connection, notification_id, 0, 30)
        [claimed] = await take(connection)
        assert claimed.skip is None

    async def test_a_late_one_is_skipped_without_an_attempt(
        self, connection: asyncpg.Connection
    ) -> None:
        notification_id = await accepted(connection, new_event(latest_in_s=-1))
        [claimed] = await take(connection)
        assert claimed.skip is Skip.LATE
        assert await attempts(connection, notification_id) == []


class TestAskingAgain:
    async def test_it_is_the_same_attempt_once_more(self, connection: asyncpg.Connection) -> None:
        notification_id = await accepted(connection)
        [first] = await take(connection, account="one")
        await _ask_again(connection, first)
        [again] = await take(connection, account="other")
        assert (again.account, again.reference) == ("one", first.reference)
        assert (again.step, again.try_no, again.times_asked) == (0, 1, 2)
        assert again.opened_at == first.opened_at
        [attempt] = await attempts(connection, notification_id)
        assert (attempt["asked"], attempt["closed_at"]) == (2, None)

    async def test_it_is_asked_even_after_the_latest_time(
        self, connection: asyncpg.Connection
    ) -> None:
        """It may have been sent already; only asking tells."""
        event = new_event(latest_in_s=0.3)
        await accepted(connection, event)
        [first] = await take(connection)
        await _ask_again(connection, first)
        await asyncio.sleep(0.35)
        [again] = await take(connection)
        assert (again.skip, again.times_asked) == (None, 2)

    async def test_it_is_asked_even_when_the_phone_is_now_known_to_have_no_zalo(
        self, connection: asyncpg.Connection
    ) -> None:
        await accepted(connection, new_event(steps=ZALO_THEN_SMS))
        [first] = await take(connection, 1, ZALO)
        change = about(
            first, State.WAITING, result=UNKNOWN, due=due(pool="zalo", ask_again=first.account)
        )
        await moves.apply(connection, [change])
        await phone_memory.remember_no_zalo(connection, first.id, 0, 30)
        [again] = await take(connection, 1, ZALO)
        assert (again.skip, again.times_asked) == (None, 2)


async def test_a_try_that_was_given_back_keeps_its_number_and_reference(
    connection: asyncpg.Connection,
) -> None:
    notification_id = await accepted(connection)
    [first] = await take(connection, account="one")
    back = about(first, State.WAITING, reason=Reason.RATE_LIMITED, gives_back_try=True, due=due())
    await moves.apply(connection, [back])
    assert (await row(connection, notification_id))["tries"] == 0
    [again] = await take(connection, account="other")
    assert (again.try_no, again.reference, again.times_asked) == (1, first.reference, 1)
    [attempt] = await attempts(connection, notification_id)
    assert (attempt["account"], attempt["outcome"]) == ("other", None)


async def test_one_that_ended_meanwhile_is_not_claimed(connection: asyncpg.Connection) -> None:
    notification_id = await accepted(connection)
    await moves.apply(connection, [anywhere(notification_id, State.CANCELLED)])
    assert await take(connection) == []


async def _again(connection: asyncpg.Connection, claimed: Claimed) -> None:
    change = about(claimed, State.WAITING, reason=Reason.NOT_SENT, due=due())
    await moves.apply(connection, [change])


async def _ask_again(connection: asyncpg.Connection, claimed: Claimed) -> None:
    change = about(claimed, State.WAITING, result=UNKNOWN, due=due(ask_again=claimed.account))
    await moves.apply(connection, [change])


async def test_a_row_that_lies_before_the_horizon_is_taken_within_seconds(
    database: Database, connection: asyncpg.Connection
) -> None:
    """An hour old because its unit was paused, while the lane went on without it."""
    await book(connection, new_event(), new_event())
    await connection.execute(
        "UPDATE due SET due_at = now() - interval '1 hour' WHERE notification_id ="
        " (SELECT min(notification_id::text)::uuid FROM due)"
    )
    seen, now = horizon.of_times(), 0.0
    seen.monotonic = lambda: now
    seen.look()
    seen.saw(await connection.fetchval("SELECT now()"))
    assert len(await claim(connection, SMS, "sms", Room(slots=slots(5)), 30, seen)) == 1
    now = 5.0
    assert len(await claim(connection, SMS, "sms", Room(slots=slots(5)), 30, seen)) == 1
