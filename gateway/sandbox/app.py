"""Puts one sandbox together: every simulator, the books and the pages, on one port."""

from collections.abc import AsyncIterator

from aiohttp import web

from gateway.sandbox import simulators
from gateway.sandbox.config import SandboxConfig
from gateway.sandbox.control import Control
from gateway.sandbox.dial import Dial
from gateway.sandbox.pages import Pages
from gateway.sandbox.texting import Texting
from gateway.sandbox.world import World

WORLD = web.AppKey("world", World)


def build_app(config: SandboxConfig) -> web.Application:
    world = World(config)
    app = web.Application()
    app[WORLD] = world
    own = (Control(world), Dial(world), Texting(world), Pages(world))
    for part in (*simulators.parts(world), *own):
        app.add_routes(part.routes())
    app.on_shutdown.append(_hang_up)
    app.cleanup_ctx.append(_postman)
    return app


async def _hang_up(app: web.Application) -> None:
    app[WORLD].wire.close()


async def _postman(app: web.Application) -> AsyncIterator[None]:
    postman = app[WORLD].postman
    await postman.open()
    yield
    await postman.close()
