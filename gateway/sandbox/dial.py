"""What tests ask of the persons: to call an account's number, and how a call goes.

Answers are JSON; a mistake in a request is answered with 422 and a sentence.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from gateway.sandbox.call import Call, Persona
from gateway.sandbox.config import BadConfig, made
from gateway.sandbox.keypad import KEYS
from gateway.sandbox.phone import international
from gateway.sandbox.switchboard import Caller
from gateway.sandbox.world import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """`keys` has one entry for each question, pressed key by key; an empty one, and none, is
    silence. `withheld` may be what the other end gets in place of the number. With `hangs_up`,
    nothing is listened to; `hangs_up_after` so many questions, the next one finds nobody."""

    account: str
    phone: str
    keys: tuple[str, ...] = ()
    withheld: bool | str = False
    hangs_up: bool = False
    hangs_up_after: int | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.keys, tuple) and all(isinstance(one, str) for one in self.keys)
        if not whole or set("".join(self.keys)) - set(KEYS):
            raise BadConfig(f"keys are lists of {KEYS}")
        if type(self.hangs_up_after) not in (int, type(None)):
            raise BadConfig("hangs_up_after is a number of questions")

    @property
    def caller(self) -> Caller:
        persona = Persona(
            keys=self.keys, hangs_up=self.hangs_up, hangs_up_after=self.hangs_up_after
        )
        return Caller(
            phone=international(self.phone),
            persona=persona,
            withheld=self.withheld is not False,
            shown_as=self.withheld if isinstance(self.withheld, str) else None,
        )


class Dial:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/control/dial", self.dial), web.get("/calls/{id}", self.call)]

    async def dial(self, request: web.Request) -> web.Response:
        try:
            call = self._connected(dict(await request.json()))
        except (BadConfig, ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=422)
        return web.json_response({"call": call.id})

    def _connected(self, table: Mapping[str, Any]) -> Call:
        wish = made(Wish, table)
        switchboard = self._world.switchboards.get(wish.account)
        if switchboard is None:
            raise BadConfig(f"no account {wish.account!r} that takes calls")
        return switchboard.connect(wish.caller)

    async def call(self, request: web.Request) -> web.Response:
        call = self._world.calls.get(request.match_info["id"])
        if call is None:
            raise web.HTTPNotFound
        told = {
            "status": call.status,
            "ended": call.ended,
            "lines": [asdict(line) for line in call.screen.lines],
            "talked_s": call.duration_s,
        }
        return web.json_response(told)
