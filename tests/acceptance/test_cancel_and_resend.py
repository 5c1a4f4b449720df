"""Taking a notice back, and sending it once more, over HTTP and down to the providers' books."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from installation import Installation, event

Install = Callable[..., Installation]

SILENT, LATE = "0900000001", "0900000008"


@pytest.fixture
def api(install: Install) -> Installation:
    """Accepts; nobody sends until a test starts a worker."""
    one = install()
    one.prepare()
    one.start("api")
    return one


async def accepted(one: Installation, session: aiohttp.ClientSession, posted: Any) -> str:
    status, answer = await one.post(session, posted)
    assert status == 202, answer
    return str(answer["notifications"][0]["id"])


async def act(
    one: Installation,
    session: aiohttp.ClientSession,
    path: str,
    body: Any = None,
    **headers: str,
) -> tuple[int, Any]:
    url = f"{one.base_url}/v1/notifications/{path}"
    text = None if body is None else json.dumps(body)
    sent = {"Authorization": one.headers()["Authorization"], **headers}
    async with session.post(url, data=text, headers=sent) as answer:
        return answer.status, await answer.json(content_type=None)


async def cancel(
    one: Installation, session: aiohttp.ClientSession, shown_id: str
) -> tuple[int, Any]:
    return await act(one, session, f"{shown_id}/cancel")


async def resend(
    one: Installation, session: aiohttp.ClientSession, shown_id: str, key: str, **body: Any
) -> tuple[int, Any]:
    return await act(one, session, f"{shown_id}/resend", body, **{"Idempotency-Key": key})


class TestCancel:
    async def test_a_waiting_notice_is_withdrawn_and_never_sent(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        shown = await accepted(api, session, event(1))
        status, told = await cancel(api, session, shown)
        assert (status, told["state"], told["reason"]) == (200, "cancelled", "withdrawn")
        assert told["history"][-1]["actor"] == "source"
        api.start("worker-1", "sandbox", "clock")
        await api.ended(session, await accepted(api, session, event(2)))
        assert len(await api.books(session)) == 1
        assert (await api.notification(session, shown))["attempts"] == []

    async def test_an_ending_is_not_cancelled(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        shown = await accepted(api, session, event(1))
        await cancel(api, session, shown)
        status, problem = await cancel(api, session, shown)
        assert (status, problem["code"]) == (409, "already_ended")

    async def test_a_sent_notice_takes_no_further_step(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        await api.retune("zalo", window_s=2)
        api.start("worker-1", "sandbox", "clock")
        shown = await accepted(api, session, event(1, SILENT))
        await api.until(session, shown, lambda one: one["state"] == "sent")
        status, told = await cancel(api, session, shown)
        assert (status, told["state"]) == (200, "cancelled")
        await asyncio.sleep(3)
        found = await api.notification(session, shown)
        assert found["state"] == "cancelled"
        assert [attempt["channel"] for attempt in found["attempts"]] == ["zalo"]

    async def test_a_late_proof_of_delivery_outranks_the_withdrawal(
        self, install: Install, session: aiohttp.ClientSession
    ) -> None:
        one = install()
        one.prepare(lambda config: config["timing"].update(late_receipt_s=3))
        one.start("api", "worker-1", "sandbox", "clock")
        shown = await accepted(one, session, event(1, LATE))
        await one.until(session, shown, lambda found: found["state"] == "sent")
        status, told = await cancel(one, session, shown)
        assert (status, told["state"]) == (200, "cancelled")
        found = await one.until(session, shown, lambda found: found["state"] == "delivered")
        assert [moment["state"] for moment in found["history"]][-2:] == ["cancelled", "delivered"]

    @pytest.mark.parametrize("shown", ["ntf_" + "0" * 32, "ntf_1", "evt_" + "0" * 32])
    async def test_what_is_not_there_is_not_cancelled(
        self, api: Installation, session: aiohttp.ClientSession, shown: str
    ) -> None:
        status, problem = await cancel(api, session, shown)
        assert (status, problem["code"]) == (404, "no_such_notification")

    async def test_a_key_without_the_scope_may_not_act(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        shown = await accepted(api, session, event(1))
        weak = {"Authorization": f"Bearer {_new_key(api)}"}
        await asyncio.sleep(2)
        for path in (f"{shown}/cancel", f"{shown}/resend"):
            status, problem = await act(api, session, path, **weak)
            assert (status, problem["code"]) == (403, "scope_missing")


class TestResend:
    async def test_a_corrected_phone_reaches_whom_the_first_notice_could_not(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        api.start("worker-1", "sandbox", "clock")
        first = await accepted(api, session, event(1, "0999"))
        body = {"phone": "0984 765 321", "reason": "wrong_phone"}
        status, answer = await resend(api, session, first, "k-1", **body)
        assert (status, answer["resend_of"]) == (202, first)
        second = await api.ended(session, answer["notification"]["id"])
        assert (second["state"], second["resend_of"]) == ("delivered", first)
        assert second["notes"] == ["resent:wrong_phone"]
        [book] = await api.books(session)
        assert book["phone"] == "84984765321"
        assert (await api.notification(session, first))["state"] == "failed"

    async def test_the_same_wish_under_the_same_key_is_one_notice(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        first = await accepted(api, session, event(1, "0999"))
        wishes = [resend(api, session, first, "k-1", phone="0984 765 321") for _ in range(8)]
        answers = await asyncio.gather(*wishes)
        assert sorted(status for status, _ in answers) == [200] * 7 + [202]
        assert len({json.dumps(answer) for _, answer in answers}) == 1
        assert len(await api.rows("SELECT 1 FROM notification")) == 2

    async def test_another_wish_under_the_same_key_is_a_conflict(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        first = await accepted(api, session, event(1, "0999"))
        await resend(api, session, first, "k-1", phone="0984 765 321")
        status, problem = await resend(api, session, first, "k-1", phone="0912 345 678")
        assert (status, problem["code"]) == (409, "other_content")

    async def test_after_a_delivery_only_force_sends_a_second_message(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        api.start("worker-1", "sandbox", "clock")
        first = await accepted(api, session, event(1))
        assert (await api.ended(session, first))["state"] == "delivered"
        status, problem = await resend(api, session, first, "k-1")
        assert (status, problem["code"]) == (409, "needs_force")
        status, answer = await resend(api, session, first, "k-1", force=True)
        assert status == 202
        await api.ended(session, answer["notification"]["id"])
        books = await api.books(session)
        assert len({book["reference"] for book in books}) == len(books) == 2

    async def test_a_second_resend_does_not_overtake_the_first(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        first = await accepted(api, session, event(1, "0999"))
        await resend(api, session, first, "k-1", phone="0984 765 321")
        status, problem = await resend(api, session, first, "k-2", phone="0984 765 321")
        assert (status, problem["code"]) == (409, "needs_force")

    async def test_another_channel_is_the_only_step(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        first = await accepted(api, session, event(1))
        await cancel(api, session, first)
        status, answer = await resend(api, session, first, "k-1", channel="voice")
        assert status == 202
        second = await api.notification(session, answer["notification"]["id"])
        assert {step["channel"] for step in second["steps"]} == {"voice"}

    @pytest.mark.parametrize(
        ("body", "status", "code", "pointers"),
        [
            pytest.param({}, 422, "no_usable_phone", ["/phone"], id="still no phone"),
            pytest.param({"phone": "0999"}, 422, "no_usable_phone", ["/phone"], id="no number"),
            pytest.param(
                {"phone": "0271 3568 123", "channel": "sms"},
                422,
                "no_such_step",
                ["/channel"],
                id="an SMS to a landline",
            ),
            pytest.param(
                {"reason": "Because!", "loud": True},
                422,
                "invalid_resend",
                ["/reason", "/loud"],
                id="wrong fields",
            ),
        ],
    )
    async def test_what_cannot_be_sent_is_refused_with_pointers(
        self,
        api: Installation,
        session: aiohttp.ClientSession,
        body: dict[str, Any],
        status: int,
        code: str,
        pointers: list[str],
    ) -> None:
        first = await accepted(api, session, event(1, "0999"))
        answered, problem = await resend(api, session, first, "k-1", **body)
        assert (answered, problem["code"]) == (status, code)
        assert [one["pointer"] for one in problem["errors"]] == pointers

    async def test_without_a_key_nothing_is_sent_again(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        first = await accepted(api, session, event(1))
        status, problem = await act(api, session, f"{first}/resend", {})
        assert (status, problem["code"]) == (400, "idempotency_key")


def _new_key(one: Installation) -> str:
    command = [sys.executable, "-m", "gateway", "keys", "create", one.demo["source"]]
    made = subprocess.run(command, env={**os.environ, **one.env}, capture_output=True, check=True)
    return made.stdout.decode().strip()
