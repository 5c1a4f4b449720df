"""What tests and operators of the sandbox may ask: change an account's conduct, read the books.

Answers are JSON; a mistake in a request is answered with 422 and a sentence.
"""

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web

from gateway.sandbox.config import BadConfig, conduct_of
from gateway.sandbox.world import World


class Control:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self.health),
            web.post("/control", self.change),
            web.get("/books", self.books),
            web.delete("/books", self.empty),
        ]

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def change(self, request: web.Request) -> web.Response:
        """`account` names one account; without it, all are changed."""
        try:
            wishes = dict(await request.json())
            account = wishes.pop("account", None)
            codes = list(self._world.accounts) if account is None else [account]
            told = {code: self._changed(code, dict(wishes)) for code in codes}
        except (BadConfig, ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=422)
        return web.json_response({"accounts": told})

    def _changed(self, code: str, wishes: dict[str, Any]) -> dict[str, Any]:
        account = self._world.accounts.get(code)
        if account is None:
            raise BadConfig(f"no account {code!r}")
        account.take_wishes(wishes)
        account.conduct = conduct_of(asdict(account.conduct) | wishes)
        return asdict(account.conduct)

    async def books(self, request: web.Request) -> web.Response:
        books = self._world.books
        if request.query.get("summary") == "1":
            return web.json_response(books.summary())
        rows = list(books.rows(untaken=request.query.get("untaken") == "1"))
        body = json.dumps({"count": len(rows), "rows": rows}, ensure_ascii=False)
        return web.Response(text=body, content_type="application/json")

    async def empty(self, _: web.Request) -> web.Response:
        self._world.books.empty()
        self._world.handsets.empty()
        return web.Response(status=204)
