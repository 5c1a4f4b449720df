"""Events that Zalo posts about an official account: their signature, and the receipts in them.

Zalo only ever reports that a message arrived; nothing reports that one did not. The other events
(changes of quota or template, feedback, chat) owe nothing to a notification.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest

from gateway.domain.outcome import Receipt, Verdict
from gateway.providers.contract import NotAReceipt, ReceiptRequest

ARRIVED = "user_received_message"


def is_signed(request: ReceiptRequest, app_id: str, secret: str) -> bool:
    """Whether the header carries SHA-256 (not HMAC) of app id, raw body, timestamp and secret."""
    try:
        stamp = str(request.json()["timestamp"])
    except (NotAReceipt, KeyError):
        return False
    mac = sha256(app_id.encode() + request.body + stamp.encode() + secret.encode()).hexdigest()
    given = request.header("X-ZEvent-Signature").removeprefix("mac=")
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


def moment(milliseconds: object) -> datetime | None:
    """A time as Zalo writes it: milliseconds since 1970, as text or number."""
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
