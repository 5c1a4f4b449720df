"""The simulated Stringee SMS. Its tokens are made here by hand, from the documentation."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
from aiohttp import ClientSession
from sandbox_site import PERSON, started

from gateway.sandbox.app import build_app
from gateway.sandbox.simulators import config_from

SID, SECRET = "SK.0.demo", "demo-secret"
ACCOUNT = {
    "provider": "stringee_sms",
    "code": "stringee",
    "key_sid": SID,
    "key_secret": SECRET,
    "brandnames": ["TTHCC"],
}
HEADER = {"typ": "JWT", "alg": "HS256", "cty": "stringee-api;v=1"}


def part(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def token(secret: str = SECRET, header: dict[str, Any] = HEADER, **changes: Any) -> str:
    now = int(time.time())
    claims = {"jti": f"{SID}-{now}", "iss": SID, "exp": now + 300, "rest_api": True} | changes
    signed = ".".join(part(json.dumps(one).encode()) for one in (header, claims))
    return f"{signed}.{part(hmac.new(secret.encode(), signed.encode(), sha256).digest())}"


class Site:
    def __init__(self, url: str, client: ClientSession) -> None:
        self._url = url
        self._client = client

    async def send(
        self, auth: str | None = None, body: Any = None, **changes: Any
    ) -> tuple[int, dict[str, Any]]:
        sms = {"from": "TTHCC", "to": PERSON, "text": "Ho so H10-1 da co ket qua."} | changes
        async with self._client.post(
            f"{self._url}/stringee/v1/sms",
            json=body or {"sms": [sms]},
            headers={"X-STRINGEE-AUTH": token() if auth is None else auth},
        ) as answer:
            return answer.status, await answer.json()

    async def books(self) -> list[dict[str, Any]]:
        async with self._client.get(f"{self._url}/books") as answer:
            rows: list[dict[str, Any]] = (await answer.json())["rows"]
            return rows


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    sandbox, url = await started(build_app(config_from({"account": [ACCOUNT]})))
    async with ClientSession() as client:
        yield Site(url, client)
    await sandbox.close()


async def test_a_text_is_taken_for_a_price(site: Site) -> None:
    result = {"price": "830", "smsType": 2, "r": 0, "msg": "Success"}
    assert await site.send() == (200, {"smsSent": 1, "result": [result]})
    [row] = await site.books()
    assert (row["phone"], row["taken"], row["delivered"]) == (PERSON, 1, 1)


async def test_the_same_text_twice_is_sent_twice(site: Site) -> None:
    await site.send()
    await site.send()
    assert len(await site.books()) == 2


@pytest.mark.parametrize(
    "auth",
    [
        pytest.param("", id="none"),
        pytest.param("a.b", id="two parts"),
        pytest.param("a.b.c", id="no JSON"),
        pytest.param(token() + "=", id="padded"),
        pytest.param(token("other"), id="another secret"),
        pytest.param(token(header=HEADER | {"alg": "none"}), id="no algorithm"),
        pytest.param(token(header={"typ": "JWT", "alg": "HS256"}), id="no content type"),
        pytest.param(token(iss="SK.0.other"), id="unknown key"),
        pytest.param(token(jti=None), id="no id"),
        pytest.param(token(jti="1"), id="an id without the key"),
        pytest.param(token(rest_api=False), id="not for the REST API"),
        pytest.param(token(rest_api=None), id="not said to be for the REST API"),
        pytest.param(token(exp=int(time.time()) - 1), id="ended"),
        pytest.param(token(exp=str(2**40)), id="an end that is no number"),
        pytest.param(token(exp=2**40), id="without an end in sight"),
    ],
)
async def test_a_wrong_token_is_refused(site: Site, auth: str) -> None:
    status, _ = await site.send(auth)
    assert status == 401
    assert await site.books() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"from": "OTHER"}, 1, id="unregistered brandname"),
        pytest.param({"to": "+84984765321"}, 101, id="phone with plus"),
        pytest.param({"to": "842713568123"}, 101, id="landline"),
        pytest.param({"text": ""}, 102, id="no text"),
    ],
)
async def test_a_wrong_message_is_refused(site: Site, changes: dict[str, Any], code: int) -> None:
    status, answer = await site.send(**changes)
    assert (status, answer["smsSent"], answer["result"][0]["r"]) == (200, 0, code)
    assert await site.books() == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([1], id="a list"),
        pytest.param({"sms": {"from": "TTHCC"}}, id="no list"),
        pytest.param({"sms": [{"from": "TTHCC", "to": PERSON}]}, id="a field short"),
        pytest.param({"sms": [], "x": 1}, id="an unknown field"),
    ],
)
async def test_a_wrong_body_is_refused_as_a_whole(site: Site, body: object) -> None:
    _, answer = await site.send(body=body)
    assert answer == {"r": 102, "msg": "Post data invalid"}
