"""The providers we can play, by the name that accounts are configured under."""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from aiohttp import web

from gateway.sandbox.conduct import Setting
from gateway.sandbox.config import BadConfig, Http, SandboxConfig, Timing, made, setting_of
from gateway.sandbox.esms import Esms
from gateway.sandbox.esms_wire import EsmsSetting
from gateway.sandbox.fpt import Fpt
from gateway.sandbox.fpt_wire import FptSetting
from gateway.sandbox.infobip import Infobip
from gateway.sandbox.infobip_wire import InfobipSetting
from gateway.sandbox.speedsms import Speedsms
from gateway.sandbox.speedsms_wire import SpeedsmsSetting
from gateway.sandbox.stringee_account import StringeeSetting
from gateway.sandbox.stringee_calls import StringeeCalls
from gateway.sandbox.stringee_sms import StringeeSms, StringeeSmsSetting
from gateway.sandbox.twilio_account import TwilioAccount, TwilioSetting
from gateway.sandbox.twilio_calls import TwilioCalls
from gateway.sandbox.twilio_messages import TwilioMessages
from gateway.sandbox.vietguys import Vietguys
from gateway.sandbox.vietguys_wire import VietguysSetting
from gateway.sandbox.viettel import Viettel
from gateway.sandbox.viettel_wire import ViettelSetting
from gateway.sandbox.vnpt import Vnpt
from gateway.sandbox.vnpt_wire import VnptSetting
from gateway.sandbox.world import World
from gateway.sandbox.zalo import Zalo
from gateway.sandbox.zalo_group import ZaloGroups
from gateway.sandbox.zalo_oauth import ZaloOAuth
from gateway.sandbox.zalo_setting import ZaloSetting

S = TypeVar("S", bound=Setting)


class Part(Protocol):
    """A part of a provider's wire API, for all accounts of one sandbox."""

    def routes(self) -> Sequence[web.AbstractRouteDef]: ...


@dataclass(frozen=True, kw_only=True)
class Simulator:
    """What an account is configured with, and what answers for all accounts of this provider."""

    setting: type[Setting]
    parts: Callable[[World, Iterable[Any]], Sequence[Part]]


def _twilio(world: World, settings: Iterable[TwilioSetting]) -> Sequence[Part]:
    accounts = [TwilioAccount(one, world.config.answered) for one in settings]
    world.accounts.update({one.code: one for one in accounts})
    by_sid = {one.setting.account_sid: one for one in accounts}
    return TwilioMessages(world, by_sid), TwilioCalls(world, by_sid)


def _zalo(world: World, settings: Iterable[ZaloSetting]) -> Sequence[Part]:
    zalo = Zalo(world, settings)
    return zalo, ZaloOAuth(world, zalo.accounts), ZaloGroups(zalo.account_of)


def _alone(setting: type[S], part: Callable[[World, Iterable[S]], Part]) -> Simulator:
    """One part answers for everything."""
    return Simulator(setting=setting, parts=lambda world, settings: [part(world, settings)])


SIMULATORS: Mapping[str, Simulator] = {
    "esms": _alone(EsmsSetting, Esms),
    "fpt": _alone(FptSetting, Fpt),
    "infobip": _alone(InfobipSetting, Infobip),
    "speedsms": _alone(SpeedsmsSetting, Speedsms),
    "stringee_sms": _alone(StringeeSmsSetting, StringeeSms),
    "stringee_voice": _alone(StringeeSetting, StringeeCalls),
    "twilio": Simulator(setting=TwilioSetting, parts=_twilio),
    "vietguys": _alone(VietguysSetting, Vietguys),
    "viettel": _alone(ViettelSetting, Viettel),
    "vnpt": _alone(VnptSetting, Vnpt),
    "zalo": Simulator(setting=ZaloSetting, parts=_zalo),
}


def parts(world: World) -> Iterable[Part]:
    """Everything that answers in this world."""
    for one in SIMULATORS.values():
        settings = [each for each in world.config.accounts if isinstance(each, one.setting)]
        yield from one.parts(world, settings)


def config_from_file(path: Path) -> SandboxConfig:
    """From TOML, or from JSON where the name says so. Raises BadConfig."""
    text = path.read_text(encoding="utf-8")
    return config_from(json.loads(text) if path.suffix == ".json" else tomllib.loads(text))


def config_from(table: Mapping[str, Any]) -> SandboxConfig:
    """The accounts stand under the key `account`, as in the file. Raises BadConfig."""
    rest = dict(table)
    accounts = tuple(_account(entry) for entry in rest.pop("account", ()))
    http = made(Http, rest.pop("http", {}))
    timing = made(Timing, rest.pop("timing", {}))
    return made(SandboxConfig, rest | {"accounts": accounts, "http": http, "timing": timing})


def _account(table: Mapping[str, Any]) -> Setting:
    rest = dict(table)
    provider = rest.pop("provider", "")
    if provider not in SIMULATORS:
        raise BadConfig(f"unknown provider {provider!r}")
    return setting_of(SIMULATORS[provider].setting, rest)
