"""The simulated calls: what is asked of our application, said, pressed and reported."""

import asyncio
from typing import Any

import pytest
from sandbox_site import PERSON, TOKEN, Heard, Site

from gateway.sandbox.twilio_account import signature

ASK = """<Response><Say language="vi-VN">Hồ sơ đã có kết quả.</Say>
<Gather input="dtmf" numDigits="1" timeout="2" action="/voice/key" actionOnEmptyResult="true">
<Say>Nghe lại bấm 1, đã rõ bấm 2.</Say></Gather></Response>"""
BYE = "<Response><Say>Xin cảm ơn.</Say><Hangup/></Response>"
FALL_THROUGH = """<Response><Gather timeout="1" action="/voice/key"/>
<Say>Không có phím nào.</Say></Response>"""


def speak(site: Site, begin: str = ASK, key: str = BYE) -> None:
    site.listener.scripts = {"/voice/begin": begin, "/voice/key": key}


async def until_ended(site: Site) -> list[Heard]:
    """What our application was asked, in order; the report of the end is the last."""
    heard = [await site.listener.next()]
    while "/receipts/" not in heard[-1].url:
        heard.append(await site.listener.next())
    return heard


async def test_a_person_hears_the_script_and_presses_2(site: Site) -> None:
    speak(site)
    status, made = await site.call()
    assert (status, made["status"]) == (201, "queued")
    begin, key, end = await until_ended(site)
    assert begin.form == {
        "AccountSid": made["account_sid"],
        "AnsweredBy": "human",
        "ApiVersion": "2010-04-01",
        "CallSid": made["sid"],
        "CallStatus": "in-progress",
        "Direction": "outbound-api",
        "From": "+842873000000",
        "To": f"+{PERSON}",
    }
    assert key.form["Digits"] == "2"
    assert (end.form["CallStatus"], end.form["AnsweredBy"]) == ("completed", "human")
    assert int(end.form["CallDuration"]) >= 3  # 53 letters at 15 a second
    assert {"SequenceNumber", "Timestamp"} <= end.form.keys()


async def test_every_request_of_a_call_is_signed(site: Site) -> None:
    speak(site)
    await site.call()
    for heard in await until_ended(site):
        assert heard.headers["X-Twilio-Signature"] == signature(TOKEN, heard.url, heard.form)


async def test_without_machine_detection_nobody_says_who_answered(site: Site) -> None:
    speak(site)
    await site.call(MachineDetection=None)
    assert all("AnsweredBy" not in heard.form for heard in await until_ended(site))


@pytest.mark.parametrize(
    ("number", "status"),
    [
        pytest.param("010", "failed", id="cannot be reached"),
        pytest.param("050", "busy", id="busy"),
        pytest.param("051", "no-answer", id="nobody answers"),
    ],
)
async def test_a_call_that_nobody_takes_asks_for_no_words(
    site: Site, number: str, status: str
) -> None:
    speak(site)
    _, made = await site.call(To=f"+84900000{number}")
    (end,) = await until_ended(site)
    assert (end.form["CallStatus"], end.form["CallDuration"]) == (status, "0")
    assert (await site.twilio_get(f"/Calls/{made['sid']}.json"))[1]["status"] == status
    assert (await site.row())["delivered"] == 0


@pytest.mark.parametrize(
    ("number", "answered_by", "digits", "delivered"),
    [
        pytest.param("052", "machine_start", [""], 0, id="voicemail"),
        pytest.param("053", "fax", [""], 0, id="fax"),
        pytest.param("054", "human", [], 0, id="hangs up at once"),
        pytest.param("055", "human", [""], 1, id="presses nothing"),
        pytest.param("056", "human", ["1", "2"], 1, id="1 then 2"),
        pytest.param("057", "human", ["5", ""], 1, id="wrong key"),
    ],
)
async def test_each_person_answers_in_their_way(
    site: Site, number: str, answered_by: str, digits: list[str], delivered: int
) -> None:
    again = ASK.replace("/voice/key", "/voice/key2")
    speak(site, key=again if len(digits) > 1 else BYE)
    site.listener.scripts["/voice/key2"] = BYE
    await site.call(To=f"+84900000{number}")
    begin, *keys, end = await until_ended(site)
    assert begin.form["AnsweredBy"] == answered_by
    assert [key.form["Digits"] for key in keys] == digits
    assert (end.form["CallStatus"], end.form["AnsweredBy"]) == ("completed", answered_by)
    assert (await site.row())["delivered"] == delivered


async def test_without_a_key_the_next_verb_follows_unless_the_empty_result_is_wanted(
    site: Site,
) -> None:
    speak(site, begin=FALL_THROUGH)
    await site.call(To="+84900000055")
    begin, end = await until_ended(site)
    assert "/voice/begin" in begin.url
    assert end.form["CallStatus"] == "completed"
    assert (await site.row())["content"] == "Không có phím nào."


async def test_words_without_a_question_have_been_heard_too(site: Site) -> None:
    speak(site, begin=BYE)
    await site.call()
    await until_ended(site)
    row = await site.row()
    assert (row["delivered"], row["content"]) == (1, "Xin cảm ơn.")


