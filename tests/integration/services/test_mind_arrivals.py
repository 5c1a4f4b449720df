"""Operators hear, without Prometheus, that fewer notices arrive or that reports do not come."""

from datetime import datetime, timedelta

import asyncpg
import pytest
from ledger_rows import ACCEPTED, about, accepted, anywhere, take

from gateway.domain.alert import AlertKind
from gateway.domain.arrivals import WEEK, ArrivalRules, stretches
from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Directory, Pool, RouteStep, Unit
from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger import alerts, counting, moves
from gateway.ledger.database import Database
from gateway.services.alarm import Alarm
from gateway.services.mind_arrivals import MindArrivals

DAY = timedelta(days=1)
POOL = Pool(code="sms", channel=Channel.SMS, accounts=("esms",))
UNIT = Unit(
    code="H10",
    name="",
    verify_phone="0984765321",
    pickup_point="here",
    route=(RouteStep(channel=Channel.SMS, pool="sms", window_s=86_400),),
)
DIRECTORY = Directory(
    revision=1,
    accounts={"esms": Account(code="esms", provider="esms", base_url="")},
    pools={"sms": POOL},
    units={"H10": UNIT},
)
RULES = ArrivalRules(least_ended=50, fell_to=0.85, reports_missing=0.2)


class Site:
    def __init__(self, database: Database, connection: asyncpg.Connection) -> None:
        self._database = database
        self.connection = connection
        self.mind = MindArrivals(
            database=database, alarm=Alarm(database), directory=lambda: DIRECTORY, rules=RULES
        )

    async def counted(self) -> None:
        done = False
        while not done:
            async with self.connection.transaction():
                done = await counting.count_changed(self.connection)
                done &= await counting.count_old(self.connection, 1000)

    async def ended(
        self,
        ago: timedelta,
        arrived: int,
        lost: int,
        channel: str = "sms",
        mode: str = "live",
        silent: int = 0,
    ) -> None:
        """So many in the quarter of an hour that began so long before the last full one."""
        [(_, until)] = stretches(await self.now(), [0])
        for state, reason, notices in (
            ("delivered", "", arrived),
            ("failed", "handset_unreachable", lost),
            ("unconfirmed", "receipt_missing", silent),
        ):
            await self.connection.execute(
                "INSERT INTO ended_slot VALUES ($1, $2, $3, 'esms', $4, $5, $6)"
                " ON CONFLICT (slot, mode, channel, account, state, reason)"
                " DO UPDATE SET notices = excluded.notices",
                until - ago,
                *(mode, channel, state, reason, notices),
            )

    async def now(self) -> datetime:
        found: datetime = await self.connection.fetchval("SELECT now()")
        return found

    async def told(self, kind: AlertKind) -> dict[str, str]:
        await self.mind.look()
        async with self._database.connection() as connection:
            found = await alerts.open_of(connection, kind)
        return {subject: one.alert.detail for subject, one in found.items()}


@pytest.fixture
async def site(database: Database, database_url: str):
    connection = await asyncpg.connect(database_url)
    opened = Site(database, connection)
    await opened.counted()
    yield opened
    await connection.close()


QUARTER, HALF_DAY = timedelta(minutes=15), timedelta(hours=12)
FALLING, MISSING = AlertKind.DELIVERY_FALLING, AlertKind.RECEIPTS_MISSING


async def test_a_channel_over_which_fewer_arrive_is_told_of_until_they_do_again(site: Site) -> None:
    await site.ended(WEEK + QUARTER, 95, 5)
    await site.ended(QUARTER, 60, 40)
    assert await site.told(FALLING) == {"sms": "60% of 100 arrived, 95% a week before"}
    # Neither fallen nor well again: it stays.
    await site.ended(QUARTER, 82, 18)
    assert "sms" in await site.told(FALLING)
    await site.ended(QUARTER, 94, 6)
    assert await site.told(FALLING) == {}


async def test_a_quiet_hour_is_judged_by_its_day_and_a_quiet_day_not_at_all(site: Site) -> None:
    await site.ended(WEEK + HALF_DAY, 95, 5)
    await site.ended(WEEK + QUARTER, 40, 0)
    await site.ended(QUARTER, 0, 9)
    assert await site.told(FALLING) == {}
    await site.ended(HALF_DAY, 30, 70)
    assert set(await site.told(FALLING)) == {"sms"}


async def test_the_first_week_and_trials_are_held_against_nothing(site: Site) -> None:
    await site.ended(QUARTER, 10, 90)
    await site.ended(WEEK + QUARTER, 100, 0, mode="test")
    assert await site.told(FALLING) == {}


async def test_one_channel_does_not_speak_for_another(site: Site) -> None:
    for channel in ("sms", "zalo"):
        await site.ended(WEEK + QUARTER, 100, 0, channel)
    await site.ended(QUARTER, 100, 0, "zalo")
    await site.ended(QUARTER, 0, 100, "sms")
    assert set(await site.told(FALLING)) == {"sms"}


async def test_while_the_counts_are_behind_nothing_is_judged(site: Site) -> None:
    await site.ended(WEEK + QUARTER, 95, 5)
    await site.ended(QUARTER, 10, 90)
    await site.connection.execute("UPDATE count_head SET since = now() - interval '1 hour'")
    assert await site.told(FALLING) == {}
    await site.connection.execute("UPDATE count_head SET since = now()")
    assert await site.told(FALLING) != {}


async def test_one_of_which_nothing_more_is_heard_ends_after_a_day(site: Site) -> None:
    await site.connection.execute(
        "INSERT INTO alert (kind, subject, last_at)"
        " VALUES ('delivery_falling', 'sms', now() - interval '23 hours'),"
        " ('receipts_missing', 'esms', now() - interval '25 hours')"
    )
    assert set(await site.told(FALLING)) == {"sms"}
    assert await site.told(MISSING) == {}


async def test_an_account_whose_reports_do_not_come_is_told_of_until_they_do(site: Site) -> None:
    for _ in range(60):
        await accepted(site.connection)
    for one in await take(site.connection, 60):
        await moves.apply(site.connection, [about(one, State.SENT, result=ACCEPTED)])
        silent = anywhere(one.id, State.UNCONFIRMED, reason=Reason.RECEIPT_MISSING)
        await moves.apply(site.connection, [silent])
    await site.counted()
    # What ended just now is judged with its whole quarter of an hour.
    assert await site.told(MISSING) == {}
    await site.connection.execute("UPDATE ended_slot SET slot = slot - interval '30 minutes'")
    assert await site.told(MISSING) == {"esms": "none about 100% of 60"}
    # As many as that were taken a day before, and nearly all of them were reported.
    await site.ended(DAY + QUARTER, 600, 0)
    assert await site.told(MISSING) == {}


async def test_only_silent_ones_end_after_working_hours_and_nothing_is_wrong(site: Site) -> None:
    """A week before was no holiday, and then there was as much as on the day before this one."""
    for ago in (QUARTER, HALF_DAY, WEEK + QUARTER, WEEK + HALF_DAY):
        await site.ended(DAY + ago if ago < WEEK else ago, 950, 0, silent=50)
    for ago in (QUARTER, HALF_DAY):
        await site.ended(ago, 0, 0, silent=60)
    assert await site.told(MISSING) == {}
    assert await site.told(FALLING) == {}


async def test_reports_are_missed_though_others_come_meanwhile(site: Site) -> None:
    await site.ended(DAY + QUARTER, 70, 0)
    await site.ended(QUARTER, 5000, 0, silent=30)
    assert await site.told(MISSING) == {"esms": "none about 30% of 100"}
