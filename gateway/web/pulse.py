"""Whether Redis answers; asked with a short patience, because accepting never waits for it."""

import asyncio

import redis.asyncio
from redis.exceptions import RedisError

_PATIENCE_S = 1.0


class Pulse:
    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(
            url, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PATIENCE_S
        )

    async def redis_is_there(self) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return bool(await self._redis.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        await self._redis.aclose()
