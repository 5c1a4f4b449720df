"""The simulators on a real port, the address they report to, and our accounts with them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from aiohttp import web
from aiohttp.test_utils import TestServer
from kits import NAMES, kit_of
from kits.kit import E164, REFERENCE, SCRIPT, Kit

from gateway.domain.call import Moment, Turn, next_turn
from gateway.domain.outcome import Outcome
from gateway.providers.contract import (
    AccessTokens,
    AccountAccess,
    Provider,
    ReceiptRequest,
    TokenPair,
    VoiceProvider,
)
from gateway.providers.outbound import Call, Door, MaybeSent, NotSent, outcome_of
from gateway.providers.registry import PROOF_HEADERS, build
from gateway.providers.zalo_oauth import refresh_pair
from gateway.sandbox.app import build_app
from gateway.sandbox.config import SandboxConfig
from gateway.sandbox.simulators import config_from

TIMING = {
    "late_receipt_s": 0.6,
    "late_answer_s": 1.5,
    "silence_s": 2.0,
    "drip_s": 0.05,
    "pace": 0.0,
}


def config(kits: list[Kit], inbox_url: str) -> SandboxConfig:
    """A sandbox with one account for each simulator that these kits need."""
    tables = {str(table["code"]): table for table in (kit.simulator(inbox_url) for kit in kits)}
    conduct = {"receipt_delay_ms": 60}
    return config_from(
        {
            "timing": TIMING,
            "http": {"retry_delays_s": [0.05]},
            "account": [conduct | dict(table) for table in tables.values()],
        }
    )


@dataclass(kw_only=True)
class Inbox:
    """Our public address. It keeps every report, and speaks the script of a call."""

    reports: asyncio.Queue[ReceiptRequest] = field(default_factory=asyncio.Queue)
    keys: list[str | None] = field(default_factory=list)
    heard: bool = False
    voice: VoiceProvider | None = None
    url: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/voice/acc/{reference}/{moment}", self._speak)
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
        report, moment = self.voice.read_call(asked), Moment(request.match_info["moment"])
        turn = Turn() if report.machine else next_turn(SCRIPT, moment, report.keys)
        self.heard = self.heard or moment is not Moment.TAKEN
        if moment is Moment.ASKED:
            self.keys.append(report.keys)
        following = Moment.ASKED if turn.asks else Moment.HEARD
        next_url = f"{self.url}/voice/acc/{REFERENCE}/{following}"
        answer = self.voice.speak(turn, next_url, f"{self.url}/voice/prompts")
        return web.Response(body=answer.body, headers={"Content-Type": answer.content_type})

    async def _read(self, request: web.Request) -> ReceiptRequest:
        return ReceiptRequest(
            method=request.method,
            url=f"{self.url}{request.raw_path}",
            path_token=request.path.rpartition("/")[2],
            headers={name: text for name, text in request.headers.items() if _is_read(name)},
            query=request.query,
            body=await request.read(),
        )


def _is_read(header: str) -> bool:
    """As at our real address: of the others nothing is handed on."""
    return header.lower() in {"content-type", *PROOF_HEADERS}


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

    @property
    def url(self) -> str:
        return str(self.sandbox.make_url("")).rstrip("/")

    def access(self, name: str, **changes: Any) -> AccountAccess:
        kit = kit_of(name)
        return kit.access(self.url + kit.path, **changes)

    def provider(self, name: str, **changes: Any) -> Provider:
        return self.built(self.access(name, **changes), name)

    def built(self, access: AccountAccess, name: str) -> Provider:
        return build(access, name, self.door, self.tokens(access))

    def tokens(self, access: AccountAccess) -> AccessTokens:
        return Renewing(access, self.door)

    def answering(self, name: str) -> VoiceProvider:
        """The provider of calls that our address speaks through from now on."""
        self.inbox.voice = cast(VoiceProvider, self.provider(name))
        return self.inbox.voice

    async def books(self) -> dict[str, Any]:
        """What the simulators took, by their own count."""
        return await self._ask(Call(method="GET", url=f"{self.url}/books?summary=1", timeout_s=5))

    async def control(self, **wishes: Any) -> None:
        await self._ask(
            Call(method="POST", url=f"{self.url}/control", json=wishes, timeout_s=5),
        )

    async def _ask(self, call: Call) -> dict[str, Any]:
        reply = await self.door.request(call)
        assert reply.status == 200
        return reply.json()

    async def submit(
        self, name: str, phone: str = E164, provider: Provider | None = None, **changes: Any
    ) -> Outcome:
        """The ending of one submission, as the caller of a provider sees it."""
        try:
            message = kit_of(name).submission(self.inbox.url, phone, **changes)
            return await (provider or self.provider(name)).send(message)
        except (NotSent, MaybeSent) as error:
            return outcome_of(error)


async def started_inbox(inbox: Inbox) -> TestServer:
    """Without an access log, like the gateway: our addresses hold secret paths, and phones that
    providers add to them."""
    server = TestServer(inbox.app())
    await server.start_server(access_log=None)
    inbox.url = str(server.make_url("")).rstrip("/")
    return server


async def started_sandbox(inbox: Inbox, names: tuple[str, ...] = NAMES) -> TestServer:
    server = TestServer(build_app(config([kit_of(name) for name in names], inbox.url)))
    await server.start_server()
    return server
