"""What needs somebody: counts with what to do, each leading to the messages it counts."""

from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.services.attention import LOOKS_BACK, Trouble
from gateway.web.console.pages.messages import address
from gateway.web.console.visit import Visit

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


async def show_attention(visit: Visit) -> web.Response:
    found = await visit.console.attention.look(visit.staff)
    first = found.since.astimezone(_HANOI).date().isoformat()

    def list_of(trouble: Trouble) -> str:
        reason = {"reason": trouble.reason} if trouble.reason else {}
        return address({"state": trouble.state.value, **reason, "from": first})

    return visit.page(
        "messages/attention.html",
        attention=found,
        list_of=list_of,
        held_path=address({"state": "held"}),
        days=LOOKS_BACK.days,
    )
