"""Moving: what the table allows happens once, with history, and nothing else does."""

import asyncio
import random
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from ledger_rows import (
    ACCEPTED,
    FOR_RECEIPT,
    REJECTED,
    UNKNOWN,
    ZALO_THEN_SMS,
    about,
    accepted,
    anywhere,
    attempts,
    book,
    count,
    due,
    new_event,
    reach,
    row,
    said,
    sent,
    state_of,
    take,
)

from gateway.domain.notification import AttemptResult, AttemptVerdict, Change, Claimed, Lane
from gateway.domain.outcome import Reason, Verdict
from gateway.domain.status import MOVES, State
from gateway.ledger import moves
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.ledger.moves import Moved

ZALO = Lane(pool="zalo")


async def test_a_worker_that_wakes_late_does_not_move_what_waits_to_be_asked_again(
    connection: asyncpg.Connection,
) -> None:
    """Its lease ran out, the clock had the account asked again, and that was lost, too."""
    await accepted(connection)
    [first] = await take(connection)
    again = about(first, State.WAITING, result=UNKNOWN, due=due(ask_again="esms"))
    await moves.apply(connection, [again])
    [second] = await take(connection)
    assert second.times_asked == 2
    lost = about(second, State.WAITING, result=UNKNOWN, due=due(ask_again="esms"))
    await moves.apply(connection, [lost])
    late = about(first, State.WAITING, reason=Reason.RATE_LIMITED, due=due(), gives_back_try=True)
    assert await moves.apply(connection, [late]) == {}
    [waiting] = await connection.fetch("SELECT ask_again FROM due")
    assert waiting["ask_again"] == "esms"


@pytest.mark.parametrize("before", list(State))
async def test_the_ledger_makes_exactly_the_moves_of_the_table(
    connection: asyncpg.Connection, before: State
) -> None:
    for after in State:
        notification_id = await reach(connection, before)
        was = await row(connection, notification_id)
        # The attempt itself was refused, so that nothing is left to hope for.
        change = anywhere(notification_id, after, result=REJECTED, expects=before)
        moved = await moves.apply(connection, [change])
        found = await row(connection, notification_id)
        if after in MOVES[before]:
            assert moved[notification_id].state is after
            assert (found["state"], found["revision"]) == (after.value, was["revision"] + 1)
        else:
            assert moved == {}
            assert dict(found) == dict(was)
        if before is State.WAITING:
            await take(connection)  # Not left over for the next one to claim.


