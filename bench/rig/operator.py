"""Somebody at the console: signed in over HTTP as the demo's operator, asking for one page at a
time and filling forms in as a browser does."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bench.rig.site import Site

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A page, or with a `form` what is posted to it; the answer is where that leads."""

    path: str
    form: Mapping[str, str] | None = None


class Operator:
    def __init__(self, base_url: str, session: aiohttp.ClientSession) -> None:
        self._base_url, self._session = base_url, session
        self._csrf = ""

    @classmethod
    @asynccontextmanager
    async def at(cls, site: Site) -> AsyncIterator["Operator"]:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            operator = cls(site.one.base_url, session)
            [user] = [one for one in site.one.demo["users"] if one["role"] == "operator"]
            await operator.text(Ask(path="/console/sign-in"))
            form = {"name": user["name"], "password": user["password"]}
            await operator.text(Ask(path="/console/sign-in", form=form))
            # The forms of this session.
            await operator.text(Ask(path="/console/account"))
            yield operator

    async def text(self, ask: Ask) -> str:
        """The page at the end of the way. Raises where it is none."""
        url = self._base_url + ask.path
        if ask.form is None:
            sent = self._session.get(url)
        else:
            sent = self._session.post(url, data={"csrf": self._csrf, **ask.form})
        async with sent as answer:
            # A spreadsheet is none.
            text = (await answer.read()).decode(errors="replace")
            if answer.status != 200:
                raise RuntimeError(f"{ask.path} answered {answer.status}")
        if found := _CSRF.search(text):
            self._csrf = found[1]
        return text
