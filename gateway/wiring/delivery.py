"""A worker: what sends, and what works off jobs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from gateway.domain.notification import Lane
from gateway.errors import LedgerUnavailable
from gateway.ledger import horizon, watches
from gateway.ledger.heartbeats import Beating
from gateway.services.deliver import Deliver
from gateway.services.heartbeat import Heartbeat, not_closed
from gateway.services.jobs import RunJobs
from gateway.services.learn import Learn
from gateway.services.outcomes import Outcomes
from gateway.services.prepare import Prepare
from gateway.services.rates import SharedRates
from gateway.services.serve_lane import Pace, ServeLane
from gateway.settings import Settings
from gateway.wiring.core import Core, wire_core
from gateway.wiring.work import wire_jobs


@dataclass(kw_only=True)
class Delivery:
    core: Core
    serve: ServeLane
    rates: SharedRates
    heartbeat: Heartbeat
    jobs: RunJobs
    _beating: asyncio.Task[None]

    async def is_due(self, lane: Lane) -> bool:
        async with self.core.database.connection() as connection:
            lanes = await watches.due_lanes(
                connection, {lane: horizon.of_times()}, self.core.accounts.channels()
            )
        return lane in lanes and self.serve.may_send(lane)

    async def close(self) -> None:
        await self.serve.finish()
        self._beating.cancel()
        await asyncio.gather(self._beating, return_exceptions=True)
        with suppress(LedgerUnavailable):
            await self.core.use.add()
        await self.heartbeat.stop()
        await self.rates.close()
        await self.core.close()


async def wire_delivery(settings: Settings, ring: Callable[[Lane], None]) -> Delivery:
    """`ring` wakes the workers of a lane and returns at once."""
    core = await wire_core(settings)
    core.follow()
    rates = SharedRates(settings.redis.url)
    heartbeat = Heartbeat(core.database, Beating.WORKER, lambda: not_closed(core.accounts))
    return Delivery(
        core=core,
        serve=_serve(core, rates),
        rates=rates,
        heartbeat=heartbeat,
        jobs=wire_jobs(core, ring),
        _beating=asyncio.get_running_loop().create_task(heartbeat.follow()),
    )


def _serve(core: Core, rates: SharedRates) -> ServeLane:
    return ServeLane(
        database=core.database,
        accounts=core.accounts,
        rates=rates,
        hours=core.world.hours,
        clock=core.clock,
        deliver=_deliver(core),
        pace=_pace(core.settings),
    )


def _deliver(core: Core) -> Deliver:
    settings = core.settings
    return Deliver(
        prepare=Prepare(
            database=core.database,
            compose=core.compose,
            addresses=core.addresses,
            hours=core.world.hours,
            clock=core.clock,
            alarm=core.alarm,
        ),
        compose=core.compose,
        health=core.health,
        outcomes=Outcomes(
            database=core.database,
            largest_group=settings.deliver.group_max,
            patience_s=settings.deliver.lease_margin_s,
        ),
        learn=Learn(
            database=core.database,
            suppress=core.suppress,
            use=core.use,
            no_zalo_days=settings.memory.no_zalo_days,
        ),
        tallies=core.tallies,
    )


def _pace(settings: Settings) -> Pace:
    return Pace(
        concurrency=settings.deliver.concurrency,
        lease_margin_s=settings.deliver.lease_margin_s,
        slice_s=settings.deliver.slice_s,
        linger_s=settings.deliver.linger_s,
        look_every_s=settings.deliver.look_every_s,
        largest_group=settings.deliver.group_max,
    )
