"""Events that Zalo posts about an official account: their signature, and what they tell.

Of a message Zalo only ever reports that it arrived; nothing reports that one did not. Of the
account it tells changes of quota, templates and content types. Feedback and chat owe us nothing.
Source: the platform's integration specification (webhooks); public webhook code.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from gateway.domain.alert import AlertKind
from gateway.domain.outcome import Receipt, Verdict
from gateway.providers.contract import AccountNotice, NotAReceipt, ReceiptRequest

SIGNATURE = "X-ZEvent-Signature"
ARRIVED = "user_received_message"
IN_FORCE, POOR = "ENABLE", "LOW"

_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")


def is_signed(request: ReceiptRequest, app_id: str, secret: str) -> bool:
    """Whether the header carries SHA-256 (not HMAC) of app id, raw body, timestamp and secret."""
    try:
        stamp = str(request.json()["timestamp"])
    except (NotAReceipt, KeyError):
        return False
    mac = sha256(app_id.encode() + request.body + stamp.encode() + secret.encode()).hexdigest()
    given = request.header(SIGNATURE).removeprefix("mac=")
    return compare_digest(given.encode(), mac.encode())


def receipts(request: ReceiptRequest) -> Sequence[Receipt]:
    """Raises NotAReceipt for what is not an event at all."""
    event = request.json()
    name, message = event.get("event_name"), event.get("message")
    if not isinstance(name, str):
        raise NotAReceipt("no event_name")
    if name != ARRIVED or not isinstance(message, dict):
        return ()
    tracking_id, msg_id = message.get("tracking_id"), message.get("msg_id")
    # The same event is sent for chat messages, which have no tracking id.
    if not isinstance(tracking_id, str) or not tracking_id:
        return ()
    return (
        Receipt(
            verdict=Verdict.DELIVERED,
            reference=tracking_id,
            provider_id=msg_id if isinstance(msg_id, str) else None,
            code=name,
            at=moment(message.get("delivery_time")),
        ),
    )


def about(request: ReceiptRequest, app_id: str) -> Mapping[str, str]:
    """One app may post the events of all its official accounts to one address."""
    event = request.json()
    oa_id = event.get("oa_id") or event.get("oaId")
    # Of an arrival, the sender is the account; of what a person does, the recipient would be.
    if event.get("event_name") == ARRIVED:
        oa_id = _table(event, "sender").get("id")
    return {"app_id": app_id, "oa_id": oa_id} if isinstance(oa_id, str) and oa_id else {}


def notices(request: ReceiptRequest) -> Sequence[AccountNotice]:
    """Raises NotAReceipt for what is not an event at all."""
    event = request.json()
    read = NOTICES.get(str(event.get("event_name")))
    return (read(event),) if read else ()


def _quota(event: Mapping[str, Any]) -> AccountNotice:
    quota = _table(event, "quota")
    before, now = _word(quota.get("prev_value")), _word(quota.get("new_value"))
    known = before.isdecimal() and now.isdecimal()
    return AccountNotice(
        kind=AlertKind.QUOTA_CHANGED,
        before=before,
        now=now,
        # Whether a rise makes good for an earlier fall, only who remembers that can tell.
        worse=True if known and int(now) < int(before) else None,
    )


def _status(event: Mapping[str, Any]) -> AccountNotice:
    status = _table(event, "status")
    now = _word(status.get("new_status"))
    return AccountNotice(
        kind=AlertKind.TEMPLATE_CHANGED,
        template=_word(event.get("template_id")),
        before=_word(status.get("prev_status")),
        now=now,
        # That it is in force does not say that our parameters still fit it.
        worse=True if now and now != IN_FORCE else None,
    )


def _quality(event: Mapping[str, Any]) -> AccountNotice:
    # A word by what is known; should it be a table as in other events, the account is asked.
    now = _word(event.get("quality"))
    return AccountNotice(
        kind=AlertKind.TEMPLATE_QUALITY,
        template=_word(event.get("template_id")),
        now=now,
        worse=now == POOR if now else None,
    )


def _changed(event: Mapping[str, Any]) -> AccountNotice:
    """Their fields are not documented anywhere that we know of."""
    return AccountNotice(
        kind=AlertKind.TEMPLATE_CHANGED, template=_word(event.get("template_id")), worse=None
    )


NOTICES: Mapping[str, Callable[[Mapping[str, Any]], AccountNotice]] = {
    "change_oa_daily_quota": _quota,
    "change_template_status": _status,
    "change_template_quality": _quality,
    "change_template_quota": _changed,
    "change_oa_template_tags": _changed,
}


def _table(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def _word(value: object) -> str:
    """A word or a number; empty for anything that might say more."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _WORD.fullmatch(text) else ""


def moment(milliseconds: object) -> datetime | None:
    """A time as Zalo writes it: milliseconds since 1970, as text or number."""
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
