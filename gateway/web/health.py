"""Whether this process lives, whether it can do its work, and what it has measured."""

from aiohttp import web

from gateway import metrics
from gateway.errors import LedgerUnavailable
from gateway.web.answers import answer
from gateway.web.keys import DATABASE, PULSE


async def healthz(_request: web.Request) -> web.Response:
    return answer(200, {"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """Ready needs PostgreSQL. Without Redis events are accepted all the same: degraded."""
    try:
        async with request.app[DATABASE].connection() as connection:
            await connection.execute("SELECT 1")
    except LedgerUnavailable:
        return answer(503, {"status": "not_ready", "ledger": "away"}, {"Retry-After": "5"})
    redis_is_there = await request.app[PULSE].redis_is_there()
    return answer(
        200,
        {
            "status": "ready" if redis_is_there else "degraded",
            "ledger": "there",
            "redis": "there" if redis_is_there else "away",
        },
    )


async def show_metrics(_request: web.Request) -> web.Response:
    return web.Response(body=metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})
