"""Reports: stored before they are understood, believed when proven, in any order, never lost."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from office import Office, posted, report

from gateway.domain.outcome import Accepted, Blame, Missing, Reason, Receipt, Rejected, Verdict
from gateway.errors import LedgerUnavailable
from gateway.ledger import receipts
from gateway.ledger.receipts import RawReceipt
from gateway.providers.contract import ReceiptRequest
from gateway.providers.outbound import MaybeSent
from gateway.services.minting import mint
from gateway.services.receive import Patience, Receive, Refused

AT_ONCE = Patience(unmatched_retry_s=[0.0], keep_s=60)


async def _sent(office: Office, number: int = 1, **data: Any) -> UUID:
    [one] = await office.owed(posted(number, **data))
    await office.serve("zalo" if data else "sms")
    return one


async def _take(receive: Receive, *requests: ReceiptRequest, account: str = "esms") -> None:
    for request in requests:
        await receive.take(account, request)
        await receive.drained()


async def _table(office: Office, table: str) -> list[Any]:
    return [dict(row) for row in await office.rows(f"SELECT * FROM {table}")]


DELIVERED = {"verdict": "delivered", "provider_id": "p-1"}
PROGRESS = {"verdict": "progress", "provider_id": "p-1"}
FAILED = {"verdict": "failed", "provider_id": "p-1", "reason": "carrier_rejected"}
TRY_AGAIN = {"verdict": "try_again", "provider_id": "p-1", "reason": "handset_unreachable"}
UNSIGNED = {**DELIVERED, "needs_query": True}
UNDERSTOOD = {"verdict": "acknowledged", "provider_id": "p-1"}


_UPDATES_ARE_LOST = (
    "CREATE FUNCTION lost() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
)


class TestTaking:
    async def test_a_request_is_stored_raw_and_sealed(self, office: Office) -> None:
        receive = office.receive()
        await _take(receive, report({"verdict": "delivered", "provider_id": "p-unheard-of"}))
        [raw] = await _table(office, "receipt_raw")
        assert raw["account"] == "esms"
        assert b"unheard" not in raw["sealed"]
        opened = office.sealer.open(raw["sealed"], raw["seal_key"], raw["id"].bytes)
        assert b'"method": "POST"' in opened

    @pytest.mark.parametrize(
        ("account", "token"), [("esms", "guessed"), ("esms", ""), ("nobody", "guessed")]
    )
    async def test_who_cannot_prove_it_is_refused_and_nothing_is_stored(
        self, office: Office, account: str, token: str
    ) -> None:
        receive = office.receive()
        with pytest.raises(Refused):
            await receive.take(account, report(DELIVERED, token=token))
        assert await _table(office, "receipt_raw") == []

    async def test_without_a_ledger_the_provider_is_told_to_come_back(self, office: Office) -> None:
        receive = office.receive()
        await office.database.close()
        with pytest.raises(LedgerUnavailable):
            await receive.take("esms", report(DELIVERED))

    async def test_what_is_not_a_report_is_kept_and_not_read_again(self, office: Office) -> None:
        receive = office.receive()
        request = report()
        await _take(receive, ReceiptRequest(**{**vars(request), "body": b"<xml>"}))
        assert len(await _table(office, "receipt_raw")) == 1
        [left_to_staff] = await _table(office, "receipt_todo")
        assert left_to_staff["next_at"] is None


class TestWhatAReportDoes:
    @pytest.mark.parametrize(
        ("told", "state"),
        [
            pytest.param([DELIVERED], ("delivered", None), id="delivered"),
            pytest.param([UNDERSTOOD], ("acknowledged", None), id="understood"),
            pytest.param([PROGRESS], ("sent", None), id="on-its-way"),
            pytest.param([FAILED], ("failed", "carrier_rejected"), id="failed"),
            pytest.param([TRY_AGAIN], ("waiting", "handset_unreachable"), id="try-again"),
            pytest.param([PROGRESS, DELIVERED], ("delivered", None), id="in-order"),
            pytest.param([DELIVERED, PROGRESS], ("delivered", None), id="out-of-order"),
            pytest.param([DELIVERED, DELIVERED], ("delivered", None), id="twice"),
            pytest.param([DELIVERED, FAILED], ("delivered", None), id="failed-after-delivered"),
            pytest.param([FAILED, DELIVERED], ("delivered", None), id="delivered-after-failed"),
            pytest.param([DELIVERED, UNDERSTOOD], ("acknowledged", None), id="understood-later"),
            pytest.param([UNDERSTOOD, DELIVERED], ("acknowledged", None), id="understood-first"),
            pytest.param(
                [TRY_AGAIN, TRY_AGAIN], ("waiting", "handset_unreachable"), id="try-again-twice"
            ),
        ],
    )
    @pytest.mark.parametrize("together", [False, True], ids=["one-by-one", "in-one-request"])
    async def test_reports_lead_to_a_state_in_any_order(
        self,
        office: Office,
        told: list[dict[str, Any]],
        state: tuple[str, str | None],
        together: bool,
    ) -> None:
        one = await _sent(office)
        requests = [report(*told)] if together else [report(each) for each in told]
        await _take(office.receive(), *requests)
        assert await office.state(one) == state
        assert await _table(office, "receipt_todo") == []
        assert len(await _table(office, "receipt")) == len(told)

    async def test_a_try_that_did_not_arrive_is_followed_by_another_attempt(
        self, office: Office
    ) -> None:
        await _sent(office)
        office.sms.answers = [Accepted(provider_id="p-2")]
        await _take(office.receive(), report(TRY_AGAIN))
        await office.serve()
        first, second = office.sms.sent
        assert first.reference != second.reference
        # A report about the first try, once more, is about nothing that is under way.
        await _take(office.receive(), report(TRY_AGAIN))
        [found] = await _table(office, "notification")
        assert (found["state"], found["tries"]) == ("sent", 2)

    @pytest.mark.parametrize("spelling", [str.upper, str.lower])
    async def test_our_reference_finds_the_attempt_in_any_case(
        self, office: Office, spelling: Callable[[str], str]
    ) -> None:
        one = await _sent(office)
        reference = spelling(office.sms.sent[0].reference)
        await _take(office.receive(), report({"verdict": "delivered", "reference": reference}))
        assert await office.state(one) == ("delivered", None)

    async def test_a_proof_that_took_no_effect_is_read_again(self, office: Office) -> None:
        one = await _sent(office)
        await office.rows(_UPDATES_ARE_LOST)
        await office.rows(
            "CREATE TRIGGER lost BEFORE UPDATE ON notification FOR EACH ROW EXECUTE FUNCTION lost()"
        )
        receive = office.receive(AT_ONCE)
        await _take(receive, report(DELIVERED))
        assert await office.state(one) == ("sent", None)
        await office.rows("DROP TRIGGER lost ON notification")
        await receive.read_leftovers()
        assert await office.state(one) == ("delivered", None)
        assert await _table(office, "receipt_todo") == []

    async def test_a_late_delivery_on_zalo_cancels_the_sms_that_has_not_left(
        self, office: Office
    ) -> None:
        one = await _sent(office, unit="H10.13")
        await office.run_out()
        await office.sweep().run_out()
        assert await office.state(one) == ("waiting", "receipt_missing")
        await _take(office.receive(), report(DELIVERED), account="oa")
        assert await office.state(one) == ("delivered", None)
        await office.serve("sms")
        assert office.sms.sent == []


class TestBeforeTheAnswer:
    """A provider may report on a message before it has answered the call that sent it."""

    async def test_delivered_ends_it_and_the_answer_adds_what_it_knows(
        self, office: Office
    ) -> None:
        [one] = await office.owed(posted(1))
        office.sms.gate.clear()
        serving = asyncio.create_task(office.serve())
        await office.sms.called.wait()
        told = {"verdict": "delivered", "reference": office.sms.sent[0].reference}
        await _take(office.receive(), report(told))
        assert await office.state(one) == ("delivered", None)
        office.sms.gate.set()
        await serving
        assert await office.state(one) == ("delivered", None)
        [attempt] = await _table(office, "attempt")
        assert (attempt["provider_id"], attempt["verdict"]) == ("p-1", "delivered")

    async def test_a_failure_counts_once_the_call_has_ended(self, office: Office) -> None:
        [one] = await office.owed(posted(1))
        office.sms.gate.clear()
        serving = asyncio.create_task(office.serve())
        await office.sms.called.wait()
        receive = office.receive(AT_ONCE)
        told = {**FAILED, "provider_id": None, "reference": office.sms.sent[0].reference}
        await _take(receive, report(told))
        assert (await office.state(one))[0] == "sending"
        office.sms.gate.set()
        await serving
        assert (await office.state(one))[0] == "sent"
        await receive.read_leftovers()
        assert await office.state(one) == ("failed", "carrier_rejected")

    async def test_one_named_by_the_providers_id_waits_for_the_answer_that_tells_it(
        self, office: Office
    ) -> None:
        [one] = await office.owed(posted(1))
        receive = office.receive(AT_ONCE)
        await _take(receive, report(DELIVERED))
        assert len(await _table(office, "receipt_todo")) == 1
        await office.serve()
        assert await receive.read_leftovers() == 1
        assert await office.state(one) == ("delivered", None)
        assert await _table(office, "receipt_todo") == []


class TestUnmatched:
    async def test_it_is_looked_at_again_and_in_the_end_left_for_people(
        self, office: Office
    ) -> None:
        receive = office.receive(Patience(unmatched_retry_s=[0.0, 0.001], keep_s=0.0005))
        await _take(receive, report({"verdict": "delivered", "provider_id": "nobody's"}))
        [todo] = await _table(office, "receipt_todo")
        assert todo["tries"] == 1
        for _ in range(3):
            await asyncio.sleep(0.005)
            await receive.read_leftovers()
        [todo] = await _table(office, "receipt_todo")
        assert todo["next_at"] is None
        assert await receive.read_leftovers() == 0

    async def test_it_does_not_hold_up_the_others(self, office: Office) -> None:
        one = await _sent(office)
        receive = office.receive()
        strange = {"verdict": "delivered", "provider_id": "nobody's"}
        await asyncio.gather(
            *(receive.take("esms", report(told)) for told in (strange, DELIVERED, strange))
        )
        await receive.drained()
        assert await office.state(one) == ("delivered", None)
        assert len(await _table(office, "receipt_todo")) == 2

    async def test_what_a_dead_process_stored_is_read_by_the_clock(self, office: Office) -> None:
        one = await _sent(office)
        stopped = office.receive()
        await stopped.take("esms", report({"verdict": "delivered", "provider_id": "p-9"}))
        await stopped.drained()
        await office.rows("UPDATE attempt SET provider_id = 'p-9' RETURNING 1")
        await office.rows("UPDATE receipt_todo SET next_at = now() RETURNING 1")
        await office.receive().read_leftovers()
        assert await office.state(one) == ("delivered", None)

    async def test_one_that_cannot_be_opened_does_not_hold_up_the_others(
        self, office: Office
    ) -> None:
        one = await _sent(office)
        damaged = RawReceipt(id=mint(), account="esms", sealed=b"damaged" * 9, seal_key=1)
        async with office.database.connection() as connection:
            await receipts.store_raw(connection, [damaged], 0)
        receive = office.receive()
        await _take(receive, report({"verdict": "delivered", "provider_id": "p-9"}))
        await office.rows("UPDATE attempt SET provider_id = 'p-9' RETURNING 1")
        await office.rows("UPDATE receipt_todo SET next_at = now() RETURNING 1")
        await receive.read_leftovers()
        assert await office.state(one) == ("delivered", None)


class TestUnsigned:
    """A report that nobody signed is believed only after asking."""

    @pytest.mark.parametrize(
        ("said", "state"),
        [
            pytest.param(Receipt(verdict=Verdict.DELIVERED), "delivered", id="confirmed"),
            pytest.param(Receipt(verdict=Verdict.PROGRESS), "sent", id="not-yet"),
            pytest.param(None, "sent", id="cannot-tell"),
            pytest.param(Missing(), "sent", id="never-seen"),
        ],
    )
    async def test_the_accounts_own_word_counts(
        self, office: Office, said: Receipt | Missing | None, state: str
    ) -> None:
        one = await _sent(office)
        office.sms.said_when_asked = said
        await _take(office.receive(), report(UNSIGNED))
        assert (await office.state(one))[0] == state
        assert len(office.sms.asked) == 1

    async def test_while_the_account_cannot_be_asked_it_is_kept_for_later(
        self, office: Office
    ) -> None:
        one = await _sent(office)
        office.sms.said_when_asked = MaybeSent(Reason.TIMEOUT)
        receive = office.receive(AT_ONCE)
        await _take(receive, report(UNSIGNED))
        assert (await office.state(one))[0] == "sent"
        office.sms.said_when_asked = Receipt(verdict=Verdict.DELIVERED)
        await receive.read_leftovers()
        assert await office.state(one) == ("delivered", None)


async def test_many_reports_at_once_from_two_processes_end_everything_once(
    office: Office,
) -> None:
    office.sms.answers = [Accepted(provider_id=f"p-{n}") for n in range(40)]
    await office.owed(*map(posted, range(40)))
    await office.serve()
    requests = [
        report({"verdict": verdict, "provider_id": f"p-{n}"})
        for n in range(40)
        for verdict in ("delivered", "progress")
    ]
    processes = [office.receive(), office.receive()]
    await asyncio.gather(
        *(process.take("esms", request) for process in processes for request in requests)
    )
    for process in processes:
        await process.drained()
    ended = await office.rows("SELECT state, revision FROM notification")
    assert [tuple(row) for row in ended] == [("delivered", 4)] * 40
    assert len(await _table(office, "outbox")) == 40
    # A proof whose twin was faster had no effect of its own; a second look finds it shown.
    await processes[0].read_leftovers()
    await processes[0].drained()
    assert await _table(office, "receipt_todo") == []


async def test_a_report_about_a_refused_attempt_changes_nothing_but_is_kept(
    office: Office,
) -> None:
    office.sms.answers = [Rejected(reason=Reason.PHONE_INVALID, blame=Blame.RECIPIENT)]
    [one] = await office.owed(posted(1))
    await office.serve()
    told = {"verdict": "failed", "reference": office.sms.sent[0].reference}
    await _take(office.receive(), report(told))
    assert await office.state(one) == ("failed", "phone_invalid")
    assert len(await _table(office, "receipt")) == 1