async def test_a_redirect_is_followed(site: Site) -> None:
    speak(site, begin='<Response><Redirect method="GET">/voice/key?a=1</Redirect></Response>')
    await site.call(To="+84900000055")
    _, redirected, end = await until_ended(site)
    assert (redirected.method, redirected.query["a"]) == ("GET", "1")
    assert end.form["CallStatus"] == "completed"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("<Response><Sing>La</Sing></Response>", id="unknown verb"),
        pytest.param("<Response><Say speed='1'>Xin chào</Say></Response>", id="unknown attribute"),
        pytest.param("<Response><Say></Say></Response>", id="nothing to say"),
        pytest.param("<Speech/>", id="unknown root"),
        pytest.param("<Response>", id="not closed"),
        pytest.param("<!DOCTYPE a><Response/>", id="document type"),
        pytest.param("<Response><Gather input='speech'/></Response>", id="speech"),
        pytest.param("<Response><Gather timeout='soon'/></Response>", id="no number"),
        pytest.param("<Response><Gather><Hangup/></Gather></Response>", id="verb in Gather"),
        pytest.param("<Response><Redirect method='PUT'>/x</Redirect></Response>", id="method"),
    ],
)
async def test_a_document_that_is_not_right_fails_the_call(site: Site, document: str) -> None:
    speak(site, begin=document)
    await site.call()
    _, end = await until_ended(site)
    assert end.form["CallStatus"] == "failed"


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        pytest.param(500, 4, id="an error of the server may pass"),
        pytest.param(403, 1, id="a refusal will not"),
    ],
)
async def test_an_application_that_errs_fails_the_call(site: Site, status: int, asked: int) -> None:
    site.listener.statuses = [status] * asked
    await site.call()
    *questions, end = await until_ended(site)
    assert len(questions) == asked
    assert end.form["CallStatus"] == "failed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"To": None}, 21604, id="no To"),
        pytest.param({"From": None}, 21213, id="no From"),
        pytest.param({"To": "113"}, 21211, id="To is not international"),
        pytest.param({"From": "+15005550006"}, 21210, id="From of others"),
        pytest.param({"Url": None}, 21205, id="no Url"),
        pytest.param({"Url": "/voice"}, 21205, id="Url without host"),
        pytest.param({"Timeout": "601"}, 20001, id="rings too long"),
        pytest.param({"MachineDetection": "Yes"}, 20001, id="unknown detection"),
        pytest.param({"StatusCallbackEvent": "ended"}, 20001, id="unknown event"),
        pytest.param({"Language": "vi"}, 20001, id="unknown parameter"),
    ],
)
async def test_a_wrong_call_is_refused_with_its_code(
    site: Site, changes: dict[str, str], code: int
) -> None:
    status, error = await site.call(**changes)
    assert (status, error["code"]) == (400, code)


async def test_the_wanted_events_are_reported_in_sequence(site: Site) -> None:
    speak(site)
    form = [
        ("To", f"+{PERSON}"),
        ("From", "+842873000000"),
        ("Url", f"{site.listener.url}/voice/begin"),
        ("StatusCallback", f"{site.listener.url}/receipts/voice"),
        *(("StatusCallbackEvent", e) for e in ("initiated", "ringing", "answered", "completed")),
    ]
    await site.twilio_post("/Calls.json", form)
    heard = [await site.listener.next() for _ in range(6)]
    reports = [one.form for one in heard if "/receipts/" in one.url]
    reports.sort(key=lambda form: int(form["SequenceNumber"]))
    told = [form["CallStatus"] for form in reports]
    assert told == ["initiated", "ringing", "in-progress", "completed"]


async def test_a_recording_that_is_no_sound_fails_the_call(site: Site) -> None:
    speak(site, begin=f"<Response><Play>{site.listener.url}/sounds/0f3a.wav</Play></Response>")
    await site.call()
    _, fetched, end = await until_ended(site)
    assert (fetched.method, fetched.body) == ("GET", b"")
    assert end.form["CallStatus"] == "failed"


async def test_a_ringing_call_can_be_canceled(site: Site) -> None:
    await site.post("/control", json={"account": "twilio", "receipt_delay_ms": 5000})
    _, made = await site.call()
    status, _ = await site.twilio_post(f"/Calls/{made['sid']}.json", {"Status": "canceled"})
    assert status == 200
    (end,) = await until_ended(site)
    assert end.form["CallStatus"] == "canceled"
    status, error = await site.twilio_post(f"/Calls/{made['sid']}.json", {"Status": "canceled"})
    assert (status, error["code"]) == (400, 21220)


async def test_calls_are_listed_by_phone_and_status(site: Site) -> None:
    speak(site)
    _, made = await site.call()
    await until_ended(site)
    for query, count in (
        ({"To": f"+{PERSON}", "Status": "completed"}, 1),
        ({"Status": "busy"}, 0),
        ({"To": "+84984765399"}, 0),
        ({"StartTime>": "2020-01-01"}, 1),
        ({"StartTime<": "2020-01-01"}, 0),
    ):
        _, listed = await site.twilio_get("/Calls.json", **query)
        assert [call["sid"] for call in listed["calls"]] == [made["sid"]] * count


async def test_a_person_at_the_phone_page_presses_the_key(site: Site) -> None:
    speak(site, begin=ASK.replace('timeout="2"', 'timeout="5"'))
    await site.text(f"/phones/0{PERSON[2:]}")
    _, made = await site.call()
    pressed = await _press(site, made["sid"], "1")
    assert pressed == 200
    _, key, _ = await until_ended(site)
    assert key.form["Digits"] == "1"


async def test_a_key_cannot_be_pressed_in_a_call_that_is_over(site: Site) -> None:
    speak(site)
    _, made = await site.call()
    await until_ended(site)
    where = f"{site.url}/phones/{PERSON}/calls/{made['sid']}/keys"
    async with site.client.post(where, data={"key": "1"}) as answer:
        assert answer.status == 409


async def _press(site: Site, sid: str, key: str) -> Any:
    """Presses once the call waits for a key, as a person would who sees the buttons light up."""
    where = f"{site.url}/phones/{PERSON}/calls/{sid}/keys"
    for _ in range(60):
        async with site.client.post(where, data={"key": key}) as answer:
            if answer.status != 409:
                return answer.status
        await asyncio.sleep(0.05)
    return None
