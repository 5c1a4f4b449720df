"""The clock's rounds: what a dead worker left, what nobody reported, what came too late."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from office import ASKED_TERMS, Office, posted

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.notification import Lane
from gateway.domain.outcome import Accepted, Deferred, Missing, Reason, Receipt, Verdict
from gateway.ledger import horizon
from gateway.ledger.claim import Room, Slot, claim
from gateway.providers.contract import Terms
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.services.minting import mint

# An account that reports nothing and lists the numbers that were not reached.
LISTING_TERMS = Terms(
    channel=Channel.SMS, receipts=Receipts.NEGATIVE_ONLY, query_by=QueryBy.RECIPIENT_AND_TIME
)
LISTED = Receipt(verdict=Verdict.FAILED, reason=Reason.CARRIER_REJECTED)


async def _claimed_and_dead(office: Office, pool: str = "sms", account: str = "esms") -> None:
    """A worker claims everything due and dies; its leases run out."""
    channel = office.accounts.channel(pool)
    assert channel is not None
    room = Room(slots=[Slot(account=account, attempt_id=mint()) for _ in range(100)])
    async with office.database.connection() as connection:
        await claim(connection, Lane(pool=pool), channel, room, 0, horizon.of_times())


async def _all_states(office: Office) -> list[str]:
    return [row["state"] for row in await office.rows("SELECT state FROM notification ORDER BY id")]


async def _sent(office: Office, number: int = 1, **data: Any) -> UUID:
    [one] = await office.owed(posted(number, **data))
    await office.serve("zalo" if data else "sms")
    assert await office.state(one) == ("sent", None)
    return one


class TestLeases:
    async def test_an_attempt_whose_worker_died_may_have_been_sent(self, office: Office) -> None:
        [one] = await office.owed(posted(1))
        await _claimed_and_dead(office)
        await office.sweep().run_out()
        assert await office.state(one) == ("sent", "unknown_outcome")
        [attempt] = await office.rows("SELECT outcome, reason, closed_at FROM attempt")
        assert (attempt["outcome"], attempt["reason"]) == ("unknown", "lease_expired")
        assert office.sms.sent == []

    async def test_where_the_account_recognises_repeats_it_is_asked_again(
        self, office: Office
    ) -> None:
        office.sms.terms = ASKED_TERMS
        [one] = await office.owed(posted(1))
        await _claimed_and_dead(office)
        await office.sweep().run_out()
        assert await office.state(one) == ("waiting", "unknown_outcome")
        [due] = await office.rows("SELECT ask_again FROM due")
        assert due["ask_again"] == "esms"

    async def test_two_clocks_rescue_each_lease_once(self, office: Office) -> None:
        owed = await office.owed(*map(posted, range(40)))
        await _claimed_and_dead(office)
        await asyncio.gather(office.sweep().run_out(), office.sweep().run_out())
        revisions = await office.rows("SELECT revision, state FROM notification")
        assert [tuple(row) for row in revisions] == [(3, "sent")] * len(owed)
        assert await office.sweep().run_out() == 0

    async def test_a_late_answer_of_a_worker_given_up_is_still_learnt(self, office: Office) -> None:
        [one] = await office.owed(posted(1))
        office.sms.gate.clear()
        serving = asyncio.create_task(office.serve())
        await office.sms.called.wait()
        await office.run_out("lease")
        await office.sweep().run_out()
        assert await office.state(one) == ("sent", "unknown_outcome")
        office.sms.gate.set()
        await serving
        [attempt] = await office.rows("SELECT outcome, provider_id FROM attempt")
        assert tuple(attempt) == ("accepted", "p-1")

    async def test_one_passed_over_by_a_worker_that_died_goes_on(self, office: Office) -> None:
        """No attempt was opened: nothing can have been sent."""
        [one] = await office.owed(posted(1))
        await office.rows("UPDATE notification SET latest_send_at = now() RETURNING 1")
        await _claimed_and_dead(office)
        assert await office.rows("SELECT 1 FROM attempt") == []
        await office.sweep().run_out()
        assert await office.state(one) == ("waiting", "given_back")
        await office.serve()
        assert await office.state(one) == ("expired", "latest_time_passed")

    async def test_one_passed_over_after_an_earlier_try_goes_on_too(self, office: Office) -> None:
        """Its lease stands beside the earlier try, which came to its end long ago."""
        office.sms.answers = [Deferred(reason=Reason.NOT_SENT, retry_after_s=600)]
        [one] = await office.owed(posted(1))
        await office.serve()
        assert await office.state(one) == ("waiting", "not_sent")
        await office.rows("UPDATE due SET due_at = now() RETURNING 1")
        await office.rows("UPDATE notification SET latest_send_at = now() RETURNING 1")
        await _claimed_and_dead(office)
        assert (await office.state(one))[0] == "sending"
        await office.sweep().run_out()
        assert await office.state(one) == ("waiting", "given_back")


class TestReceiptWindows:
    async def test_silence_of_an_sms_ends_unconfirmed(self, office: Office) -> None:
        one = await _sent(office)
        await office.run_out()
        await office.sweep().run_out()
        assert await office.state(one) == ("unconfirmed", "receipt_missing")
        assert await office.rows("SELECT 1 FROM watch") == []

    async def test_silence_on_zalo_leads_to_an_sms_after_asking_once(self, office: Office) -> None:
        one = await _sent(office, unit="H10.13")
        await office.run_out()
        await office.sweep().run_out()
        assert await office.state(one) == ("waiting", "receipt_missing")
        assert [asked.provider_id for asked in office.zalo.asked] == ["p-1"]
        await office.serve("sms")
        assert len(office.sms.sent) == 1

    @pytest.mark.parametrize(
        ("said", "state"),
        [
            pytest.param(Verdict.DELIVERED, "delivered", id="it-arrived"),
            pytest.param(Verdict.ACKNOWLEDGED, "acknowledged", id="it-was-understood"),
            pytest.param(Verdict.FAILED, "waiting", id="it-failed"),
            pytest.param(Verdict.PROGRESS, "waiting", id="it-is-still-on-its-way"),
        ],
    )
    async def test_before_a_window_closes_the_account_is_believed(
        self, office: Office, said: Verdict, state: str
    ) -> None:
        one = await _sent(office, unit="H10.13")
        office.zalo.said_when_asked = Receipt(verdict=said, provider_id="p-1")
        await office.run_out()
        await office.sweep().run_out()
        assert (await office.state(one))[0] == state

    @pytest.mark.parametrize(
        ("said", "state"),
        [
            pytest.param(None, ("unconfirmed", "no_receipts"), id="it-is-not-on-the-list"),
            pytest.param(LISTED, ("failed", "carrier_rejected"), id="it-is-on-the-list"),
        ],
    )
    async def test_a_list_of_failures_is_looked_at_once_before_a_window_closes(
        self, office: Office, said: Receipt | None, state: tuple[str, str]
    ) -> None:
        office.sms.terms = LISTING_TERMS
        office.sms.otherwise = Accepted()
        office.sms.said_when_asked = said
        one = await _sent(office)
        await office.run_out()
        await office.sweep().run_out()
        assert len(office.sms.asked) == 1
        assert await office.state(one) == state

    async def test_one_of_doubtful_fate_that_is_on_the_list_of_failures_has_failed(
        self, office: Office
    ) -> None:
        office.sms.terms = LISTING_TERMS
        office.sms.answers = [MaybeSent(Reason.TIMEOUT)]
        office.sms.said_when_asked = LISTED
        [one] = await office.owed(posted(1))
        await office.serve()
        assert await office.state(one) == ("sent", "unknown_outcome")
        assert office.sms.asked == []
        await office.run_out()
        await office.sweep().run_out()
        assert await office.state(one) == ("failed", "carrier_rejected")

    async def test_an_earlier_attempt_is_no_longer_waited_for(self, office: Office) -> None:
        one = await _sent(office, unit="H10.13")
        await office.run_out()
        await office.sweep().run_out()
        await office.serve("sms")
        await office.rows(
            "INSERT INTO watch SELECT id, 0, 1, 'receipt', now() FROM notification RETURNING 1"
        )
        await office.sweep().run_out()
        assert await office.state(one) == ("sent", None)
        assert len(await office.rows("SELECT 1 FROM watch WHERE step = 0")) == 0


class TestQueries:
    async def _in_doubt(self, office: Office) -> UUID:
        """An answer was lost, and the account can be asked by our reference."""
        office.sms.terms = replace(ASKED_TERMS, dedupe_window_s=0)
        office.sms.answers = [MaybeSent(Reason.TIMEOUT)]
        [one] = await office.owed(posted(1))
        await office.serve()
        assert await office.state(one) == ("sent", "unknown_outcome")
        [watch] = await office.rows("SELECT kind FROM watch")
        assert watch["kind"] == "query"
        await office.run_out()
        return one

    async def test_an_account_that_knows_the_message_has_taken_it(self, office: Office) -> None:
        one = await self._in_doubt(office)
        office.sms.said_when_asked = Receipt(verdict=Verdict.PROGRESS, provider_id="p-7")
        await office.sweep().run_out()
        assert (await office.state(one))[0] == "sent"
        [attempt] = await office.rows("SELECT outcome, provider_id, verdict FROM attempt")
        assert tuple(attempt) == ("accepted", "p-7", "progress")
        [watch] = await office.rows("SELECT kind FROM watch")
        assert watch["kind"] == "receipt"

    async def test_a_message_never_seen_is_asked_for_later_before_that_is_believed(
        self, office: Office
    ) -> None:
        one = await self._in_doubt(office)
        office.sms.said_when_asked = Missing()
        await office.sweep().run_out()
        assert (await office.state(one))[0] == "sent"
        await office.rows("UPDATE attempt SET opened_at = now() - interval '3 min' RETURNING 1")
        await office.run_out()
        await office.sweep().run_out()
        assert await office.state(one) == ("waiting", "not_sent")
        await office.serve()
        first, second = office.sms.sent
        assert first.reference != second.reference

    @pytest.mark.parametrize("wire", [NotSent("refused"), MaybeSent(Reason.TIMEOUT)])
    async def test_an_account_that_cannot_be_reached_is_asked_later(
        self, office: Office, wire: Exception
    ) -> None:
        one = await self._in_doubt(office)
        office.sms.said_when_asked = wire
        await office.sweep().run_out()
        assert (await office.state(one))[0] == "sent"
        [watch] = await office.rows("SELECT kind, until > now() AS later FROM watch")
        assert tuple(watch) == ("query", True)


class TestOneBadRow:
    """What cannot be gone on with must not hold up what stands beside it."""

    async def test_an_account_whose_answer_breaks_us_holds_up_nobody_else(
        self, office: Office
    ) -> None:
        on_zalo = await _sent(office, 1, unit="H10.13")
        by_sms = await _sent(office, 2)
        office.zalo.said_when_asked = KeyError("a reply nobody has seen before")
        await office.run_out()
        await office.sweep().run_out()
        assert await office.state(by_sms) == ("unconfirmed", "receipt_missing")
        assert await office.state(on_zalo) == ("sent", None)

    async def test_an_answer_that_cannot_be_stored_holds_up_nobody_else(
        self, office: Office
    ) -> None:
        on_zalo = await _sent(office, 1, unit="H10.13")
        by_sms = await _sent(office, 2)
        office.zalo.said_when_asked = Receipt(verdict=Verdict.FAILED, code="\x00")
        await office.run_out()
        await office.sweep().run_out()
        assert await office.state(by_sms) == ("unconfirmed", "receipt_missing")
        assert await office.state(on_zalo) == ("sent", None)

    async def test_a_payload_that_cannot_be_opened_holds_up_nobody_else(
        self, office: Office
    ) -> None:
        on_zalo = await _sent(office, 1, unit="H10.13")
        by_sms = await _sent(office, 2)
        await office.rows(
            "UPDATE notification SET sealed = sealed || '\\x00' WHERE id = $1 RETURNING 1", on_zalo
        )
        await office.run_out()
        await office.sweep().run_out()
        assert await office.state(by_sms) == ("unconfirmed", "receipt_missing")
        assert await office.state(on_zalo) == ("waiting", "receipt_missing")


class TestLateOnes:
    async def test_what_waits_past_its_latest_time_expires(self, office: Office) -> None:
        [late, in_time] = await office.owed(posted(1), posted(2))
        await office.rows(
            "UPDATE due SET latest_at = now(), due_at = now() + interval '1 h'"
            " WHERE notification_id = $1 RETURNING 1",
            late,
        )
        assert await office.sweep().expire_late() == 1
        assert await office.state(late) == ("expired", "latest_time_passed")
        assert await office.state(in_time) == ("waiting", None)
        assert len(await office.rows("SELECT 1 FROM due")) == 1

    async def test_one_that_an_earlier_step_may_have_reached_ends_unconfirmed(
        self, office: Office
    ) -> None:
        one = await _sent(office, unit="H10.13")
        await office.run_out()
        await office.sweep().run_out()
        await office.rows("UPDATE due SET latest_at = now() RETURNING 1")
        await office.sweep().expire_late()
        assert await office.state(one) == ("unconfirmed", "receipt_missing")

    async def test_two_clocks_end_it_once(self, office: Office) -> None:
        await office.owed(*map(posted, range(30)))
        await office.rows("UPDATE due SET latest_at = now() RETURNING 1")
        await asyncio.gather(office.sweep().expire_late(), office.sweep().expire_late())
        assert set(await _all_states(office)) == {"expired"}
        assert len(await office.rows("SELECT 1 FROM outbox")) == 30
