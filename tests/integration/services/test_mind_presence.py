"""No worker, or no clock: missed by those who are there, and told even though the clock is not."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from prometheus_client import REGISTRY

from gateway.domain.alert import AlertKind
from gateway.ledger import alerts, heartbeats
from gateway.ledger.alert_news import News
from gateway.ledger.database import Database
from gateway.ledger.heartbeats import Beating, NotClosed
from gateway.services.alarm import Alarm
from gateway.services.heartbeat import Heartbeat
from gateway.services.mind_presence import MindClock, MindWorkers
from gateway.services.tell_operators import TellOperators


class Ear:
    name = "ear"
    at_once = 20

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    async def tell(self, news: Sequence[News]) -> None:
        self.heard += [(one.alert.kind, "over" if one.over_at else "open") for one in news]

    async def close(self) -> None:
        pass


class Site:
    """Times pass as they are told to, for who watches and for what is in the ledger."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.passed_s = 0.0
        self.ear = Ear()

    def now(self) -> float:
        return self.passed_s

    async def passes(self, seconds: float) -> None:
        self.passed_s += seconds
        async with self.database.connection() as connection:
            await connection.execute(
                "UPDATE heartbeat SET at = at - make_interval(secs => $1)", seconds
            )

    async def beats(self, kind: Beating) -> None:
        """One that has just begun."""
        await Heartbeat(self.database, kind).beat()

    async def told(self, kind: AlertKind) -> dict[str, str]:
        async with self.database.connection() as connection:
            found = await alerts.open_of(connection, kind)
        return {subject: one.alert.detail for subject, one in found.items()}

    def workers(self) -> MindWorkers:
        return MindWorkers(
            database=self.database,
            alarm=Alarm(self.database),
            patience_s=120,
            monotonic=self.now,
        )

    def clock(self) -> MindClock:
        telling = TellOperators(database=self.database, ways=[self.ear], quiet_s=3600)
        return MindClock(
            database=self.database,
            alarm=Alarm(self.database),
            tell=telling,
            patience_s=60,
            monotonic=self.now,
        )


@pytest.fixture
def site(database: Database) -> Site:
    return Site(database)


class TestWorkers:
    async def test_none_at_work_is_told_of_until_one_is(self, site: Site) -> None:
        mind = site.workers()
        await site.beats(Beating.WORKER)
        await mind.look()
        assert REGISTRY.get_sample_value("baotin_workers") == 1
        await site.passes(30)
        await mind.look()
        assert REGISTRY.get_sample_value("baotin_workers") == 0
        await site.passes(119)
        await mind.look()
        assert await site.told(AlertKind.NO_WORKER) == {}
        await site.passes(1)
        await mind.look()
        assert set(await site.told(AlertKind.NO_WORKER)) == {"workers"}
        await site.beats(Beating.WORKER)
        await mind.look()
        assert await site.told(AlertKind.NO_WORKER) == {}

    async def test_workers_are_counted_whatever_their_machines_are_called(self, site: Site) -> None:
        # In containers that share the host's name, every first process has the same number, too.
        for _ in range(3):
            await site.beats(Beating.WORKER)
        await site.workers().look()
        assert REGISTRY.get_sample_value("baotin_workers") == 3

    async def test_a_worker_goes_on_telling_after_whatever_went_wrong(
        self, database: Database
    ) -> None:
        breakers = iter([ValueError("of any kind"), {}])

        def stumbling() -> dict[str, NotClosed]:
            match next(breakers, {}):
                case ValueError() as error:
                    raise error
                case found:
                    return found

        following = asyncio.create_task(Heartbeat(database, Beating.WORKER, stumbling).follow())
        try:
            alive, tries = 0, 100
            while not alive and (tries := tries - 1):
                await asyncio.sleep(0.1)
                async with database.connection() as connection:
                    alive = await heartbeats.alive(connection, Beating.WORKER)
            assert alive
        finally:
            following.cancel()

    async def test_a_clock_that_has_just_begun_to_lead_waits(self, site: Site) -> None:
        mind = site.workers()
        await mind.look()
        await site.passes(500)
        mind.begin()
        await mind.look()
        assert await site.told(AlertKind.NO_WORKER) == {}

    async def test_a_clock_is_no_worker_and_who_has_left_is_gone(
        self, site: Site, database: Database
    ) -> None:
        await site.beats(Beating.CLOCK)
        worker = Heartbeat(database, Beating.WORKER)
        await worker.beat()
        await worker.stop()
        await site.workers().look()
        assert REGISTRY.get_sample_value("baotin_workers") == 0


class TestClock:
    async def test_one_that_stands_still_is_told_of_by_who_misses_it(self, site: Site) -> None:
        mind = site.clock()
        await site.beats(Beating.CLOCK)
        await site.passes(59)
        await mind.look()
        assert site.ear.heard == []
        for _ in range(3):
            await site.passes(10)
            await mind.look()
        [detail] = (await site.told(AlertKind.CLOCK_STOPPED)).values()
        assert detail.startswith("silent since 20")
        assert site.ear.heard == [("clock_stopped", "open")]
        await site.beats(Beating.CLOCK)
        await mind.look()
        assert await site.told(AlertKind.CLOCK_STOPPED) == {}

    async def test_what_else_is_to_be_told_is_told_meanwhile(self, site: Site) -> None:
        mind = site.clock()
        await site.passes(60)
        await mind.look()
        async with site.database.connection() as connection:
            await connection.execute("INSERT INTO alert (kind, subject) VALUES ('guessing', 'x')")
        await mind.look()
        assert sorted(site.ear.heard) == [("clock_stopped", "open"), ("guessing", "open")]

    async def test_several_who_miss_it_tell_it_once(self, site: Site) -> None:
        minds = [site.clock(), site.clock()]
        await site.passes(60)
        for mind in (*minds, *minds):
            await mind.look()
        assert site.ear.heard == [("clock_stopped", "open")]

    @pytest.mark.parametrize(
        "happens",
        [
            pytest.param(lambda site: site.passes(59), id="who misses it has just begun"),
            pytest.param(lambda site: site.passes(10_000), id="the machine stood still"),
        ],
    )
    async def test_nothing_is_said_too_soon(self, site: Site, happens: Callable[[Site], object]):
        await site.beats(Beating.CLOCK)
        await site.passes(3600)
        mind = site.clock()
        await happens(site)  # type: ignore[misc]
        await mind.look()
        await site.beats(Beating.CLOCK)
        await mind.look()
        assert site.ear.heard == []


async def test_the_last_of_each_kind_is_remembered(site: Site, database: Database) -> None:
    await site.beats(Beating.CLOCK)
    async with database.connection() as connection:
        await site.beats(Beating.WORKER)
        await site.passes(3700)
        await site.beats(Beating.WORKER)
        await heartbeats.forget_gone(connection)
        rows = await connection.fetch("SELECT kind FROM heartbeat ORDER BY kind")
    assert [row["kind"] for row in rows] == ["clock", "worker"]
