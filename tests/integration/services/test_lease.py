"""A worker that stood still before its call does not send what others went on with meanwhile."""

import asyncio
from dataclasses import replace

import pytest
from office import Office, posted

from gateway.domain.notification import Change, Claimed
from gateway.services.accounts import OpenAccount
from gateway.services.lease import Lease, LeaseLost
from gateway.services.prepare import Prepare, Ready

CALL_S = 2.0


class Slow(Prepare):
    """Stands still once, for longer than a call may be begun."""

    stands_still_s = 0.0

    async def ready(self, claimed: Claimed, found: OpenAccount | None) -> Ready | Change:
        still_s, Slow.stands_still_s = Slow.stands_still_s, 0.0
        await asyncio.sleep(still_s)
        return await super().ready(claimed, found)


@pytest.fixture
async def slow(office: Office) -> Office:
    office.pace = replace(office.pace, lease_margin_s=0.4)
    office.prepares = Slow
    await office.reapply("account", "esms", timeout_s=CALL_S)
    return office


async def test_one_that_stood_still_for_a_while_gives_back_and_spends_no_try(slow: Office) -> None:
    [one] = await slow.owed(posted(1))
    Slow.stands_still_s = 0.6
    await slow.serve()
    if not slow.sms.sent:
        assert await slow.state(one) == ("waiting", "given_back")
        await slow.serve()
    assert await slow.state(one) == ("sent", None)
    states = await slow.rows("SELECT state, reason FROM history ORDER BY revision")
    assert ("waiting", "given_back") in [(row["state"], row["reason"]) for row in states]
    [attempt] = await slow.rows("SELECT try, asked FROM attempt")
    assert (attempt["try"], attempt["asked"], len(slow.sms.sent)) == (1, 1, 1)


async def test_one_that_wakes_after_its_lease_sends_and_writes_nothing(
    slow: Office,
) -> None:
    [one] = await slow.owed(posted(1))
    Slow.stands_still_s = CALL_S + 0.6
    await slow.serve()
    assert slow.sms.sent == []
    assert await slow.state(one) == ("sending", None)
    await slow.run_out("lease")
    await slow.sweep().run_out()
    assert await slow.state(one) == ("sent", "unknown_outcome")


@pytest.mark.parametrize(
    ("passed_s", "leaves_time"),
    [(0, True), (14, True), (16, False), (24, False), (26, None), (10_000, None)],
)
def test_a_call_begins_only_if_it_can_end_and_be_written_within_the_lease(
    passed_s: float, leaves_time: bool | None
) -> None:
    now = Lease(margin_s=20, longest_call_s=10)
    lease = replace(now, began_s=now.began_s - passed_s)
    assert lease.whole_s == 30
    if leaves_time is None:
        with pytest.raises(LeaseLost):
            lease.leaves_time_to_call()
    else:
        assert lease.leaves_time_to_call() is leaves_time
