"""Who writes, in whose name, through which accounts: the entries of the versioned directory.

Each entry is one immutable model; a `Directory` is a consistent snapshot of all that are in force.
Secrets never stand in these models: they are sealed beside them, or named by environment or file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gateway.domain.channel import Channel
from gateway.domain.registration import RegisteredText

Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Entry(BaseModel):
    """Common to all entries: `code` is unique within its kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code


class OpeningHours(BaseModel):
    """Opening times of one weekday (1 = Monday … 7 = Sunday), local time, half-open [from, to)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)
    opens: time
    closes: time


class PickupPoint(Entry):
    """Where results are collected; not necessarily the unit that decided."""

    name: str
    address: str
    phone: str | None = None
    hours: tuple[OpeningHours, ...] = ()


class RouteStep(BaseModel):
    """One step of a unit's route, before it is tied to a person's phones.

    `tries_s` are the waits before each try, in seconds. `window_s` is how long a receipt is waited
    for after a provider took the message; only with `escalate_on_silence` does its passing lead to
    the next step.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: Channel
    pool: Code
    tries_s: tuple[Annotated[int, Field(ge=0)], ...] = (0, 30, 120, 600, 1800)
    window_s: Annotated[int, Field(gt=0)] = 86_400
    escalate_on_silence: bool = False


class Unit(Entry):
    """The agency or centre in whose name we write. `monthly_budget_vnd` is what its notices should
    cost in a month at most; staff are told of more, nothing is stopped."""

    name: str
    short_name: str | None = None
    verify_phone: str
    pickup_point: Code
    route: tuple[RouteStep, ...] = Field(min_length=1)
    aliases: tuple[Code, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    successor: Code | None = None
    accented_sms: bool = False
    monthly_budget_vnd: Annotated[int, Field(gt=0)] | None = None


class Source(Entry):
    """A dossier system that may post. `sources` are the CloudEvents sources it may use."""

    name: str
    namespace: Code
    units: tuple[Code, ...] = Field(min_length=1)
    sources: tuple[str, ...] = Field(min_length=1)
    rate_per_s: Annotated[float, Field(gt=0)] = 200.0
    burst: Annotated[int, Field(gt=0)] = 1000
    callback_url: str | None = None
    max_event_age_s: int | None = None
    hold_above_per_hour: int | None = None
    mapping: str | None = None


class ApiKey(Entry):
    """A key of a source. `code` is the visible prefix; only a hash of the secret part is kept."""

    source: Code
    sha256: str
    scopes: tuple[Literal["post", "read", "act"], ...] = ("post", "read")
    mode: Literal["live", "test"] = "live"
    revoked: bool = False


def _check_steps(steps: tuple[int, ...]) -> tuple[int, ...]:
    if any(one >= other for one, other in pairwise((0, *steps))):
        raise ValueError("each step must be longer than the one before")
    return steps


BillingSteps = Annotated[tuple[int, ...], AfterValidator(_check_steps)]


class Account(Entry):
    """One contract with one provider. `secrets` name what is kept sealed, or in a file or variable.

    `unknown_policy` is what happens to an attempt that may have been sent and that nothing could
    resolve: give up on this step (`stop`), or try again at the risk of a second message (`resend`).
    `price_vnd` is what one SMS part, Zalo message or call costs by the contract, for estimates;
    `billing_steps` are the longest texts billed as one part, as two and so on, where the contract
    counts otherwise than the standard does (in units: septets, or UTF-16 units for accented ones).
    `registered` are the texts its operators have on file: a kind of message that has one there is
    only sent in these words. `rate_per_s` is shared by all workers, `max_in_flight` by those of a
    machine. `line_unit` is the unit that people reach who call or write to the account's number.
    Where the provider tells what the account has left, operators are alerted once it is less than
    `balance_alert_below`, in the currency that it tells it in.
    """

    provider: Code
    base_url: str
    sender: str = ""
    settings: Mapping[str, str] = Field(default_factory=dict)
    templates: Mapping[str, str] = Field(default_factory=dict)
    rate_per_s: Annotated[float, Field(gt=0)] = 50.0
    max_in_flight: Annotated[int, Field(gt=0)] = 128
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    unknown_policy: Literal["stop", "resend"] = "stop"
    price_vnd: Annotated[int, Field(ge=0)] | None = None
    billing_steps: BillingSteps = ()
    billing_steps_accented: BillingSteps = ()
    registered: tuple[RegisteredText, ...] = ()
    line_unit: Code | None = None
    balance_alert_below: Annotated[int, Field(gt=0)] | None = None


class Pool(Entry):
    """Accounts of one channel that can stand in for each other.

    `weights` say how the traffic is shared while all are well; 100 where none is given. An account
    of weight 0 stands by: it is used only where no other has room.
    """

    channel: Channel
    accounts: tuple[Code, ...] = Field(min_length=1)
    weights: Mapping[Code, Annotated[int, Field(ge=0, le=1000)]] = Field(default_factory=dict)

    def weight(self, account: str) -> int:
        return self.weights.get(account, 100)


class CalendarDay(Entry):
    """A day that differs from the public calendar. `code` is the ISO date."""

    day: date
    works: bool
    name: str = ""


KINDS: Mapping[str, type[Entry]] = {
    "pickup_point": PickupPoint,
    "account": Account,
    "pool": Pool,
    "unit": Unit,
    "source": Source,
    "key": ApiKey,
    "calendar_day": CalendarDay,
}


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Everything in force at one revision, by kind and code, with the entries' secrets opened."""

    revision: int
    pickup_points: Mapping[str, PickupPoint] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    keys: Mapping[str, ApiKey] = field(default_factory=dict)
    calendar_days: Mapping[str, CalendarDay] = field(default_factory=dict)
    secrets: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def unit(self, code: str, on: date) -> Unit | None:
        """The unit that answers to `code` on that day: by code or alias, following successors."""
        found = self.units.get(code) or self._by_alias.get(code)
        seen: set[str] = set()
        while found and found.successor and found.valid_to and found.valid_to < on:
            if found.code in seen:
                break
            seen.add(found.code)
            found = self.units.get(found.successor)
        return found

    def sources_of(self, namespace: str) -> tuple[str, ...]:
        """The codes of the sources that report on dossiers of this namespace."""
        return self._by_namespace.get(namespace, ())

    @cached_property
    def _by_namespace(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for source in self.sources.values():
            found[source.namespace] = (*found.get(source.namespace, ()), source.code)
        return found

    @cached_property
    def _by_alias(self) -> Mapping[str, Unit]:
        return {alias: unit for unit in self.units.values() for alias in unit.aliases}

    def secrets_of(self, kind: str, code: str) -> Mapping[str, str]:
        return self.secrets.get((kind, code), {})
