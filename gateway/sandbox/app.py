"""Puts one sandbox together: every simulator, the books and the pages, on one port."""

from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from aiohttp import web

from gateway.sandbox.conduct import Setting
from gateway.sandbox.config import EsmsSetting, SandboxConfig, TwilioSetting, ZaloSetting
from gateway.sandbox.control import Control
from gateway.sandbox.esms import Esms
from gateway.sandbox.pages import Pages
from gateway.sandbox.twilio_account import TwilioAccount
from gateway.sandbox.twilio_calls import TwilioCalls
from gateway.sandbox.twilio_messages import TwilioMessages
from gateway.sandbox.world import World
from gateway.sandbox.zalo import Zalo
from gateway.sandbox.zalo_oauth import ZaloOAuth

WORLD = web.AppKey("world", World)

S = TypeVar("S", bound=Setting)


def build_app(config: SandboxConfig) -> web.Application:
    world = World(config)
    app = web.Application()
    app[WORLD] = world
    zalo = Zalo(world, _of(config, ZaloSetting))
    twilio = _twilio_accounts(world)
    parts = (
        Esms(world, _of(config, EsmsSetting)),
        TwilioMessages(world, twilio),
        TwilioCalls(world, twilio),
        zalo,
        ZaloOAuth(zalo.accounts),
        Control(world),
        Pages(world),
    )
    for part in parts:
        app.add_routes(part.routes())
    app.on_shutdown.append(_hang_up)
    app.cleanup_ctx.append(_postman)
    return app


def _twilio_accounts(world: World) -> dict[str, TwilioAccount]:
    settings = _of(world.config, TwilioSetting)
    accounts = [TwilioAccount(one, world.config.answered) for one in settings]
    world.accounts.update({one.code: one for one in accounts})
    return {one.setting.account_sid: one for one in accounts}


def _of(config: SandboxConfig, kind: type[S]) -> Iterable[S]:
    return [one for one in config.accounts if isinstance(one, kind)]


async def _hang_up(app: web.Application) -> None:
    app[WORLD].wire.close()


async def _postman(app: web.Application) -> AsyncIterator[None]:
    postman = app[WORLD].postman
    await postman.open()
    yield
    await postman.close()
