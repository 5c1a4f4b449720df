"""The settings of one process: typed, frozen, complete.

config/default.toml < the file named by BAOTIN_CONFIG < BAOTIN_<SECTION>_<KEY>. The defaults stand
in the first one only, which is also the manual.
"""

import os
from collections.abc import Mapping

from pydantic import ValidationError

from gateway.errors import ConfigurationError
from gateway.settings.layers import DEFAULT_FILE, Key, Value, read_layers
from gateway.settings.sections import (
    AlertSettings,
    CallbackSettings,
    ClockSettings,
    ConsoleSettings,
    DatabaseSettings,
    DeliverSettings,
    EmbeddedSettings,
    HoursSettings,
    IntakeSettings,
    KeySettings,
    LogSettings,
    MemorySettings,
    MetricsSettings,
    PoolSettings,
    ReceiptSettings,
    RedisSettings,
    ReminderSettings,
    RetentionSettings,
    SandboxSettings,
    Section,
    SpeechSettings,
    SupersedeSettings,
    TextSettings,
    TraceSettings,
    VoiceSettings,
    WebSettings,
    WindowSettings,
    ZaloSettings,
)


class Settings(Section):
    """One attribute per section of config/default.toml. A new key needs a line there and here."""

    database: DatabaseSettings
    redis: RedisSettings
    embedded: EmbeddedSettings
    web: WebSettings
    console: ConsoleSettings
    intake: IntakeSettings
    keys: KeySettings
    deliver: DeliverSettings
    pools: PoolSettings
    alerts: AlertSettings
    clock: ClockSettings
    hours: HoursSettings
    windows: WindowSettings
    supersedes: SupersedeSettings
    reminders: ReminderSettings
    speech: SpeechSettings
    receipts: ReceiptSettings
    texts: TextSettings
    zalo: ZaloSettings
    voice: VoiceSettings
    callbacks: CallbackSettings
    memory: MemorySettings
    retention: RetentionSettings
    logs: LogSettings
    traces: TraceSettings
    sandbox: SandboxSettings
    metrics: MetricsSettings


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read all layers. Raises ConfigurationError that names each wrong key, its origin and why."""
    values = read_layers(known_keys(), environment)
    nested: dict[str, dict[str, object]] = {}
    for (section, key), value in values.items():
        nested.setdefault(section, {})[key] = value.content
    try:
        return Settings.model_validate(nested)
    except ValidationError as error:
        raise ConfigurationError(_sentences(error, values)) from None


def known_keys() -> frozenset[Key]:
    """Every (section, key) there is."""
    return frozenset(
        (section, key)
        for section, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
        for key in field.annotation.model_fields
    )


def _sentences(error: ValidationError, values: Mapping[Key, Value]) -> str:
    """One line per wrong key. The value itself is never shown: it may be a secret."""
    lines = []
    for problem in error.errors(include_input=False, include_context=False, include_url=False):
        section, key, *_ = (*map(str, problem["loc"]), "", "")
        if not key:
            # Keys that do not go together; the sentence names them.
            lines.append(str(problem["msg"]).removeprefix("Value error, "))
            continue
        value = values.get((section, key))
        origin = value.origin if value else str(DEFAULT_FILE)
        lines.append(f"{section}.{key} (from {origin}): {problem['msg']}")
    return "\n".join(lines)
