"""Acting on a notification: taking it back, sending it once more."""

import re
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from gateway.domain.channel import Channel
from gateway.domain.identity import EVENT, NOTIFICATION, show
from gateway.services.resend import Asked
from gateway.services.resend_check import Wish
from gateway.services.withdraw import Withdrawal
from gateway.web.answers import answer, problem
from gateway.web.api.notifications import nothing, notification_id_in
from gateway.web.bodies import read_body, whole_body
from gateway.web.callers import Caller
from gateway.web.keys import CALLERS, LOOK_UP, RESEND, WITHDRAW

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class ResendBody(BaseModel):
    """How to send it once more; all of it may be left out."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[
        str | None,
        Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="A word code, such as wrong_phone."),
    ] = None
    channel: Annotated[
        Channel | None, Field(description="Only this channel of the unit's route.")
    ] = None
    phone: Annotated[
        str | None,
        Field(min_length=1, max_length=200, description="Instead of all numbers known so far."),
    ] = None
    force: Annotated[
        bool,
        Field(description="Even if somebody may have been reached before, or it is owed no more."),
    ] = False


async def cancel_notification(request: web.Request) -> web.Response:
    """POST /v1/notifications/{id}/cancel"""
    caller = request.app[CALLERS].by_key(request, "act")
    notification_id = notification_id_in(request.match_info["id"])
    match await request.app[WITHDRAW].withdraw(notification_id, caller.source.code, "source"):
        case Withdrawal.UNKNOWN:
            raise nothing()
        case Withdrawal.ENDED:
            raise problem(
                409, "already_ended", "This notification has ended; nothing is left to cancel."
            )
    return await _told(request, notification_id, caller)


async def resend_notification(request: web.Request) -> web.Response:
    """POST /v1/notifications/{id}/resend"""
    caller = request.app[CALLERS].by_key(request, "act")
    notification_id = notification_id_in(request.match_info["id"])
    wanted = read_body(ResendBody, await whole_body(request) or b"{}", "invalid_resend")
    resent = await request.app[RESEND].resend(
        Asked(
            source=caller.source,
            mode=caller.mode,
            notification_id=notification_id,
            key=_idempotency_key(request),
            wish=Wish(**wanted.model_dump()),
        )
    )
    shown = show(NOTIFICATION, resent.notification_id)
    return answer(
        202 if resent.fresh else 200,
        {
            "event": show(EVENT, resent.event_id),
            "notification": {"id": shown, "href": f"/v1/notifications/{shown}"},
            "resend_of": show(NOTIFICATION, notification_id),
        },
    )


async def _told(request: web.Request, notification_id: UUID, caller: Caller) -> web.Response:
    found = await request.app[LOOK_UP].one(notification_id, caller.source.code, caller.reader)
    if found is None:
        raise nothing()
    return answer(200, found)


def _idempotency_key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise problem(
            400,
            "idempotency_key",
            "Send an Idempotency-Key of 1 to 255 printable characters: the same key for the same"
            " wish, so that asking again sends nothing more.",
        )
    return key
