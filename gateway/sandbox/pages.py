"""The sandbox's pages, in Vietnamese: what it is, and each citizen's phone."""

from datetime import datetime
from itertools import islice
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web

from gateway.sandbox.call import Persona
from gateway.sandbox.faults import BEHAVIOURS, MAGIC_PREFIX
from gateway.sandbox.handsets import CallScreen, Handset
from gateway.sandbox.keypad import KEYS
from gateway.sandbox.phone import international, local
from gateway.sandbox.switchboard import Caller
from gateway.sandbox.texting import numbers
from gateway.sandbox.world import World

FOLDER = Path(__file__).parent
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
RECENT = 50
# What a screen reader says of a key.
NAMES = {"*": "sao", "#": "thăng"}


class Pages:
    def __init__(self, world: World) -> None:
        self._world = world
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(FOLDER / "html"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"local": local, "clock": _clock, "paragraphs": str.splitlines}

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/", self.home),
            web.get("/phones", self.open),
            web.get("/phones/{number}", self.phone),
            web.get("/phones/{number}/screen", self.screen),
            web.post("/phones/{number}/calls", self.dial),
            web.post("/phones/{number}/calls/{call}/keys", self.press),
            web.post("/phones/{number}/calls/{call}/hang-up", self.hang_up),
            web.static("/static", FOLDER / "static"),
        ]

    async def home(self, _: web.Request) -> web.Response:
        return self._page(
            "home.html",
            handsets=list(islice(self._world.handsets.recent(), RECENT)),
            behaviours=BEHAVIOURS,
            prefix=MAGIC_PREFIX,
            accounts=self._world.accounts.values(),
            switchboards=self._world.switchboards,
        )

    async def open(self, request: web.Request) -> web.Response:
        """The phone of a number as somebody typed it."""
        digits = "".join(filter(str.isdigit, request.query.get("number", "")))
        raise web.HTTPSeeOther(f"/phones/{digits}" if digits else "/")

    async def phone(self, request: web.Request) -> web.Response:
        return self._page(
            "phone.html",
            handset=self._handset(request),
            switchboards=self._world.switchboards,
            numbers=numbers(self._world),
            names=NAMES,
        )

    async def screen(self, request: web.Request) -> web.Response:
        return self._page("screen.html", handset=self._handset(request), names=NAMES)

    async def dial(self, request: web.Request) -> web.Response:
        form, handset = await request.post(), self._handset(request)
        switchboard = self._world.switchboards.get(str(form.get("account", "")))
        if switchboard is None:
            raise web.HTTPUnprocessableEntity(text="account")
        caller = Caller(phone=handset.phone, persona=Persona(), withheld="withheld" in form)
        switchboard.connect(caller)
        # The phone may have been made by this very call.
        self._handset(request)
        raise web.HTTPSeeOther(f"/phones/{handset.phone}")

    async def press(self, request: web.Request) -> web.Response:
        form = await request.post()
        key = str(form.get("key", ""))
        if len(key) != 1 or key not in KEYS:
            raise web.HTTPUnprocessableEntity(text="key")
        call = self._call(request)
        if call.keypad is None:
            raise web.HTTPConflict(text="Cuộc gọi không chờ phím nào.")
        call.keypad.press(key)
        raise web.HTTPSeeOther(f"/phones/{request.match_info['number']}")

    async def hang_up(self, request: web.Request) -> web.Response:
        call = self._call(request)
        if call.hang_up is None:
            raise web.HTTPConflict(text="Cuộc gọi đã kết thúc.")
        call.hang_up()
        raise web.HTTPSeeOther(f"/phones/{request.match_info['number']}")

    def _call(self, request: web.Request) -> CallScreen:
        call = self._handset(request).call(request.match_info["call"])
        if call is None:
            raise web.HTTPNotFound
        return call

    def _handset(self, request: web.Request) -> Handset:
        phone = international(request.match_info["number"])
        handset = self._world.handsets.get(phone) or Handset(phone)
        handset.looked_at = monotonic()
        return handset

    def _page(self, name: str, **values: object) -> web.Response:
        text = self._templates.get_template(name).render(values)
        headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'self'"}
        return web.Response(text=text, content_type="text/html", headers=headers)


def _clock(at: datetime) -> str:
    return at.astimezone(HANOI).strftime("%H:%M %d/%m")
