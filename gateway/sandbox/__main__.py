"""Runs the sandbox: `python -m gateway.sandbox --config FILE --host HOST --port PORT`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web

from gateway.sandbox.app import build_app
from gateway.sandbox.config import BadConfig, SandboxConfig
from gateway.sandbox.simulators import config_from_file

SHUTDOWN_S = 2.0


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m gateway.sandbox")
    parser.add_argument("--config", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    chosen = parser.parse_args(arguments)
    try:
        config = config_from_file(Path(chosen.config))
    except (BadConfig, OSError, ValueError) as error:
        parser.error(f"{chosen.config}: {error}")
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(config, chosen.host, chosen.port))


async def serve(config: SandboxConfig, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    runner = web.AppRunner(build_app(config), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        address = runner.addresses[0]
        sys.stdout.write(f"sandbox listening on http://{address[0]}:{address[1]}\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        await runner.cleanup()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    main()
