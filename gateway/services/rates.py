"""Rate limits of accounts, shared by all workers of an installation through Redis.

A worker fetches some allowance before it claims and spends it on calls; what it does not use soon
is dropped, not saved up. While Redis is away each worker keeps to its own part of the rate.
"""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError

from gateway.services.token_bucket import TokenBucket

log = structlog.get_logger()

# A bucket per account: what it holds and when that was counted, by the clock of Redis.
_TAKE = """
local clock = redis.call('time')
local now = clock[1] + clock[2] / 1000000
local granted = {}
for i, key in ipairs(KEYS) do
  local rate, burst = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  local wanted = tonumber(ARGV[3 * i])
  local held = redis.call('hmget', key, 'tokens', 'at')
  local tokens, at = tonumber(held[1] or burst), tonumber(held[2] or now)
  tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
  local taken = math.min(wanted, math.floor(tokens))
  redis.call('hset', key, 'tokens', tostring(tokens - taken), 'at', tostring(now))
  redis.call('pexpire', key, math.ceil(1000 * (burst / rate + 1)))
  granted[i] = taken
end
return granted
"""
_KEEPS_FOR_S = 1.0
_AFTER_LOSING_REDIS_S = 2.0


class Allowance:
    """What this process may still call for through one account."""

    def __init__(
        self,
        rate_per_s: float,
        processes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        own = rate_per_s / processes
        self.rate_per_s = rate_per_s
        self.burst = max(1.0, rate_per_s)
        self._own = TokenBucket(rate_per_s=own, burst=max(1.0, own), clock=clock)
        self._clock = clock
        self._fetched = 0
        self._fetched_at = float("-inf")
        self._shared = False
        self._not_before = float("-inf")

    def available(self) -> int:
        now = self._clock()
        if now < self._not_before:
            return 0
        if not self._shared:
            return self._own.available()
        return self._fetched if now - self._fetched_at < _KEEPS_FOR_S else 0

    def lacks(self, most: int) -> int:
        """How much is to be fetched to hold so much, and never more than a burst; what its own part
        holds does not count."""
        most = min(most, int(self.burst))
        return most - self.available() if self._shared else most

    def spend(self) -> None:
        if self._shared:
            self._fetched -= 1
        else:
            self._own.take()

    def fetched(self, count: int) -> None:
        """So much was granted on top of what is left of earlier grants, and ages with them."""
        held = self.available() if self._shared else 0
        if not held:
            self._fetched_at = self._clock()
        self._fetched, self._shared = held + count, True

    def on_its_own(self) -> None:
        """Nobody grants anything: this process keeps to its part."""
        self._shared = False

    def wait(self, seconds: float) -> None:
        """The account asked not to be called for so long."""
        self._not_before = max(self._not_before, self._clock() + seconds)


class Rates(Protocol):
    async def fetch(self, allowances: Mapping[str, Allowance], most: int) -> None:
        """See that each account's allowance holds up to `most`, as far as its rate goes."""
        ...


class SharedRates:
    """`url` is that of Redis."""

    def __init__(self, url: str) -> None:
        self._redis: redis.Redis = redis.Redis.from_url(
            url, socket_connect_timeout=1, socket_timeout=1
        )
        self._take = self._redis.register_script(_TAKE)
        self._away_until = float("-inf")

    async def fetch(self, allowances: Mapping[str, Allowance], most: int) -> None:
        lacking = {code: one.lacks(most) for code, one in allowances.items()}
        wanted = {code: count for code, count in lacking.items() if count > 0}
        if not wanted:
            return
        granted = await self._granted(allowances, wanted)
        for code in wanted:
            if granted is None:
                allowances[code].on_its_own()
            else:
                allowances[code].fetched(granted[code])

    async def _granted(
        self, allowances: Mapping[str, Allowance], wanted: Mapping[str, int]
    ) -> Mapping[str, int] | None:
        """None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        numbers: list[float] = []
        for code, count in wanted.items():
            numbers += [allowances[code].rate_per_s, allowances[code].burst, count]
        try:
            found = await self._take(keys=[f"baotin:rate:{code}" for code in wanted], args=numbers)
        except (RedisError, OSError):
            self._away_until = time.monotonic() + _AFTER_LOSING_REDIS_S
            log.warning("rates_not_shared")
            return None
        return dict(zip(wanted, found, strict=True))

    async def close(self) -> None:
        await self._redis.aclose()
