"""The simulators on a real port, the address they report to, and one account of ours with each."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from provider_accounts import BODIES, REFERENCE, SCRIPT, SECRETS

from gateway.domain.message import Submission
from gateway.domain.outcome import Outcome
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import AccountAccess, Provider, ReceiptRequest, TokenPair
from gateway.providers.outbound import Call, Door, MaybeSent, NotSent, outcome_of
from gateway.providers.registry import build
from gateway.providers.twilio_voice import TwilioVoice
from gateway.providers.zalo_oauth import refresh_pair
from gateway.sandbox.app import build_app
from gateway.sandbox.config import SandboxConfig
from gateway.sandbox.simulators import config_from

PATHS = {"esms": "/esms", "twilio_sms": "/twilio", "twilio_voice": "/twilio", "zalo_zns": "/zalo"}
CALLER, ACCOUNT_SID = "+842873000000", "AC" + "0" * 32


def config(webhook_url: str) -> SandboxConfig:
    conduct = {"receipt_delay_ms": 60}
    return config_from(
        {
            "timing": {
                "late_receipt_s": 0.6,
                "late_answer_s": 1.5,
                "silence_s": 2.0,
                "drip_s": 0.05,
                "pace": 0.0,
            },
            "http": {"retry_delays_s": [0.05]},
            "account": [
                {
                    "provider": "esms",
                    "code": "esms",
                    "api_key": SECRETS["api_key"],
                    "secret_key": SECRETS["secret_key"],
                    "brandnames": ["BAOTIN"],
                    **conduct,
                },
                {
                    "provider": "twilio",
                    "code": "twilio",
                    "account_sid": ACCOUNT_SID,
                    "auth_token": SECRETS["auth_token"],
                    "senders": ["BAOTIN", CALLER],
                    **conduct,
                },
                {
                    "provider": "zalo",
                    "code": "zalo",
                    "app_id": "4000",
                    "app_secret": SECRETS["app_secret"],
                    "oa_id": "oa-1",
                    "oa_name": "Bao tin",
                    "oa_secret_key": SECRETS["oa_secret_key"],
                    "refresh_token": "r-1",
                    "access_token": "t-1",
                    "webhook_url": webhook_url,
                    "template": [
                        {
                            "id": "7788",
                            "name": "result-ready",
                            "params": [{"name": "name", "max_length": 30}, {"name": "code"}],
                        }
                    ],
                    **conduct,
                },
            ],
        }
    )


@dataclass(kw_only=True)
class Inbox:
    """Our public address. It keeps every report, and speaks the script of a call."""

    reports: asyncio.Queue[ReceiptRequest] = field(default_factory=asyncio.Queue)
    keys: list[str | None] = field(default_factory=list)
    heard: bool = False
    voice: TwilioVoice | None = None
    url: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/voice/{moment}", self._speak)
        app.router.add_route("*", "/receipts/{tail:.*}", self._keep)
        return app

    async def next(self, within_s: float = 3.0) -> ReceiptRequest:
        return await asyncio.wait_for(self.reports.get(), within_s)

    async def _keep(self, request: web.Request) -> web.Response:
        self.reports.put_nowait(await self._read(request))
        return web.Response()

    async def _speak(self, request: web.Request) -> web.Response:
        assert self.voice is not None
        asked = await self._read(request)
        if not self.voice.verify_receipt(asked):
            return web.Response(status=403)
        moment, action_url = self.voice.read_call(asked), f"{self.url}/voice/key"
        if moment.machine:
            answer = self.voice.refuse_machine()
        elif request.match_info["moment"] == "begin":
            answer = self.voice.begin(SCRIPT, action_url)
        else:
            self.heard = moment.heard
            self.keys.append(moment.key)
            answer = self.voice.reply(SCRIPT, moment.key, action_url)
        return web.Response(body=answer.body, headers={"Content-Type": answer.content_type})

    async def _read(self, request: web.Request) -> ReceiptRequest:
        return ReceiptRequest(
            method=request.method,
            url=f"{self.url}{request.raw_path}",
            path_token=request.path.rpartition("/")[2],
            headers=request.headers,
            query=request.query,
            body=await request.read(),
        )


class Renewing:
    """Access tokens of one process, renewed at the simulated OAuth service."""

    def __init__(self, access: AccountAccess, door: Door) -> None:
        self._access = access
        self._door = door
        self._pair = TokenPair(access="t-1", refresh="r-1", expires_in_s=0)

    async def current(self) -> str:
        return self._pair.access

    async def renewed(self, refused: str) -> str:
        self._pair = await refresh_pair(self._access, self._door, self._pair.refresh)
        return self._pair.access


@dataclass(kw_only=True)
class Simulated:
    sandbox: TestServer
    inbox: Inbox
    door: Door

    def access(self, name: str, **changes: object) -> AccountAccess:
        base_url = str(self.sandbox.make_url("")).rstrip("/")
        access = AccountAccess(
            code="acc",
            base_url=base_url + PATHS[name],
            sender=CALLER if name == "twilio_voice" else "BAOTIN",
            settings={
                "account_sid": ACCOUNT_SID,
                "app_id": "4000",
                "oauth_base_url": base_url + "/zalo-oauth",
            },
            templates={"result-ready": "7788"},
            secrets={k: v for k, v in SECRETS.items() if name == "esms" or k != "api_key"},
            timeout_s=0.8,
        )
        return replace(access, **changes)  # type: ignore[arg-type]

    def provider(self, name: str, **changes: object) -> Provider:
        access = self.access(name, **changes)
        return build(access, name, self.door, Renewing(access, self.door))

    def voice(self) -> TwilioVoice:
        provider = self.provider("twilio_voice")
        assert isinstance(provider, TwilioVoice)
        return provider

    async def books(self) -> dict[str, Any]:
        """What the simulators took, by their own count."""
        url = str(self.sandbox.make_url("/books?summary=1"))
        return (await self.door.request(Call(method="GET", url=url, timeout_s=5))).json()

    def submission(self, name: str, phone: str, reference: str = REFERENCE) -> Submission:
        secret_part = SECRETS["callback_token"] if name == "esms" else "acc"
        return Submission(
            reference=reference,
            phone=Phone(e164=phone, kind=PhoneKind.MOBILE),
            body=BODIES[name],
            callback_url=f"{self.inbox.url}/receipts/{secret_part}",
            voice_url=f"{self.inbox.url}/voice/begin" if name == "twilio_voice" else None,
        )

    async def submit(self, name: str, phone: str, provider: Provider | None = None) -> Outcome:
        try:
            return await (provider or self.provider(name)).send(self.submission(name, phone))
        except (NotSent, MaybeSent) as error:
            return outcome_of(error)


async def started_inbox(inbox: Inbox) -> TestServer:
    server = TestServer(inbox.app())
    await server.start_server()
    inbox.url = str(server.make_url("")).rstrip("/")
    return server


async def started_sandbox(inbox: Inbox) -> TestServer:
    server = TestServer(build_app(config(f"{inbox.url}/receipts/zalo")))
    await server.start_server()
    return server
