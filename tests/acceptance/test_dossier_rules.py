"""What one event means for others about the same dossier, told over HTTP and seen in the ledger."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from installation import Installation, event

Install = Callable[..., Installation]


def about(number: int, kind: str, at: str, **changes: Any) -> dict[str, Any]:
    """An event of that kind about dossier 1, told at that time."""
    posted = event(1, **changes)
    posted |= {"id": f"event-{number}", "type": f"vn.dossier.{kind}", "time": at}
    return posted


@pytest.fixture
def accepting(install: Install) -> Installation:
    """An API alone: what is accepted stays as it was accepted."""
    one = install()
    one.prepare()
    one.start("api")
    return one


async def _owed(
    one: Installation, session: aiohttp.ClientSession, posted: dict[str, Any]
) -> dict[str, Any]:
    status, answer = await one.post(session, posted)
    assert status == 202, answer
    [owed] = answer["notifications"]
    return dict(owed)


async def _state(
    one: Installation, session: aiohttp.ClientSession, owed: dict[str, Any]
) -> tuple[str, str | None]:
    found = await one.notification(session, owed["id"])
    return found["state"], found["reason"]


async def test_an_older_event_is_kept_and_ends_overtaken(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    newer = await _owed(accepting, session, about(1, "result-ready", "2024-11-20T09:30:00+07:00"))
    older = await _owed(accepting, session, about(2, "received", "2024-11-05T08:30:00+07:00"))
    assert (older["state"], older["reason"]) == ("cancelled", "overtaken")
    assert await _state(accepting, session, newer) == ("waiting", None)


async def test_an_event_from_the_future_does_not_overtake_what_comes_after_it(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    await _owed(accepting, session, about(1, "received", "2199-01-01T00:00:00+07:00"))
    now = datetime.now(UTC).isoformat()
    assert (await _owed(accepting, session, about(2, "result-ready", now)))["state"] == "waiting"


async def test_the_same_notice_under_another_id_is_a_duplicate(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    await _owed(accepting, session, about(1, "result-ready", "2024-11-20T09:30:00+07:00"))
    again = await _owed(accepting, session, about(2, "result-ready", "2024-11-20T10:00:00+07:00"))
    assert (again["state"], again["reason"]) == ("cancelled", "duplicate")
    wanted = about(3, "result-ready", "2024-11-20T11:00:00+07:00", again=True)
    assert (await _owed(accepting, session, wanted))["state"] == "waiting"


async def test_what_is_tried_with_a_test_key_touches_no_live_notice(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    papers = await _owed(
        accepting, session, about(1, "supplement-required", "2024-11-05T08:30:00+07:00")
    )
    live = accepting.demo["api_key"]
    accepting.demo["api_key"] = (
        await accepting.baotin("keys", "create", "igate-bu-dop", "--mode", "test")
    ).strip()
    tried = await _owed(accepting, session, about(2, "result-ready", "2024-11-20T09:30:00+07:00"))
    assert tried["state"] == "waiting"
    accepting.demo["api_key"] = live
    assert await _state(accepting, session, papers) == ("waiting", None)
    between = await _owed(accepting, session, about(3, "fee-due", "2024-11-10T09:30:00+07:00"))
    assert between["state"] == "waiting", "not overtaken by what was only tried"
    ready = await _owed(accepting, session, about(4, "result-ready", "2024-11-20T09:30:00+07:00"))
    assert ready["state"] == "waiting", "no repeat of what was only tried"


async def test_another_recipient_or_another_sum_is_no_duplicate(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    first = about(1, "fee-due", "2024-11-20T09:00:00+07:00", details={"amount_vnd": 50000})
    more = about(2, "fee-due", "2024-11-20T10:00:00+07:00", details={"amount_vnd": 70000})
    other = about(3, "fee-due", "2024-11-20T11:00:00+07:00", details={"amount_vnd": 70000})
    other["data"]["applicant"]["phones"] = ["0912345678"]
    for posted in (first, more, other):
        assert (await _owed(accepting, session, posted))["state"] == "waiting"


async def test_a_notice_that_reached_nobody_does_not_forbid_a_second_one(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    first = await _owed(accepting, session, about(1, "received", "2024-11-05T08:30:00+07:00"))
    await _owed(accepting, session, about(2, "result-ready", "2024-11-20T09:30:00+07:00"))
    assert await _state(accepting, session, first) == ("cancelled", "overtaken")
    anew = await _owed(accepting, session, about(3, "received", "2024-11-21T08:30:00+07:00"))
    assert anew["state"] == "waiting"


async def test_a_result_makes_what_waits_for_papers_pointless(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    papers = await _owed(
        accepting, session, about(1, "supplement-required", "2024-11-10T09:00:00+07:00")
    )
    await _owed(accepting, session, about(2, "result-ready", "2024-11-20T09:30:00+07:00"))
    assert await _state(accepting, session, papers) == ("cancelled", "overtaken")
    assert len(await accepting.rows("SELECT * FROM due")) == 1


async def test_a_returned_result_cancels_its_notice_and_owes_none(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    ready = await _owed(accepting, session, about(1, "result-ready", "2024-11-20T09:30:00+07:00"))
    status, answer = await accepting.post(
        session, about(2, "returned", "2024-11-21T09:30:00+07:00")
    )
    assert (status, answer["notifications"]) == (202, [])
    assert await _state(accepting, session, ready) == ("cancelled", "collected")
    status, _ = await accepting.post(session, about(2, "returned", "2024-11-21T09:30:00+07:00"))
    assert status == 200


async def test_another_namespace_with_the_same_code_is_another_dossier(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    await _owed(accepting, session, about(1, "result-ready", "2024-11-20T09:30:00+07:00"))
    other = about(2, "received", "2024-11-05T08:30:00+07:00")
    other["data"]["dossier"]["code"] = "000.00.12.H10-241105-99999"
    assert (await _owed(accepting, session, other))["state"] == "waiting"


async def test_a_correction_of_what_was_not_sent_cancels_it_and_is_not_sent(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    wrong = await _owed(accepting, session, about(1, "result-ready", "2024-11-20T09:30:00+07:00"))
    mended = about(2, "correction", "2024-11-20T10:30:00+07:00", details={"corrects": "event-1"})
    owed = await _owed(accepting, session, mended)
    assert (owed["state"], owed["reason"]) == ("cancelled", "nothing_to_correct")
    assert await _state(accepting, session, wrong) == ("cancelled", "withdrawn")


async def test_a_correction_of_what_was_delivered_is_sent(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    one.start("api", "worker-1", "clock", "sandbox")
    wrong = await _owed(one, session, about(1, "result-ready", "2024-11-20T09:30:00+07:00"))
    await one.ended(session, wrong["id"])
    mended = about(2, "correction", "2024-11-20T10:30:00+07:00", details={"corrects": "event-1"})
    owed = await _owed(one, session, mended)
    assert (await one.ended(session, owed["id"]))["state"] == "delivered"
    assert len(await one.books(session)) == 2


async def test_two_events_about_one_dossier_in_one_batch_follow_each_other(
    accepting: Installation, session: aiohttp.ClientSession
) -> None:
    batch = [
        about(1, "received", "2024-11-05T08:30:00+07:00"),
        about(2, "result-ready", "2024-11-20T09:30:00+07:00"),
        about(3, "returned", "2024-11-21T09:30:00+07:00"),
    ]
    headers = {**accepting.headers(), "Content-Type": "application/cloudevents-batch+json"}
    url = f"{accepting.base_url}/v1/events"
    async with session.post(url, json=batch, headers=headers) as answer:
        results = (await answer.json())["results"]
    assert [result["status"] for result in results] == [202, 202, 202]
    first, second = (result["notifications"][0] for result in results[:2])
    assert await _state(accepting, session, first) == ("cancelled", "overtaken")
    assert await _state(accepting, session, second) == ("cancelled", "collected")
    assert await accepting.rows("SELECT * FROM due") == []


async def test_old_events_of_a_newly_connected_source_send_nothing_and_say_so(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    await one.retune_sources(max_event_age_s=30 * 86_400)
    one.start("api")
    owed = await _owed(one, session, about(1, "result-ready", "2024-11-20T09:30:00+07:00"))
    assert (owed["state"], owed["reason"]) == ("expired", "too_old")
    assert await one.rows("SELECT * FROM due") == []


async def test_far_more_than_the_usual_hour_is_held(
    install: Install, session: aiohttp.ClientSession
) -> None:
    one = install()
    one.prepare()
    await one.retune_sources(hold_above_per_hour=3)
    one.start("api")
    states = [(await _owed(one, session, event(number)))["state"] for number in range(5)]
    assert states == ["waiting"] * 3 + ["held"] * 2
    assert len(await one.rows("SELECT * FROM due WHERE due_at < 'infinity'")) == 3
