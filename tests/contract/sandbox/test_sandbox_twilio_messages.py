"""The simulated Twilio Messaging, from twilio_api_v2010 and the documentation of its callbacks."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from sandbox_site import PERSON, SID, TOKEN, TWILIO, Site, basic

from gateway.sandbox.twilio_account import signature


def test_the_signature_is_that_of_the_published_example() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, form) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


async def test_a_right_message_is_created_and_queued(site: Site) -> None:
    status, made = await site.twilio()
    assert status == 201
    assert made["sid"].startswith("SM")
    assert (made["status"], made["num_segments"], made["error_code"]) == ("queued", "1", None)
    created = parsedate_to_datetime(made["date_created"])
    assert abs(datetime.now(UTC) - created) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"To": None}, 21604, id="no To"),
        pytest.param({"From": None}, 21603, id="no From"),
        pytest.param({"Body": None}, 21602, id="no Body"),
        pytest.param({"To": "0984765321"}, 21211, id="To without country"),
        pytest.param({"To": "+842713568123"}, 21614, id="landline"),
        pytest.param({"From": "+15005550006"}, 21606, id="From of others"),
        pytest.param({"Body": "x" * 1601}, 21617, id="Body too long"),
        pytest.param({"StatusCallback": "/receipts"}, 21609, id="callback without host"),
        pytest.param({"StatusCallback": "http://a_b.vn/"}, 21609, id="host with underscore"),
        pytest.param({"ValidityPeriod": "36001"}, 20001, id="validity too long"),
        pytest.param({"RequestId": "x"}, 20001, id="unknown parameter"),
    ],
)
async def test_a_wrong_message_is_refused_with_its_code(
    site: Site, changes: dict[str, str], code: int
) -> None:
    status, error = await site.twilio(**changes)
    assert (status, error["code"], error["status"]) == (400, code, 400)
    assert error["more_info"].endswith(f"/{code}")
    assert await site.rows() == []


async def test_json_in_place_of_a_form_has_no_parameters(site: Site) -> None:
    where = f"{site.url}{TWILIO}/Messages.json"
    async with site.client.post(where, json={"To": "+84"}, headers=basic(SID, TOKEN)) as answer:
        assert (await answer.json())["code"] == 21604


@pytest.mark.parametrize(
    "headers", [{}, basic(SID, "other"), basic("ACother", TOKEN), basic("SK1", TOKEN)]
)
async def test_wrong_credentials_are_refused(site: Site, headers: dict[str, str]) -> None:
    async with site.client.get(f"{site.url}{TWILIO}/Messages.json", headers=headers) as answer:
        assert answer.status == 401
        assert (await answer.json())["code"] == 20003


async def test_an_api_key_stands_in_for_the_account(site: Site) -> None:
    headers = basic("SK1", "sk-secret")
    async with site.client.get(f"{site.url}{TWILIO}/Messages.json", headers=headers) as answer:
        assert answer.status == 200


async def test_progress_and_arrival_are_posted_signed_without_the_fragment(site: Site) -> None:
    address = f"{site.listener.url}/receipts/twilio?ref=ours-1"
    _, made = await site.twilio(StatusCallback=f"{address}#rc=2&rp=all")
    for status in ("sent", "delivered"):
        report = await site.listener.next()
        assert report.url == address
        assert report.form["MessageStatus"] == status
        assert report.form["MessageSid"] == made["sid"]
        assert report.form["To"] == f"+{PERSON}"
        assert report.headers["X-Twilio-Signature"] == signature(TOKEN, address, report.form)


async def test_a_report_is_repeated_only_where_the_fragment_asks_for_it(site: Site) -> None:
    site.listener.statuses = [500, 500]
    await site.twilio()
    assert (await site.listener.next()).form["MessageStatus"] == "sent"
    assert (await site.listener.next()).form["MessageStatus"] == "delivered"
    assert await site.listener.silent()


async def test_a_report_is_repeated_as_often_as_the_fragment_asks(site: Site) -> None:
    await site.post("/control", json={"account": "twilio", "receipt_delay_ms": 600})
    site.listener.statuses = [500, 500]
    await site.twilio(StatusCallback=f"{site.listener.url}/receipts/twilio#rc=2&rp=all")
    told = [(await site.listener.next()).form["MessageStatus"] for _ in range(4)]
    assert told == ["sent", "sent", "sent", "delivered"]


async def test_a_failed_message_carries_its_error_code(site: Site) -> None:
    _, made = await site.twilio(To="+84900000010")
    assert (await site.listener.next()).form["MessageStatus"] == "sent"
    failed = await site.listener.next()
    assert (failed.form["MessageStatus"], failed.form["ErrorCode"]) == ("undelivered", "30003")
    _, now = await site.twilio_get(f"/Messages/{made['sid']}.json")
    assert (now["status"], now["error_code"]) == ("undelivered", 30003)


async def test_a_message_is_found_by_its_id(site: Site) -> None:
    _, made = await site.twilio()
    await asyncio.sleep(0.1)
    status, found = await site.twilio_get(f"/Messages/{made['sid']}.json")
    assert (status, found["status"]) == (200, "delivered")
    status, error = await site.twilio_get("/Messages/SMnone.json")
    assert (status, error["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        pytest.param({}, 3, id="all"),
        pytest.param({"To": f"+{PERSON}"}, 2, id="to one phone"),
        pytest.param({"To": "+84984765399"}, 0, id="to a stranger"),
        pytest.param({"From": "TTHCC"}, 3, id="from a sender"),
        pytest.param({"From": "+842873000000"}, 0, id="from another sender"),
        pytest.param({"PageSize": "1"}, 1, id="small page"),
        pytest.param({"DateSent>": "2020-01-01"}, 3, id="since a day"),
        pytest.param({"DateSent<": "2020-01-01"}, 0, id="until a day"),
        pytest.param({"DateSent>": "2020-01-01T00:00:00Z"}, 3, id="since a moment"),
    ],
)
async def test_messages_are_listed_by_filter(site: Site, query: dict[str, str], count: int) -> None:
    for phone in (f"+{PERSON}", f"+{PERSON}", "+84984765322"):
        await site.twilio(To=phone)
    await asyncio.sleep(0.1)
    _, listed = await site.twilio_get("/Messages.json", **query)
    assert len(listed["messages"]) == count
    assert listed["next_page_uri"] is None


async def test_the_newest_message_is_listed_first(site: Site) -> None:
    made = [(await site.twilio())[1]["sid"] for _ in range(3)]
    _, listed = await site.twilio_get("/Messages.json", To=f"+{PERSON}")
    assert [one["sid"] for one in listed["messages"]] == made[::-1]


async def test_a_message_still_queued_has_no_date_to_filter_by(site: Site) -> None:
    await site.post("/control", json={"account": "twilio", "receipt_delay_ms": 5000})
    await site.twilio()
    _, listed = await site.twilio_get("/Messages.json", **{"DateSent>": "2020-01-01"})
    assert listed["messages"] == []


async def test_books_are_filed_under_the_reference_in_the_callback(site: Site) -> None:
    await site.twilio()
    await site.twilio()
    row = await site.row()
    assert (row["reference"], row["taken"], row["delivered"]) == ("ours-1", 2, 2)
