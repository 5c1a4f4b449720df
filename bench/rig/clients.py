"""The load: dossier systems that post signed events, in a process of their own.

Run with a `Load` as JSON on standard input; prints a `Posted` as JSON. Closed loop: each client
posts its next event when the last one is answered. Open loop: events leave at their times, whether
or not the earlier ones were answered, and waiting counts as slowness.
"""

import asyncio
import base64
import hmac
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import uvloop

from bench.rig.http1 import Client

_NAMES = ("Nguyễn Thị Minh Ánh", "Trần Văn Bình", "Điểu Ksor Lê", "Phạm Ngọc Phương Uyên")


@dataclass(kw_only=True)
class Load:
    """`rate_per_s` 0: closed loop with `clients`. `batch` > 1: so many events in each request."""

    base_url: str
    source: str
    secret: str
    api_key: str
    unit: str
    first: int
    count: int
    clients: int = 50
    rate_per_s: float = 0.0
    batch: int = 1
    signed: bool = True
    run: str = "0"


@dataclass(kw_only=True)
class Posted:
    """Times are monotonic seconds. `accept_s` are the waits for the answers, in the order in which
    they came; `left` maps the last nine digits of a phone to the moment its event left."""

    began_at: float
    ended_at: float
    answers: dict[str, int]
    accept_s: list[float] = field(default_factory=list)
    left: dict[str, float] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)


def event(load: Load, number: int) -> dict[str, Any]:
    """A result-ready event as a dossier system posts it; numbers make phones and codes differ."""
    return {
        "specversion": "1.0",
        "id": f"{load.run}-{number}",
        "source": "/h10/bu-dop/igate",
        "type": "vn.dossier.result-ready",
        "time": "2026-01-05T08:30:00+07:00",
        "data": {
            "dossier": {
                "code": f"H10.12-{load.run[-6:]}-{number:07d}",
                "procedure": {"code": "1.002835", "name": "Đổi giấy phép lái xe"},
                "received_at": "2026-01-02T09:00:00+07:00",
                "due_at": "2026-01-09T17:00:00+07:00",
            },
            "applicant": {
                "name": _NAMES[number % len(_NAMES)],
                "kind": "person",
                "phones": [phone(number)],
            },
            "unit": load.unit,
            "pickup": {"point": "bu-dop"},
            "return_by": "desk",
        },
    }


def phone(number: int) -> str:
    """A Vietnamese mobile number, another for each of ten million."""
    return f"09{10 + number // 1_000_000 % 80:02d}{number % 1_000_000:06d}"


class _Poster:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._client = Client(load.base_url, limit=512)
        self._key = base64.b64decode(load.secret.removeprefix("whsec_"))
        self._path = (f"/v1/sources/{load.source}/events" if load.signed else "/v1/events").encode()
        self.posted = Posted(began_at=0, ended_at=0, answers={})
        self._answers: Counter[str] = Counter()

    async def run(self) -> Posted:
        self.posted.began_at = time.monotonic()
        if self._load.rate_per_s:
            await self._open_loop()
        else:
            await self._closed_loop()
        self.posted.ended_at = time.monotonic()
        self.posted.answers = dict(self._answers)
        self._client.close()
        return self.posted

    async def _closed_loop(self) -> None:
        load = self._load
        numbers = iter(range(load.first, load.first + load.count, load.batch))

        async def client(mine: Iterator[int]) -> None:
            for number in mine:
                await self._post(number, time.monotonic())

        await asyncio.gather(*(client(numbers) for _ in range(load.clients)))

    async def _open_loop(self) -> None:
        load, began = self._load, self.posted.began_at
        tasks = []
        for nth in range(load.count):
            at = began + nth / load.rate_per_s
            if (wait_s := at - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
            tasks.append(asyncio.create_task(self._post(load.first + nth, at)))
        await asyncio.gather(*tasks)

    async def _post(self, number: int, at: float) -> None:
        load = self._load
        if load.batch > 1:
            numbers = range(number, min(number + load.batch, load.first + load.count))
            content: Any = [event(load, each) for each in numbers]
            kind = b"application/cloudevents-batch+json"
        else:
            content, kind = event(load, number), b"application/cloudevents+json"
            self.posted.left[phone(number)[-9:]] = at
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = b"Content-Type: %s\r\n%s" % (kind, self._proof(number, body))
        try:
            status, answer = await self._client.request(b"POST", self._path, headers, body)
        except OSError:
            status, answer = 0, b""
        self.posted.accept_s.append(time.monotonic() - at)
        self._note(status, answer)

    def _proof(self, number: int, body: bytes) -> bytes:
        if not self._load.signed:
            return f"Authorization: Bearer {self._load.api_key}\r\n".encode()
        message_id, now = f"msg_{self._load.run}_{number}".encode(), b"%d" % int(time.time())
        signature = hmac.digest(self._key, b"%s.%s.%s" % (message_id, now, body), "sha256")
        return b"webhook-id: %s\r\nwebhook-timestamp: %s\r\nwebhook-signature: v1,%s\r\n" % (
            message_id,
            now,
            base64.b64encode(signature),
        )

    def _note(self, status: int, answer: bytes) -> None:
        if status == 207:
            self._answers.update(str(one["status"]) for one in json.loads(answer)["results"])
        else:
            self._answers[str(status)] += 1


def main() -> None:
    load = Load(**json.load(sys.stdin))
    json.dump(asdict(uvloop.run(_Poster(load).run())), sys.stdout)


if __name__ == "__main__":
    main()
