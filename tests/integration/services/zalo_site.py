"""Two official accounts of one Zalo app, one for each unit: the simulated Zalo on a port, our API
where it posts its events, and as many workers as a test asks for, all wired as in life."""

import asyncio
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from aiohttp.test_utils import TestServer
from installation import free_port
from office import TABLES, TEMPLATES, entries, posted

from gateway.domain.notification import Lane
from gateway.ledger import alerts
from gateway.ledger.database import Database
from gateway.providers.contract import ReceiptRequest, TokenPair
from gateway.sandbox import zalo_event
from gateway.sandbox.app import WORLD, build_app
from gateway.sandbox.simulators import config_from
from gateway.sandbox.world import World
from gateway.sandbox.zalo_account import ZaloAccount
from gateway.sealing import Keyring, Sealer
from gateway.services.apply_directory import apply
from gateway.services.live_templates import publish_shipped
from gateway.services.tokens import store_pair
from gateway.settings import Settings, load_settings
from gateway.web.app import build_app as build_api
from gateway.wiring import Api, Clockwork, Delivery, wire_api, wire_clock, wire_delivery

APP_ID, APP_SECRET, EVENTS_SECRET = "4000", "app-12ef", "oa-55dd"
# By unit: the account that writes in its name, which is also the name of its pool.
OA = {"H10.12": "oa-a", "H10.13": "oa-b"}
OA_ID = {"oa-a": "2001", "oa-b": "2002"}
TEMPLATE = {"oa-a": "7001", "oa-b": "8001"}
TRIES_S = [0, 1, 1, 1, 1, 1]


def _registered(template_id: str) -> dict[str, Any]:
    text = tomllib.loads((TEMPLATES / "result-ready/zalo.vi.toml").read_text(encoding="utf-8"))
    params = [{"name": name, "max_length": one["max"]} for name, one in text["params"].items()]
    return {"id": template_id, "name": "Báo kết quả", "params": params}


def _simulated(code: str, webhook_url: str) -> dict[str, Any]:
    return {
        "provider": "zalo",
        "code": code,
        "app_id": APP_ID,
        "app_secret": APP_SECRET,
        "oa_id": OA_ID[code],
        "oa_name": code,
        "oa_secret_key": EVENTS_SECRET,
        "refresh_token": f"refresh-{code}",
        "access_token": f"access-{code}",
        "webhook_url": webhook_url,
        "receipt_delay_ms": 30,
        "daily_quota": 10_000,
        "groups": ["group-1"],
        "template": [_registered(TEMPLATE[code]), {"id": "9", "name": "not ours"}],
    }


def _account(code: str, sandbox_url: str) -> dict[str, Any]:
    return {
        "code": code,
        "provider": "zalo_zns",
        "base_url": f"{sandbox_url}/zalo",
        "rate_per_s": 5000,
        "timeout_s": 5,
        "settings": {
            "app_id": APP_ID,
            "oa_id": OA_ID[code],
            "oauth_base_url": f"{sandbox_url}/zalo-oauth",
        },
        "templates": {"result-ready": TEMPLATE[code]},
        "secrets": {"app_secret": APP_SECRET, "oa_secret_key": EVENTS_SECRET},
    }


def _unit(code: str) -> dict[str, Any]:
    [unit] = [one for one in TABLES["unit"] if one["code"] == code]
    return {**unit, "route": [{"channel": "zalo", "pool": OA[code], "tries_s": TRIES_S}]}


def directory(sandbox_url: str) -> dict[str, list[dict[str, Any]]]:
    codes = list(OA.values())
    return {
        "pickup_point": TABLES["pickup_point"],
        "account": [_account(code, sandbox_url) for code in codes],
        "pool": [{"code": code, "channel": "zalo", "accounts": [code]} for code in codes],
        "unit": [_unit(code) for code in OA],
        "source": TABLES["source"],
    }


