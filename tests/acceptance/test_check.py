"""`?check=1`: what would be sent, to whom, when and at what price; nothing is stored."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from installation import Installation, event
from jsonschema import Draft202012Validator

from gateway.web.openapi import schema

Install = Callable[..., Installation]


@pytest.fixture
def api(install: Install) -> Installation:
    one = install()
    one.prepare()
    one.start("api")
    return one


@pytest.fixture
async def nothing_stored(api: Installation) -> AsyncIterator[None]:
    yield
    for table in ("notification", "event_key", "due", "dossier"):
        assert await api.rows(f"SELECT 1 FROM {table}") == []


async def check(
    one: Installation, session: aiohttp.ClientSession, posted: Any, kind: str = "", mark: str = "1"
) -> tuple[int, Any]:
    url = f"{one.base_url}/v1/events?check={mark}"
    headers = one.headers()
    headers["Content-Type"] = kind or headers["Content-Type"]
    async with session.post(url, data=json.dumps(posted), headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


@pytest.mark.usefixtures("nothing_stored")
class TestOneEvent:
    async def test_shows_the_route_the_texts_and_the_prices(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        status, found = await check(api, session, event(1))
        assert (status, found["would_send"], found["reason"]) == (200, True, None)
        assert (found["kind"], found["unit"]) == ("result-ready", "H10.12")
        assert [(step["channel"], step["phone"], step["price_vnd"]) for step in found["steps"]] == [
            ("zalo", "+84•••321", 300),
            ("sms", "+84•••321", 800),
            ("voice", "+84•••321", 1500),
        ]
        assert [message["channel"] for message in found["messages"]] == ["zalo", "sms", "voice"]
        for message in found["messages"]:
            assert message["problem"] is None
            assert "Bù Đốp" in message["text"] or "Bu Dop" in message["text"]
        assert found["leaves_at"] < found["latest_send_at"]

    async def test_shows_the_price_of_an_sms_plain_and_accented(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        _, found = await check(api, session, event(1))
        [sms] = [message for message in found["messages"] if message["channel"] == "sms"]
        plain, accented = sms["sms"]
        assert (plain["accented"], plain["chosen"]) == (False, True)
        assert (accented["accented"], accented["chosen"]) == (True, False)
        assert plain["text"] == sms["text"]
        assert plain["text"].isascii()
        assert plain["segments"] < accented["segments"]
        for form in (plain, accented):
            assert form["price_vnd"] == form["segments"] * 800

    async def test_masks_the_recipient(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        applicant = {"name": "Nguyễn Thị Minh Ánh", "phones": ["0984 765 321"]}
        _, found = await check(api, session, event(1, applicant=applicant))
        assert found["recipient"] == "N••• T••• M••• Á•••"

    async def test_says_why_nothing_would_be_sent(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        _, found = await check(api, session, event(1, "0999"))
        assert (found["would_send"], found["reason"]) == (False, "no_usable_phone")
        assert found["leaves_at"] is None
        [problem] = found["phone_problems"]
        assert problem["field"] == 0

    async def test_is_refused_as_the_event_would_be(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        status, problem = await check(api, session, event(1, unit="H99"))
        assert (status, problem["code"]) == (422, "unknown_unit")

    async def test_is_not_guessed_from_another_value(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        status, problem = await check(api, session, event(1), mark="true")
        assert (status, problem["code"]) == (400, "wrong_parameter")

    async def test_of_a_batch_answers_each_event(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        batch = [event(1), {"id": "x"}, event(2, unit="H99")]
        kind = "application/cloudevents-batch+json"
        status, answer = await check(api, session, batch, kind)
        assert status == 200
        assert [one["status"] for one in answer["results"]] == [200, 400, 422]
        assert [one.get("would_send") for one in answer["results"]] == [True, None, None]


async def test_shows_what_is_registered_and_what_each_step_costs_with_the_dearest_account(
    api: Installation, session: aiohttp.ClientSession
) -> None:
    _, found = await check(api, session, event(1))
    [sms] = [step for step in found["steps"] if step["channel"] == "sms"]
    assert sms["registered"] == []
    [text] = [message["text"] for message in found["messages"] if message["channel"] == "sms"]
    code = event(1)["data"]["dossier"]["code"]
    registered = {"kind": "result-ready", "id": "T-17", "text": text.replace(code, "{code}")}
    other = registered | {"id": "T-18", "text": f"BAO TIN: {text}"}
    steps = {"billing_steps": [50], "price_vnd": 700}
    await api.add_account("sms", "second", "esms-main", registered=[other], **steps)
    await api.replace_account("esms-main", registered=[registered])
    async with asyncio.timeout(10):
        while len(found["steps"][1]["registered"]) < 2:
            await asyncio.sleep(0.1)
            _, found = await check(api, session, event(1))
    zalo, sms, voice = found["steps"]
    assert sms["registered"] == [
        {"account": "esms-main", "id": "T-17", "difference": None},
        {
            "account": "second",
            "id": "T-18",
            "difference": {"expected": "BAO TIN: " + text[:31], "found": text[:40]},
        },
    ]
    [message] = [message for message in found["messages"] if message["channel"] == "sms"]
    dearest = max(700 * -(-len(text) // 50), 800 * message["sms"][0]["segments"])
    assert (sms["price_vnd"], sms["estimate_vnd"]) == (800, dearest)
    assert (zalo["estimate_vnd"], voice["estimate_vnd"]) == (300, 1500)
    assert message["sms"][0]["price_vnd"] == sms["estimate_vnd"]
    answer = schema()["components"]
    Draft202012Validator({"$ref": "#/components/schemas/Check", "components": answer}).validate(
        found
    )


async def test_an_event_posted_before_would_not_be_told_again(
    api: Installation, session: aiohttp.ClientSession
) -> None:
    await api.post(session, event(1))
    _, same = await check(api, session, event(1))
    assert (same["would_send"], same["reason"]) == (False, "posted_before")
    _, other = await check(api, session, event(1, "0912 345 678"))
    assert (other["would_send"], other["reason"]) == (False, "other_content")


async def test_the_night_is_told_as_a_later_hour(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install(BAOTIN_HOURS_ZALO="08:00-08:01")
    one.prepare()
    one.start("api")
    _, found = await check(one, session, event(1))
    assert "T08:00:" in found["leaves_at"]
    assert found["leaves_at"].endswith("+07:00")
