"""Dossier systems that post under load, try again when they must, and remember their answers."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.installation import Installation

ANSWER_WITHIN_S = 10.0
_AGAIN_AFTER_S = 1.0
_GIVES_UP_AFTER_S = 300.0
# What a source may hear while something is broken; anything else is a fault of the gateway.
_EXPECTED = frozenset({200, 202, 409, 422, 429, 503})


@dataclass
class Heard:
    """What the sources heard. `accepted` maps an event's id to the notifications it was promised;
    `surprises` are answers that nobody should get."""

    accepted: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    surprises: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0


class Crowd:
    """Posts each event `copies` times at once, `rate_per_s` events a second, whatever happens."""

    def __init__(
        self,
        one: Installation,
        events: Sequence[dict[str, Any]],
        rate_per_s: float,
        copies: int = 1,
    ) -> None:
        self._one = one
        self._events = events
        self._rate_per_s = rate_per_s
        self._copies = copies
        self.heard = Heard()
        self.under_way = 0

    def accepted_events(self) -> list[dict[str, Any]]:
        """Those that were accepted so far."""
        return [event for event in self._events if event["id"] in self.heard.accepted]

    async def post_all(self) -> Heard:
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            began, posting = time.monotonic(), []
            for nth, event in enumerate(self._events):
                await asyncio.sleep(began + nth / self._rate_per_s - time.monotonic())
                posting += [
                    asyncio.create_task(self._until_told(session, event))
                    for _ in range(self._copies)
                ]
            await asyncio.gather(*posting)
        return self.heard

    async def _until_told(self, session: aiohttp.ClientSession, event: dict[str, Any]) -> None:
        body, gives_up_at = json.dumps(event), time.monotonic() + _GIVES_UP_AFTER_S
        while time.monotonic() < gives_up_at:
            if await self._told(session, event["id"], body):
                return
            await asyncio.sleep(_AGAIN_AFTER_S)
        self.heard.given_up.append(event["id"])

    async def _told(self, session: aiohttp.ClientSession, event_id: str, body: str) -> bool:
        """One post; whether its answer is final."""
        self.under_way += 1
        try:
            return await self._posted(session, event_id, body)
        finally:
            self.under_way -= 1

    async def _posted(self, session: aiohttp.ClientSession, event_id: str, body: str) -> bool:
        heard, began = self.heard, time.monotonic()
        url, headers = f"{self._one.base_url}/v1/events", self._one.headers()
        try:
            async with session.post(url, data=body, headers=headers) as answer:
                told = await answer.json(content_type=None)
        except TimeoutError:
            heard.surprises["no answer in time"] += 1
            return False
        except (aiohttp.ClientError, OSError, ValueError):
            heard.answers["no connection"] += 1
            return False
        heard.slowest_s = max(heard.slowest_s, time.monotonic() - began)
        heard.answers[str(answer.status)] += 1
        if answer.status not in _EXPECTED:
            heard.surprises[str(answer.status)] += 1
        if answer.status in (200, 202):
            heard.accepted[event_id] = [one["id"] for one in told["notifications"]]
        elif answer.status in (409, 422):
            heard.refused[event_id] = answer.status
        return answer.status in (200, 202, 409, 422)
