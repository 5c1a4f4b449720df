"""The simulated SpeedSMS, from its documentation: speedsms.vn/sms-api."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from sandbox_site import PERSON, QUICK, Listener, basic, started

from gateway.sandbox.app import build_app
from gateway.sandbox.simulators import config_from

SEND = "/speedsms/index.php/sms/send"


@dataclass(kw_only=True)
class Caller:
    url: str
    listener: Listener
    client: ClientSession

    async def raw(self, token: str = "token", **changes: Any) -> ClientResponse:
        fields = {"to": [PERSON], "content": "Ho so H10-1.", "sms_type": 3, "sender": "TTHCC"}
        body = {name: value for name, value in (fields | changes).items() if value is not None}
        return await self.client.post(self.url + SEND, json=body, headers=basic(token, "x"))

    async def send(self, **changes: Any) -> dict[str, Any]:
        async with await self.raw(**changes) as answer:
            assert answer.status == 200
            return await answer.json()

    async def status(self, tran_id: object) -> dict[str, Any]:
        where = f"{self.url}/speedsms/index.php/sms/status/{tran_id}"
        async with self.client.get(where, headers=basic("token", "x")) as answer:
            assert answer.status == 200
            return await answer.json()

    async def rows(self) -> list[dict[str, Any]]:
        async with self.client.get(f"{self.url}/books") as answer:
            return (await answer.json())["rows"]

    async def control(self, **wishes: Any) -> None:
        async with self.client.post(f"{self.url}/control", json=wishes) as answer:
            assert answer.status == 200

    async def report(self) -> dict[str, Any]:
        return json.loads((await self.listener.next()).body)


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async for one in calling():
        yield one


@pytest.fixture
async def hasty() -> AsyncIterator[Caller]:
    async for one in calling(requests_per_minute=2):
        yield one


async def calling(**changes: Any) -> AsyncIterator[Caller]:
    listener = Listener()
    listening, listener.url = await started(listener.app())
    setting = {
        "provider": "speedsms",
        "code": "speedsms",
        "access_token": "token",
        "senders": ["TTHCC"],
        "webhook_url": f"{listener.url}/receipts/speedsms/door",
        "receipt_delay_ms": 20,
    }
    sandbox, url = await started(
        build_app(config_from({"timing": QUICK, "account": [setting | changes]}))
    )
    async with ClientSession() as client:
        yield Caller(url=url, listener=listener, client=client)
    await sandbox.close()
    await listening.close()


async def test_a_right_request_is_taken_and_counted(caller: Caller) -> None:
    answer = await caller.send(content="x" * 161)
    assert (answer["status"], answer["code"]) == ("success", "00")
    data = answer["data"]
    assert isinstance(data["tranId"], int)
    assert (data["totalSMS"], data["totalPrice"], data["invalidPhone"]) == (2, 1500, [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"to": PERSON}, "101", id="a phone outside a list"),
        pytest.param({"to": []}, "101", id="no phone"),
        pytest.param({"to": [int(PERSON)]}, "101", id="a phone as a number"),
        pytest.param({"to": ["12345"]}, "105", id="no phone number"),
        pytest.param({"to": [f"+{PERSON}"]}, "105", id="phone with plus"),
        pytest.param({"content": ""}, "101", id="no text"),
        pytest.param({"sms_type": "3"}, "101", id="type as text"),
        pytest.param({"sms_type": 1}, "101", id="advertising"),
        pytest.param({"sender": "OTHER"}, "101", id="unregistered brandname"),
        pytest.param({"sender": None}, "101", id="no sender"),
        pytest.param({"type": 3}, "101", id="unknown field"),
    ],
)
async def test_a_wrong_request_is_refused_with_its_code(
    caller: Caller, changes: dict[str, object], code: str
) -> None:
    answer = await caller.send(**changes)
    assert (answer["status"], answer["code"]) == ("error", code)
    assert await caller.rows() == []


async def test_a_body_that_is_not_json_is_refused(caller: Caller) -> None:
    where, login = caller.url + SEND, basic("token", "x")
    async with caller.client.post(where, data=b"to=84", headers=login) as answer:
        assert (await answer.json())["code"] == "101"


async def test_an_unknown_token_is_refused_by_the_http_status(caller: Caller) -> None:
    async with await caller.raw(token="other") as answer:
        assert answer.status == 401


async def test_a_number_that_gets_no_sms_is_listed_within_a_success(caller: Caller) -> None:
    answer = await caller.send(to=["842713568123"])
    assert answer["status"] == "success"
    assert answer["data"]["totalSMS"] == 0
    assert answer["data"]["invalidPhone"] == ["842713568123"]
    assert await caller.rows() == []


async def test_the_same_text_is_sent_as_often_as_it_is_asked_for(caller: Caller) -> None:
    await caller.send()
    await caller.send()
    assert len(await caller.rows()) == 2


async def test_the_report_is_posted_to_the_address_of_the_account(caller: Caller) -> None:
    sent = await caller.send()
    report = await caller.listener.next()
    assert report.url == f"{caller.listener.url}/receipts/speedsms/door"
    assert json.loads(report.body) == {
        "type": "report",
        "tranId": sent["data"]["tranId"],
        "phone": PERSON,
        "status": 0,
    }


async def test_an_id_in_another_spelling_is_text(caller: Caller) -> None:
    sent = await caller.send(to=["84900000006"])
    assert (await caller.report())["tranId"] == str(sent["data"]["tranId"])


async def test_a_person_who_blocks_the_sender_gets_nothing(caller: Caller) -> None:
    assert (await caller.send(to=["84900000042"]))["status"] == "success"
    assert (await caller.report())["status"] == 64
    (row,) = await caller.rows()
    assert (row["taken"], row["delivered"]) == (1, 0)


async def test_the_status_lists_the_number_with_what_became_of_it(caller: Caller) -> None:
    await caller.control(account="speedsms", receipt_delay_ms=300)
    tran_id = (await caller.send())["data"]["tranId"]
    assert (await caller.status(tran_id))["data"] == [{"phone": PERSON, "status": 1}]
    await caller.listener.next()
    assert (await caller.status(tran_id))["data"] == [{"phone": PERSON, "status": 0}]


async def test_the_status_of_an_unknown_id_is_an_error(caller: Caller) -> None:
    assert (await caller.status("1"))["status"] == "error"


async def test_too_many_requests_a_minute_are_told_when_to_come_back(hasty: Caller) -> None:
    statuses, resets = [], []
    # A minute may end in between, so that the count begins anew once.
    for _ in range(6):
        async with await hasty.raw() as answer:
            statuses.append(answer.status)
            resets.append(answer.headers.get("X-Rate-Limit-Reset"))
    assert statuses[:2] == [200, 200]
    assert 429 in statuses
    assert 0 < int(resets[statuses.index(429)] or 0) <= 60