class TestOneMove:
    async def test_a_sent_one_keeps_what_its_provider_said(
        self, connection: asyncpg.Connection
    ) -> None:
        claimed = await sent(connection)
        [attempt] = await attempts(connection, claimed.id)
        assert (attempt["outcome"], attempt["provider_id"]) == ("accepted", "p-1")
        assert attempt["closed_at"] is not None
        watch = await connection.fetchrow("SELECT kind FROM watch")
        assert watch["kind"] == "receipt"

    async def test_an_end_is_dated_announced_and_no_longer_watched(
        self, connection: asyncpg.Connection
    ) -> None:
        claimed = await sent(connection)
        change = about(claimed, State.DELIVERED, verdict=said(Verdict.DELIVERED))
        moved = await moves.apply(connection, [change])
        assert moved[claimed.id].age_s >= 0
        assert (await row(connection, claimed.id))["ended_at"] is not None
        assert await count(connection, "watch") == 0
        told = await connection.fetchrow("SELECT * FROM outbox")
        assert (told["notification_id"], told["state"], told["revision"]) == (
            claimed.id, "delivered", 4,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("earlier", "had_arrived"),
        [
            pytest.param(State.DELIVERED, True, id="delivered before"),
            pytest.param(State.UNCONFIRMED, False, id="nobody knew"),
            pytest.param(None, False, id="at once"),
        ],
    )
    async def test_an_acknowledgement_says_whether_it_had_arrived(
        self, connection: asyncpg.Connection, earlier: State | None, had_arrived: bool
    ) -> None:
        one = (await sent(connection)).id
        if earlier:
            moved = await moves.apply(connection, [anywhere(one, earlier)])
            assert not moved[one].had_arrived
        moved = await moves.apply(connection, [anywhere(one, State.ACKNOWLEDGED)])
        assert moved[one].had_arrived is had_arrived

    async def test_history_tells_every_revision_without_a_gap(
        self, connection: asyncpg.Connection
    ) -> None:
        event = new_event(steps=ZALO_THEN_SMS)
        notification_id = await accepted(connection, event)
        for state, fields in [
            (State.WAITING, {"due": due(pool="zalo"), "reason": Reason.NOT_SENT}),
            (State.WAITING, {"due": due(), "next_step": 1, "reason": Reason.NO_ZALO_ACCOUNT}),
        ]:
            [claimed] = await take(connection, 1, ZALO)
            await moves.apply(connection, [about(claimed, state, **fields)])
        [claimed] = await take(connection)
        await moves.apply(connection, [about(claimed, State.SENT, result=ACCEPTED)])
        await moves.apply(connection, [about(claimed, State.DELIVERED, actor="receipt/esms")])
        told = await connection.fetch("SELECT * FROM history ORDER BY revision")
        assert [(one["revision"], one["state"], one["step"], one["try"]) for one in told] == [
            (1, "waiting", 0, 0),
            (2, "sending", 0, 1),
            (3, "waiting", 0, 1),
            (4, "sending", 0, 2),
            (5, "waiting", 1, 0),
            (6, "sending", 1, 1),
            (7, "sent", 1, 1),
            (8, "delivered", 1, 1),
        ]
        assert told[-1]["actor"] == "receipt/esms"
        assert (await row(connection, notification_id))["revision"] == 8

    async def test_a_change_about_an_earlier_try_does_not_move_it(
        self, connection: asyncpg.Connection
    ) -> None:
        await accepted(connection)
        [first] = await take(connection)
        await moves.apply(connection, [about(first, State.WAITING, due=due(), result=REJECTED)])
        [second] = await take(connection)
        assert await moves.apply(connection, [about(first, State.SENT, result=ACCEPTED)]) == {}
        assert (await row(connection, second.id))["state"] == "sending"

    async def test_what_is_learnt_is_kept_even_where_nothing_moves(
        self, connection: asyncpg.Connection
    ) -> None:
        notification_id = await accepted(connection)
        [claimed] = await take(connection)
        await moves.apply(connection, [anywhere(notification_id, State.CANCELLED)])
        late_answer = about(claimed, State.SENT, result=ACCEPTED, watch=FOR_RECEIPT)
        assert await moves.apply(connection, [late_answer]) == {}
        [attempt] = await attempts(connection, notification_id)
        assert (attempt["outcome"], attempt["provider_id"]) == ("accepted", "p-1")
        assert await state_of(connection, notification_id) == ("cancelled", None)

    async def test_a_change_for_nobody_changes_nothing(
        self, connection: asyncpg.Connection
    ) -> None:
        claimed = await sent(connection)
        stranger = Change(
            notification_id=UUID(int=claimed.id.int + 1), step=0, try_no=1, to=State.DELIVERED
        )
        assert await moves.apply(connection, [stranger]) == {}


class TestLateProof:
    """A message delivered after we gave it up ends the whole notification."""

    async def _waiting_for_sms(self, connection: asyncpg.Connection) -> Claimed:
        await accepted(connection, new_event(steps=ZALO_THEN_SMS))
        [zalo] = await take(connection, 1, ZALO)
        await moves.apply(connection, [about(zalo, State.SENT, result=ACCEPTED)])
        silence = about(
            zalo, State.WAITING, reason=Reason.RECEIPT_MISSING, next_step=1, due=due(600)
        )
        await moves.apply(connection, [silence])
        return zalo

    async def test_it_cancels_the_later_step_that_has_not_left(
        self, connection: asyncpg.Connection
    ) -> None:
        zalo = await self._waiting_for_sms(connection)
        assert await count(connection, "due") == 1
        proof = anywhere(zalo.id, State.DELIVERED, verdict=said(Verdict.DELIVERED))
        await moves.apply(connection, [proof])
        assert await state_of(connection, zalo.id) == ("delivered", None)
        assert await count(connection, "due") == 0

    async def test_it_ends_one_whose_later_step_is_just_being_sent(
        self, connection: asyncpg.Connection
    ) -> None:
        zalo = await self._waiting_for_sms(connection)
        await connection.execute("UPDATE due SET due_at = now()")
        [sms] = await take(connection)
        await moves.apply(connection, [anywhere(zalo.id, State.DELIVERED)])
        answer = about(sms, State.SENT, result=ACCEPTED, watch=FOR_RECEIPT)
        assert await moves.apply(connection, [answer]) == {}
        assert await state_of(connection, zalo.id) == ("delivered", None)

    @pytest.mark.parametrize(
        "after", [State.SENT, State.WAITING, State.UNCONFIRMED, State.FAILED, State.EXPIRED]
    )
    async def test_no_outcome_reopens_what_was_delivered(
        self, connection: asyncpg.Connection, after: State
    ) -> None:
        claimed = await sent(connection)
        await moves.apply(connection, [about(claimed, State.DELIVERED)])
        again = about(claimed, after, due=due() if after is State.WAITING else None)
        assert await moves.apply(connection, [again]) == {}
        assert await state_of(connection, claimed.id) == ("delivered", None)
        assert await count(connection, "due") == 0

    async def test_understood_replaces_delivered_and_is_announced_again(
        self, connection: asyncpg.Connection
    ) -> None:
        claimed = await sent(connection)
        await moves.apply(connection, [anywhere(claimed.id, State.DELIVERED)])
        await moves.apply(connection, [anywhere(claimed.id, State.ACKNOWLEDGED)])
        assert await moves.apply(connection, [anywhere(claimed.id, State.DELIVERED)]) == {}
        told = await connection.fetch("SELECT revision, state FROM outbox ORDER BY id")
        assert [tuple(one) for one in told] == [(4, "delivered"), (5, "acknowledged")]


