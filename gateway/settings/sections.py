"""The sections of the settings and what each key may hold; config/default.toml says what for."""

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from gateway.domain.dossier import EventKind
from gateway.settings.values import (
    COMPOSED,
    DatabaseUrl,
    Hosts,
    Kinds,
    Names,
    OptionalPath,
    Part,
    Port,
    RedisUrl,
    Secret,
    Share,
    SigningSecret,
    Waits,
    WebUrl,
    Windows,
)


class Section(BaseModel):
    """Frozen, without defaults, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _local_url(host: str, port: int) -> str:
    """An address that listens everywhere is reached at home."""
    home = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - named, not bound
    return f"http://{home.get(host, host)}:{port}"


class DatabaseSettings(Section):
    url: DatabaseUrl
    pool_size: PositiveInt
    statement_timeout_s: PositiveFloat


class RedisSettings(Section):
    url: RedisUrl


class EmbeddedSettings(Section):
    data_dir: Path


class WebSettings(Section):
    host: str
    port: Port
    external_url: WebUrl
    body_limit_bytes: PositiveInt
    processes: PositiveInt

    @property
    def base_url(self) -> str:
        """How this machine reaches its own API. Not for providers: see `public_url`."""
        return _local_url(self.host, self.port)

    @property
    def public_url(self) -> str:
        return self.external_url or self.base_url


class ConsoleSettings(Section):
    centre: str
    idle_s: PositiveFloat
    absolute_s: PositiveFloat
    failures_per_name: PositiveInt
    failures_per_address: PositiveInt
    longest_wait_s: PositiveFloat
    proxies: Annotated[int, Field(ge=0)]
    one_person_release: bool


class IntakeSettings(Section):
    mappings_dir: OptionalPath


class KeySettings(Section):
    keyring_file: OptionalPath


class DeliverSettings(Section):
    processes: PositiveInt
    concurrency: PositiveInt
    slots_per_lane: PositiveInt
    slice_s: PositiveFloat
    linger_s: PositiveFloat
    look_every_s: PositiveFloat
    lease_margin_s: PositiveFloat
    group_max: PositiveInt


class PoolSettings(Section):
    window_s: PositiveFloat
    least_observations: PositiveInt
    fault_share: Part
    late_share: Part
    late_after_s: PositiveFloat
    slow_call_s: PositiveFloat
    step: Part
    floor: Part
    dead_time_s: PositiveFloat
    drift_back_s: PositiveFloat
    breaker_faults: PositiveInt
    breaker_open_s: PositiveFloat
    breaker_longest_s: PositiveFloat
    trial_after_s: PositiveFloat
    patience_s: PositiveFloat
    alerts_quiet_s: PositiveFloat
    balance_every_s: PositiveFloat


class AlertSettings(Section):
    backlog_s: PositiveFloat
    disk_free_share: Part
    certificate_days: PositiveFloat
    least_ended: PositiveInt
    delivery_fell_to: Part
    receipts_missing_share: Part
    worker_silent_s: PositiveFloat
    clock_silent_s: PositiveFloat
    quiet_s: Annotated[float, Field(ge=0)]
    runbook_url: WebUrl
    webhook_url: WebUrl
    webhook_secret: SigningSecret
    smtp_host: str
    smtp_port: Port
    smtp_security: Literal["starttls", "tls", "none"]
    smtp_user: str
    smtp_password: Secret
    smtp_ca_file: OptionalPath
    mail_from: str
    mail_to: Names
    zalo_account: str
    zalo_group: str
    zalo_base_url: WebUrl

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """A way out is configured as a whole or not at all."""
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("alerts.webhook_url needs alerts.webhook_secret")
        if self.smtp_host and not (self.mail_from and self.mail_to):
            raise ValueError("alerts.smtp_host needs alerts.mail_from and alerts.mail_to")
        if bool(self.zalo_account) != bool(self.zalo_group):
            raise ValueError("alerts.zalo_account and alerts.zalo_group go together")
        return self


class ClockSettings(Section):
    tick_s: PositiveFloat
    leader_retry_s: PositiveFloat


class HoursSettings(Section):
    sms: Windows
    voice: Windows
    zalo: Windows
    voice_working_days_only: bool


class WindowSettings(Section):
    result_ready_h: PositiveFloat
    received_h: PositiveFloat
    supplement_required_h: PositiveFloat
    fee_due_h: PositiveFloat
    refused_h: PositiveFloat
    stopped_h: PositiveFloat
    overdue_h: PositiveFloat
    returned_h: PositiveFloat
    correction_h: PositiveFloat

    def open_time(self, kind: EventKind) -> timedelta:
        """How much open time a notice of this kind has to leave."""
        return self._open_times[kind]

    @cached_property
    def _open_times(self) -> dict[EventKind, timedelta]:
        return {
            kind: timedelta(hours=getattr(self, f"{kind.value.replace('-', '_')}_h"))
            for kind in EventKind
        }


class SupersedeSettings(Section):
    result_ready: Kinds
    received: Kinds
    supplement_required: Kinds
    fee_due: Kinds
    refused: Kinds
    stopped: Kinds
    overdue: Kinds
    returned: Kinds
    correction: Kinds

    @property
    def by_kind(self) -> dict[EventKind, tuple[EventKind, ...]]:
        return {kind: getattr(self, kind.value.replace("-", "_")) for kind in EventKind}


class ReminderSettings(Section):
    after_days: Annotated[float, Field(ge=0)]
    most: PositiveInt


class SpeechSettings(Section):
    zero_tens: Annotated[Literal["lẻ", "linh"], COMPOSED]
    thousand: Annotated[Literal["nghìn", "ngàn"], COMPOSED]
    pronunciations_file: OptionalPath


class ReceiptSettings(Section):
    unmatched_retry_s: Waits
    unmatched_keep_h: PositiveFloat


class TextSettings(Section):
    replies_per_hour: PositiveInt
    keep_days: PositiveFloat


class ZaloSettings(Section):
    read_every_s: PositiveFloat
    look_every_s: PositiveFloat


class CallbackSettings(Section):
    retry_s: Waits
    timeout_s: PositiveFloat
    concurrency: PositiveInt
    per_source: PositiveInt
    pause_s: PositiveFloat
    allow_private: bool
    allowed_hosts: Hosts


class MemorySettings(Section):
    no_zalo_days: PositiveInt


class RetentionSettings(Section):
    notifications_months: PositiveInt
    raw_receipts_months: PositiveInt
    feed_months: PositiveInt
    event_keys_months: PositiveInt
    audit_months: PositiveInt


class VoiceSettings(Section):
    line_file: OptionalPath
    prompts_dir: OptionalPath
    wrong_per_caller: PositiveInt
    wrong_per_dossier: PositiveInt
    wrong_per_line: PositiveInt


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"]
    format: Literal["json", "text"]


class TraceSettings(Section):
    endpoint: WebUrl
    share: Share


class SandboxSettings(Section):
    host: str
    port: Port

    @property
    def base_url(self) -> str:
        return _local_url(self.host, self.port)


class MetricsSettings(Section):
    dir: OptionalPath
    port: Annotated[int, Field(ge=0, le=65_535)]
