"""Several accounts in one pool: stops, trials, shut pools, shares, and the alerts about them."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from office import TABLES, Office, entries, posted, report

from gateway.domain.alert import AlertKind
from gateway.domain.channel import Receipts
from gateway.domain.outcome import Accepted, Deferred, Reason, Unknown
from gateway.domain.pool import ShareRules
from gateway.ledger import account_health, alerts
from gateway.ledger.alerts import OpenAlert
from gateway.services.apply_directory import apply
from gateway.services.mind_pools import MindPools, PoolPace

EMPTY = Deferred(reason=Reason.WALLET_EMPTY, code="103", spends_try=False)
LOST, TAKEN = Unknown(reason=Reason.BAD_REPLY), Accepted(provider_id="p")
PACE = PoolPace(
    rules=ShareRules(dead_s=0, back_s=0),
    window_s=300,
    late_after_s=60,
    trial_after_s=900,
    patience_s=600,
    quiet_s=1800,
)


async def with_two_accounts(office: Office, **pool: Any) -> None:
    """A second account, served by the provider that `Told` plays for Zalo."""
    tables = {kind: list(rows) for kind, rows in TABLES.items()}
    second = {
        "code": "other",
        "provider": "zalo",
        "base_url": "http://127.0.0.1:1",
        "rate_per_s": 1000,
    }
    tables["account"] = [*tables["account"], second]
    sms = {"code": "sms", "channel": "sms", "accounts": ["esms", "other"], **pool}
    tables["pool"] = [tables["pool"][0], sms]
    await apply(office.database, office.sealer, entries(tables), "test")
    await office.directory.refresh()


def minding(office: Office, **changes: Any) -> MindPools:
    return MindPools(
        database=office.database,
        accounts=office.accounts,
        alarm=office.alarm,
        tallies=office.tallies,
        hours=office.world.hours,
        clock=office.clock,
        pace=PoolPace(**{**vars(PACE), **changes}),
    )


async def open_alerts(office: Office) -> dict[str, OpenAlert]:
    async with office.database.connection() as connection:
        found = await alerts.open_alerts(connection)
    return {f"{one.alert.kind} {one.alert.subject}": one for one in found}


async def later(office: Office, **age: float) -> None:
    """As if so much time had passed since accounts were stopped and alerts raised."""
    ago = timedelta(**age)
    await office.rows("UPDATE pause SET since = since - $1::interval RETURNING 1", ago)
    await office.rows(
        "UPDATE alert SET since = since - $1::interval, last_at = last_at - $1::interval"
        " RETURNING 1",
        ago,
    )


@pytest.fixture
async def two(office: Office) -> Office:
    await with_two_accounts(office)
    return office


class TestStops:
    async def test_an_empty_wallet_stops_the_account_and_the_other_one_sends(
        self, two: Office
    ) -> None:
        two.sms.otherwise = EMPTY
        owed = await two.owed(*(posted(n) for n in range(1, 21)))
        await two.serve()
        await asyncio.sleep(1.3)
        await two.serve()
        assert {await two.state(one) for one in owed} == {("sent", None)}
        attempts = await two.rows("SELECT account, outcome, try FROM attempt")
        assert Counter((row["account"], row["outcome"]) for row in attempts) == {
            ("other", "accepted"): 20
        }
        assert {row["try"] for row in attempts} == {1}, "no try was spent"
        told = (await open_alerts(two))["account_stopped esms"]
        assert told.alert.detail == "wallet_empty 103"

    async def test_few_messages_find_out_about_it(self, two: Office) -> None:
        two.sms.otherwise = EMPTY
        await two.owed(*(posted(n) for n in range(1, 101)))
        for _ in range(3):
            await two.serve()
        assert len(two.sms.sent) <= 64, "those that were under way at once, and none after"


async def stopped(office: Office) -> None:
    """The only account of the pool runs out of money."""
    office.sms.otherwise = EMPTY
    await office.owed(posted(900))
    await office.serve()
    await office.health.exchange()


class TestTrials:
    async def test_an_account_is_tried_after_a_while_and_stopped_anew(self, office: Office) -> None:
        await stopped(office)
        minds = minding(office)
        await minds.look_after_stops()
        assert await office.rows("SELECT code FROM pause") != []
        await later(office, seconds=901)
        await minds.look_after_stops()
        assert await office.rows("SELECT code FROM pause") == []
        await office.health.exchange()
        calls = len(office.sms.sent)
        await office.owed(*(posted(n) for n in range(1, 30)))
        await office.serve()
        assert len(office.sms.sent) == calls + 1, "one call at a time"
        assert "account_stopped esms" in await open_alerts(office)

    async def test_a_trial_that_goes_well_ends_the_alert_and_the_lane_goes_on(
        self, office: Office
    ) -> None:
        await stopped(office)
        office.sms.otherwise = Accepted(provider_id="p")
        await later(office, seconds=901)
        minds = minding(office)
        await minds.look_after_stops()
        await office.health.exchange()
        owed = await office.owed(*(posted(n) for n in range(1, 30)))
        await office.serve()
        assert {await office.state(one) for one in owed} == {("sent", None)}
        await minds.look_after_stops()
        assert await open_alerts(office) == {}

    async def test_a_success_does_not_end_the_alert_of_an_account_stopped_meanwhile(
        self, office: Office
    ) -> None:
        await stopped(office)
        [found] = [one for one in office.accounts.all() if one.account.code == "esms"]
        found.on_trial = True
        await office.health.heed(found, Accepted(provider_id="p"))
        assert "account_stopped esms" in await open_alerts(office)

    async def test_one_that_people_paused_is_never_tried(self, office: Office) -> None:
        await office.rows(
            "INSERT INTO pause (scope, code, actor, since)"
            " VALUES ('account', 'esms', 'an', now() - interval '9 days') RETURNING 1"
        )
        await minding(office).look_after_stops()
        assert len(await office.rows("SELECT code FROM pause")) == 1


class TestShutPools:
    async def test_who_waits_in_vain_goes_on_to_the_next_step(self, office: Office) -> None:
        office.zalo.otherwise = EMPTY
        [one] = await office.owed(posted(1, unit="H10.13"))
        await office.serve("zalo")
        assert (await office.state(one))[0] == "waiting"
        minds = minding(office)
        await minds.look_after_stops()
        assert "pool_shut zalo" in await open_alerts(office)
        await office.rows("UPDATE due SET due_at = now() RETURNING 1")
        await minds.look_after_stops()
        assert (await office.rows("SELECT pool FROM due"))[0]["pool"] == "zalo"
        await later(office, seconds=601)
        await minds.look_after_stops()
        await office.serve("sms")
        assert await office.state(one) == ("sent", None)
        await office.alarm.tell()
        told = (await open_alerts(office))["fallback_used zalo"]
        assert told.alert.detail == "wallet_empty"
        steps = await office.rows("SELECT step, reason, actor FROM history WHERE actor = 'clock'")
        assert [tuple(row) for row in steps] == [(1, "wallet_empty", "clock")]

    async def test_who_has_no_further_step_waits_until_its_latest_time(
        self, office: Office
    ) -> None:
        await stopped(office)
        await office.rows("UPDATE due SET due_at = now() RETURNING 1")
        await later(office, hours=9)
        await minding(office).look_after_stops()
        assert [row["state"] for row in await office.rows("SELECT state FROM notification")] == [
            "waiting"
        ]

    async def test_many_that_cannot_go_on_do_not_hide_those_who_can(self, office: Office) -> None:
        await office.reapply(
            "unit",
            "H10.13",
            route=[{"channel": "sms", "pool": "sms"}, {"channel": "zalo", "pool": "zalo"}],
        )
        await stopped(office)
        await office.owed(*(posted(n) for n in range(1, 402)))
        owed = await office.owed(*(posted(n, unit="H10.13") for n in range(500, 510)))
        await office.rows("UPDATE due SET due_at = now() - interval '1 hour' RETURNING 1")
        await later(office, seconds=601)
        await minding(office).look_after_stops()
        assert len(await office.rows("SELECT 1 FROM due WHERE pool = 'zalo'")) == len(owed)

    async def test_while_an_account_is_tried_only_who_has_waited_long_goes_on(
        self, office: Office
    ) -> None:
        office.zalo.otherwise = EMPTY
        await office.owed(posted(1, unit="H10.13"))
        await office.serve("zalo")
        await later(office, seconds=901)
        await office.rows("UPDATE due SET due_at = now() RETURNING 1")
        minds = minding(office)
        await minds.look_after_stops()
        await minds.look_after_stops()
        assert (await office.rows("SELECT pool FROM due"))[0]["pool"] == "zalo"
        await office.rows("UPDATE due SET due_at = now() - interval '11 minutes' RETURNING 1")
        await minds.look_after_stops()
        assert (await office.rows("SELECT pool FROM due"))[0]["pool"] == "sms"

    async def test_another_leader_ends_the_alert_of_a_pool_that_is_open_again(
        self, office: Office
    ) -> None:
        await stopped(office)
        await minding(office).look_after_stops()
        assert "pool_shut sms" in await open_alerts(office)
        await office.rows("DELETE FROM pause RETURNING 1")
        await office.rows("DELETE FROM alert WHERE kind = 'account_stopped' RETURNING 1")
        await minding(office).look_after_stops()
        assert await open_alerts(office) == {}

    async def test_an_alert_that_was_cleared_too_soon_is_raised_again(self, office: Office) -> None:
        await stopped(office)
        await office.rows("DELETE FROM alert RETURNING 1")
        minds = minding(office)
        await minds.look_after_stops()
        await minds.look_after_stops()
        assert set(await open_alerts(office)) == {"account_stopped esms", "pool_shut sms"}

    async def test_a_pool_that_people_stopped_by_hand_keeps_its_messages(
        self, office: Office
    ) -> None:
        [one] = await office.owed(posted(1, unit="H10.13"))
        await office.rows(
            "INSERT INTO pause (scope, code, actor, since)"
            " VALUES ('account', 'oa', 'an', now() - interval '1 day') RETURNING 1"
        )
        await minding(office).look_after_stops()
        assert (await office.rows("SELECT pool FROM due"))[0]["pool"] == "zalo"
        assert await office.state(one) == ("waiting", None)
        assert await open_alerts(office) == {}

    async def test_an_account_that_people_pause_while_it_is_stopped_is_theirs(
        self, office: Office
    ) -> None:
        office.zalo.otherwise = EMPTY
        await office.owed(posted(1, unit="H10.13"))
        await office.serve("zalo")
        await office.rows("UPDATE pause SET actor = 'an' RETURNING 1")
        await office.rows("UPDATE due SET due_at = now() RETURNING 1")
        await later(office, hours=1)
        await minding(office).look_after_stops()
        assert (await office.rows("SELECT pool FROM due"))[0]["pool"] == "zalo"

    async def test_a_pool_on_trial_is_still_shut(self, office: Office) -> None:
        office.zalo.otherwise = EMPTY
        await office.owed(posted(1, unit="H10.13"))
        await office.serve("zalo")
        minds = minding(office)
        await minds.look_after_stops()
        await later(office, seconds=901)
        await minds.look_after_stops()
        assert await office.rows("SELECT code FROM pause") == []
        assert "pool_shut zalo" in await open_alerts(office)


async def shares(office: Office) -> dict[str, float]:
    async with office.database.connection() as connection:
        found = await account_health.shares(connection)
    return {account: round(share.kept, 2) for (_, account), share in found.items()}


async def a_minute_later(office: Office) -> None:
    await office.rows("UPDATE account_tally SET slot = slot - interval '1 minute' RETURNING 1")
    await office.rows(
        "UPDATE account_share SET moved_at = moved_at - interval '1 minute' RETURNING 1"
    )


async def send(office: Office, first: int, count: int) -> None:
    await office.owed(*(posted(n) for n in range(first, first + count)))
    await office.serve()
    await office.health.exchange()


class TestShares:
    async def test_faults_move_a_share_a_step_at_a_time(self, two: Office) -> None:
        minds, seen = minding(two, rules=ShareRules(), late_after_s=3600), []
        for first in range(1, 401, 100):
            two.sms.answers = [LOST, TAKEN, TAKEN] * 34
            await send(two, first, 100)
            await minds.review()
            await minds.review()
            seen.append((await shares(two)).get("esms"))
            await a_minute_later(two)
        assert seen == [0.9, 0.8, 0.7, 0.6]
        assert "other" not in await shares(two)

    async def test_without_new_observations_nothing_moves_further(self, two: Office) -> None:
        two.sms.answers = [LOST, TAKEN, TAKEN] * 20
        minds = minding(two, rules=ShareRules(), late_after_s=3600)
        await send(two, 1, 60)
        for _ in range(5):
            await minds.review()
            await a_minute_later(two)
        assert await shares(two) == {"esms": 0.9}

    async def test_it_comes_back_once_the_account_is_well(self, two: Office) -> None:
        await two.rows(
            "INSERT INTO account_share (pool, account, kept, why, moved_at)"
            " VALUES ('sms', 'esms', 0.5, 'faults', now() - interval '1 hour') RETURNING 1"
        )
        minds = minding(two)
        await minds.review()
        assert await shares(two) == {"esms": 0.6}
        await send(two, 1, 60)
        await minds.review()
        assert await shares(two) == {"esms": 0.7}

    async def test_what_is_taken_and_not_reported_in_time_is_late(self, two: Office) -> None:
        await send(two, 1, 120)
        await two.rows("UPDATE account_tally SET slot = slot - interval '90 seconds' RETURNING 1")
        await two.rows(
            "UPDATE account_tally SET in_time = accepted WHERE account = 'other' RETURNING 1"
        )
        await minding(two).review()
        assert await shares(two) == {"esms": 0.8}

    async def test_an_account_that_never_reports_is_never_late(self, two: Office) -> None:
        two.sms.terms = replace(two.sms.terms, receipts=Receipts.NONE)
        await send(two, 1, 120)
        await two.rows("UPDATE account_tally SET slot = slot - interval '90 seconds' RETURNING 1")
        await two.rows(
            "UPDATE account_tally SET in_time = accepted WHERE account = 'other' RETURNING 1"
        )
        await minding(two).review()
        assert await shares(two) == {}

    async def test_a_report_in_time_is_counted_once(self, two: Office) -> None:
        await send(two, 1, 1)
        [attempt] = await two.rows("SELECT reference, account FROM attempt")
        receive = two.receive()
        told = report({"verdict": "delivered", "reference": attempt["reference"]})
        for _ in range(2):
            await receive.take(attempt["account"], told)
            await receive.drained()
        await two.health.exchange()
        [row] = await two.rows(
            "SELECT sum(in_time) AS in_time, sum(accepted) AS taken FROM account_tally"
        )
        assert (row["in_time"], row["taken"]) == (1, 1)

    async def test_processes_add_up_what_they_saw(self, two: Office) -> None:
        other = await Office.open(two.database, two.keyring)
        await with_two_accounts(other)
        await asyncio.gather(send(two, 1, 40), send(other, 100, 40))
        [row] = await two.rows("SELECT sum(calls) AS calls FROM account_tally")
        assert row["calls"] == 80
        await other.close()


class TestAlerts:
    async def test_what_repeats_is_one_alert_that_counts(self, office: Office) -> None:
        office.sms.otherwise = Deferred(reason=Reason.UNKNOWN_CODE, code="777")
        await office.owed(*(posted(n) for n in range(1, 6)))
        await office.serve()
        await office.alarm.tell()
        told = (await open_alerts(office))["unknown_code esms"]
        assert (told.alert.detail, told.times) == ("777", len(office.sms.sent))

    async def test_what_passes_is_over_after_a_while(self, office: Office) -> None:
        office.sms.otherwise = Deferred(reason=Reason.UNKNOWN_CODE, code="777")
        await office.owed(posted(1))
        await office.serve()
        await office.alarm.tell()
        minds = minding(office)
        await minds.look_after_stops()
        assert await open_alerts(office) != {}
        await later(office, seconds=1801)
        await minds.look_after_stops()
        assert await open_alerts(office) == {}

    async def test_one_that_is_over_may_be_raised_again(self, office: Office) -> None:
        for _ in range(2):
            await office.alarm.sound(
                alerts.Alert(kind=AlertKind.POOL_SHUT, subject="sms", detail="x")
            )
            await office.alarm.over(AlertKind.POOL_SHUT, "sms")
        assert len(await office.rows("SELECT * FROM alert WHERE cleared_at IS NOT NULL")) == 2