class TestNotFailedWhileThereIsHope:
    @pytest.mark.parametrize(
        ("earlier", "verdict", "state", "reason"),
        [
            pytest.param(
                ACCEPTED, None, "unconfirmed", "receipt_missing", id="taken-and-never-reported"
            ),
            pytest.param(
                ACCEPTED, Verdict.PROGRESS, "unconfirmed", "receipt_missing", id="on-its-way"
            ),
            pytest.param(UNKNOWN, None, "unconfirmed", "unknown_outcome", id="may-have-been-sent"),
            pytest.param(None, None, "unconfirmed", "unknown_outcome", id="call-still-open"),
            pytest.param(REJECTED, None, "failed", "phone_invalid", id="refused"),
            pytest.param(
                AttemptResult(outcome="deferred"), None, "failed", "phone_invalid", id="deferred"
            ),
            pytest.param(
                ACCEPTED, Verdict.FAILED, "failed", "phone_invalid", id="reported-as-failed"
            ),
            pytest.param(UNKNOWN, Verdict.FAILED, "failed", "phone_invalid", id="denied-later"),
            pytest.param(
                ACCEPTED, Verdict.TRY_AGAIN, "failed", "phone_invalid", id="did-not-arrive"
            ),
        ],
    )
    async def test_the_end_of_the_last_step_weighs_the_earlier_ones(
        self,
        connection: asyncpg.Connection,
        earlier: AttemptResult | None,
        verdict: Verdict | None,
        state: str,
        reason: str,
    ) -> None:
        notification_id = await accepted(connection, new_event(steps=ZALO_THEN_SMS))
        [zalo] = await take(connection, 1, ZALO)
        onward = about(
            zalo,
            State.WAITING,
            next_step=1,
            due=due(),
            result=earlier,
            verdict=said(verdict) if verdict else None,
        )
        await moves.apply(connection, [onward])
        [sms] = await take(connection)
        end = about(sms, State.FAILED, reason=Reason.PHONE_INVALID, result=REJECTED)
        await moves.apply(connection, [end])
        assert await state_of(connection, notification_id) == (state, reason)

    async def test_one_whose_time_ran_out_may_have_been_sent_all_the_same(
        self, connection: asyncpg.Connection
    ) -> None:
        claimed = await sent(connection)
        late = about(claimed, State.EXPIRED, reason=Reason.LATEST_TIME_PASSED)
        await moves.apply(connection, [late])
        assert await state_of(connection, claimed.id) == ("unconfirmed", "receipt_missing")

    async def test_the_attempt_that_ends_now_gives_no_hope_to_itself(
        self, connection: asyncpg.Connection
    ) -> None:
        claimed = await sent(connection)
        bounced = about(
            claimed,
            State.FAILED,
            reason=Reason.CARRIER_REJECTED,
            verdict=said(Verdict.FAILED, Reason.CARRIER_REJECTED),
        )
        await moves.apply(connection, [bounced])
        assert await state_of(connection, claimed.id) == ("failed", "carrier_rejected")


