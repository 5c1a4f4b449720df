"""Several official accounts in one installation: each its own, also where one address hears all."""

import asyncio

import pytest
from zalo_site import ZaloSite

from gateway.services.receive import Refused


async def _delivered(site: ZaloSite, count: int) -> None:
    async with asyncio.timeout(10):
        while True:
            rows = await site.rows("SELECT 1 FROM notification WHERE state = 'delivered'")
            if len(rows) == count:
                return
            await asyncio.sleep(0.05)


async def _both_send(site: ZaloSite) -> None:
    await site.owed(3, "H10.12", first=1)
    await site.owed(3, "H10.13", first=11)
    await asyncio.gather(site.serve("oa-a"), site.serve("oa-b"))
    await _delivered(site, 6)


async def test_each_unit_writes_through_its_own_account_and_hears_of_its_own_messages(
    zalo: ZaloSite,
) -> None:
    await _both_send(zalo)
    by_account = await zalo.rows(
        "SELECT DISTINCT n.unit, a.account, r.account AS heard_at FROM notification n"
        " JOIN attempt a ON a.notification_id = n.id JOIN receipt p ON p.notification_id = n.id"
        " JOIN receipt_raw r ON r.id = p.receipt_id ORDER BY 1"
    )
    assert [tuple(row) for row in by_account] == [
        ("H10.12", "oa-a", "oa-a"),
        ("H10.13", "oa-b", "oa-b"),
    ]
    used = {(row["account"], row["content"]["template"]) for row in zalo.world.books.rows()}
    assert used == {("oa-a", "7001"), ("oa-b", "8001")}


async def test_an_arrival_that_is_told_at_the_other_accounts_address_is_matched(
    one_door: ZaloSite,
) -> None:
    await _both_send(one_door)
    heard = await one_door.rows("SELECT account, count(*) AS n FROM receipt_raw GROUP BY 1")
    assert [tuple(row) for row in heard] == [("oa-a", 6)]
    assert await one_door.rows("SELECT 1 FROM receipt_todo") == []


async def test_a_change_told_at_the_other_accounts_address_is_alerted_for_its_own(
    one_door: ZaloSite,
) -> None:
    one_door.oa("oa-b").take_wishes({"daily_quota": 500})
    await one_door.until_alerts(("quota_changed", "oa-b"))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"app_id": "4999"}, id="another-app"),
        pytest.param({"oa_id": ""}, id="it-has-no-oa-id"),
    ],
)
async def test_an_event_is_not_taken_for_an_account_that_is_not_surely_meant(
    one_door: ZaloSite, other: dict[str, str]
) -> None:
    await one_door.set_up("oa-b", other)
    one_door.oa("oa-b").take_wishes({"daily_quota": 500})
    await one_door.until_alerts(("quota_changed", "oa-a"))


async def test_the_signature_is_that_of_the_account_whose_address_it_is(
    one_door: ZaloSite,
) -> None:
    await one_door.set_up("oa-b", {}, {"oa_secret_key": "another"})
    event = one_door.event_of("oa-b", "user_received_message", sender={"id": "2002"}, message={})
    receive = one_door.api.parts.receive
    await receive.take("oa-a", event)
    with pytest.raises(Refused):
        await receive.take("oa-b", event)
