"""Receipts in the ledger: kept raw, matched by either id, put away or looked at again."""

from datetime import UTC, datetime

import asyncpg
import pytest
from ledger_rows import about, accepted, count, new_event, take

from gateway.domain.notification import AttemptResult
from gateway.domain.outcome import Reason, Receipt, Verdict
from gateway.domain.status import State
from gateway.ledger import horizon, moves, receipts
from gateway.ledger.receipts import Kept, RawReceipt
from gateway.services.minting import mint

OURS = "esms"


async def _taken_as(connection: asyncpg.Connection, provider_id: str) -> str:
    """Our reference of a message that the provider took under its own id."""
    await accepted(connection, new_event())
    [claimed] = await take(connection, account=OURS)
    result = AttemptResult(outcome="accepted", provider_id=provider_id)
    await moves.apply(connection, [about(claimed, State.SENT, result=result)])
    return claimed.reference


def _report(reference: str | None = None, provider_id: str | None = None) -> Receipt:
    return Receipt(verdict=Verdict.DELIVERED, reference=reference, provider_id=provider_id)


async def _found(connection: asyncpg.Connection, account: str, report: Receipt) -> bool:
    return 0 in await receipts.match(connection, [(account, report)])


async def _unread(connection: asyncpg.Connection) -> list[RawReceipt]:
    return await receipts.take_unread(connection, 10, horizon.of_times(), datetime.now(UTC))


class TestMatching:
    @pytest.mark.parametrize(
        ("held", "told"),
        [
            pytest.param("SM12ab", "SM12ab", id="as-it-was-given"),
            pytest.param("sm12ab", "SM12AB", id="in-capitals"),
            pytest.param("SM12AB", "sm12ab", id="in-small-letters"),
            pytest.param("0712345", "712345", id="without-its-leading-zero"),
            pytest.param("712345", "0712345", id="with-a-leading-zero"),
        ],
    )
    async def test_the_providers_id_is_known_in_other_spellings(
        self, connection: asyncpg.Connection, held: str, told: str
    ) -> None:
        await _taken_as(connection, held)
        assert await _found(connection, OURS, _report(provider_id=told))

    async def test_our_reference_is_known_in_capitals_too(
        self, connection: asyncpg.Connection
    ) -> None:
        reference = await _taken_as(connection, "p-1")
        assert await _found(connection, OURS, _report(reference=reference.upper()))

    async def test_an_id_of_another_account_is_another_id(
        self, connection: asyncpg.Connection
    ) -> None:
        reference = await _taken_as(connection, "p-1")
        assert not await _found(connection, "twilio", _report(provider_id="p-1"))
        assert not await _found(connection, "twilio", _report(reference=reference))

    async def test_each_report_of_a_group_finds_its_own(
        self, connection: asyncpg.Connection
    ) -> None:
        first = await _taken_as(connection, "p-1")
        await _taken_as(connection, "p-2")
        wanted = [_report(provider_id="p-2"), _report(provider_id="p-9"), _report(reference=first)]
        found = await receipts.match(connection, [(OURS, one) for one in wanted])
        assert {n: one.provider_id for n, one in found.items()} == {0: "p-2", 2: "p-1"}

    async def test_one_is_found_while_its_call_is_still_open(
        self, connection: asyncpg.Connection
    ) -> None:
        await accepted(connection)
        [claimed] = await take(connection, account=OURS)
        found = await receipts.match(connection, [(OURS, _report(reference=claimed.reference))])
        assert (found[0].state, found[0].outcome) == (State.SENDING, None)
        assert found[0].is_current


class TestToBeRead:
    async def _stored(self, connection: asyncpg.Connection, after_s: float = 0) -> RawReceipt:
        raw = RawReceipt(id=mint(), account=OURS, sealed=b"sealed", seal_key=1)
        await receipts.store_raw(connection, [raw], after_s)
        return raw

    async def test_whoever_stored_it_has_a_while_to_read_it(
        self, connection: asyncpg.Connection
    ) -> None:
        await self._stored(connection, after_s=60)
        assert await _unread(connection) == []

    async def test_after_that_one_other_reads_it(self, connection: asyncpg.Connection) -> None:
        raw = await self._stored(connection)
        assert await _unread(connection) == [raw]
        assert await _unread(connection) == []

    async def test_what_is_read_stays_stored(self, connection: asyncpg.Connection) -> None:
        raw = await self._stored(connection)
        await receipts.finish(connection, [raw.id])
        assert await count(connection, "receipt_todo") == 0
        assert await count(connection, "receipt_raw") == 1

    async def test_one_put_off_comes_back_and_counts_its_tries(
        self, connection: asyncpg.Connection
    ) -> None:
        raw = await self._stored(connection)
        await receipts.postpone(connection, [(raw.id, 0.0)])
        [again] = await _unread(connection)
        assert (again.id, again.tries) == (raw.id, 1)

    async def test_one_given_up_is_left_for_people_to_see(
        self, connection: asyncpg.Connection
    ) -> None:
        raw = await self._stored(connection)
        await receipts.postpone(connection, [(raw.id, None)])
        assert await _unread(connection) == []
        assert await count(connection, "receipt_todo") == 1


async def test_the_same_report_is_kept_once(connection: asyncpg.Connection) -> None:
    await accepted(connection)
    [claimed] = await take(connection)
    report = Receipt(
        verdict=Verdict.FAILED, reference="r", reason=Reason.CARRIER_EXPIRED, code="30003"
    )
    kept = Kept(
        notification_id=claimed.id, receipt_id=mint(), part=0, step=0, try_no=1, receipt=report
    )
    await receipts.keep(connection, [kept])
    await receipts.keep(connection, [kept])
    [found] = await connection.fetch("SELECT verdict, reason, code FROM receipt")
    assert tuple(found) == ("failed", "carrier_expired", "30003")
