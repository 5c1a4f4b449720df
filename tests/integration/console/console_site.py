"""A console over a real ledger, and browsers without a window that visit it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
from aiohttp.test_utils import TestServer
from yarl import URL

from gateway.domain.dossier import DossierEvent
from gateway.domain.staff import Role
from gateway.intake.digest import canonical
from gateway.intake.events import read_event
from gateway.sealing import Keyring
from gateway.services.apply_directory import apply, read_file
from gateway.services.booking import Posted
from gateway.services.live_templates import publish_shipped
from gateway.services.users import Rights
from gateway.settings import load_settings
from gateway.web.app import build_app
from gateway.wiring import CONFIG, TEMPLATES, Api, installed, wire_api, wire_jobs

PASSWORD = "sông Bé chảy về đâu"
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


@dataclass(kw_only=True)
class Browser:
    """Keeps cookies and sends the token of the last form it saw, as a browser would."""

    session: aiohttp.ClientSession
    base: URL
    token: str = ""

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._ask("GET", path, headers=headers)

    async def post(
        self,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **fields: str | Sequence[str],
    ) -> Answer:
        typed = [("csrf", self.token if token is None else token)]
        for name, value in fields.items():
            typed += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        return await self._ask("POST", path, data=typed, headers=headers or {})

    async def _ask(self, method: str, path: str, **options: object) -> Answer:
        url = self.base.join(URL(path, encoded=True))
        async with self.session.request(
            method,
            url,
            allow_redirects=False,
            **options,  # type: ignore[arg-type]
        ) as answer:
            text = await answer.text(errors="replace")
            if found := _TOKEN.search(text):
                self.token = found[1]
            return Answer(status=answer.status, text=unescape(text), headers=answer.headers)

    async def sign_in(self, name: str, password: str = PASSWORD, next: str = "") -> Answer:
        await self.get("/console/sign-in")
        answer = await self.post("/console/sign-in", name=name, password=password, next=next)
        if answer.status == 303:
            await self.get("/console/account")
        return answer

    def cookie(self, name: str = "baotin-session") -> str | None:
        found = self.session.cookie_jar.filter_cookies(self.base).get(name)
        return found.value if found else None


@dataclass(kw_only=True)
class ConsoleSite:
    api: Api
    server: TestServer
    database_url: str
    browsers: list[Browser] = field(default_factory=list)

    @classmethod
    async def open(
        cls, folder: Path, database_url: str, redis_url: str, **overrides: str
    ) -> "ConsoleSite":
        if not (folder / "keyring.json").exists():
            Keyring.generate().save(folder / "keyring.json")
        settings = load_settings(
            {
                "BAOTIN_DATABASE_URL": database_url,
                "BAOTIN_REDIS_URL": redis_url,
                "BAOTIN_KEYS_KEYRING_FILE": str(folder / "keyring.json"),
                **overrides,
            }
        )
        api = await wire_api(settings, lambda _lane: None, lambda: None)
        server = TestServer(build_app(api.parts, settings.web.body_limit_bytes))
        await server.start_server()
        return cls(api=api, server=server, database_url=database_url)

    async def add(
        self,
        name: str,
        *roles: Role,
        units: frozenset[str] | None = None,
        must_change: bool = False,
    ) -> None:
        rights = Rights(roles=frozenset(roles), units=units)
        await self.api.parts.console.users.add(
            name, rights, PASSWORD, "test", must_change=must_change
        )

    async def with_directory(self) -> None:
        """The example's units, pick-up points, accounts and source, in force."""
        core = self.api.core
        wanted = read_file(CONFIG / "directory.example.toml", installed(core.settings))
        await apply(core.database, core.sealer, wanted, "test")
        await core.directory.refresh()

    async def owed(self, number: int, unit: str = "H10.12", **data: Any) -> UUID:
        """The id of a notification that somebody is owed now."""
        core = self.api.core
        await publish_shipped(core.database, TEMPLATES)
        await core.templates.refresh()
        raw = {
            "specversion": "1.0",
            "id": f"event-{number}",
            "source": "/h10/bu-dop/igate",
            "type": "vn.dossier.result-ready",
            "data": {
                "dossier": {"code": f"000.00.12.H10-260303-{number:04d}"},
                "applicant": {"name": "Nguyễn Thị Minh Ánh", "phones": ["0984 765 321"]},
                "unit": unit,
                **data,
            },
        }
        event = read_event(raw)
        assert isinstance(event, DossierEvent)
        posted = Posted(event=event, canonical=canonical(str(raw["type"]), raw["data"]))
        source = core.directory.now.sources["igate-bu-dop"]
        [answer] = await self.api.parts.submit.submit(source, [posted])
        return answer.owed[0].id

    async def limited(self, role: Role, *units: str) -> Browser:
        """The browser of a new user who sees these units only."""
        name = f"b-{role}-{len(self.browsers)}"
        await self.add(name, role, units=frozenset(units))
        browser = self.browser()
        assert (await browser.sign_in(name)).status == 303
        return browser

    async def work_off(self, parts: int = 1000) -> None:
        """What workers do about jobs, until nothing is left or so many parts are done."""
        jobs = wire_jobs(self.api.core, lambda _lane: None)
        while parts and await jobs.one():
            parts -= 1

    async def audited(self) -> list[tuple[str, str, str]]:
        """What staff did, besides coming and going: act, subject and detail, the oldest first."""
        rows = await self.rows(
            "SELECT action, subject, detail FROM audit WHERE actor LIKE 'user:%'"
            " AND action NOT LIKE 'session.%' ORDER BY id"
        )
        return [(row["action"], row["subject"], row["detail"]) for row in rows]

    def browser(self) -> Browser:
        jar = aiohttp.CookieJar(unsafe=True)
        browser = Browser(
            session=aiohttp.ClientSession(cookie_jar=jar), base=self.server.make_url("/")
        )
        self.browsers.append(browser)
        return browser

    async def signed_in(self, role: Role) -> Browser:
        """The browser of a new user with this one role."""
        await self.add(f"a-{role}", role)
        browser = self.browser()
        assert (await browser.sign_in(f"a-{role}")).status == 303
        return browser

    async def rows(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.database_url)
        try:
            found: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return found
        finally:
            await connection.close()

    async def close(self) -> None:
        for browser in self.browsers:
            await browser.session.close()
        await self.server.close()
        await self.api.close()
