"""The accounts this process may send through: their providers, and how much room each has now.

Which account has the next turn depends on its weight in the pool, the share of it that it keeps
(`domain.pool`), its breaker, its rate and the calls it has open.
"""

import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import cast

import structlog

from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Directory, Pool
from gateway.domain.outcome import Deferred, Outcome, Reason, Unknown
from gateway.domain.pool import Breaker, Caution, turns
from gateway.errors import DirectoryError
from gateway.providers.contract import AccountAccess, Provider, VoiceProvider
from gateway.services.rates import Allowance

log = structlog.get_logger()

Build = Callable[[str, AccountAccess], Provider]

# The account or the way to it is unwell. What it says of one message or person is no such thing.
_FAULTS = frozenset(
    {Reason.PROVIDER_UNAVAILABLE, Reason.NOT_SENT, Reason.ACCOUNT_MISCONFIGURED, Reason.CREDENTIALS}
)
# It is well and asks for patience.
_THROTTLED_FOR_S = 1.0


def is_fault(outcome: Outcome) -> bool:
    """Whether this ending counts against the account's health."""
    match outcome:
        case Unknown():
            return True
        case Deferred(reason=reason):
            return reason in _FAULTS
    return False


@dataclass
class OpenAccount:
    """One account with its provider and the calls in flight through it from this process.

    `stopped` is the reason for which nothing may be sent through it; one that `drains` may still
    be asked about what it was given before. `on_trial`: it was stopped, and nothing has gone well
    since.
    """

    account: Account
    access: AccountAccess
    provider: Provider
    allowance: Allowance
    breaker: Breaker
    most_in_flight: int
    in_flight: int = 0
    stopped: str | None = None
    drains: bool = False
    on_trial: bool = False

    @property
    def voice(self) -> VoiceProvider | None:
        """Its provider, where that is one of calls."""
        if self.provider.terms.channel is not Channel.VOICE:
            return None
        return cast(VoiceProvider, self.provider)

    def room(self) -> int:
        return 0 if self.stopped is not None else self._free()

    def room_to_ask(self) -> int:
        """For what it was given before."""
        return self._free() if self.drains else self.room()

    def _free(self) -> int:
        free = min(self.most_in_flight - self.in_flight, self.allowance.available())
        return self.breaker.room(max(0, free))

    def begin(self) -> None:
        self.in_flight += 1
        self.allowance.spend()
        self.breaker.began()

    def end(self, outcome: Outcome | None) -> None:
        """The call is over; None where none was made, so that nothing was learnt."""
        self.in_flight -= 1
        if outcome is None:
            self.breaker.told_nothing()
        elif isinstance(outcome, Deferred) and outcome.reason is Reason.RATE_LIMITED:
            self.breaker.told_nothing()
            self.allowance.wait(outcome.retry_after_s or _THROTTLED_FOR_S)
        elif not is_fault(outcome):
            self.breaker.went_well()
        elif self.breaker.fault():
            log.warning("breaker_opened", account=self.account.code)


class Accounts:
    """Kept equal to the directory; an account that did not change keeps its calls and its health.

    `processes` is how many worker processes share each account's rate and calls.
    """

    def __init__(
        self,
        build: Build,
        processes: int = 1,
        caution: Caution | None = None,
        dice: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._build = build
        self._processes = processes
        self._caution = caution or Caution()
        self._dice = dice or Random()  # noqa: S311 - spreads calls, guards nothing
        self._clock = clock
        self._open: dict[str, OpenAccount] = {}
        self._pools: Mapping[str, Pool] = {}
        self._kept: Mapping[tuple[str, str], float] = {}

    def update(self, directory: Directory) -> None:
        opened = (
            self._opened(account, directory.secrets_of("account", code))
            for code, account in directory.accounts.items()
        )
        self._open = {found.account.code: found for found in opened if found}
        self._pools = directory.pools

    def keep_shares(self, kept: Mapping[tuple[str, str], float]) -> None:
        """The parts of their weights that accounts keep, by pool and account."""
        self._kept = kept

    def keep_stops(
        self, stops: Mapping[str, str], unwell: Container[str], draining: Container[str] = ()
    ) -> None:
        """The accounts through which nothing may be sent, each with the reason. One that is
        `unwell` and not stopped is on trial: it goes on with one call at a time."""
        for code, found in self._open.items():
            found.stopped, found.drains = stops.get(code), code in draining
            on_trial = found.stopped is None and code in unwell
            if on_trial and not found.on_trial:
                found.breaker.half_open()
            found.on_trial = on_trial

    def get(self, code: str) -> OpenAccount | None:
        return self._open.get(code)

    def all(self) -> Sequence[OpenAccount]:
        return list(self._open.values())

    def pools(self) -> Sequence[str]:
        return list(self._pools)

    def of_pool(self, pool: str) -> Sequence[OpenAccount]:
        """The accounts of a pool that can be used at all, in the order of the directory."""
        codes = self._pools[pool].accounts if pool in self._pools else ()
        return [found for code in codes if (found := self._open.get(code))]

    def channels(self) -> Mapping[str, Channel]:
        """Those of all pools."""
        return {code: pool.channel for code, pool in self._pools.items()}

    def channel(self, pool: str) -> Channel | None:
        """The channel of a pool, or None for a pool that is gone from the directory."""
        known = self._pools.get(pool)
        return known.channel if known else None

    def slots(self, pool: str, most: int) -> list[str]:
        """Up to `most` account codes that have room for one call each, drawn by weight."""
        known = self._pools.get(pool)
        if known is None:
            return []
        rooms = {found.account.code: found.room() for found in self.of_pool(pool)}
        weights = {code: known.weight(code) * self._kept.get((pool, code), 1.0) for code in rooms}
        return turns(weights, rooms, most, self._dice)

    def slots_to_ask(self, pool: str, most: int) -> list[str]:
        """The same of accounts that run dry, for what they were given before."""
        draining = [found for found in self.of_pool(pool) if found.drains]
        rooms = {found.account.code: found.room_to_ask() for found in draining}
        return turns(dict.fromkeys(rooms, 1.0), rooms, most, self._dice)

    def _opened(self, account: Account, secrets: Mapping[str, str]) -> OpenAccount | None:
        """None for an account that lacks something: the others go on."""
        access = AccountAccess(
            code=account.code,
            base_url=account.base_url.rstrip("/"),
            sender=account.sender,
            settings=account.settings,
            templates=account.templates,
            secrets=secrets,
            timeout_s=account.timeout_s,
        )
        before = self._open.get(account.code)
        if before and before.account == account and before.access == access:
            return before
        try:
            provider = self._build(account.provider, access)
        except DirectoryError as error:
            log.error("account_unusable", account=account.code, problem=str(error))
            return None
        return OpenAccount(
            account=account,
            access=access,
            provider=provider,
            allowance=Allowance(account.rate_per_s, self._processes, self._clock),
            breaker=Breaker(self._caution, self._clock),
            most_in_flight=-(-account.max_in_flight // self._processes),
        )
