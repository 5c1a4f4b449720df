"""What an installation is given: shipped files, key ring, ledger, mappings, hours, limits."""

from collections.abc import Mapping
from pathlib import Path

from gateway.domain.channel import Channel
from gateway.domain.hours import ChannelHours
from gateway.domain.pool import Caution
from gateway.domain.speech import Dialect, Reader
from gateway.errors import ConfigurationError
from gateway.intake.mapping import Mapping as SourceMapping
from gateway.intake.mappings import read_mappings
from gateway.ledger.database import Database
from gateway.ledger.sessions import Lifetimes
from gateway.providers import registry
from gateway.rendering.prompts import PromptBook, load_prompts
from gateway.rendering.pronunciations import load_reader
from gateway.sealing import Hasher, Keyring
from gateway.services.directory_rules import Installed
from gateway.services.line.texts import LineTexts
from gateway.services.rehearsal import Stage
from gateway.settings import Settings

SHIPPED = Path(__file__).parents[1] / "shipped"
TEMPLATES = SHIPPED / "templates"
CONFIG = SHIPPED / "config"


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


def prompts_of(settings: Settings) -> PromptBook:
    """Raises ConfigurationError for a manifest that cannot work."""
    return load_prompts(settings.voice.prompts_dir)


def installed(settings: Settings) -> Installed:
    """What a directory file may name."""
    mappings = mappings_of(settings)
    return Installed(
        providers=registry.PROVIDERS,
        need_registration=registry.NEED_REGISTRATION,
        tell_balance=registry.TELL_BALANCE,
        address_settings=registry.ADDRESS_SETTINGS,
        mappings={name: one.source_uri for name, one in mappings.items()},
    )


def line_texts_of(settings: Settings) -> LineTexts:
    """Raises ConfigurationError for a file that would fail in a call."""
    return LineTexts(TEMPLATES / "line.vi.toml", settings.voice.line_file)


def channel_hours(settings: Settings) -> dict[Channel, ChannelHours]:
    hours = settings.hours
    return {
        Channel.SMS: ChannelHours.parse(hours.sms),
        Channel.ZALO: ChannelHours.parse(hours.zalo),
        Channel.VOICE: ChannelHours.parse(
            hours.voice, working_days_only=hours.voice_working_days_only
        ),
    }


def reader_of(settings: Settings) -> Reader:
    """How calls are read aloud. Raises ConfigurationError for a list that cannot be used."""
    speech = settings.speech
    dialect = Dialect(zero_tens=speech.zero_tens, thousand=speech.thousand)
    try:
        return load_reader(dialect, CONFIG / "pronunciations.toml", speech.pronunciations_file)
    except ConfigurationError as error:
        raise ConfigurationError(f"speech.pronunciations_file: {error}") from None


def caution_of(settings: Settings) -> Caution:
    """When a process leaves an account alone."""
    pools = settings.pools
    return Caution(
        faults=pools.breaker_faults,
        open_s=pools.breaker_open_s,
        longest_s=pools.breaker_longest_s,
    )


def lifetimes_of(settings: Settings) -> Lifetimes:
    """How long sessions of the console live."""
    return Lifetimes(idle_s=settings.console.idle_s, absolute_s=settings.console.absolute_s)


def stage_of(settings: Settings, hasher: Hasher) -> Stage:
    """The simulated accounts of test keys, and the sandbox they point at."""
    return Stage(sandbox_url=settings.sandbox.base_url, secret=hasher.rehearsal_secret)
