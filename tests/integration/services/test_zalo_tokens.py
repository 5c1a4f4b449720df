"""Tokens of official accounts against the simulated Zalo: renewed once, lost loudly, given anew."""

import asyncio

from office import until
from zalo_site import ZaloSite

LOST, STOPPED = ("token_lost", "oa-a"), ("account_stopped", "oa-a")


async def _expire_amid(site: ZaloSite, after: int) -> None:
    """Every token that is out ends once so many messages were taken."""
    await until(lambda: site.world.books.summary()["taken"] >= after)
    site.oa("oa-a").tokens.expire()


async def test_a_token_that_ends_amid_a_batch_of_four_workers_is_renewed_once_and_nothing_fails(
    zalo: ZaloSite,
) -> None:
    ids = await zalo.owed(200)
    expiry = asyncio.create_task(_expire_amid(zalo, after=40))
    await zalo.serve(workers=4)
    await expiry
    assert zalo.oa("oa-a").tokens.refreshes == 1
    assert set(await zalo.states(ids)) <= {"sent", "delivered"}
    outcomes = await zalo.rows("SELECT outcome, count(*) AS n FROM attempt GROUP BY 1")
    assert [(row["outcome"], row["n"]) for row in outcomes] == [("accepted", 200)]
    summary = zalo.world.books.summary()
    assert (summary["taken"], summary["doubled"]) == (200, 0)
    assert await zalo.alerts() == {}


async def test_a_lost_refresh_answer_marks_the_account_and_messages_wait_for_a_new_pair(
    zalo: ZaloSite,
) -> None:
    oa = zalo.oa("oa-a")
    oa.take_wishes({"expire_tokens": True, "lose_refresh_answer": True})
    ids = await zalo.owed(8)
    await zalo.serve(workers=4)
    assert oa.tokens.refreshes == 1
    assert await zalo.alerts() == {LOST: "answer_lost", STOPPED: "credentials no_token"}
    assert await zalo.states(ids) == {"waiting": 8}
    assert await zalo.rows("SELECT 1 FROM notification WHERE tries > 1") == []
    reasons = await zalo.rows("SELECT DISTINCT reason, code FROM attempt")
    assert [tuple(row) for row in reasons] == [("credentials", "no_token")]
    assert zalo.world.books.summary()["submissions"] == 0

    oa.take_wishes({"lose_refresh_answer": False})
    pair = oa.tokens.consent()
    await zalo.give_tokens("oa-a", pair["access_token"], pair["refresh_token"])
    assert set(await zalo.alerts()) == {STOPPED}
    # Whoever waits does so for a minute; the test does not.
    await zalo.rows("UPDATE due SET due_at = now() RETURNING 1")
    async with asyncio.timeout(15):
        while set(await zalo.states(ids)) - {"sent", "delivered"}:
            await zalo.serve(workers=4)
            await asyncio.sleep(0.1)
    assert zalo.world.books.summary()["doubled"] == 0
    assert await zalo.alerts() == {}


async def test_a_consent_taken_back_is_alerted_with_zalos_code(zalo: ZaloSite) -> None:
    zalo.oa("oa-a").take_wishes({"revoke_consent": True})
    await zalo.owed(1)
    await zalo.serve()
    assert (await zalo.alerts())[LOST] == "-14014"


async def test_the_clock_alerts_a_token_that_is_lost_and_ends_the_alert_when_it_is_there(
    zalo: ZaloSite,
) -> None:
    await zalo.rows("UPDATE account_token SET lost = true WHERE account = 'oa-a' RETURNING 1")
    tokens = zalo.clockwork.core.tokens
    for one in tokens.values():
        await asyncio.gather(one.renew_before_end(), return_exceptions=True)
    assert await zalo.alerts() == {LOST: "no_token"}
    await zalo.rows("UPDATE account_token SET lost = false WHERE account = 'oa-a' RETURNING 1")
    for one in tokens.values():
        await one.renew_before_end()
    assert await zalo.alerts() == {}


async def test_each_account_renews_with_its_own_refresh_token(zalo: ZaloSite) -> None:
    for code, unit in (("oa-a", "H10.12"), ("oa-b", "H10.13")):
        zalo.oa(code).tokens.expire()
        ids = await zalo.owed(2, unit, first=1 if code == "oa-a" else 11)
        await zalo.serve(code)
        assert zalo.oa(code).tokens.refreshes == 1
        assert set(await zalo.states(ids)) <= {"sent", "delivered"}
    assert await zalo.alerts() == {}
