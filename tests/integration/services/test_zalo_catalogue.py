"""The mirror of what an official account says of itself, and the alerts that come of it."""

from typing import Any

import pytest
from zalo_site import ZaloSite

from gateway.ledger import zalo_catalogue
from gateway.ledger.zalo_catalogue import KnownStanding, KnownTemplate
from gateway.services.zalo_catalogue import NotTold

OURS = "oa-a/7001"


async def _read(site: ZaloSite, code: str = "oa-a") -> dict[str, KnownTemplate]:
    await site.clockwork.zalo.refresh(code)
    async with site.database.connection() as connection:
        found = await zalo_catalogue.templates(connection, code)
    return {one.template_id: one for one in found}


async def _standing(site: ZaloSite) -> KnownStanding:
    async with site.database.connection() as connection:
        return await zalo_catalogue.standing(connection, "oa-a")


def _wish(site: ZaloSite, **wishes: Any) -> None:
    site.oa("oa-a").take_wishes(wishes)


async def test_templates_are_mirrored_with_their_limits(untold: ZaloSite) -> None:
    found = await _read(untold)
    assert set(found) == {"7001", "9"}
    ours = found["7001"]
    assert (ours.name, ours.status, ours.quality) == ("Báo kết quả", "ENABLE", "HIGH")
    assert (ours.tag, ours.timeout_s, ours.price_vnd) == ("IN_TRANSACTION", 7200.0, 300)
    assert ours.params is not None
    assert ours.params[0] == {
        "name": "name",
        "type": "STRING",
        "required": True,
        "min": 0,
        "max": 30,
    }
    assert await untold.alerts() == {}


async def test_quota_quality_and_content_types_are_mirrored(untold: ZaloSite) -> None:
    await _read(untold)
    found = await _standing(untold)
    assert (found.daily_quota, found.remaining_quota) == (10_000, 10_000)
    assert (found.quality, found.quality_week) == ("HIGH", "HIGH")
    assert found.tags == ("OTP", "IN_TRANSACTION", "POST_TRANSACTION")


TROUBLES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, str], str]] = {
    "disabled": (
        {"template_status": {"7001": "DISABLE"}},
        {"template_status": {"7001": "ENABLE"}},
        ("template_changed", OURS),
        "is DISABLE",
    ),
    "poor-quality": (
        {"template_quality": {"7001": "LOW"}},
        {"template_quality": {"7001": "MEDIUM"}},
        ("template_quality", OURS),
        "quality LOW",
    ),
    "parameter-too-short": (
        {"template_lengths": {"7001": {"name": 20}}},
        {"template_lengths": {"7001": {"name": 30}}},
        ("template_changed", OURS),
        "takes 20 characters of name, ours may have 30",
    ),
    "content-type-taken-away": (
        {"tags": ["OTP"]},
        {"tags": ["OTP", "IN_TRANSACTION"]},
        ("template_changed", OURS),
        "content type IN_TRANSACTION may not be sent any more",
    ),
    "account-poor": (
        {"quality": "LOW"},
        {"quality": "HIGH"},
        ("account_quality", "oa-a"),
        "48 hours LOW, 7 days HIGH",
    ),
    "quota-fell": (
        {"daily_quota": 5000},
        {"daily_quota": 10_000},
        ("quota_changed", "oa-a"),
        "daily quota 10000 to 5000",
    ),
}


@pytest.mark.parametrize(
    ("wrong", "right", "key", "detail"), TROUBLES.values(), ids=TROUBLES.keys()
)
async def test_what_stands_in_our_way_is_alerted_until_it_is_well_again(
    untold: ZaloSite, wrong: Any, right: Any, key: tuple[str, str], detail: str
) -> None:
    await _read(untold)
    _wish(untold, **wrong)
    await _read(untold)
    await _read(untold)
    assert await untold.alerts() == {key: detail}
    _wish(untold, **right)
    await _read(untold)
    assert await untold.alerts() == {}


async def test_a_template_of_ours_that_vanished_is_alerted_and_kept_as_gone(
    untold: ZaloSite,
) -> None:
    await _read(untold)
    _wish(untold, drop_templates={"7001": True})
    gone = (await _read(untold))["7001"]
    assert gone.gone_at is not None
    assert await untold.alerts() == {("template_changed", OURS): "is not among the account's"}


async def test_a_template_that_is_not_ours_is_nobodys_trouble(untold: ZaloSite) -> None:
    _wish(untold, template_status={"9": "REJECT"}, template_quality={"9": "LOW"})
    assert (await _read(untold))["9"].status == "REJECT"
    assert await untold.alerts() == {}


async def test_an_alert_about_a_template_that_is_no_longer_used_ends(untold: ZaloSite) -> None:
    _wish(untold, template_status={"7001": "DISABLE"})
    await _read(untold)
    assert ("template_changed", OURS) in await untold.alerts()
    await untold.set_up("oa-a", {}, templates={"result-ready": "9"})
    await _read(untold)
    assert set(await untold.alerts()) == {("template_changed", "oa-a/9")}


async def test_a_quota_that_climbs_halfway_is_still_lower_than_before(untold: ZaloSite) -> None:
    for quota in (10_000, 2_000, 5_000):
        _wish(untold, daily_quota=quota)
        await _read(untold)
    assert set(await untold.alerts()) == {("quota_changed", "oa-a")}
    _wish(untold, daily_quota=20_000)
    await _read(untold)
    assert await untold.alerts() == {}


async def test_an_alert_that_an_operator_ended_is_not_raised_by_the_same_fall_again(
    untold: ZaloSite,
) -> None:
    await _read(untold)
    _wish(untold, daily_quota=5_000)
    await _read(untold)
    await untold.rows("UPDATE alert SET cleared_at = now() RETURNING 1")
    await _read(untold)
    assert await untold.alerts() == {}


