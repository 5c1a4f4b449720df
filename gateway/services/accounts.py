"""The accounts this process may send through: their providers, and how much room each has now."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from gateway.domain.channel import Channel
from gateway.domain.directory import Account, Directory
from gateway.errors import DirectoryError
from gateway.providers.contract import AccountAccess, Provider

log = structlog.get_logger()

Build = Callable[[str, AccountAccess], Provider]


@dataclass
class TokenBucket:
    """At most `rate_per_s` on average and `burst` at once."""

    rate_per_s: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens = self.burst
        self._at = self.clock()

    def available(self) -> int:
        now = self.clock()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate_per_s)
        self._at = now
        return int(self._tokens)

    def take(self, count: int = 1) -> bool:
        if self.available() < count:
            return False
        self._tokens -= count
        return True

    @property
    def next_in_s(self) -> float:
        """Seconds until one more may be taken."""
        return max(0.0, (1 - self._tokens) / self.rate_per_s)


@dataclass
class OpenAccount:
    """One account with its provider and the calls in flight through it from this process."""

    account: Account
    access: AccountAccess
    provider: Provider
    bucket: TokenBucket
    in_flight: int = 0

    def room(self) -> int:
        return min(self.account.max_in_flight - self.in_flight, self.bucket.available())

    def begin(self) -> None:
        self.in_flight += 1
        self.bucket.take()

    def end(self) -> None:
        self.in_flight -= 1


class Accounts:
    """Kept equal to the directory; an account that did not change keeps its calls and its bucket.

    `processes` is how many worker processes share each account's rate.
    """

    def __init__(self, build: Build, processes: int = 1) -> None:
        self._build = build
        self._processes = processes
        self._open: dict[str, OpenAccount] = {}
        self._pools: Mapping[str, Sequence[str]] = {}
        self._channels: Mapping[str, Channel] = {}

    def update(self, directory: Directory) -> None:
        opened = (
            self._opened(account, directory.secrets_of("account", code))
            for code, account in directory.accounts.items()
        )
        self._open = {found.account.code: found for found in opened if found}
        self._pools = {code: pool.accounts for code, pool in directory.pools.items()}
        self._channels = {code: pool.channel for code, pool in directory.pools.items()}

    def get(self, code: str) -> OpenAccount | None:
        return self._open.get(code)

    def all(self) -> Sequence[OpenAccount]:
        return list(self._open.values())

    def pools(self) -> Sequence[str]:
        return list(self._pools)

    def channel(self, pool: str) -> Channel | None:
        """The channel of a pool, or None for a pool that is gone from the directory."""
        return self._channels.get(pool)

    def slots(self, pool: str, most: int) -> list[str]:
        """Up to `most` account codes that have room for one call each, taking turns."""
        rooms = {
            code: min(found.room(), most)
            for code in self._pools.get(pool, ())
            if (found := self._open.get(code))
        }
        slots: list[str] = []
        while len(slots) < most and any(room > 0 for room in rooms.values()):
            for code, room in rooms.items():
                if room > 0:
                    slots.append(code)
                    rooms[code] = room - 1
        return slots[:most]

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
        rate = account.rate_per_s / self._processes
        return OpenAccount(
            account=account,
            access=access,
            provider=provider,
            bucket=TokenBucket(rate_per_s=rate, burst=max(1.0, rate)),
        )
