"""A whole installation for a test: real stores, and the gateway's own processes beside them.

Nothing is patched: events come in over HTTP, providers are the sandbox on a port of its own, and
what happened is read from the API, the ledger and the sandbox's books.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp
import asyncpg

from gateway.demo import Demo
from gateway.ledger import templates
from gateway.ledger.database import Database
from gateway.ledger.templates import StoredTemplate
from gateway.sealing import Sealer
from gateway.services.apply_directory import apply, as_wanted
from gateway.settings import Settings, load_settings
from gateway.tether import Program, spawn
from gateway.wiring import keyring_of

DATA = Path(__file__).parent / "data"
TERMINAL = {
    *("acknowledged", "delivered", "unconfirmed", "failed"),
    *("expired", "cancelled", "suppressed"),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """Prepared like the demo. `overrides` are BAOTIN_… settings for all its processes, `env_of`
    holds what single ones have besides."""

    def __init__(
        self, folder: Path, database_url: str, redis_url: str, overrides: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.database_url = database_url
        self.env = {
            "BAOTIN_DATABASE_URL": database_url,
            "BAOTIN_REDIS_URL": redis_url,
            "BAOTIN_EMBEDDED_DATA_DIR": str(folder),
            "BAOTIN_WEB_PORT": str(free_port()),
            "BAOTIN_SANDBOX_PORT": str(free_port()),
            "BAOTIN_KEYS_KEYRING_FILE": str(folder / "keyring.json"),
            # The time of day must not decide a test.
            "BAOTIN_HOURS_SMS": "00:00-24:00",
            "BAOTIN_HOURS_VOICE": "00:00-24:00",
            "BAOTIN_HOURS_VOICE_WORKING_DAYS_ONLY": "false",
            "BAOTIN_CLOCK_TICK_S": "0.2",
            "BAOTIN_RECEIPTS_UNMATCHED_RETRY_S": "0.5,1,2",
            "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
            **overrides,
        }
        (folder / "metrics").mkdir()
        self.env_of: dict[str, dict[str, str]] = {}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def settings(self) -> Settings:
        return load_settings(self.env)

    @property
    def base_url(self) -> str:
        return self.settings.web.base_url

    @property
    def sandbox_url(self) -> str:
        return self.settings.sandbox.base_url

    def prepare(self, tune: Callable[[dict[str, Any]], None] = lambda _config: None) -> None:
        """Migrate and apply the demo; `tune` may change the sandbox's configuration."""
        demo = Demo(self.settings)
        # Preparing runs an event loop of its own, which must not disturb the one of the tests.
        with ThreadPoolExecutor(1) as thread:
            self.env |= thread.submit(demo.prepare, self.database_url).result()
        config = json.loads(demo.sandbox_file.read_text())
        config.setdefault("timing", {})["pace"] = 0
        tune(config)
        demo.sandbox_file.write_text(json.dumps(config))
        self.sandbox_file = demo.sandbox_file
        self.demo: dict[str, Any] = json.loads(demo.file.read_text())
        self._directory = tomllib.loads((self.folder / "directory.toml").read_text())

    def start(self, *names: str) -> None:
        """`api`, `clock`, `sandbox`, `worker-1`, …; answers once those that listen answer."""
        for name in names:
            assert name not in self.processes, f"{name} runs already"
            log = self.folder / f"{name}.log"
            env = {**os.environ, **self.env, **self.env_of.get(name, {})}
            program = Program(argv=self._argv(name), env=env, log=log)
            self.processes[name] = spawn(program)
        for name in names:
            if url := {"api": f"{self.base_url}/readyz", "sandbox": self.sandbox_url}.get(name):
                _wait_for_answer(url)

    def start_missing(self, *names: str) -> None:
        """Those of them that do not run, where several tests share an installation."""
        self.start(*(name for name in names if name not in self.processes))

    def _argv(self, name: str) -> list[str]:
        if name == "sandbox":
            host, port = "127.0.0.1", str(self.settings.sandbox.port)
            where = ["--config", str(self.sandbox_file), "--host", host, "--port", port]
            return [sys.executable, "-m", "gateway.sandbox", *where]
        command = {"api": "serve", "clock": "clock"}.get(name.partition("-")[0], "work")
        return [sys.executable, "-m", "gateway", command]

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        process = self.processes.pop(name)
        process.send_signal(number)
        process.wait(timeout=30)

    def stop(self) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.demo['api_key']}",
            "Content-Type": "application/cloudevents+json",
        }

    async def post(self, session: aiohttp.ClientSession, event: Any) -> tuple[int, Any]:
        url = f"{self.base_url}/v1/events"
        async with session.post(url, data=json.dumps(event), headers=self.headers()) as answer:
            return answer.status, await answer.json(content_type=None)

    async def notification(self, session: aiohttp.ClientSession, shown_id: str) -> dict[str, Any]:
        url = f"{self.base_url}/v1/notifications/{shown_id}"
        async with session.get(url, headers=self.headers()) as answer:
            found: dict[str, Any] = await answer.json(content_type=None)
            return found

    async def ended(
        self, session: aiohttp.ClientSession, shown_id: str, within_s: float = 20
    ) -> dict[str, Any]:
        """The notification once it has ended, and with it the call that was heard; fails with its
        whole story if it does not."""
        return await self.until(session, shown_id, _has_ended, within_s)

    async def until(
        self,
        session: aiohttp.ClientSession,
        shown_id: str,
        wanted: Callable[[dict[str, Any]], bool],
        within_s: float = 20,
    ) -> dict[str, Any]:
        deadline = time.monotonic() + within_s
        while True:
            found = await self.notification(session, shown_id)
            if wanted(found):
                return found
            if time.monotonic() > deadline:
                raise AssertionError(json.dumps(found, indent=1) + self.logs())
            await asyncio.sleep(0.1)

    async def books(self, session: aiohttp.ClientSession) -> list[dict[str, Any]]:
        """What the providers took."""
        async with session.get(f"{self.sandbox_url}/books") as answer:
            found: list[dict[str, Any]] = (await answer.json(content_type=None))["rows"]
            return found

    async def control(self, session: aiohttp.ClientSession, **wish: Any) -> None:
        async with session.post(f"{self.sandbox_url}/control", json=wish) as answer:
            assert answer.status == 200, await answer.text()

    async def dial(
        self,
        session: aiohttp.ClientSession,
        account: str,
        phone: str,
        keys: Sequence[str] = (),
        **wish: Any,
    ) -> dict[str, Any]:
        """How a call went that a person made to an account's number: `status`, `lines` (with `by`
        voice, person or event, and `text`), `talked_s`. One entry of keys for each question."""
        call = await self.dialled(session, account, phone, keys, **wish)
        return await self.transcript(session, call)

    async def dialled(
        self,
        session: aiohttp.ClientSession,
        account: str,
        phone: str,
        keys: Sequence[str] = (),
        **wish: Any,
    ) -> str:
        """The id of a call that a person has begun to make."""
        wanted = {"account": account, "phone": phone, "keys": list(keys), **wish}
        async with session.post(f"{self.sandbox_url}/control/dial", json=wanted) as answer:
            assert answer.status == 200, await answer.text()
            return str((await answer.json())["call"])

    async def transcript(
        self, session: aiohttp.ClientSession, call: str, within_s: float = 20
    ) -> dict[str, Any]:
        """How any simulated call went, once it has ended; fails with what was said if it does not
        end."""
        deadline = time.monotonic() + within_s
        while True:
            async with session.get(f"{self.sandbox_url}/calls/{call}") as answer:
                told: dict[str, Any] = await answer.json()
            if told["ended"]:
                return told
            if time.monotonic() > deadline:
                raise AssertionError(json.dumps(told, indent=1, ensure_ascii=False) + self.logs())
            await asyncio.sleep(0.02)

    async def said(
        self, session: aiohttp.ClientSession, call: str, text: str, within_s: float = 20
    ) -> None:
        """Once this was said in a running call."""
        deadline = time.monotonic() + within_s
        while True:
            async with session.get(f"{self.sandbox_url}/calls/{call}") as answer:
                lines = (await answer.json())["lines"]
            if any(text in line["text"] for line in lines):
                return
            assert time.monotonic() < deadline, lines
            await asyncio.sleep(0.02)

    async def retune(self, channel: str, **changes: Any) -> None:
        """Give every route step of a channel other values."""

        def change(unit: dict[str, Any]) -> None:
            for step in unit["route"]:
                if step["channel"] == channel:
                    step.update(changes)

        await self._apply(change)

    async def route_only(self, channel: str, **changes: Any) -> None:
        """Leave only this channel in the routes that have it."""

        def change(unit: dict[str, Any]) -> None:
            kept = [step | changes for step in unit["route"] if step["channel"] == channel]
            unit["route"] = kept or unit["route"]

        await self._apply(change)

    async def drop_channel(self, channel: str) -> None:
        def change(unit: dict[str, Any]) -> None:
            kept = [step for step in unit["route"] if step["channel"] != channel]
            unit["route"] = kept or unit["route"]

        await self._apply(change)

    async def retune_accounts(self, **changes: Any) -> None:
        await self._apply(lambda _unit: None, changes)

    async def replace_account(self, code: str, **fields: Any) -> None:
        """Let another contract stand under the code of an account."""
        [account] = [one for one in self._directory["account"] if one["code"] == code]
        account.update(fields)
        await self._apply(lambda _unit: None)

    async def add_account(self, pool: str, code: str, like: str, **fields: Any) -> None:
        """Another contract in a pool, otherwise like an account that is there."""
        [model] = [one for one in self._directory["account"] if one["code"] == like]
        self._directory["account"].append({**model, **fields, "code": code})
        [found] = [one for one in self._directory["pool"] if one["code"] == pool]
        found["accounts"] = [*found["accounts"], code]
        await self._apply(lambda _unit: None)

    async def retune_sources(self, **changes: Any) -> None:
        await self._apply(lambda _unit: None, {}, changes)

    async def publish(
        self, kind: str, channel: str, unit: str, body: str, language: str = "vi"
    ) -> None:
        """Release one unit's own version of a template, as staff would; the common one for ""."""
        database = await Database.connect(self.database_url, size=1, statement_timeout_s=10)
        try:
            async with database.transaction() as connection:
                own = StoredTemplate(
                    kind=kind,
                    channel=channel,
                    language=language,
                    unit=unit,
                    version=0,
                    body=body,
                )
                in_force = await templates.read(connection, await templates.latest(connection))
                added = await templates.add_version(connection, own, "staff")
                await templates.publish(connection, [*in_force, added], "staff", "")
        finally:
            await database.close()

    async def _apply(
        self,
        change_unit: Callable[[dict[str, Any]], None],
        account: Mapping[str, Any] = MappingProxyType({}),
        source: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        directory = self._directory
        for unit in directory["unit"]:
            change_unit(unit)
        for one in directory["account"]:
            one.update(account)
        for one in directory["source"]:
            one.update(source)
        wanted = [as_wanted(kind, table) for kind, tables in directory.items() for table in tables]
        database = await Database.connect(self.database_url, size=1, statement_timeout_s=10)
        try:
            await apply(database, Sealer(keyring_of(self.settings)), wanted, "test")
        finally:
            await database.close()

    async def baotin(self, *arguments: str) -> str:
        """Run a command as an administrator would; what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", *arguments),
            env={**os.environ, **self.env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def until_rows(self, statement: str, within_s: float = 20) -> None:
        """Once the statement finds something."""
        deadline = time.monotonic() + within_s
        while not await self.rows(statement):
            assert time.monotonic() < deadline, statement
            await asyncio.sleep(0.05)

    async def rows(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.database_url)
        try:
            found: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return found
        finally:
            await connection.close()


def event(number: int, phone: str = "0984 765 321", **changes: Any) -> dict[str, Any]:
    """A result-ready event of the demo's source; numbers make ids and codes differ."""
    posted: dict[str, Any] = json.loads((DATA / "result_ready.json").read_text())
    posted["id"] = f"test-{number}"
    posted["data"]["dossier"]["code"] = f"000.00.12.H10-241105-{number:05d}"
    posted["data"]["applicant"]["phones"] = [phone]
    for name, value in changes.items():
        posted["data"][name] = value
    return posted


def _wait_for_answer(url: str, within_s: float = 20) -> None:
    import urllib.request

    deadline = time.monotonic() + within_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _has_ended(one: dict[str, Any]) -> bool:
    """A call is told to be heard before it is over."""
    called = one["attempts"] and one["attempts"][-1]["channel"] == "voice"
    under_way = called and one["state"] == "delivered"
    call_over = any(told["talked_s"] is not None for told in one["receipts"])
    return one["state"] in TERMINAL and (call_over or not under_way)
