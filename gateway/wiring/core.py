"""What every process has: the ledger, the directory in force, and the ways out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.domain.directory import Directory
from gateway.domain.speech import Reader
from gateway.ledger import schema
from gateway.ledger.database import Database
from gateway.providers import registry
from gateway.providers.contract import AccountAccess, Provider
from gateway.providers.outbound import Door, Limits
from gateway.providers.zalo_oauth import refresh_pair
from gateway.rendering.procedures import Procedures
from gateway.rendering.prompts import PromptBook
from gateway.sealing import Hasher, Sealer
from gateway.services.account_health import AccountHealth
from gateway.services.accounts import Accounts
from gateway.services.addresses import Addresses
from gateway.services.alarm import Alarm
from gateway.services.compose import Compose
from gateway.services.database_clock import DatabaseClock
from gateway.services.desk.template_use import TemplateUse
from gateway.services.live_directory import LiveDirectory
from gateway.services.live_keys import LiveKeys
from gateway.services.live_templates import LiveTemplates
from gateway.services.rehearsal import StandingToken, is_rehearsal
from gateway.services.suppress import Suppress
from gateway.services.tallies import Tallies
from gateway.services.tokens import AccountTokens
from gateway.services.world import World
from gateway.settings import Settings
from gateway.wiring.given import (
    CONFIG,
    caution_of,
    channel_hours,
    keyring_file,
    open_database,
    prompts_of,
    reader_of,
    stage_of,
)


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
    prompts: PromptBook
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
    use: TemplateUse
    _following: list[asyncio.Task[None]] = field(default_factory=list)

    def directory_in_force(self) -> Directory:
        return self.directory.now

    def directory_of_staff(self) -> Directory:
        """What staff know of: not the accounts of test keys."""
        return self.directory.own

    async def catch_up(self) -> None:
        """Read what is in force before anything is done by it."""
        await self.directory.refresh()
        await self.templates.refresh()
        await self.clock.look(self.database)
        await self.health.exchange()

    def follow(self) -> None:
        """Keep directory, publication and keys fresh from now on."""
        loop = asyncio.get_running_loop()
        self._following += [
            loop.create_task(self.directory.follow()),
            loop.create_task(self.templates.follow()),
            loop.create_task(self.keys.follow(self.database)),
            loop.create_task(self.health.follow()),
            loop.create_task(self.use.follow()),
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
    reader, prompts = reader_of(settings), prompts_of(settings)
    database = await open_database(settings)
    async with database.connection() as connection:
        await schema.require_current(connection)
    await keys.report(database)
    core = _core(settings, keys, database, reader, prompts)
    await core.catch_up()
    return core


def _core(
    settings: Settings,
    keys: LiveKeys,
    database: Database,
    reader: Reader,
    prompts: PromptBook,
) -> Core:
    sealer, hasher, clock, alarm = keys.sealer, keys.hasher, DatabaseClock(), Alarm(database)
    door = Door(Limits(per_host=settings.deliver.concurrency))
    tokens: dict[str, AccountTokens] = {}
    templates = LiveTemplates(database, reader, prompts.prompts)
    directory = LiveDirectory(database, sealer, stage_of(settings, hasher).directory)
    world = World(channel_hours(settings), Procedures.load(CONFIG / "procedures.toml"))
    accounts = Accounts(
        _builder(door, database, sealer, tokens), settings.deliver.processes, caution_of(settings)
    )
    directory.on_change += [world.update, accounts.update]
    return Core(
        settings=settings,
        database=database,
        keys=keys,
        sealer=sealer,
        hasher=hasher,
        door=door,
        directory=directory,
        templates=templates,
        prompts=prompts,
        world=world,
        accounts=accounts,
        tokens=tokens,
        clock=clock,
        compose=Compose(
            templates=templates, surroundings=world.surroundings, sealer=sealer, clock=clock
        ),
        addresses=Addresses(settings.web.public_url),
        alarm=alarm,
        health=AccountHealth(
            database=database,
            accounts=accounts,
            alarm=alarm,
            clock=clock,
            slow_call_s=settings.pools.slow_call_s,
            late_after_s=settings.pools.late_after_s,
        ),
        suppress=Suppress(database=database, hasher=hasher, sealer=sealer),
        tallies=Tallies(accounts, alarm),
        use=TemplateUse(database, templates, clock),
    )


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