@dataclass
class ZaloSite:
    settings: Settings
    env: dict[str, str]
    database: Database
    sealer: Sealer
    world: World
    api: Api
    clockwork: Clockwork
    servers: list[TestServer]
    workers: list[Delivery] = field(default_factory=list)

    @classmethod
    async def open(
        cls, database_url: str, folder: Path, *, events_to: str | None = ""
    ) -> "ZaloSite":
        """Events of both go to the address of the account `events_to`, to each its own, or for None
        nowhere."""
        Keyring.generate().save(folder / "keyring.json")
        env = {
            "BAOTIN_DATABASE_URL": database_url,
            "BAOTIN_REDIS_URL": "redis://127.0.0.1:1",
            "BAOTIN_EMBEDDED_DATA_DIR": str(folder),
            "BAOTIN_KEYS_KEYRING_FILE": str(folder / "keyring.json"),
            "BAOTIN_WEB_PORT": str(free_port()),
            "BAOTIN_SANDBOX_PORT": str(free_port()),
            "BAOTIN_DELIVER_CONCURRENCY": "4",
            "BAOTIN_DELIVER_LINGER_S": "0.3",
        }
        settings = load_settings(env)
        sealer = Sealer(Keyring.load(folder / "keyring.json"))
        database = await Database.connect(database_url, size=4, statement_timeout_s=10)
        await publish_shipped(database, TEMPLATES)
        tables = directory(settings.sandbox.base_url)
        await apply(database, sealer, entries(tables), "test")
        receipts = f"{settings.web.base_url}/receipts"
        simulated = [
            _simulated(code, "" if events_to is None else f"{receipts}/{events_to or code}")
            for code in OA_ID
        ]
        sandbox = build_app(
            config_from({"account": simulated, "http": {"retry_delays_s": [0.1, 0.5]}})
        )
        api = await wire_api(settings, lambda _lane: None, lambda: None)
        edge = build_api(api.parts, settings.web.body_limit_bytes)
        servers = [
            TestServer(sandbox, port=settings.sandbox.port),
            TestServer(edge, port=settings.web.port),
        ]
        for server in servers:
            await server.start_server()
        clockwork = await wire_clock(settings)
        site = cls(
            settings=settings,
            env=env,
            database=database,
            sealer=sealer,
            world=sandbox[WORLD],
            api=api,
            clockwork=clockwork,
            servers=servers,
        )
        for code in OA_ID:
            await site.give_tokens(code, f"access-{code}", f"refresh-{code}")
        return site

    async def close(self) -> None:
        for worker in self.workers:
            await worker.close()
        for server in self.servers:
            await server.close()
        await self.clockwork.close()
        await self.api.close()
        await self.database.close()

    def oa(self, code: str) -> ZaloAccount:
        """The simulated side of an account."""
        found = self.world.accounts[code]
        assert isinstance(found, ZaloAccount)
        return found

    async def give_tokens(self, code: str, access: str, refresh: str) -> None:
        pair = TokenPair(access=access, refresh=refresh, expires_in_s=90_000)
        await store_pair(self.database, self.sealer, code, pair)

    async def owed(self, count: int, unit: str = "H10.12", first: int = 1) -> list[UUID]:
        source = self.api.core.directory.now.sources["igate"]
        events = [posted(number, unit=unit) for number in range(first, first + count)]
        answers = await self.api.parts.submit.submit(source, events)
        return [one.id for answer in answers for one in answer.owed]

    async def worker(self) -> Delivery:
        self.workers.append(await wire_delivery(self.settings, lambda _lane: None))
        return self.workers[-1]

    async def serve(self, pool: str = "oa-a", workers: int = 1) -> None:
        """So many processes serve the lane until nothing is due."""
        while len(self.workers) < workers:
            await self.worker()
        lane = Lane(pool=pool)
        await asyncio.gather(
            *(one.serve.work(lane, lambda: False) for one in self.workers[:workers])
        )

    async def rows(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self.database.connection() as connection:
            found: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return found

    async def states(self, ids: list[UUID]) -> dict[str, int]:
        rows = await self.rows(
            "SELECT state, count(*) AS n FROM notification WHERE id = ANY ($1) GROUP BY 1", ids
        )
        return {row["state"]: row["n"] for row in rows}

    async def alerts(self) -> dict[tuple[str, str], str]:
        """The open ones: kind and subject, and what they say."""
        async with self.database.connection() as connection:
            found = await alerts.open_alerts(connection)
        return {(str(one.alert.kind), one.alert.subject): one.alert.detail for one in found}

    async def set_up(
        self,
        code: str,
        settings: dict[str, str],
        secrets: dict[str, str] | None = None,
        **changes: Any,
    ) -> None:
        """Change an account in the directory, in force at once."""
        tables = directory(self.settings.sandbox.base_url)
        for account in tables["account"]:
            if account["code"] == code:
                account["settings"] |= settings
                account["secrets"] |= secrets or {}
                account.update(changes)
        await apply(self.database, self.sealer, entries(tables), "test")
        for core in (self.api.core, self.clockwork.core):
            await core.directory.refresh()

    def event_of(self, code: str, name: str, **told: Any) -> ReceiptRequest:
        """An event as the app signs it, for a test that hands it in itself."""
        letter = zalo_event.change(self.oa(code).setting, name, told)
        assert letter.body is not None
        return ReceiptRequest(
            method="POST",
            url=letter.url,
            path_token="",
            headers=letter.headers,
            query={},
            body=letter.body,
        )

    async def until_stale(self, code: str, within_s: float = 5) -> None:
        """Wait until an event has asked for a new look at an account."""
        deadline = time.monotonic() + within_s
        statement = "SELECT 1 FROM zalo_account WHERE account = $1 AND stale_since IS NOT NULL"
        while not await self.rows(statement, code):
            assert time.monotonic() < deadline, "no event came"
            await asyncio.sleep(0.05)

    async def until_alerts(self, *expected: tuple[str, str], within_s: float = 5) -> None:
        """Wait for what an event brings about."""
        deadline = time.monotonic() + within_s
        while set(found := await self.alerts()) != set(expected):
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.05)
