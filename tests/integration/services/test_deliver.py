"""Delivering: what is due is sent once, and whatever a provider does is written down."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from office import ASKED_TERMS, E164, Office, posted, until

from gateway.domain.message import SmsBody
from gateway.domain.notification import Lane
from gateway.domain.outcome import Accepted, Blame, Deferred, Reason, Rejected, Unknown
from gateway.ledger import directory
from gateway.ledger.database import Database
from gateway.providers.outbound import MaybeSent, NotSent
from gateway.services.compose import Compose
from gateway.services.live_templates import LiveTemplates

NO_ZALO = Rejected(reason=Reason.NO_ZALO_ACCOUNT, blame=Blame.RECIPIENT, code="-118")


async def _attempts(office: Office, notification_id: UUID) -> list[asyncpg.Record]:
    return await office.rows(
        "SELECT * FROM attempt WHERE notification_id = $1 ORDER BY step, try", notification_id
    )


async def test_a_due_notification_is_rendered_and_sent_to_its_phone(office: Office) -> None:
    [one] = await office.owed(posted(1))
    await office.serve()
    assert await office.state(one) == ("sent", None)
    [message] = office.sms.sent
    assert message.phone.e164 == E164
    assert isinstance(message.body, SmsBody)
    assert "000.00.12.H10-260303-0001" in message.body.text
    assert message.callback_url == "http://gateway/receipts/esms/only-the-provider-knows"


async def test_the_attempt_is_on_disk_while_the_provider_is_called(office: Office) -> None:
    [one] = await office.owed(posted(1))
    office.sms.gate.clear()
    serving = asyncio.create_task(office.serve())
    await office.sms.called.wait()
    [attempt] = await _attempts(office, one)
    assert attempt["reference"] == office.sms.sent[0].reference
    assert (attempt["account"], attempt["closed_at"]) == ("esms", None)
    open_transactions = await office.rows(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        " AND state = 'idle in transaction'"
    )
    assert open_transactions == []
    office.sms.gate.set()
    await serving
    [attempt] = await _attempts(office, one)
    assert attempt["closed_at"] is not None


async def test_the_exact_text_is_kept_sealed_with_the_attempt(office: Office) -> None:
    [one] = await office.owed(posted(1))
    await office.serve()
    [attempt] = await _attempts(office, one)
    [message] = office.sms.sent
    assert isinstance(message.body, SmsBody)
    assert message.body.text.encode() not in attempt["sealed"]
    opened = office.compose.opened_text((one, 0, 1), attempt["sealed"], attempt["seal_key"])
    assert opened == {"text": message.body.text}
    assert attempt["segments"] == message.body.segments


class TestEndings:
    @pytest.mark.parametrize(
        ("answer", "state", "reason", "outcome"),
        [
            pytest.param(Accepted(provider_id="p"), "sent", None, "accepted", id="taken"),
            pytest.param(
                Rejected(reason=Reason.PHONE_INVALID, blame=Blame.RECIPIENT),
                "failed", "phone_invalid", "rejected", id="refused",
            ),
            pytest.param(
                Deferred(reason=Reason.RATE_LIMITED, retry_after_s=600, spends_try=False),
                "waiting", "rate_limited", "deferred", id="throttled",
            ),
            pytest.param(
                Unknown(reason=Reason.BAD_REPLY), "sent", "unknown_outcome", "unknown",
                id="unreadable",
            ),
            pytest.param(
                MaybeSent(Reason.TIMEOUT), "sent", "unknown_outcome", "unknown", id="no-answer"
            ),
        ],
    )  # fmt: skip
    async def test_each_ending_of_a_call_leads_on(
        self, office: Office, answer: Any, state: str, reason: str | None, outcome: str
    ) -> None:
        office.sms.answers = [answer]
        [one] = await office.owed(posted(1))
        await office.serve()
        assert await office.state(one) == (state, reason)
        assert [row["outcome"] for row in await _attempts(office, one)] == [outcome]
        assert len(office.sms.sent) == 1

    async def test_what_certainly_was_not_sent_is_tried_again_until_the_tries_are_used_up(
        self, office: Office
    ) -> None:
        office.sms.answers = [NotSent("connection_refused") for _ in range(3)]
        [one] = await office.owed(posted(1))
        await office.serve()
        assert await office.state(one) == ("failed", "not_sent")
        assert [row["try"] for row in await _attempts(office, one)] == [1, 2, 3]
        assert len({message.reference for message in office.sms.sent}) == 3

    async def test_a_lost_answer_is_asked_again_under_the_same_reference(
        self, office: Office
    ) -> None:
        office.sms.terms = ASKED_TERMS
        office.sms.answers = [MaybeSent(Reason.CONNECTION_LOST)]
        [one] = await office.owed(posted(1))
        await office.serve()
        assert await office.state(one) == ("waiting", "unknown_outcome")
        await office.rows("UPDATE due SET due_at = now() RETURNING 1")
        await office.serve()
        first, again = office.sms.sent
        assert first.reference == again.reference
        assert (first.times_asked, again.times_asked) == (1, 2)
        [attempt] = await _attempts(office, one)
        assert (attempt["outcome"], attempt["asked"]) == ("accepted", 2)

    async def test_a_draining_account_is_asked_about_what_it_was_given_and_takes_nothing_new(
        self, office: Office
    ) -> None:
        office.sms.terms = ASKED_TERMS
        office.sms.answers = [MaybeSent(Reason.CONNECTION_LOST)]
        [given] = await office.owed(posted(1))
        await office.serve()
        [new] = await office.owed(posted(2))
        async with office.database.connection() as connection:
            await directory.pause(connection, "account", "esms", "thu", "leaving", drains=True)
        await office.health.exchange()
        await office.rows("UPDATE due SET due_at = now() RETURNING 1")
        await office.serve()
        assert (await office.state(given))[0] == "sent"
        assert await office.state(new) == ("waiting", None)
        assert [one.times_asked for one in office.sms.sent] == [1, 2]

    async def test_a_call_that_breaks_off_in_an_unknown_way_stays_open_for_the_clock(
        self, office: Office
    ) -> None:
        office.sms.answers = [ZeroDivisionError()]
        [one] = await office.owed(posted(1))
        await office.serve()
        [attempt] = await _attempts(office, one)
        assert (attempt["closed_at"], attempt["outcome"]) == (None, None)
        assert await office.state(one) == ("sending", None)

    async def test_an_answer_that_cannot_be_stored_harms_only_its_own(self, office: Office) -> None:
        answers = [
            Accepted(provider_id=f"p-{n}", cost_vnd=10**12 if n == 2 else 250) for n in range(5)
        ]
        office.sms.answers = list(answers)
        await office.owed(*map(posted, range(5)))
        await office.serve()
        states = await office.rows("SELECT state FROM notification ORDER BY state")
        assert [row["state"] for row in states] == ["sending", *["sent"] * 4]

    async def test_a_text_that_cannot_be_made_is_shown_to_staff_and_sent_to_nobody(
        self, office: Office
    ) -> None:
        [one] = await office.owed(posted(1))
        await office.rows("UPDATE notification SET publication = 99 RETURNING 1")
        await office.serve()
        assert await office.state(one) == ("failed", "render_failed")
        assert office.sms.sent == []

    async def test_a_text_that_cannot_be_had_while_the_ledger_is_away_is_made_later(
        self, office: Office, database_url: str
    ) -> None:
        [one] = await office.owed(posted(1))
        away = await Database.connect(database_url, size=1, statement_timeout_s=5)
        await away.close()
        office.compose = Compose(
            templates=LiveTemplates(away),
            surroundings=office.world.surroundings,
            sealer=office.sealer,
            clock=office.clock,
        )
        await office.serve()
        assert await office.state(one) == ("waiting", "given_back")
        assert office.sms.sent == []

    async def test_nothing_is_asked_again_once_the_account_may_have_forgotten_it(
        self, office: Office
    ) -> None:
        [one] = await office.owed(posted(1))
        office.sms.terms = ASKED_TERMS
        office.sms.answers = [MaybeSent(Reason.TIMEOUT)]
        await office.serve()
        await office.rows("UPDATE due SET due_at = now() RETURNING 1")
        await office.rows("UPDATE attempt SET opened_at = now() - interval '7 days' RETURNING 1")
        await office.serve()
        assert len(office.sms.sent) == 1
        state, reason = await office.state(one)
        assert (state, reason) in {
            ("sent", "unknown_outcome"),
            ("unconfirmed", "unknown_outcome"),
        }

    async def test_what_may_have_been_sent_through_an_account_that_is_gone_stays_unknown(
        self, office: Office
    ) -> None:
        [one] = await office.owed(posted(1))
        office.sms.terms = ASKED_TERMS
        office.sms.answers = [MaybeSent(Reason.TIMEOUT)]
        await office.serve()
        await office.rows("UPDATE due SET due_at = now(), ask_again = 'gone' RETURNING 1")
        await office.rows("UPDATE attempt SET account = 'gone' RETURNING 1")
        await office.serve()
        assert await office.state(one) == ("unconfirmed", "unknown_outcome")


class TestFallback:
    async def test_a_phone_without_zalo_gets_an_sms_and_is_remembered(self, office: Office) -> None:
        office.zalo.answers = [NO_ZALO]
        first, second = await office.owed(posted(1, unit="H10.13"), posted(2, unit="H10.13"))
        office.zalo.gate.clear()
        serving = asyncio.create_task(office.serve("zalo"))
        await until(lambda: len(office.zalo.sent) == 2)
        office.zalo.gate.set()
        await serving
        [third] = await office.owed(posted(3, unit="H10.13"))
        await office.serve("zalo")
        await office.serve("sms")
        assert len(office.zalo.sent) == 2
        channels = {one: [row["channel"] for row in await _attempts(office, one)]
                    for one in (first, second, third)}  # fmt: skip
        assert sorted(map(tuple, channels.values())) == [("sms",), ("zalo",), ("zalo", "sms")]
        assert channels[third] == ["sms"]

    async def test_what_is_too_long_for_one_channel_goes_over_the_next(
        self, office: Office
    ) -> None:
        long_code = "000.00.12.H10-260303-" + "0" * 20
        [one] = await office.owed(posted(1, unit="H10.13", dossier={"code": long_code}))
        await office.serve("zalo")
        await office.serve("sms")
        assert not office.zalo.sent
        assert long_code in office.sms.sent[0].body.text
        outcomes = [(row["channel"], row["reason"]) for row in await _attempts(office, one)]
        assert outcomes == [("zalo", "content_refused"), ("sms", None)]


class TestRoom:
    @pytest.mark.parametrize("most", [1, 3])
    async def test_an_account_never_has_more_calls_open_than_it_allows(
        self, office: Office, most: int
    ) -> None:
        await office.reapply("account", "esms", max_in_flight=most)
        await office.owed(*map(posted, range(12)))
        office.sms.gate.clear()
        serving = asyncio.create_task(office.serve())
        await until(lambda: len(office.sms.sent) >= most)
        await asyncio.sleep(0.1)
        assert office.sms.most_at_once == most
        office.sms.gate.set()
        await serving
        assert len(office.sms.sent) == 12
        assert office.sms.most_at_once == most

    async def test_a_slice_stays_within_the_rate_of_its_account(self, office: Office) -> None:
        await office.reapply("account", "esms", rate_per_s=10)
        await office.owed(*map(posted, range(30)))
        worker = office.worker()
        serving = asyncio.create_task(worker.work(Lane(pool="sms"), lambda: False))
        await asyncio.sleep(0.55)
        worker.stop_claiming()
        await serving
        # Ten at once and then ten a second.
        assert 10 <= len(office.sms.sent) <= 16

    async def test_nothing_is_claimed_that_there_is_no_room_for(self, office: Office) -> None:
        await office.reapply("account", "esms", max_in_flight=2)
        await office.owed(*map(posted, range(6)))
        office.sms.gate.clear()
        serving = asyncio.create_task(office.serve())
        await until(lambda: len(office.sms.sent) == 2)
        await asyncio.sleep(0.05)
        [waiting] = await office.rows("SELECT count(*) FROM due")
        assert waiting["count"] == 4
        office.sms.gate.set()
        await serving

    async def test_room_is_given_back_whatever_happened(self, office: Office) -> None:
        office.sms.answers = [ZeroDivisionError(), NotSent("x"), MaybeSent(Reason.TIMEOUT), NO_ZALO]
        await office.owed(*map(posted, range(4)))
        [unwritable] = await office.owed(posted(4))
        await office.rows(
            "UPDATE notification SET publication = 99 WHERE id = $1 RETURNING 1", unwritable
        )
        await office.serve()
        account = office.accounts.get("esms")
        assert account is not None
        assert account.in_flight == 0


class TestLeaving:
    async def test_a_worker_leaves_an_empty_lane_when_another_waits(self, office: Office) -> None:
        worker = office.worker()
        assert await worker.work(Lane(pool="sms"), lambda: True) is False

    async def test_a_worker_told_to_stop_lets_open_calls_end(self, office: Office) -> None:
        [one] = await office.owed(posted(1))
        office.sms.gate.clear()
        worker = office.worker()
        working = asyncio.create_task(worker.work(Lane(pool="sms"), lambda: False))
        await office.sms.called.wait()
        worker.stop_claiming()
        await working
        await office.owed(posted(2))
        office.sms.gate.set()
        await worker.finish()
        assert await office.state(one) == ("sent", None)
        assert len(office.sms.sent) == 1

    async def test_a_pool_that_is_not_in_the_directory_is_not_served(self, office: Office) -> None:
        worker = office.worker()
        assert not worker.may_send(Lane(pool="fax"))
        assert await worker.work(Lane(pool="fax"), lambda: True) is False


async def test_two_workers_send_everything_once(office: Office) -> None:
    await office.owed(*map(posted, range(60)))
    await asyncio.gather(office.serve(), office.serve())
    references = [message.reference for message in office.sms.sent]
    assert len(references) == len(set(references)) == 60
