"""The console as a part of the application: its pages, their guard, and the edge around them."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from gateway.errors import ConfigurationError
from gateway.web.console.edge import edge
from gateway.web.console.guard import guarded
from gateway.web.console.page import PREFIX, Page
from gateway.web.console.parts import CONSOLE, ENDING, Console
from gateway.web.console.routes import PAGES


def build_console(console: Console, pages: Sequence[Page] = PAGES) -> web.Application:
    """To be mounted under /console. Raises ConfigurationError for pages that stand there twice."""
    app = web.Application(middlewares=[edge])
    app[CONSOLE] = console
    app[ENDING] = asyncio.Event()
    app.on_shutdown.append(_end_streams)
    seen: set[tuple[str, str]] = set()
    for page in pages:
        if (page.method, page.path) in seen:
            raise ConfigurationError(f"{page.method} {page.path}: stands in the table twice")
        seen.add((page.method, page.path))
        app.router.add_route(page.method, page.path.removeprefix(PREFIX), guarded(page))
    return app


async def _end_streams(app: web.Application) -> None:
    app[ENDING].set()


async def go_in(_request: web.Request) -> web.Response:
    """Whoever opens the gateway's address in a browser comes to the console."""
    return web.Response(status=303, headers={"Location": f"{PREFIX}/"})
