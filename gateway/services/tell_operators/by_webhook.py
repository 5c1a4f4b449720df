"""Alerts to an address of the operators' own, signed by Standard Webhooks."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from gateway.domain.callback import Ending
from gateway.ledger.alert_news import News
from gateway.services.callback_door import CallbackDoor
from gateway.services.callback_message import headers_of
from gateway.services.tell_operators.words import MEANINGS, NotTold, Place


class ByWebhook:
    name = "webhook"
    at_once = 20

    def __init__(
        self,
        *,
        url: str,
        secret: str,
        place: Place,
        door: CallbackDoor,
        now: Callable[[], datetime],
    ) -> None:
        self._url = url
        self._secret = secret
        self._place = place
        self._door = door
        self._now = now

    async def tell(self, news: Sequence[News]) -> None:
        """The id is the same for the same news, however often they are told."""
        now = self._now()
        body = _body(news, self._place, now)
        headers = headers_of(_id(news), body, [self._secret], now)
        told = await self._door.post(self._url, headers, body)
        if told.ending is not Ending.DELIVERED:
            raise NotTold(str(told.ending))

    async def close(self) -> None:
        await self._door.close()


def _body(news: Sequence[News], place: Place, now: datetime) -> bytes:
    data = {
        "centre": place.centre,
        "url": place.url,
        "alerts": [_shown(one, place) for one in news],
    }
    whole = {"type": "baotin.alerts", "timestamp": now.isoformat(), "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _shown(one: News, place: Place) -> dict[str, Any]:
    return {
        "state": "open" if one.over_at is None else "over",
        "kind": one.alert.kind,
        "subject": one.alert.subject,
        "detail": one.alert.detail,
        "meaning": MEANINGS[one.alert.kind],
        "runbook": place.entry(one.alert.kind),
        "since": one.since.isoformat(),
        "last_at": one.last_at.isoformat(),
        "times": one.times,
        "over_at": one.over_at.isoformat() if one.over_at else None,
    }


def _id(news: Sequence[News]) -> str:
    said = sorted(
        (one.alert.kind, one.alert.subject, one.since.isoformat(), one.over_at is None)
        for one in news
    )
    return "alr_" + hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
