"""The events that Zalo posts: that a message arrived, and what changed about the account.

Source: docs.zaloplatforms.com, webhooks; public signature code.
"""

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from time import time
from typing import Any

from gateway.sandbox.archive import Sent
from gateway.sandbox.course import Notice, Word
from gateway.sandbox.postman import Letter
from gateway.sandbox.zalo_setting import ZaloSetting

TRIES = 6


def letter(sent: Sent, setting: ZaloSetting, notice: Notice) -> Letter | None:
    """The event of an arrival; Zalo has none for a failure."""
    if notice.word is not Word.DELIVERED:
        return None
    at = milliseconds(time())
    msg_id = "0" + sent.id if notice.respelled else sent.id
    message = {"delivery_time": at, "msg_id": msg_id, "tracking_id": sent.reference}
    if notice.foreign:
        message |= {"msg_id": secrets.token_hex(10), "tracking_id": secrets.token_hex(16)}
    told = {
        "event_name": "user_received_message",
        "sender": {"id": setting.oa_id},
        "recipient": {"id": sent.phone},
        "message": message,
    }
    return _signed(setting, told, at, "forged" if notice.forged else setting.oa_secret_key)


def change(setting: ZaloSetting, name: str, told: Mapping[str, Any]) -> Letter:
    """The event of a change of the account or of one of its templates."""
    owner = "oaId" if name == "change_oa_daily_quota" else "oa_id"
    event = {"event_name": name, owner: setting.oa_id, **told}
    return _signed(setting, event, milliseconds(time()), setting.oa_secret_key)


def _signed(setting: ZaloSetting, told: Mapping[str, Any], at: str, secret: str) -> Letter:
    body = json.dumps({**told, "app_id": setting.app_id, "timestamp": at}).encode()
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


def signature(app_id: str, body: bytes, secret: str) -> str:
    """Plain SHA-256 of app id, raw body, the body's own timestamp, and secret."""
    stamp = str(json.loads(body)["timestamp"])
    return sha256(app_id.encode() + body + stamp.encode() + secret.encode()).hexdigest()


def milliseconds(at: float) -> str:
    return str(int(at * 1000))
