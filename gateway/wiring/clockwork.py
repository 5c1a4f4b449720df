"""The clock: what time brings about."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.arrivals import ArrivalRules
from gateway.domain.callback import Retries
from gateway.domain.pool import ShareRules
from gateway.ledger.heartbeats import Beating
from gateway.services.callback_door import CallbackDoor
from gateway.services.desk.moving import Moving
from gateway.services.heartbeat import Heartbeat
from gateway.services.keep_house import KeepHouse, Keeping
from gateway.services.mind_arrivals import MindArrivals
from gateway.services.mind_pools import MindPools, PoolPace
from gateway.services.mind_presence import MindWorkers
from gateway.services.mind_prompts import MindPrompts
from gateway.services.notify_source import CallbackPace, NotifySource
from gateway.services.own_certificate import OwnCertificate
from gateway.services.read_balances import ReadBalances
from gateway.services.receive import Receive
from gateway.services.remind import Habit, Remind
from gateway.services.ring_lanes import RingLanes
from gateway.services.source_pauses import SourcePauses
from gateway.services.sweep import Sweep
from gateway.services.take_stock import StockLimits, TakeStock
from gateway.services.tell_operators import TellOperators
from gateway.services.zalo_catalogue import ZaloCatalogue
from gateway.settings import Settings
from gateway.wiring.core import Core, wire_core
from gateway.wiring.given import lifetimes_of
from gateway.wiring.receipts import wire_inquire, wire_receive
from gateway.wiring.telling import wire_telling
from gateway.wiring.work import wire_owing


@dataclass(kw_only=True)
class Clockwork:
    core: Core
    lanes: RingLanes
    sweep: Sweep
    receive: Receive
    notify: NotifySource
    remind: Remind
    pools: MindPools
    zalo: ZaloCatalogue
    balances: ReadBalances
    prompts: MindPrompts
    moving: Moving
    stock: TakeStock
    arrivals: MindArrivals
    workers: MindWorkers
    heartbeat: Heartbeat
    certificate: OwnCertificate
    tell: TellOperators
    house: KeepHouse

    async def close(self) -> None:
        await self.notify.close()
        await self.tell.close()
        await self.receive.drained()
        await self.core.close()


async def wire_clock(settings: Settings) -> Clockwork:
    core = await wire_core(settings)
    core.follow()
    return Clockwork(
        core=core,
        lanes=_ring_lanes(core),
        sweep=_sweep(core),
        receive=wire_receive(core),
        notify=_notify(core),
        remind=_remind(core),
        pools=_mind_pools(core),
        zalo=zalo_catalogue(core),
        balances=ReadBalances(
            database=core.database,
            accounts=core.accounts,
            alarm=core.alarm,
            every_s=settings.pools.balance_every_s,
        ),
        prompts=MindPrompts(
            database=core.database, templates=core.templates, book=core.prompts, alarm=core.alarm
        ),
        moving=Moving(core.database),
        stock=_take_stock(core),
        arrivals=_mind_arrivals(core),
        workers=MindWorkers(
            database=core.database, alarm=core.alarm, patience_s=settings.alerts.worker_silent_s
        ),
        heartbeat=Heartbeat(core.database, Beating.CLOCK),
        certificate=OwnCertificate(
            url=settings.web.external_url,
            alarm=core.alarm,
            days_ahead=settings.alerts.certificate_days,
        ),
        tell=wire_telling(core),
        house=KeepHouse(core.database, core.clock, _keeping(settings)),
    )


def _ring_lanes(core: Core) -> RingLanes:
    settings = core.settings
    return RingLanes(
        database=core.database,
        accounts=core.accounts,
        hours=core.world.hours,
        clock=core.clock,
        late_after_s=settings.clock.tick_s,
        most=settings.deliver.slots_per_lane,
    )


def _keeping(settings: Settings) -> Keeping:
    kept = settings.retention
    return Keeping(
        notifications_months=kept.notifications_months,
        raw_receipts_months=kept.raw_receipts_months,
        feed_months=kept.feed_months,
        event_keys_months=kept.event_keys_months,
        audit_months=kept.audit_months,
        texts_days=settings.texts.keep_days,
        sessions=lifetimes_of(settings),
    )


def _sweep(core: Core) -> Sweep:
    return Sweep(
        database=core.database,
        accounts=core.accounts,
        inquire=wire_inquire(core),
        tallies=core.tallies,
        hours=core.world.hours,
        clock=core.clock,
    )


def _take_stock(core: Core) -> TakeStock:
    told = core.settings.alerts
    return TakeStock(
        database=core.database,
        accounts=lambda: core.directory.now.accounts,
        alarm=core.alarm,
        disk=core.settings.embedded.data_dir / "postgres",
        limits=StockLimits(backlog_s=told.backlog_s, disk_free_share=told.disk_free_share),
    )


def _mind_arrivals(core: Core) -> MindArrivals:
    told = core.settings.alerts
    return MindArrivals(
        database=core.database,
        alarm=core.alarm,
        directory=core.directory_in_force,
        rules=ArrivalRules(
            least_ended=told.least_ended,
            fell_to=told.delivery_fell_to,
            reports_missing=told.receipts_missing_share,
        ),
    )


def _mind_pools(core: Core) -> MindPools:
    settings = core.settings.pools
    return MindPools(
        database=core.database,
        accounts=core.accounts,
        alarm=core.alarm,
        tallies=core.tallies,
        hours=core.world.hours,
        clock=core.clock,
        pace=PoolPace(
            rules=ShareRules(
                least=settings.least_observations,
                faults=settings.fault_share,
                late=settings.late_share,
                step=settings.step,
                floor=settings.floor,
                dead_s=settings.dead_time_s,
                back_s=settings.drift_back_s,
            ),
            window_s=settings.window_s,
            late_after_s=settings.late_after_s,
            trial_after_s=settings.trial_after_s,
            patience_s=settings.patience_s,
            quiet_s=settings.alerts_quiet_s,
        ),
    )


def zalo_catalogue(core: Core) -> ZaloCatalogue:
    return ZaloCatalogue(
        database=core.database,
        accounts=core.accounts,
        templates=core.templates,
        alarm=core.alarm,
        every_s=core.settings.zalo.read_every_s,
    )


def _remind(core: Core) -> Remind:
    settings = core.settings.reminders
    return Remind(
        database=core.database,
        templates=core.templates,
        hasher=core.hasher,
        compose=core.compose,
        owing=wire_owing(core),
        habit=Habit(after=timedelta(days=settings.after_days), most=settings.most),
        now=core.clock,
    )


def _notify(core: Core) -> NotifySource:
    settings = core.settings.callbacks
    return NotifySource(
        database=core.database,
        directory=core.directory_in_force,
        opened=core.compose.payload,
        clock=core.clock,
        door=CallbackDoor(
            timeout_s=settings.timeout_s,
            allow_private=settings.allow_private,
            allowed_hosts=settings.allowed_hosts,
        ),
        pauses=SourcePauses(settings.pause_s),
        pace=CallbackPace(
            retries=Retries(waits_s=settings.retry_s),
            concurrency=settings.concurrency,
            per_source=settings.per_source,
        ),
        largest_group=core.settings.deliver.group_max,
    )
