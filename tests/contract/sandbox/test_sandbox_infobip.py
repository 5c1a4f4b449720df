"""The simulated Infobip, from its documentation: infobip.com/docs, OpenAPI of the SMS API."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession
from sandbox_site import PERSON, QUICK, Listener, started

from gateway.sandbox.app import build_app
from gateway.sandbox.simulators import config_from

LOGIN = "reports:pass"


@dataclass(kw_only=True)
class Caller:
    url: str
    listener: Listener
    client: ClientSession

    async def post(self, body: Any, key: str = "key") -> tuple[int, dict[str, Any]]:
        where, headers = f"{self.url}/infobip/sms/3/messages", {"Authorization": f"App {key}"}
        async with self.client.post(where, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    def message(self, to: str = PERSON, **changes: Any) -> dict[str, Any]:
        message = {
            "sender": "TTHCC",
            "destinations": [{"to": to, "messageId": "ours-1"}],
            "content": {"text": "Ho so H10-1 da co ket qua."},
            "webhooks": {
                "delivery": {"url": f"{self.listener.url}/receipts/infobip/door"},
                "contentType": "application/json",
                "callbackData": "ours-1",
            },
        }
        return {name: value for name, value in (message | changes).items() if value is not None}

    async def send(self, to: str = PERSON, **changes: Any) -> dict[str, Any]:
        """What is answered about the one message."""
        status, answer = await self.post({"messages": [self.message(to, **changes)]})
        assert status == 200
        [message] = answer["messages"]
        return message

    async def logged(self, *ids: str, key: str = "key") -> list[dict[str, Any]]:
        where, headers = f"{self.url}/infobip/sms/3/logs", {"Authorization": f"App {key}"}
        wanted = {"messageId": ",".join(ids)}
        async with self.client.get(where, params=wanted, headers=headers) as answer:
            return (await answer.json())["results"]

    async def rows(self) -> list[dict[str, Any]]:
        async with self.client.get(f"{self.url}/books") as answer:
            return (await answer.json())["rows"]

    async def control(self, **wishes: Any) -> None:
        async with self.client.post(f"{self.url}/control", json=wishes) as answer:
            assert answer.status == 200

    async def report(self) -> dict[str, Any]:
        [result] = json.loads((await self.listener.next()).body)["results"]
        return result


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    listener = Listener()
    listening, listener.url = await started(listener.app())
    setting = {
        "provider": "infobip",
        "code": "infobip",
        "api_key": "key",
        "senders": ["TTHCC"],
        "subscription_url": f"{listener.url}/receipts/infobip/subscribed",
        "subscription_basic": LOGIN,
        "receipt_delay_ms": 20,
    }
    http = {"retry_delays_s": [0.02]}
    sandbox, url = await started(
        build_app(config_from({"timing": QUICK, "http": http, "account": [setting]}))
    )
    async with ClientSession() as client:
        yield Caller(url=url, listener=listener, client=client)
    await sandbox.close()
    await listening.close()


async def test_a_right_request_is_accepted_under_the_callers_id(caller: Caller) -> None:
    message = await caller.send()
    assert (message["messageId"], message["destination"]) == ("ours-1", PERSON)
    assert (message["status"]["groupName"], message["status"]["id"]) == ("PENDING", 26)
    assert "details" not in message


async def test_parts_are_counted_where_that_is_asked_for(caller: Caller) -> None:
    body = {
        "messages": [caller.message(content={"text": "x" * 161})],
        "options": {"includeSmsCountInResponse": True},
    }
    _, answer = await caller.post(body)
    assert answer["messages"][0]["details"] == {"messageCount": 2}


async def test_an_id_is_made_where_none_is_given(caller: Caller) -> None:
    message = await caller.send(destinations=[{"to": PERSON}])
    assert message["messageId"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"sender": "OTHER"}, 11, id="unregistered sender"),
        pytest.param({"to": "842713568123"}, 52, id="landline"),
        pytest.param({"to": f"+{PERSON}"}, 52, id="phone with plus"),
        pytest.param({"to": "0984765321"}, 52, id="phone without country"),
        pytest.param({"content": {"text": "ộ" * 1400}}, 25, id="text too long"),
    ],
)
async def test_a_message_that_cannot_be_sent_has_its_status(
    caller: Caller, changes: dict[str, Any], code: int
) -> None:
    message = await caller.send(**changes)
    assert (message["status"]["groupName"], message["status"]["id"]) == ("REJECTED", code)
    assert await caller.rows() == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"from": "TTHCC"}, id="a field of version 2"),
        pytest.param({"sender": None}, id="no sender"),
        pytest.param({"destinations": None}, id="no destination"),
        pytest.param({"destinations": [PERSON]}, id="a number in place of a destination"),
        pytest.param({"destinations": [{"to": PERSON, "messageId": "x" * 201}]}, id="long id"),
        pytest.param({"content": {}}, id="no text"),
        pytest.param({"content": {"text": "x", "transliteration": "VIETNAMESE"}}, id="script"),
        pytest.param({"webhooks": {"notifyUrl": "http://x"}}, id="a webhook of version 2"),
        pytest.param({"webhooks": {"delivery": {"url": "door"}}}, id="no address"),
        pytest.param({"webhooks": {"contentType": "application/xml"}}, id="reports in XML"),
    ],
)
async def test_a_wrong_request_is_refused(caller: Caller, changes: dict[str, Any]) -> None:
    status, answer = await caller.post({"messages": [caller.message(**changes)]})
    assert (status, answer["errorCode"]) == (400, "E400")
    assert await caller.rows() == []


@pytest.mark.parametrize("body", [[], {}, {"messages": []}, {"messages": "x"}], ids=str)
async def test_a_body_without_messages_is_refused(caller: Caller, body: object) -> None:
    assert (await caller.post(body))[0] == 400


async def test_an_unknown_key_is_refused(caller: Caller) -> None:
    status, answer = await caller.post({"messages": [caller.message()]}, key="other")
    assert (status, answer["errorCode"]) == (401, "E401")


async def test_an_id_that_was_taken_before_is_rejected(caller: Caller) -> None:
    await caller.send()
    assert (await caller.send())["status"]["id"] == 23
    (row,) = await caller.rows()
    assert (row["submissions"], row["taken"], row["delivered"]) == (2, 1, 1)


async def test_of_two_equal_requests_at_once_one_is_taken(caller: Caller) -> None:
    await caller.control(account="infobip", latency_ms=50)
    answers = await asyncio.gather(caller.send(), caller.send())
    assert sorted(one["status"]["id"] for one in answers) == [23, 26]


async def test_the_report_is_posted_to_the_address_of_the_request(caller: Caller) -> None:
    await caller.send()
    report = await caller.listener.next()
    assert report.url == f"{caller.listener.url}/receipts/infobip/door"
    assert "Authorization" not in report.headers
    [result] = json.loads(report.body)["results"]
    assert (result["messageId"], result["callbackData"], result["to"]) == (
        "ours-1",
        "ours-1",
        PERSON,
    )
    assert result["status"]["name"] == "DELIVERED_TO_HANDSET"
    assert result["error"]["name"] == "NO_ERROR"
    assert result["price"] == {"pricePerMessage": 900.0, "currency": "VND"}
    assert result["doneAt"].endswith("+0000")


async def test_a_report_without_an_address_goes_to_the_subscription(caller: Caller) -> None:
    await caller.send(webhooks=None)
    report = await caller.listener.next()
    assert report.url == f"{caller.listener.url}/receipts/infobip/subscribed"
    assert report.headers["Authorization"] == "Basic " + b64encode(LOGIN.encode()).decode()


async def test_a_report_that_is_not_answered_well_is_repeated(caller: Caller) -> None:
    caller.listener.statuses = [503, 500]
    await caller.send()
    reports = [await caller.listener.next() for _ in range(3)]
    assert len({report.body for report in reports}) == 1
    assert await caller.listener.silent()


async def test_a_failure_names_its_error(caller: Caller) -> None:
    await caller.send("84900000010")
    report = await caller.report()
    assert (report["status"]["groupName"], report["error"]["name"]) == (
        "UNDELIVERABLE",
        "EC_ABSENT_SUBSCRIBER",
    )
    assert report["error"]["permanent"] is False


async def test_the_log_tells_the_way_and_the_end_and_may_be_read_again(caller: Caller) -> None:
    await caller.control(account="infobip", receipt_delay_ms=300)
    await caller.send()
    [entry] = await caller.logged("other", "ours-1")
    assert entry["status"]["id"] == 26
    await caller.listener.next()
    for _ in range(2):
        [entry] = await caller.logged("ours-1")
        assert (entry["status"]["id"], entry["destination"]) == (5, PERSON)


async def test_the_log_knows_nothing_of_others(caller: Caller) -> None:
    assert await caller.logged("nobody") == []
