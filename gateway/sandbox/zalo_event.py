"""The event by which Zalo tells that a message arrived.

Source: docs.zaloplatforms.com, webhooks; public signature code.
"""

import json
import secrets
from hashlib import sha256
from time import time
from typing import Any

from gateway.sandbox.archive import Sent
from gateway.sandbox.course import Notice, Word
from gateway.sandbox.postman import Letter
from gateway.sandbox.zalo_account import milliseconds
from gateway.sandbox.zalo_setting import ZaloSetting

TRIES = 6


def letter(sent: Sent, setting: ZaloSetting, notice: Notice) -> Letter | None:
    """The event of an arrival; Zalo has none for a failure."""
    if notice.word is not Word.DELIVERED:
        return None
    body = json.dumps(_event(sent, notice, setting)).encode()
    secret = "forged" if notice.forged else setting.oa_secret_key
    return Letter(
        url=setting.webhook_url,
        headers={
            "Content-Type": "application/json",
            "X-ZEvent-Server": "ZNS",
            "X-ZEvent-Signature": f"mac={signature(setting.app_id, body, secret)}",
        },
        body=body,
        tries=TRIES,
        retry_header="num_retry",
    )


def _event(sent: Sent, notice: Notice, setting: ZaloSetting) -> dict[str, Any]:
    at = milliseconds(time())
    msg_id = "0" + sent.id if notice.respelled else sent.id
    message = {"delivery_time": at, "msg_id": msg_id, "tracking_id": sent.reference}
    if notice.foreign:
        message |= {"msg_id": secrets.token_hex(10), "tracking_id": secrets.token_hex(16)}
    return {
        "event_name": "user_received_message",
        "app_id": setting.app_id,
        "sender": {"id": setting.oa_id},
        "recipient": {"id": sent.phone},
        "message": message,
        "timestamp": at,
    }


def signature(app_id: str, body: bytes, secret: str) -> str:
    """Plain SHA-256 of app id, raw body, the body's own timestamp, and secret."""
    stamp = str(json.loads(body)["timestamp"])
    return sha256(app_id.encode() + body + stamp.encode() + secret.encode()).hexdigest()
