"""The simulated FPT SMS: tokens with their sessions, and messages sent with them."""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession
from sandbox_site import PERSON, started

from gateway.sandbox.app import build_app
from gateway.sandbox.simulators import config_from

ACCOUNT = {
    "provider": "fpt",
    "code": "fpt",
    "client_id": "client",
    "client_secret": "secret",
    "brandnames": ["TTHCC"],
}
SESSION = "5e55"


def coded(text: str) -> str:
    return b64encode(text.encode()).decode()


@dataclass(kw_only=True)
class Site:
    url: str
    client: ClientSession

    async def token(self, **changes: Any) -> dict[str, Any]:
        fields = {
            "grant_type": "client_credentials",
            "client_id": "client",
            "client_secret": "secret",
            "scope": "send_brandname_otp",
            "session_id": SESSION,
        }
        return await self._post("/fpt/oauth2/token", fields | changes)

    async def push(self, access_token: str | None = None, **changes: Any) -> dict[str, Any]:
        fields = {
            "access_token": access_token or (await self.token())["access_token"],
            "session_id": SESSION,
            "BrandName": "TTHCC",
            "Phone": PERSON,
            "Message": coded("Ho so H10-1 da co ket qua."),
            "RequestId": "request-1",
        }
        return await self._post("/fpt/api/push-brandname-otp", fields | changes)

    async def control(self, **wishes: Any) -> None:
        await self._post("/control", {"account": "fpt", **wishes})

    async def books(self) -> list[dict[str, Any]]:
        async with self.client.get(f"{self.url}/books") as answer:
            rows: list[dict[str, Any]] = (await answer.json())["rows"]
            return rows

    async def _post(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        told = {name: value for name, value in fields.items() if value is not None}
        async with self.client.post(self.url + path, json=told) as answer:
            found: dict[str, Any] = await answer.json()
            return found


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    sandbox, url = await started(build_app(config_from({"account": [ACCOUNT]})))
    async with ClientSession() as client:
        yield Site(url=url, client=client)
    await sandbox.close()


async def test_a_message_is_taken_under_an_id_and_shown_as_text(site: Site) -> None:
    taken = await site.push(Message=coded("Đã có kết quả."))
    assert taken["MessageId"] > 0
    assert (taken["BrandName"], taken["Phone"]) == ("TTHCC", PERSON)
    [row] = await site.books()
    assert (row["reference"], row["phone"]) == ("request-1", PERSON)
    assert (row["content"], row["taken"], row["delivered"]) == ("Đã có kết quả.", 1, 1)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"grant_type": "password"}, 1015, id="another grant"),
        pytest.param({"client_id": "other"}, 1008, id="unknown client"),
        pytest.param({"client_secret": "other"}, 1008, id="wrong secret"),
        pytest.param({"scope": "send_fax"}, 1005, id="unknown scope"),
        pytest.param({"session_id": None}, 1014, id="no session"),
        pytest.param({"session_id": 7}, 1001, id="a number in place of text"),
        pytest.param({"state": "x"}, 1014, id="unknown field"),
    ],
)
async def test_a_wrong_request_for_a_token_is_refused(
    site: Site, changes: dict[str, Any], error: int
) -> None:
    answer = await site.token(**changes)
    assert answer["error"] == error
    assert "access_token" not in answer


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"access_token": "other"}, 1011, id="unknown token"),
        pytest.param({"session_id": "other"}, 1011, id="session of another token"),
        pytest.param({"BrandName": "OTHER"}, 2504, id="unregistered brandname"),
        pytest.param({"Phone": "842713568123"}, 53, id="landline"),
        pytest.param({"Phone": "+84984765321"}, 53, id="phone with plus"),
        pytest.param({"Phone": "984765321"}, 53, id="bare phone"),
        pytest.param({"Message": "Ho so H10-1."}, 1014, id="text that is not base64"),
        pytest.param({"Message": "/////w=="}, 1014, id="bytes that are no text"),
        pytest.param({"Message": None}, 1014, id="no text"),
        pytest.param({"RequestId": "x" * 101}, 1014, id="reference too long"),
        pytest.param({"Sender": "x"}, 1014, id="unknown field"),
    ],
)
async def test_a_wrong_message_is_refused(site: Site, changes: dict[str, Any], error: int) -> None:
    assert (await site.push(**changes))["Error"] == error
    assert await site.books() == []


async def test_a_token_without_the_scope_for_care_sends_nothing(site: Site) -> None:
    token = (await site.token(scope="send_brandname"))["access_token"]
    assert (await site.push(token))["Error"] == 1010


async def test_tokens_end_when_they_are_told_to(site: Site) -> None:
    token = (await site.token())["access_token"]
    await site.control(expire_tokens=True)
    assert (await site.push(token))["Error"] == 1013
    assert "MessageId" in await site.push()


async def test_the_same_text_again_within_minutes_is_refused(site: Site) -> None:
    assert "MessageId" in await site.push()
    assert (await site.push(RequestId="request-2"))["Error"] == 2501
    assert "MessageId" in await site.push(Message=coded("Khac."), RequestId="request-3")
