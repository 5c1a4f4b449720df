"""The configuration of the sandbox: its accounts, and how fast its world turns."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from gateway.sandbox.conduct import Conduct, Setting
from gateway.sandbox.faults import Fault

T = TypeVar("T")


class BadConfig(ValueError):
    """The sandbox's configuration cannot be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EsmsSetting(Setting):
    api_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    brandnames: tuple[str, ...]
    price_vnd: int = 850


@dataclass(frozen=True, kw_only=True, slots=True)
class TwilioSetting(Setting):
    """`senders` are the phone numbers (+…), brandnames and services (MG…) it may send from.
    `reference_parameter` is the query parameter of callback addresses that the books file under."""

    account_sid: str
    auth_token: str = field(repr=False)
    senders: tuple[str, ...]
    api_key: str = field(default="", repr=False)
    api_secret: str = field(default="", repr=False)
    reference_parameter: str = "ref"
    calls_per_second: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One parameter of a Zalo template; `title` is the label of its row on the phone."""

    name: str
    title: str = ""
    type: str = "STRING"
    required: bool = True
    min_length: int = 0
    max_length: int = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    id: str
    name: str
    title: str = ""
    status: str = "ENABLE"
    timeout_ms: int = 7_200_000
    price_vnd: int = 300
    params: tuple[Parameter, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ZaloSetting(Setting):
    """`refresh_token` is the one that a human's consent gave; `access_token`, where given, works
    from the start. An empty `webhook_url` means that nobody is told of arrivals."""

    app_id: str
    app_secret: str = field(repr=False)
    oa_id: str
    oa_name: str
    oa_secret_key: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    access_token_life_s: int = 90_000
    webhook_url: str = ""
    daily_quota: int = 500_000
    templates: tuple[Template, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Http:
    """How the sandbox itself calls others."""

    timeout_s: float = 10.0
    connections: int = 100
    retry_delays_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """`pace` scales the time that speech and ringing take in a call; 0 is at once."""

    late_receipt_s: float = 60.0
    late_answer_s: float = 30.0
    silence_s: float = 120.0
    drip_s: float = 0.5
    retry_after_s: int = 2
    pace: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxConfig:
    """`shown` is how many messages the phone pages keep, `answered` how many of an account its
    status queries find."""

    accounts: tuple[Setting, ...] = ()
    http: Http = field(default_factory=Http)
    timing: Timing = field(default_factory=Timing)
    shown: int = 5_000
    answered: int = 200_000

    @classmethod
    def from_file(cls, path: Path) -> "SandboxConfig":
        """From TOML, or from JSON where the name says so. Raises BadConfig."""
        text = path.read_text(encoding="utf-8")
        return cls.from_dict(json.loads(text) if path.suffix == ".json" else tomllib.loads(text))

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> "SandboxConfig":
        """Raises BadConfig. The accounts stand under the key `account`, as in the file."""
        rest = dict(table)
        accounts = tuple(_account(entry) for entry in rest.pop("account", ()))
        http = _made(Http, rest.pop("http", {}))
        timing = _made(Timing, rest.pop("timing", {}))
        return _made(cls, rest | {"accounts": accounts, "http": http, "timing": timing})


SETTINGS: Mapping[str, type[Setting]] = {
    "esms": EsmsSetting,
    "twilio": TwilioSetting,
    "zalo": ZaloSetting,
}


def _account(table: Mapping[str, Any]) -> Setting:
    rest = dict(table)
    provider = rest.pop("provider", "")
    if provider not in SETTINGS:
        raise BadConfig(f"unknown provider {provider!r}")
    conduct = {one.name: rest.pop(one.name) for one in fields(Conduct) if one.name in rest}
    if provider == "zalo":
        rest["templates"] = tuple(_template(entry) for entry in rest.pop("template", ()))
    return _made(SETTINGS[provider], rest | {"conduct": conduct_of(conduct)})


def conduct_of(table: Mapping[str, Any]) -> Conduct:
    """Raises BadConfig."""
    try:
        fault = Fault(table.get("fault", Fault.NONE))
        share = float(table.get("share", 1.0))
    except (TypeError, ValueError) as error:
        raise BadConfig(str(error)) from None
    conduct = _made(Conduct, dict(table) | {"fault": fault, "share": share})
    if not all(isinstance(n, int) for n in (conduct.latency_ms, conduct.receipt_delay_ms)):
        raise BadConfig("milliseconds are whole numbers")
    return conduct


def _template(table: Mapping[str, Any]) -> Template:
    params = tuple(_made(Parameter, entry) for entry in table.get("params", ()))
    return _made(Template, dict(table) | {"params": params})


def _made(kind: type[T], table: Mapping[str, Any]) -> T:
    """`kind` from a table, whose lists become tuples. Raises BadConfig."""
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in table.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise BadConfig(str(error)) from None