class TestReportsInAnyOrder:
    @pytest.mark.parametrize(
        ("reports", "kept"),
        [
            pytest.param("progress delivered", "delivered", id="in-order"),
            pytest.param("delivered progress", "delivered", id="progress-comes-late"),
            pytest.param("failed progress", "failed", id="progress-after-failure"),
            pytest.param("failed delivered", "delivered", id="proof-after-failure"),
            pytest.param("delivered failed", "delivered", id="failure-after-proof"),
            pytest.param("delivered acknowledged", "acknowledged", id="understood-later"),
            pytest.param("acknowledged delivered", "acknowledged", id="understood-first"),
            pytest.param("try_again failed", "try_again", id="the-first-bad-word-stands"),
            pytest.param("delivered delivered", "delivered", id="twice"),
        ],
    )
    async def test_what_is_known_only_becomes_better_known(
        self, connection: asyncpg.Connection, reports: str, kept: str
    ) -> None:
        claimed = await sent(connection)
        for word in reports.split():
            await moves.apply(connection, [about(claimed, None, verdict=said(Verdict(word)))])
        [attempt] = await attempts(connection, claimed.id)
        assert attempt["verdict"] == kept

    async def test_a_report_keeps_its_reason_code_and_time(
        self, connection: asyncpg.Connection
    ) -> None:
        claimed = await sent(connection)
        at = datetime(2024, 11, 20, 2, 30, tzinfo=UTC)
        verdict = AttemptVerdict(
            verdict=Verdict.FAILED, reason=Reason.CARRIER_EXPIRED, code="30003", at=at
        )
        await moves.apply(connection, [about(claimed, None, verdict=verdict)])
        await moves.apply(connection, [about(claimed, None, verdict=said(Verdict.PROGRESS))])
        [attempt] = await attempts(connection, claimed.id)
        found = [attempt[f"verdict_{name}"] for name in ("reason", "code", "at")]
        assert found == ["carrier_expired", "30003", at]

    async def test_a_lost_answer_does_not_unsay_that_it_was_taken(
        self, connection: asyncpg.Connection
    ) -> None:
        """The report overtook the answer, and the answer never came."""
        notification_id = await accepted(connection)
        [claimed] = await take(connection)
        proof = anywhere(
            notification_id, State.DELIVERED, verdict=said(Verdict.DELIVERED), result=ACCEPTED
        )
        await moves.apply(connection, [proof])
        await moves.apply(connection, [about(claimed, State.SENT, result=UNKNOWN)])
        [attempt] = await attempts(connection, notification_id)
        assert (attempt["outcome"], attempt["reason"]) == ("accepted", None)

    async def test_a_call_put_off_does_not_deny_the_earlier_one_under_its_reference(
        self, connection: asyncpg.Connection
    ) -> None:
        notification_id = await accepted(connection)
        [first] = await take(connection)
        asking = about(first, State.WAITING, result=UNKNOWN, due=due(ask_again=first.account))
        await moves.apply(connection, [asking])
        [again] = await take(connection)
        put_off = AttemptResult(outcome="deferred", reason=Reason.RATE_LIMITED)
        await moves.apply(connection, [about(again, State.SENT, result=put_off)])
        [attempt] = await attempts(connection, notification_id)
        assert (attempt["outcome"], attempt["reason"]) == ("unknown", "timeout")


