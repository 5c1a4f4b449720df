"""Running the API and the clock as processes: the event loop, signals, and an orderly end."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import asyncpg
import structlog
import uvloop
from aiohttp import web

from gateway import long_lived, metrics
from gateway.clock import Clock
from gateway.settings import Settings
from gateway.web.app import build_app
from gateway.wiring import wire_api, wire_clock
from workers.bells import Bells, Ringer, connect

log = structlog.get_logger()

_BACKLOG = 1024
# Requests under way get this long once the process is told to end.
_LAST_REQUESTS_S = 10.0


def serve(settings: Settings) -> None:
    """The API until SIGTERM."""
    uvloop.run(_with_signals(lambda stop: _serve(settings, stop)))


def tick(settings: Settings) -> None:
    """The clock until SIGTERM."""
    uvloop.run(_with_signals(lambda stop: _tick(settings, stop)))


async def _with_signals(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await main(stop)


async def _serve(settings: Settings, stop: asyncio.Event) -> None:
    ringer = _ringer(settings)
    api = await wire_api(settings, ringer.ring, ringer.ring_desk)
    runner = web.AppRunner(
        build_app(api.parts, settings.web.body_limit_bytes),
        access_log=None,
        shutdown_timeout=_LAST_REQUESTS_S,
    )
    await runner.setup()
    site = web.TCPSite(
        runner,
        settings.web.host,
        settings.web.port,
        backlog=_BACKLOG,
        reuse_port=settings.web.processes > 1,
    )
    await site.start()
    long_lived.settle()
    log.info("api_listens", port=settings.web.port)
    watching = asyncio.create_task(api.watch.follow())
    try:
        await stop.wait()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await runner.cleanup()
        await api.close()
        ringer.stop()
        log.info("api_stopped")


async def _tick(settings: Settings, stop: asyncio.Event) -> None:
    ringer = _ringer(settings)
    clockwork = await wire_clock(settings)
    if settings.metrics.port:
        metrics.listen(settings.web.host, settings.metrics.port)
    clock = Clock(
        clockwork,
        ringer.ring,
        ringer.ring_desk,
        lambda: asyncpg.connect(settings.database.url, timeout=5, command_timeout=5),
    )
    long_lived.settle()
    try:
        await clock.run(stop)
    finally:
        await clockwork.close()
        ringer.stop()
        log.info("clock_stopped")


def _ringer(settings: Settings) -> Ringer:
    bells = Bells(connect(settings.redis.url), settings.deliver.slots_per_lane)
    ringer = Ringer(bells)
    ringer.start()
    return ringer
