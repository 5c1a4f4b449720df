"""What a callback says, by Standard Webhooks: an id that stays the same, a body without name or
phone, and a signature by every secret that is live."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from gateway.domain.dossier import DossierEvent
from gateway.domain.identity import EVENT, NOTIFICATION, show
from gateway.ledger.callbacks import DueCallback


def message_id(due: DueCallback) -> str:
    """The same for every try, after a crash and after a restore, so that receivers can tell."""
    return f"{show(NOTIFICATION, due.notification_id)}_r{due.revision}"


def body_of(due: DueCallback, event: DossierEvent | None) -> bytes:
    """`event` is what the source posted; None once the person was erased."""
    return json.dumps(
        {
            "type": f"vn.notice.{due.state}",
            "timestamp": due.ended_at.isoformat(),
            "data": {
                "notification": show(NOTIFICATION, due.notification_id),
                "event": show(EVENT, due.event_id),
                "event_id": event.event_id if event else None,
                "event_source": event.source_uri if event else None,
                "dossier": event.dossier_code if event else None,
                "unit": due.unit,
                "kind": due.kind,
                "mode": due.mode,
                "state": due.state,
                "reason": due.reason,
                "revision": due.revision,
                "position": due.position,
                "ended_at": due.ended_at.isoformat(),
            },
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def signing_secrets(secrets: Mapping[str, str]) -> list[str]:
    """Those named callback…; without any, those named webhook…; only well-formed ones."""
    for purpose in ("callback", "webhook"):
        found = [value for name, value in sorted(secrets.items()) if name.startswith(purpose)]
        if found:
            return [value for value in found if _webhook(value)]
    return []


def headers_of(shown_id: str, body: bytes, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    webhooks = [webhook for secret in secrets if (webhook := _webhook(secret))]
    return {
        "Content-Type": "application/json",
        "webhook-id": shown_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(
            webhook.sign(shown_id, now, body.decode()) for webhook in webhooks
        ),
    }


@lru_cache(maxsize=512)
def _webhook(secret: str) -> Webhook | None:
    try:
        return Webhook(secret)
    except (ValueError, EmptyWebhookSecretError):
        return None
