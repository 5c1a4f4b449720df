"""A sandbox on a real port, a listener in the place of the gateway, and a caller of both."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestServer

from gateway.sandbox.app import build_app
from gateway.sandbox.config import SandboxConfig
from gateway.sandbox.simulators import config_from

SEND = "/esms/MainService.svc/json/SendMultipleMessage_V4_post_json/"
SID, TOKEN = "AC" + "1" * 32, "twilio-token"
TWILIO = f"/twilio/2010-04-01/Accounts/{SID}"

APP_ID, APP_SECRET, OA_SECRET = "4001", "app-secret", "oa-secret"
PERSON = "84984765321"

ESMS = {
    "provider": "esms",
    "code": "esms",
    "api_key": "key",
    "secret_key": "secret",
    "brandnames": ["TTHCC"],
    "receipt_delay_ms": 20,
}
TWILIO_ACCOUNT = {
    "provider": "twilio",
    "code": "twilio",
    "account_sid": SID,
    "auth_token": TOKEN,
    "api_key": "SK1",
    "api_secret": "sk-secret",
    "senders": ["+842873000000", "TTHCC"],
    "receipt_delay_ms": 20,
}
STRINGEE = {
    "provider": "stringee_voice",
    "code": "stringee",
    "key_sid": "SK.0.1",
    "key_secret": "stringee-secret",
    "signing_secret": "stringee-signing",
    "numbers": ["842873000000"],
    "files": ["0f3a.wav"],
    "receipt_delay_ms": 20,
}
ZALO = {
    "provider": "zalo",
    "code": "zalo",
    "app_id": APP_ID,
    "app_secret": APP_SECRET,
    "oa_id": "2001",
    "oa_name": "Trung tâm HCC",
    "oa_secret_key": OA_SECRET,
    "refresh_token": "refresh-0",
    "access_token": "access-0",
    "receipt_delay_ms": 20,
    "template": [
        {
            "id": "100",
            "name": "result-ready",
            "title": "Có kết quả",
            "params": [
                {"name": "name", "title": "Kính gửi", "max_length": 10, "min_length": 2},
                {"name": "note", "title": "Ghi chú", "required": False},
            ],
        },
        {"id": "101", "name": "disabled", "status": "DISABLE"},
    ],
}
QUICK = {"late_receipt_s": 0.4, "late_answer_s": 0.3, "silence_s": 5.0, "drip_s": 0.01, "pace": 0}


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One request that the sandbox made."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    form: Mapping[str, str]


@dataclass
class Listener:
    """Stands where the gateway would. `statuses` answers the next requests; after them, 200.
    `scripts` answers a path with TwiML instead. `away` cuts so many connections before that."""

    heard: asyncio.Queue[Heard] = field(default_factory=asyncio.Queue)
    statuses: list[int] = field(default_factory=list)
    scripts: dict[str, str] = field(default_factory=dict)
    away: int = 0
    url: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._hear)
        return app

    async def next(self, within_s: float = 3.0) -> Heard:
        return await asyncio.wait_for(self.heard.get(), within_s)

    async def silent(self, for_s: float = 0.3) -> bool:
        await asyncio.sleep(for_s)
        return self.heard.empty()

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        form = {name: str(value) for name, value in (await request.post()).items()}
        url = f"{self.url}{request.raw_path}"
        self.heard.put_nowait(
            Heard(
                method=request.method,
                url=url,
                headers=request.headers,
                query=request.query,
                body=body,
                form=form,
            )
        )
        if self.away and "/receipts/" not in request.path:
            self.away -= 1
            request.transport.abort()
            return web.Response()
        if script := self.scripts.get(request.path_qs) or self.scripts.get(request.path):
            return web.Response(text=script, content_type="text/xml")
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@dataclass(kw_only=True)
class Site:
    url: str
    listener: Listener
    client: ClientSession

    async def esms(self, **changes: Any) -> dict[str, Any]:
        """The answer to an SMS; a field changed to None is left out."""
        async with await self.esms_raw(**changes) as answer:
            assert answer.status == 200
            return await answer.json()

    async def esms_raw(self, **changes: Any) -> ClientResponse:
        fields = {
            "ApiKey": "key",
            "SecretKey": "secret",
            "Content": "Ho so H10-1 da co ket qua.",
            "Phone": PERSON,
            "Brandname": "TTHCC",
            "SmsType": "2",
            "IsUnicode": "0",
            "RequestId": "request-1",
            "CallbackUrl": f"{self.listener.url}/receipts/esms/door",
        }
        return await self.client.post(self.url + SEND, json=_changed(fields, changes))

    async def esms_status(self, sms_id: str) -> dict[str, Any]:
        query = {"RefId": sms_id, "ApiKey": "key", "SecretKey": "secret"}
        return await self.get("/esms/MainService.svc/json/GetSendStatus", params=query)

    async def zalo(self, token: str = "access-0", **changes: Any) -> dict[str, Any]:
        fields = {
            "phone": PERSON,
            "template_id": "100",
            "template_data": {"name": "Ông Thử"},
            "tracking_id": "tracking-1",
        }
        body = _changed(fields, changes)
        return await self.post("/zalo/message/template", json=body, headers={"access_token": token})

    async def zalo_get(self, path: str, **query: str) -> dict[str, Any]:
        return await self.get(f"/zalo{path}", params=query, headers={"access_token": "access-0"})

    async def refresh(self, token: str, **changes: str) -> dict[str, Any]:
        form = {"refresh_token": token, "app_id": APP_ID, "grant_type": "refresh_token", **changes}
        headers = {"secret_key": APP_SECRET}
        return await self.post("/zalo-oauth/v4/oa/access_token", data=form, headers=headers)

    async def twilio(self, **changes: Any) -> tuple[int, dict[str, Any]]:
        form = {
            "To": f"+{PERSON}",
            "From": "TTHCC",
            "Body": "Ho so H10-1 da co ket qua.",
            "StatusCallback": f"{self.listener.url}/receipts/twilio?ref=ours-1",
        }
        return await self.twilio_post("/Messages.json", _changed(form, changes))

    async def call(self, **changes: Any) -> tuple[int, dict[str, Any]]:
        form = {
            "To": f"+{PERSON}",
            "From": "+842873000000",
            "Url": f"{self.listener.url}/voice/begin",
            "StatusCallback": f"{self.listener.url}/receipts/voice?ref=ours-2",
            "MachineDetection": "Enable",
        }
        return await self.twilio_post("/Calls.json", _changed(form, changes))

    async def twilio_post(self, path: str, form: Any) -> tuple[int, dict[str, Any]]:
        async with self.client.post(
            self.url + TWILIO + path, data=form, headers=basic(SID, TOKEN)
        ) as answer:
            return answer.status, await answer.json()

    async def twilio_get(self, path: str, **query: str) -> tuple[int, dict[str, Any]]:
        where = self.url + TWILIO + path
        async with self.client.get(where, params=query, headers=basic(SID, TOKEN)) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str, **content: Any) -> dict[str, Any]:
        async with self.client.get(self.url + path, **content) as answer:
            assert answer.status == 200
            return await answer.json()

    async def post(self, path: str, **content: Any) -> dict[str, Any]:
        async with self.client.post(self.url + path, **content) as answer:
            assert answer.status == 200
            return await answer.json()

    async def dial(self, account: str, **wish: Any) -> str:
        """The id of the call that a person makes."""
        wanted = {"account": account, "phone": PERSON, **wish}
        return str((await self.post("/control/dial", json=wanted))["call"])

    async def transcript(self, call: str, within_s: float = 3.0) -> dict[str, Any]:
        """How a call went, once it has ended."""
        async with asyncio.timeout(within_s):
            while True:
                told = await self.get(f"/calls/{call}")
                if told["ended"]:
                    return told
                await asyncio.sleep(0.01)

    async def text(self, path: str) -> str:
        async with self.client.get(self.url + path) as answer:
            assert answer.status == 200
            return await answer.text()

    async def rows(self) -> list[dict[str, Any]]:
        return (await self.get("/books"))["rows"]

    async def row(self) -> dict[str, Any]:
        (row,) = await self.rows()
        return row


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def _changed(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (fields | changes).items() if value is not None}


def config(listener_url: str) -> SandboxConfig:
    return config_from(
        {
            "timing": QUICK,
            "http": {"retry_delays_s": [0.02], "call_retries_s": [0.02, 0.02, 0.02]},
            "account": [
                *(ESMS, ZALO | {"webhook_url": f"{listener_url}/receipts/zalo"}),
                TWILIO_ACCOUNT
                | {
                    "line_url": f"{listener_url}/voice/twilio/inbound",
                    "line_status_url": f"{listener_url}/receipts/twilio",
                },
                STRINGEE
                | {
                    "line_url": f"{listener_url}/voice/stringee/inbound",
                    "event_url": f"{listener_url}/receipts/stringee",
                },
            ],
        }
    )


async def started(app: web.Application) -> tuple[TestServer, str]:
    server = TestServer(app)
    await server.start_server()
    return server, str(server.make_url("")).rstrip("/")


async def started_sandbox(listener: Listener) -> tuple[TestServer, str]:
    return await started(build_app(config(listener.url)))