class TestAtOnce:
    async def test_two_writers_of_the_same_rows_both_come_through(
        self, database: Database, connection: asyncpg.Connection
    ) -> None:
        claimed = await self._all_sent(connection, 120)
        progress = [about(one, None, verdict=said(Verdict.PROGRESS)) for one in claimed]
        proofs = [anywhere(one.id, State.DELIVERED) for one in claimed]
        await asyncio.gather(
            *(self._write(database, changes) for changes in (proofs, progress, proofs, progress))
        )
        states = await connection.fetch("SELECT DISTINCT state, revision FROM notification")
        assert [tuple(one) for one in states] == [("delivered", 4)]

    async def test_one_end_is_written_once_however_many_report_it(
        self, database: Database, connection: asyncpg.Connection
    ) -> None:
        claimed = await sent(connection)
        proof = anywhere(claimed.id, State.DELIVERED)

        async def report() -> dict[UUID, Moved]:
            async with database.connection() as own:
                return await moves.apply(own, [proof])

        answers = await asyncio.gather(*(report() for _ in range(8)))
        assert sum(bool(answer) for answer in answers) == 1
        assert await count(connection, "outbox") == 1

    async def test_a_claim_and_a_proof_that_meet_do_not_lock_each_other_out(
        self, database: Database, connection: asyncpg.Connection, database_url: str
    ) -> None:
        await accepted(connection)
        [claimed] = await take(connection)
        await moves.apply(connection, [about(claimed, State.WAITING, due=due(), result=UNKNOWN)])
        proof = anywhere(claimed.id, State.DELIVERED, watch=FOR_RECEIPT)
        blocker = await asyncpg.connect(database_url)
        try:
            async with blocker.transaction():
                # Stops the proof between the notification's row and what follows it.
                await blocker.execute(
                    "INSERT INTO watch SELECT notification_id, 0, 1, 'receipt', now() FROM due"
                )
                proving = asyncio.create_task(self._apply(database, proof))
                await _blocked(connection)
                claiming = asyncio.create_task(self._claim(database))
                await asyncio.sleep(0.1)
            await asyncio.gather(proving, claiming)
        finally:
            await blocker.close()
        assert await state_of(connection, claimed.id) == ("delivered", None)
        assert await count(connection, "due") == 0

    @pytest.mark.parametrize("meets", ["answer", "claim", "next_step"])
    async def test_a_proof_that_waits_for_another_move_still_takes_effect(
        self, database: Database, connection: asyncpg.Connection, meets: str
    ) -> None:
        """Reports arrive in the very moment in which the answer is written."""
        await accepted(connection)
        [claimed] = await take(connection)
        if meets == "claim":
            back = about(claimed, State.WAITING, due=due(), result=UNKNOWN)
            await moves.apply(connection, [back])
        proof = anywhere(claimed.id, State.DELIVERED, verdict=said(Verdict.DELIVERED))
        async with connection.transaction():
            if meets == "claim":
                await take(connection)
            elif meets == "answer":
                await moves.apply(connection, [about(claimed, State.SENT, result=ACCEPTED)])
            else:
                onward = about(claimed, State.WAITING, due=due(), result=UNKNOWN)
                await moves.apply(connection, [onward])
            proving = asyncio.create_task(self._apply(database, proof))
            async with database.connection() as looking:
                await _blocked(looking)
        await proving
        assert await state_of(connection, claimed.id) == ("delivered", None)
        assert await take(connection) == []

    async def test_an_answer_that_waits_for_a_proof_does_not_undo_it(
        self, database: Database, connection: asyncpg.Connection
    ) -> None:
        await accepted(connection)
        [claimed] = await take(connection)
        answer = about(claimed, State.SENT, result=ACCEPTED, watch=FOR_RECEIPT)
        async with connection.transaction():
            await moves.apply(connection, [anywhere(claimed.id, State.DELIVERED)])
            answering = asyncio.create_task(self._apply(database, answer))
            async with database.connection() as looking:
                await _blocked(looking)
        await answering
        assert await state_of(connection, claimed.id) == ("delivered", None)
        [attempt] = await attempts(connection, claimed.id)
        assert attempt["provider_id"] == "p-1"

    async def _all_sent(self, connection: asyncpg.Connection, how_many: int) -> list[Claimed]:
        await book(connection, *(new_event() for _ in range(how_many)))
        claimed = await take(connection, how_many)
        await moves.apply(connection, [about(one, State.SENT, result=ACCEPTED) for one in claimed])
        return claimed

    async def _write(self, database: Database, changes: list[Change]) -> None:
        async def write(group: Any) -> list[None]:
            async with database.connection() as own:
                await moves.apply(own, group)
            return [None] * len(group)

        groups: GroupCommit[Change, None] = GroupCommit(
            write, key=lambda change: change.notification_id, largest=30
        )
        await asyncio.gather(*map(groups.put, random.sample(changes, len(changes))))

    async def _apply(self, database: Database, change: Change) -> None:
        async with database.connection() as own:
            await moves.apply(own, [change])

    async def _claim(self, database: Database) -> None:
        async with database.connection() as own:
            await take(own)


async def _blocked(connection: asyncpg.Connection) -> None:
    """Wait until somebody waits for a lock of another."""
    for _ in range(500):
        if await connection.fetchval(
            "SELECT true FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("nobody waits")