async def test_an_account_that_does_not_answer_loses_nothing_of_its_mirror(
    untold: ZaloSite,
) -> None:
    await _read(untold)
    untold.oa("oa-a").take_wishes({"revoke_consent": True})
    with pytest.raises(NotTold, match="oa-a: credentials, no_token"):
        await _read(untold)
    async with untold.database.connection() as connection:
        found = await zalo_catalogue.templates(connection, "oa-a")
    assert [one.gone_at for one in found] == [None, None]


class TestWhenItIsRead:
    async def test_the_clock_reads_each_account_once_and_then_in_an_hour(
        self, zalo: ZaloSite
    ) -> None:
        await zalo.clockwork.zalo.refresh_due()
        first = await zalo.rows("SELECT account, read_at FROM zalo_account ORDER BY 1")
        assert [row["account"] for row in first] == ["oa-a", "oa-b"]
        await zalo.clockwork.zalo.refresh_due()
        assert await zalo.rows("SELECT account, read_at FROM zalo_account ORDER BY 1") == first
        await zalo.rows("UPDATE zalo_account SET read_at = read_at - interval '1 h' RETURNING 1")
        await zalo.clockwork.zalo.refresh_due()
        assert await zalo.rows("SELECT account, read_at FROM zalo_account ORDER BY 1") != first

    async def test_an_account_that_does_not_answer_does_not_keep_the_others_waiting(
        self, zalo: ZaloSite
    ) -> None:
        zalo.oa("oa-a").take_wishes({"revoke_consent": True})
        await zalo.clockwork.zalo.refresh_due()
        rows = await zalo.rows("SELECT account FROM zalo_account WHERE read_at IS NOT NULL")
        assert [row["account"] for row in rows] == ["oa-b"]

    async def test_after_an_event_the_account_itself_is_asked(self, zalo: ZaloSite) -> None:
        await zalo.clockwork.zalo.refresh_due()
        zalo.oa("oa-a").take_wishes({"tags": ["OTP"]})
        await zalo.until_stale("oa-a")
        await zalo.clockwork.zalo.refresh_due()
        assert ("template_changed", OURS) in await zalo.alerts()
        assert await zalo.rows("SELECT 1 FROM zalo_account WHERE stale_since IS NOT NULL") == []


async def test_what_is_told_while_an_account_is_being_read_has_it_read_again(
    untold: ZaloSite,
) -> None:
    """As if the event had come between the answers and their keeping."""
    async with untold.database.connection() as connection:
        began = await zalo_catalogue.now(connection)
        await zalo_catalogue.mark_stale(connection, "oa-a", quota_before=10_000)
        read = KnownStanding(daily_quota=500, read_at=began)
        await zalo_catalogue.keep_standing(connection, "oa-a", read)
        assert await zalo_catalogue.due(connection, ["oa-a"], 3600) == ["oa-a"]
    assert (await _standing(untold)).quota_before == 10_000


class TestEvents:
    @pytest.mark.parametrize(
        ("wrong", "key", "detail"),
        [
            ({"daily_quota": 500}, ("quota_changed", "oa-a"), "daily quota 10000 to 500"),
            ({"template_status": {"7001": "DISABLE"}}, ("template_changed", OURS), "is DISABLE"),
            ({"template_quality": {"7001": "LOW"}}, ("template_quality", OURS), "quality LOW"),
        ],
        ids=["quota", "status", "quality"],
    )
    async def test_what_got_worse_is_alerted_at_once(
        self, zalo: ZaloSite, wrong: dict[str, Any], key: tuple[str, str], detail: str
    ) -> None:
        zalo.oa("oa-a").take_wishes(wrong)
        await zalo.until_alerts(key)
        assert await zalo.alerts() == {key: detail}

    async def test_a_quality_that_recovered_ends_its_alert(self, zalo: ZaloSite) -> None:
        zalo.oa("oa-a").take_wishes({"template_quality": {"7001": "LOW"}})
        await zalo.until_alerts(("template_quality", OURS))
        zalo.oa("oa-a").take_wishes({"template_quality": {"7001": "HIGH"}})
        await zalo.until_alerts()

    async def test_a_fall_heard_of_before_the_account_was_ever_read_ends_when_made_good(
        self, zalo: ZaloSite
    ) -> None:
        zalo.oa("oa-a").take_wishes({"daily_quota": 500})
        await zalo.until_alerts(("quota_changed", "oa-a"))
        await _read(zalo)
        assert set(await zalo.alerts()) == {("quota_changed", "oa-a")}
        zalo.oa("oa-a").take_wishes({"daily_quota": 10_000})
        await zalo.until_stale("oa-a")
        await zalo.clockwork.zalo.refresh_due()
        assert await zalo.alerts() == {}

    async def test_one_about_a_template_that_is_not_ours_raises_nothing(
        self, zalo: ZaloSite
    ) -> None:
        zalo.oa("oa-a").take_wishes({"template_status": {"9": "DISABLE"}})
        await zalo.until_stale("oa-a")
        assert await zalo.alerts() == {}

    async def test_an_event_is_stored_before_it_is_understood_and_gone_after(
        self, zalo: ZaloSite
    ) -> None:
        event = zalo.event_of(
            "oa-a", "change_oa_daily_quota", quota={"prev_value": 9, "new_value": 5}
        )
        await zalo.api.parts.receive.take("oa-a", event)
        assert len(await zalo.rows("SELECT 1 FROM receipt_raw")) == 1
        await zalo.api.parts.receive.drained()
        assert await zalo.alerts() == {("quota_changed", "oa-a"): "daily quota 9 to 5"}
        assert await zalo.rows("SELECT 1 FROM receipt_raw") == []
