"""Events in over HTTP, notices out to the simulated providers, their reports back to the end."""

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from installation import Installation, event

Install = Callable[..., Installation]

SMS_ONLY, VOICE_ONLY = "0900000043", "02713568123"
ALL = ("api", "worker-1", "clock", "sandbox")


async def _sent(
    one: Installation, session: aiohttp.ClientSession, posted: dict[str, Any]
) -> dict[str, Any]:
    status, answer = await one.post(session, posted)
    assert status == 202, answer
    return await one.ended(session, answer["notifications"][0]["id"])


@pytest.fixture
def running(install: Install) -> Installation:
    one = install()
    one.prepare()
    one.start(*ALL)
    return one


class TestEachChannel:
    async def test_a_notice_reaches_a_zalo_user_and_ends_delivered(
        self, running: Installation, session: aiohttp.ClientSession
    ) -> None:
        ended = await _sent(running, session, event(1))
        assert (ended["state"], ended["current_step"]) == ("delivered", 0)
        [book] = await running.books(session)
        assert book["phone"] == "84984765321"
        assert book["reference"] == ended["attempts"][0]["reference"]
        assert "000.00.12.H10-241105-00001" in str(book["content"])
        assert (book["submissions"], book["delivered"]) == (1, 1)

    async def test_a_phone_without_zalo_gets_one_sms_and_is_remembered(
        self, running: Installation, session: aiohttp.ClientSession
    ) -> None:
        first = await _sent(running, session, event(1, SMS_ONLY))
        assert first["state"] == "delivered"
        channels = [attempt["channel"] for attempt in first["attempts"]]
        assert channels == ["zalo", "sms"]
        second = await _sent(running, session, event(2, SMS_ONLY))
        assert [attempt["channel"] for attempt in second["attempts"]] == ["sms"]
        assert second["state"] == "delivered"

    async def test_a_landline_is_called_and_understanding_is_acknowledged(
        self, running: Installation, session: aiohttp.ClientSession
    ) -> None:
        ended = await _sent(running, session, event(1, VOICE_ONLY))
        assert ended["state"] == "acknowledged"
        assert [attempt["channel"] for attempt in ended["attempts"]] == ["voice"]

    async def test_an_event_without_a_usable_phone_ends_failed_for_staff_to_see(
        self, running: Installation, session: aiohttp.ClientSession
    ) -> None:
        ended = await _sent(running, session, event(1, "0999"))
        assert (ended["state"], ended["reason"]) == ("failed", "no_usable_phone")
        assert await running.books(session) == []


class TestFallback:
    async def test_silence_on_zalo_leads_to_an_sms_and_silence_there_to_the_end(
        self, install: Install, session: aiohttp.ClientSession
    ) -> None:
        one = install()
        one.prepare()
        await one.retune("zalo", window_s=1)
        await one.retune("sms", window_s=1)
        one.start(*ALL)
        ended = await _sent(one, session, event(1, "0900000001"))
        assert (ended["state"], ended["reason"]) == ("unconfirmed", "receipt_missing")
        assert [attempt["channel"] for attempt in ended["attempts"]] == ["zalo", "sms"]

    async def test_a_lost_report_is_found_by_asking_before_the_window_closes(
        self, install: Install, session: aiohttp.ClientSession
    ) -> None:
        one = install()
        one.prepare()
        await one.retune("zalo", window_s=1)
        one.start(*ALL)
        ended = await _sent(one, session, event(1, "0900000002"))
        assert ended["state"] == "delivered"
        assert [attempt["channel"] for attempt in ended["attempts"]] == ["zalo"]

    async def test_nobody_answering_is_called_again_and_then_it_ends(
        self, install: Install, session: aiohttp.ClientSession
    ) -> None:
        one = install()
        one.prepare()
        await one.route_only("voice", tries_s=[0, 1])
        one.start(*ALL)
        ended = await _sent(one, session, event(1, "0900000051"))
        assert (ended["state"], ended["reason"]) == ("failed", "no_answer")
        assert len(ended["attempts"]) == 2

    async def test_a_call_that_was_heard_but_not_answered_is_delivered_not_acknowledged(
        self, install: Install, session: aiohttp.ClientSession
    ) -> None:
        one = install()
        one.prepare()
        await one.route_only("voice")
        one.start(*ALL)
        ended = await _sent(one, session, event(1, "0900000055"))
        assert ended["state"] == "delivered"

    async def test_a_refused_sms_leads_to_a_call(
        self, install: Install, session: aiohttp.ClientSession
    ) -> None:
        one = install()
        one.prepare()
        await one.drop_channel("zalo")
        one.start(*ALL)
        ended = await _sent(one, session, event(1, "0900000042"))
        assert [attempt["channel"] for attempt in ended["attempts"]] == ["sms", "voice"]
        assert ended["attempts"][0]["reason"] == "recipient_refused"

    async def test_a_late_delivery_on_zalo_stops_the_sms_that_has_not_left(
        self, install: Install, session: aiohttp.ClientSession
    ) -> None:
        one = install(BAOTIN_HOURS_SMS=_closed_now())
        one.prepare(lambda config: config["timing"].update(late_receipt_s=3))
        await one.retune("zalo", window_s=1)
        one.start(*ALL)
        status, answer = await one.post(session, event(1, "0900000008"))
        assert status == 202
        shown = answer["notifications"][0]["id"]
        waiting = await one.until(session, shown, lambda found: found["current_step"] == 1)
        assert waiting["state"] == "waiting"
        ended = await one.ended(session, shown)
        assert ended["state"] == "delivered"
        assert [attempt["channel"] for attempt in ended["attempts"]] == ["zalo"]
        assert await one.rows("SELECT * FROM due") == []


def _closed_now() -> str:
    """A sending window that is not open at this moment, in Vietnam's time."""
    from datetime import datetime

    from gateway.domain.hours import ZONE

    hour = (datetime.now(ZONE).hour + 12) % 24
    return f"{hour:02d}:00-{hour:02d}:30"
