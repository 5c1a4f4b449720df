"""The limit: a client that posts the same bodies to the same stand-in and does nothing else.

    python -m bench.peers.bare URL COUNT CONCURRENCY

Prints calls a second and CPU milliseconds a call as JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator

import aiohttp
import uvloop

_HEADERS = {"Content-Type": "application/json", "access_token": "standin"}


def _body(number: int) -> bytes:
    return json.dumps(
        {
            "phone": f"84912{number:06d}",
            "template_id": "300001",
            "template_data": {
                "name": "Ông/Bà Nguyễn Thị Minh Ánh",
                "code": f"H10.12-260105-{number:07d}",
                "matter": "Đổi giấy phép lái xe",
                "status": "đã có kết quả",
                "place": "Quầy trả kết quả Bù Đốp, số 1 đường Lê Hồng Phong, Bù Đốp",
                "when": "từ thứ Hai, 05/01/2026, 7:00–11:30, 13:30–17:00",
                "note": "xin mang theo giấy hẹn",
                "centre": "Trung tâm Phục vụ hành chính công Bù Đốp",
                "contact": "0271 1022",
            },
            "tracking_id": f"{number:032x}",
        },
        ensure_ascii=False,
    ).encode()


async def _run(url: str, count: int, concurrency: int) -> dict[str, float]:
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers=_HEADERS
    ) as session:

        async def client(numbers: Iterator[int]) -> None:
            for number in numbers:
                async with session.post(url, data=_body(number)) as answer:
                    json.loads(await answer.read())

        numbers = iter(range(count))
        cpu, wall = time.process_time(), time.monotonic()
        await asyncio.gather(*(client(numbers) for _ in range(concurrency)))
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    return {"per_s": count / wall, "cpu_ms": cpu * 1000 / count}


if __name__ == "__main__":
    told = uvloop.run(_run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
    sys.stdout.write(json.dumps(told))
