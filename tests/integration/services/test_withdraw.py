"""Taking a notice back while somebody else is at work on it."""

import asyncio

import pytest
from office import Office, posted

from gateway.domain.notification import Lane
from gateway.domain.outcome import Blame, Reason, Rejected
from gateway.services.withdraw import Withdraw, Withdrawal


async def withdraw(office: Office, one: object, source: str | None = "igate") -> Withdrawal:
    return await Withdraw(office.database).withdraw(one, source, "source")


async def test_a_call_under_way_still_ends_and_its_outcome_is_kept(office: Office) -> None:
    [one] = await office.owed(posted())
    office.sms.gate.clear()
    worker = office.worker()
    work = asyncio.create_task(worker.work(Lane(pool="sms"), lambda: False))
    await office.sms.called.wait()
    assert await withdraw(office, one) is Withdrawal.DONE
    office.sms.gate.set()
    await work
    await worker.finish()
    assert await office.state(one) == ("cancelled", "withdrawn")
    [attempt] = await office.rows("SELECT outcome, provider_id FROM attempt")
    assert tuple(attempt) == ("accepted", "p-1")


async def test_a_refused_call_does_not_reopen_it(office: Office) -> None:
    [one] = await office.owed(posted(unit="H10.13"))
    office.zalo.gate.clear()
    office.zalo.answers = [Rejected(reason=Reason.NO_ZALO_ACCOUNT, blame=Blame.RECIPIENT)]
    worker = office.worker()
    work = asyncio.create_task(worker.work(Lane(pool="zalo"), lambda: False))
    await office.zalo.called.wait()
    await withdraw(office, one)
    office.zalo.gate.set()
    await work
    await worker.finish()
    assert await office.state(one) == ("cancelled", "withdrawn")
    assert await office.rows("SELECT 1 FROM due") == []


async def test_workers_and_withdrawals_at_once_leave_nothing_open(office: Office) -> None:
    owed = await office.owed(*(posted(number) for number in range(60)))
    worker = office.worker()
    work = asyncio.create_task(worker.work(Lane(pool="sms"), lambda: False))
    answers = await asyncio.gather(*(withdraw(office, one) for one in owed))
    await work
    await worker.finish()
    assert set(answers) == {Withdrawal.DONE}
    states = await office.rows("SELECT DISTINCT state FROM notification")
    assert [row["state"] for row in states] == ["cancelled"]
    assert await office.rows("SELECT 1 FROM due") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("igate", Withdrawal.DONE, id="its own"),
        pytest.param("another", Withdrawal.UNKNOWN, id="another source's"),
        pytest.param(None, Withdrawal.DONE, id="staff's"),
    ],
)
async def test_a_source_withdraws_only_its_own(
    office: Office, source: str | None, expected: Withdrawal
) -> None:
    [one] = await office.owed(posted())
    assert await withdraw(office, one, source) is expected


async def test_a_withdrawal_is_announced(office: Office) -> None:
    [one] = await office.owed(posted())
    await withdraw(office, one)
    [told] = await office.rows("SELECT notification_id, state, reason FROM outbox")
    assert tuple(told) == (one, "cancelled", "withdrawn")
