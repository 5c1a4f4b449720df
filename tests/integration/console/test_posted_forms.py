"""Whoever may post a form, and that is everybody, can neither hold the process up nor break it."""

import asyncio
import gzip
import time
from collections.abc import Mapping
from io import BytesIO

import aiohttp
import pytest
from console_site import ConsoleSite

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
# Slow enough to see with punycode, quick with anything else.
LONG = b"a" * 150_000 + b"-" + b"b" * 150_000
AT_ONCE_S = 2.0


def part(content: bytes, *headers: str, disposition: str = 'form-data; name="a"') -> bytes:
    lines = [f"Content-Disposition: {disposition}", *headers, "", ""]
    return b"--x\r\n" + "\r\n".join(lines).encode() + content + b"\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (f"{URLENCODED}; charset=punycode", LONG, 403),
        (f"{URLENCODED}; charset=nonesuch", b"a=b", 403),
        (URLENCODED, b"a=\xff", 400),
        (URLENCODED, b"a=%ff", 403),
        (URLENCODED, b"a&" * 1001, 400),
        ("text/plain", b"a=b", 403),
        (MULTIPART, part(LONG, "Content-Type: text/plain; charset=punycode"), 403),
        (MULTIPART, part(b"a", "Content-Type: text/plain; charset=nonesuch"), 403),
        (MULTIPART, part(b"\xff"), 400),
        (MULTIPART, part(b"a", disposition="form-data"), 400),
        (MULTIPART, part(b"--y--", "Content-Type: multipart/mixed; boundary=y"), 400),
        (MULTIPART, part(gzip.compress(b"a" * 9_000_000), "Content-Encoding: gzip"), 400),
        (MULTIPART, part(b"a")[:-7] * 1001 + b"--x--\r\n", 400),
        (MULTIPART, b"nothing of the kind", 400),
        ("multipart/form-data", part(b"a"), 400),
        ("multipart/form-data; boundary=", part(b"a"), 400),
        (MULTIPART, part(b"a" * 5_300_000, disposition='form-data; name="a"; filename="a"'), 413),
    ],
    ids=[
        "slow-charset",
        "unknown-charset",
        "not-utf-8",
        "percent-not-utf-8",
        "fields",
        "no-form",
        "part-slow-charset",
        "part-unknown-charset",
        "part-not-utf-8",
        "part-without-name",
        "parts-in-parts",
        "packed-part",
        "parts",
        "no-parts",
        "no-boundary",
        "empty-boundary",
        "large-file",
    ],
)
async def test_a_stranger_who_posts_anything_is_answered_at_once(
    site: ConsoleSite, kind: str, body: bytes, status: int
) -> None:
    began = time.monotonic()
    assert await answered(site, "/console/sign-in", body, {"Content-Type": kind}) == status
    assert time.monotonic() - began < AT_ONCE_S


@pytest.mark.parametrize("path", ["/console/sign-in", "/v1/sources/igate-bu-dop/events"])
async def test_a_body_that_cannot_be_unpacked_is_refused(site: ConsoleSite, path: str) -> None:
    packed = {"Content-Type": URLENCODED, "Content-Encoding": "gzip"}
    broken = b"no gzip at all" * 10_000
    assert await answered(site, path, broken, packed) == 400


async def test_who_goes_away_in_mid_sentence_is_no_error_of_ours(
    site: ConsoleSite, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", site.server.port)
    head = "POST /v1/sources/igate-bu-dop/events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    writer.write(head.encode() + b"a")
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.close()
    await asyncio.sleep(0.2)
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == []


async def answered(site: ConsoleSite, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    url = site.server.make_url(path)
    cookies = {"baotin-session": "anything"}
    async with (
        aiohttp.ClientSession(cookies=cookies) as session,
        session.post(url, data=BytesIO(body), headers=headers) as answer,
    ):
        return answer.status
