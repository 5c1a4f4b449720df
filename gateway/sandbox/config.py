"""What the sandbox can be configured with, whatever its providers: how fast its world turns, how it
calls others, and how tables become settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from gateway.sandbox.conduct import Conduct, Setting
from gateway.sandbox.faults import Fault

T = TypeVar("T")
S = TypeVar("S", bound=Setting)


class BadConfig(ValueError):
    """The sandbox's configuration cannot be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Http:
    """How the sandbox itself calls others; `call_retries_s` are the pauses before a running call
    asks again what to say."""

    timeout_s: float = 10.0
    connections: int = 100
    retry_delays_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)
    call_retries_s: tuple[float, ...] = (0.5, 1.0, 2.0)


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


def setting_of(kind: type[S], table: Mapping[str, Any]) -> S:
    """One account's setting from its table, in which the conduct stands beside the rest. Raises
    BadConfig."""
    rest = dict(table)
    conduct = {one.name: rest.pop(one.name) for one in fields(Conduct) if one.name in rest}
    return made(kind, kind.prepared(rest) | {"conduct": conduct_of(conduct)})


def conduct_of(table: Mapping[str, Any]) -> Conduct:
    """Raises BadConfig."""
    try:
        fault = Fault(table.get("fault", Fault.NONE))
        share = float(table.get("share", 1.0))
    except (TypeError, ValueError) as error:
        raise BadConfig(str(error)) from None
    conduct = made(Conduct, dict(table) | {"fault": fault, "share": share})
    if not all(isinstance(n, int) for n in (conduct.latency_ms, conduct.receipt_delay_ms)):
        raise BadConfig("milliseconds are whole numbers")
    return conduct


def made(kind: type[T], table: Mapping[str, Any]) -> T:
    """`kind` from a table, whose lists become tuples. Raises BadConfig."""
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in table.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise BadConfig(str(error)) from None
