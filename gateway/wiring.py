"""The one place where concrete parts meet: settings in, a working API, worker or clock out."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from gateway.domain.callback import Retries
from gateway.domain.channel import Channel
from gateway.domain.hours import ChannelHours
from gateway.domain.notification import Lane
from gateway.domain.pool import Caution, ShareRules
from gateway.errors import ConfigurationError
from gateway.intake.mapping import Mapping as SourceMapping
from gateway.intake.mappings import read_mappings
from gateway.ledger import horizon, schema, watches
from gateway.ledger.database import Database
from gateway.providers import registry
from gateway.providers.contract import AccountAccess, Provider
from gateway.providers.outbound import Door, Limits
from gateway.providers.zalo_oauth import refresh_pair
from gateway.rendering.procedures import Procedures
from gateway.sealing import Hasher, Keyring, Sealer
from gateway.services.account_health import AccountHealth
from gateway.services.account_news import AccountNews
from gateway.services.accounts import Accounts
from gateway.services.addresses import Addresses
from gateway.services.alarm import Alarm
from gateway.services.apply_directory import Installed
from gateway.services.callback_door import CallbackDoor
from gateway.services.compose import Compose
from gateway.services.database_clock import DatabaseClock
from gateway.services.deliver import Deliver, Pace
from gateway.services.inquire import Inquire
from gateway.services.live_directory import LiveDirectory
from gateway.services.live_keys import LiveKeys
from gateway.services.live_templates import LiveTemplates
from gateway.services.look_up import LookUp
from gateway.services.mind_pools import MindPools, PoolPace
from gateway.services.notify_source import CallbackPace, NotifySource
from gateway.services.owing import Owing
from gateway.services.phone_call import PhoneCall
from gateway.services.prepare import Prepare
from gateway.services.preview import Preview
from gateway.services.rates import SharedRates
from gateway.services.receive import Patience, Receive
from gateway.services.rehearsal import Stage, StandingToken, is_rehearsal
from gateway.services.remind import Habit, Remind
from gateway.services.resend import Resend
from gateway.services.source_pauses import SourcePauses
from gateway.services.submit import Submit
from gateway.services.suppress import Suppress
from gateway.services.sweep import Sweep
from gateway.services.tallies import Tallies
from gateway.services.tokens import AccountTokens
from gateway.services.withdraw import Withdraw
from gateway.services.world import World
from gateway.services.zalo_catalogue import ZaloCatalogue
from gateway.settings import Settings
from gateway.web.app import Parts
from gateway.web.callers import Callers
from gateway.web.pulse import Pulse

SHIPPED = Path(__file__).parent / "shipped"
TEMPLATES = SHIPPED / "templates"
CONFIG = SHIPPED / "config"


@dataclass(kw_only=True)
class Core:
    """What every process has: the ledger, the directory in force, and the ways out."""

    settings: Settings
    database: Database
    keys: LiveKeys
    sealer: Sealer
    hasher: Hasher
    door: Door
    directory: LiveDirectory
    templates: LiveTemplates
    world: World
    accounts: Accounts
    tokens: dict[str, AccountTokens]
    clock: DatabaseClock
    compose: Compose
    addresses: Addresses
    alarm: Alarm
    health: AccountHealth
    suppress: Suppress
    tallies: Tallies
    _following: list[asyncio.Task[None]] = field(default_factory=list)

    def follow(self) -> None:
        """Keep directory, publication and keys fresh from now on."""
        loop = asyncio.get_running_loop()
        self._following += [
            loop.create_task(self.directory.follow()),
            loop.create_task(self.templates.follow()),
            loop.create_task(self.keys.follow(self.database)),
            loop.create_task(self.health.follow()),
        ]

    async def close(self) -> None:
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self.door.close()
        await self.keys.leave(self.database)
        await self.database.close()


async def wire_core(settings: Settings) -> Core:
    """Raises ConfigurationError or LedgerUnavailable where the process cannot start."""
    keys = LiveKeys(keyring_file(settings))
    database = await open_database(settings)
    async with database.connection() as connection:
        await schema.require_current(connection)
    await keys.report(database)
    sealer, hasher = keys.sealer, keys.hasher
    door = Door(Limits(per_host=settings.deliver.concurrency))
    tokens: dict[str, AccountTokens] = {}
    directory = LiveDirectory(database, sealer, stage_of(settings, hasher).directory)
    templates = LiveTemplates(database)
    clock = DatabaseClock()
    world = World(channel_hours(settings), Procedures.load(CONFIG / "procedures.toml"))
    accounts = Accounts(
        _builder(door, database, sealer, tokens), settings.deliver.processes, caution_of(settings)
    )
    alarm = Alarm(database)
    health = AccountHealth(
        database=database,
        accounts=accounts,
        alarm=alarm,
        clock=clock,
        slow_call_s=settings.pools.slow_call_s,
        late_after_s=settings.pools.late_after_s,
    )
    directory.on_change += [world.update, accounts.update]
    compose = Compose(
        templates=templates, surroundings=world.surroundings, sealer=sealer, clock=clock
    )
    await directory.refresh()
    await templates.refresh()
    await clock.look(database)
    await health.exchange()
    return Core(
        settings=settings,
        database=database,
        keys=keys,
        sealer=sealer,
        hasher=hasher,
        door=door,
        directory=directory,
        templates=templates,
        world=world,
        accounts=accounts,
        tokens=tokens,
        clock=clock,
        compose=compose,
        addresses=Addresses(settings.web.public_url),
        alarm=alarm,
        health=health,
        suppress=Suppress(database=database, hasher=hasher, sealer=sealer),
        tallies=Tallies(accounts, alarm),
    )


def caution_of(settings: Settings) -> Caution:
    """When a process leaves an account alone."""
    pools = settings.pools
    return Caution(
        faults=pools.breaker_faults,
        open_s=pools.breaker_open_s,
        longest_s=pools.breaker_longest_s,
    )


def stage_of(settings: Settings, hasher: Hasher) -> Stage:
    """The simulated accounts of test keys, and the sandbox they point at."""
    return Stage(sandbox_url=settings.sandbox.base_url, secret=hasher.rehearsal_secret)


def keyring_of(settings: Settings) -> Keyring:
    return Keyring.load(keyring_file(settings))


def keyring_file(settings: Settings) -> Path:
    if settings.keys.keyring_file is None:
        raise ConfigurationError(
            "keys.keyring_file: is empty; name the file with the sealing keys"
            " (`baotin keys new-ring FILE` makes one)"
        )
    return settings.keys.keyring_file


async def open_database(settings: Settings) -> Database:
    if not settings.database.url:
        raise ConfigurationError(
            "database.url: is empty; set BAOTIN_DATABASE_URL, or start with `baotin up`"
        )
    return await Database.connect(
        settings.database.url,
        size=settings.database.pool_size,
        statement_timeout_s=settings.database.statement_timeout_s,
    )


def mappings_of(settings: Settings) -> Mapping[str, SourceMapping]:
    """Raises ConfigurationError for a mapping file that cannot work."""
    return read_mappings(CONFIG / "sources", settings.intake.mappings_dir)


def installed(settings: Settings) -> Installed:
    """What a directory file may name."""
    mappings = mappings_of(settings)
    return Installed(
        providers=registry.PROVIDERS,
        mappings={name: one.source_uri for name, one in mappings.items()},
    )


def channel_hours(settings: Settings) -> dict[Channel, ChannelHours]:
    hours = settings.hours
    return {
        Channel.SMS: ChannelHours.parse(hours.sms),
        Channel.ZALO: ChannelHours.parse(hours.zalo),
        Channel.VOICE: ChannelHours.parse(
            hours.voice, working_days_only=hours.voice_working_days_only
        ),
    }


def _builder(
    door: Door, database: Database, sealer: Sealer, tokens: dict[str, AccountTokens]
) -> Callable[[str, AccountAccess], Provider]:
    def build(provider: str, access: AccountAccess) -> Provider:
        if is_rehearsal(access.code) and provider == "zalo_zns":
            token = StandingToken(access=access.secrets["access_token"])
            return registry.build(access, provider, door, token)
        if provider == "zalo_zns":
            tokens[access.code] = AccountTokens(
                access.code,
                database,
                sealer,
                lambda refresh_token: refresh_pair(access, door, refresh_token),
            )
        return registry.build(access, provider, door, tokens.get(access.code))

    return build


def _inquire(core: Core) -> Inquire:
    return Inquire(database=core.database, compose=core.compose, hasher=core.hasher)


def _receive(core: Core) -> Receive:
    settings = core.settings
    return Receive(
        database=core.database,
        accounts=core.accounts,
        inquire=_inquire(core),
        news=AccountNews(core.database, core.accounts, core.alarm),
        sealer=core.sealer,
        hours=core.world.hours,
        clock=core.clock,
        patience=Patience(
            unmatched_retry_s=settings.receipts.unmatched_retry_s,
            keep_s=settings.receipts.unmatched_keep_h * 3600,
        ),
        health=core.health,
        suppress=core.suppress,
        tallies=core.tallies,
        largest_group=settings.deliver.group_max,
    )


@dataclass(kw_only=True)
class Api:
    core: Core
    parts: Parts
    receive: Receive

    async def close(self) -> None:
        await self.receive.drained()
        await self.parts.pulse.close()
        await self.core.close()


async def wire_api(settings: Settings, ring: Callable[[Lane], None]) -> Api:
    core = await wire_core(settings)
    core.follow()
    receive = _receive(core)
    owing = _owing(core)
    submit = Submit(
        database=core.database,
        directory=core.directory,
        templates=core.templates,
        hasher=core.hasher,
        owing=owing,
        supersedes=settings.supersedes.by_kind,
        now=core.clock,
        ring=ring,
        largest_group=settings.deliver.group_max,
    )
    parts = Parts(
        database=core.database,
        addresses=core.addresses,
        callers=Callers(lambda: core.directory.now),
        submit=submit,
        preview=Preview(
            database=core.database,
            directory=core.directory,
            templates=core.templates,
            surroundings=core.world.surroundings,
            hasher=core.hasher,
            owing=owing,
            now=core.clock,
        ),
        mappings=mappings_of(settings),
        withdraw=Withdraw(core.database),
        resend=Resend(
            database=core.database,
            directory=core.directory,
            templates=core.templates,
            hasher=core.hasher,
            compose=core.compose,
            owing=owing,
            now=core.clock,
            ring=ring,
        ),
        look_up=LookUp(database=core.database, hasher=core.hasher, compose=core.compose),
        receive=receive,
        phone_call=PhoneCall(
            database=core.database,
            accounts=core.accounts,
            compose=core.compose,
            addresses=core.addresses,
            receive=receive,
        ),
        pulse=Pulse(settings.redis.url),
    )
    return Api(core=core, parts=parts, receive=receive)


@dataclass(kw_only=True)
class Delivery:
    core: Core
    deliver: Deliver
    rates: SharedRates

    async def is_due(self, lane: Lane) -> bool:
        async with self.core.database.connection() as connection:
            lanes = await watches.due_lanes(connection, {lane: horizon.of_times()})
        return lane in lanes and self.deliver.may_send(lane)

    async def close(self) -> None:
        await self.deliver.finish()
        await self.rates.close()
        await self.core.close()


async def wire_delivery(settings: Settings) -> Delivery:
    core = await wire_core(settings)
    core.follow()
    rates = SharedRates(settings.redis.url)
    deliver = Deliver(
        database=core.database,
        accounts=core.accounts,
        compose=core.compose,
        prepare=Prepare(
            compose=core.compose,
            addresses=core.addresses,
            hours=core.world.hours,
            clock=core.clock,
            alarm=core.alarm,
        ),
        health=core.health,
        rates=rates,
        suppress=core.suppress,
        tallies=core.tallies,
        hours=core.world.hours,
        clock=core.clock,
        pace=Pace(
            concurrency=settings.deliver.concurrency,
            lease_margin_s=settings.deliver.lease_margin_s,
            slice_s=settings.deliver.slice_s,
            linger_s=settings.deliver.linger_s,
            look_every_s=settings.deliver.look_every_s,
            largest_group=settings.deliver.group_max,
            no_zalo_days=settings.memory.no_zalo_days,
        ),
    )
    return Delivery(core=core, deliver=deliver, rates=rates)


@dataclass(kw_only=True)
class Clockwork:
    core: Core
    sweep: Sweep
    receive: Receive
    notify: NotifySource
    remind: Remind
    pools: MindPools
    zalo: ZaloCatalogue

    async def close(self) -> None:
        await self.notify.close()
        await self.receive.drained()
        await self.core.close()


async def wire_clock(settings: Settings) -> Clockwork:
    core = await wire_core(settings)
    core.follow()
    sweep = Sweep(
        database=core.database,
        accounts=core.accounts,
        inquire=_inquire(core),
        tallies=core.tallies,
        hours=core.world.hours,
        clock=core.clock,
    )
    return Clockwork(
        core=core,
        sweep=sweep,
        receive=_receive(core),
        notify=_notify(core),
        remind=_remind(core),
        pools=_mind_pools(core),
        zalo=zalo_catalogue(core),
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
        owing=_owing(core),
        habit=Habit(after=timedelta(days=settings.after_days), most=settings.most),
        now=core.clock,
    )


def _owing(core: Core) -> Owing:
    return Owing(
        hasher=core.hasher,
        sealer=core.sealer,
        hours=core.world.hours,
        open_time=core.settings.windows.open_time,
    )


def _notify(core: Core) -> NotifySource:
    settings = core.settings.callbacks
    return NotifySource(
        database=core.database,
        directory=lambda: core.directory.now,
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
