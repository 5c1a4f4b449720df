"""What needs somebody: counts with what to do, each leading to the messages it counts."""

from aiohttp import web

from gateway.domain.staff import Permission
from gateway.ledger.refused_posts import RefusedPost
from gateway.services.attention import LOOKS_BACK, Trouble
from gateway.web.console.pages.messages import address
from gateway.web.console.visit import Visit


async def show_attention(visit: Visit) -> web.Response:
    found = await visit.console.attention.look(visit.staff)

    def filter_of(trouble: Trouble) -> dict[str, str]:
        reason = {"reason": trouble.reason} if trouble.reason else {}
        return {"state": trouble.state.value, **reason, "from": found.since.isoformat()}

    def title_of(one: RefusedPost) -> str:
        title = visit.words.if_known(f"attention.refused.{one.code}.title", one.code)
        if not one.field:
            return title
        return f"{title}: {visit.words.if_known(f'attention.field.{one.field}', one.field)}"

    return visit.page(
        "messages/attention.html",
        attention=found,
        filter_of=filter_of,
        list_of=lambda trouble: address(filter_of(trouble)),
        title_of=title_of,
        may_steer=visit.staff.may(Permission.STEER_MESSAGES),
        held_path=address({"state": "held"}),
        days=LOOKS_BACK.days,
    )
