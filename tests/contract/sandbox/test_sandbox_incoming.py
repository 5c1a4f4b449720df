"""Calls that a person makes to the number of an account: what our application is asked, in each
provider's words, and how the person answers."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from sandbox_site import PERSON, STRINGEE, TOKEN, Heard, Site

from gateway.sandbox.stringee_account import signature as stringee_signature
from gateway.sandbox.twilio_account import signature as twilio_signature

NUMBER = "842873000000"
HELLO, WHICH, BYE = "Xin chào.", "Mời bấm mã hồ sơ.", "Xin cảm ơn."


def twiml_question(site: Site, digits: int = 20, ends_with: str = "#") -> str:
    return (
        f'<Response><Say>{HELLO}</Say><Gather numDigits="{digits}" finishOnKey="{ends_with}" '
        f'timeout="6" action="{site.listener.url}/voice/twilio/inbound/code" '
        f'actionOnEmptyResult="true"><Say>{WHICH}</Say></Gather></Response>'
    )


def scco_question(site: Site, digits: int = 20, ends_with: str = "#") -> str:
    question = {
        "action": "input",
        "eventUrl": f"{site.listener.url}/voice/stringee/inbound/code",
        "timeOut": 8,
        "maxDigits": digits,
        "submitOnHash": ends_with == "#",
        "customField": "inbound/code",
    }
    said = [{"action": "talk", "text": HELLO, "bargeIn": False}, {"action": "talk", "text": WHICH}]
    return json.dumps([*said, question])


GOODBYE = {
    "twilio": f"<Response><Say>{BYE}</Say><Hangup/></Response>",
    "stringee": json.dumps([{"action": "talk", "text": BYE, "bargeIn": False}]),
}
QUESTIONS: dict[str, Callable[..., str]] = {"twilio": twiml_question, "stringee": scco_question}
both = pytest.mark.parametrize("account", ["twilio", "stringee"])


def answer(site: Site, account: str, **question: Any) -> None:
    """Our application asks once, and says goodbye to whatever was pressed."""
    line = f"/voice/{account}/inbound"
    asked = QUESTIONS[account](site, **question)
    site.listener.scripts = {line: asked, f"{line}/code": GOODBYE[account]}


async def asked(site: Site) -> list[Heard]:
    """What our application was asked so far, reports left out."""
    heard = [site.listener.heard.get_nowait() for _ in range(site.listener.heard.qsize())]
    return [one for one in heard if "/receipts/" not in one.url]


async def reported(site: Site) -> Heard:
    """The report of the end of a call."""
    while True:
        heard = await site.listener.next()
        told = heard.form.get("CallStatus") or json.loads(heard.body or b"{}").get("call_status")
        if "/receipts/" in heard.url and told in ("completed", "failed", "canceled", "ended"):
            return heard


def digits_in(account: str, heard: Heard) -> str:
    return heard.form["Digits"] if account == "twilio" else json.loads(heard.body)["dtmf"]


@both
async def test_a_caller_hears_presses_a_code_and_is_thanked(site: Site, account: str) -> None:
    answer(site, account)
    call = await site.transcript(await site.dial(account, keys=["12345678#"]))
    assert call["lines"] == [
        {"by": "voice", "text": HELLO},
        {"by": "voice", "text": WHICH},
        {"by": "person", "text": "Bấm các phím 12345678#"},
        {"by": "voice", "text": BYE},
    ]
    assert call["status"] == "completed"
    assert call["talked_s"] >= 3  # 37 letters at 15 a second, and a second to think
    _, code = await asked(site)
    assert digits_in(account, code) == "12345678"


async def test_twilio_asks_by_a_signed_form_first_while_it_rings(site: Site) -> None:
    answer(site, "twilio")
    call = await site.dial("twilio", keys=["1#"])
    await site.transcript(call)
    first, second = await asked(site)
    assert first.method == "POST"
    assert first.form == {
        "AccountSid": "AC" + "1" * 32,
        "ApiVersion": "2010-04-01",
        "CallSid": call,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": f"+{PERSON}",
        "To": f"+{NUMBER}",
    }
    assert second.form == first.form | {"CallStatus": "in-progress", "Digits": "1"}
    for heard in (first, second):
        assert heard.headers["X-Twilio-Signature"] == twilio_signature(TOKEN, heard.url, heard.form)


async def test_twilio_reports_the_end_to_the_address_of_the_number(site: Site) -> None:
    answer(site, "twilio")
    call = await site.dial("twilio", keys=["1#"])
    end = await reported(site)
    told = (end.form["CallSid"], end.form["CallStatus"], end.form["Direction"])
    assert told == (call, "completed", "inbound")
    assert int(end.form["CallDuration"]) >= 3
    _, found = await site.twilio_get(f"/Calls/{call}.json")
    assert (found["direction"], found["from"], found["to"]) == (
        "inbound",
        f"+{PERSON}",
        f"+{NUMBER}",
    )


async def test_a_call_from_a_phone_is_not_among_the_calls_to_it(site: Site) -> None:
    answer(site, "twilio")
    await site.transcript(await site.dial("twilio"))
    _, listed = await site.twilio_get("/Calls.json", To=f"+{PERSON}")
    assert listed["calls"] == []


async def test_stringee_asks_for_the_script_by_a_signed_address(site: Site) -> None:
    answer(site, "stringee")
    call = await site.dial("stringee", keys=["1#"])
    await site.transcript(call)
    first, second = await asked(site)
    assert first.method == "GET"
    assert first.query == {
        "from": PERSON,
        "to": NUMBER,
        "fromInternal": "false",
        "userId": "",
        "projectId": "1",
        "callId": call,
    }
    report = json.loads(second.body)
    assert int(report.pop("time")) > 0
    assert report == {
        "dtmf": "1",
        "call_id": call,
        "customField": "inbound/code",
        "timeout": False,
    }
    parts, secret = urlsplit(first.url), str(STRINGEE["signing_secret"])
    for heard, signed in (
        (first, f"{parts.path}?{parts.query}".encode()),
        (second, second.body),
    ):
        assert heard.headers["X-STRINGEE-SIGNATURE"] == stringee_signature(secret, signed)


async def test_stringee_tells_the_project_of_the_call(site: Site) -> None:
    answer(site, "stringee")
    call = await site.dial("stringee", keys=["1#"])
    end = json.loads((await reported(site)).body)
    assert (end["call_id"], end["callCreatedReason"]) == (call, "EXTERNAL_CALL_IN")
    assert (end["from"]["number"], end["to"]["number"], end["to"]["alias"]) == (
        PERSON,
        NUMBER,
        NUMBER,
    )
    assert (end["endCallCause"], end["answerDuration"] >= 3) == ("USER_END_CALL", True)


@both
@pytest.mark.parametrize(
    ("question", "keys", "digits", "line"),
    [
        pytest.param({"digits": 1, "ends_with": ""}, ["7"], "7", "Bấm phím 7", id="one key"),
        pytest.param({"digits": 1, "ends_with": ""}, ["*"], "*", "Bấm phím *", id="a star"),
        pytest.param({"digits": 4}, ["1234567#"], "1234", "Bấm các phím 1234", id="enough keys"),
        pytest.param({}, ["1234"], "1234", "Bấm các phím 1234", id="keys, then nothing"),
        pytest.param({}, ["#"], "", "Bấm phím #", id="only the ending key"),
        pytest.param({}, [""], "", "Không bấm phím nào", id="silence"),
        pytest.param({}, [], "", "Không bấm phím nào", id="nothing more to press"),
    ],
)
async def test_keys_are_gathered_until_they_are_enough(
    site: Site, account: str, question: dict[str, Any], keys: list[str], digits: str, line: str
) -> None:
    answer(site, account, **question)
    call = await site.transcript(await site.dial(account, keys=keys))
    _, code = await asked(site)
    assert digits_in(account, code) == digits
    assert line in [one["text"] for one in call["lines"]]


async def test_without_the_wish_for_an_empty_result_twilio_goes_on_by_itself(site: Site) -> None:
    answer(site, "twilio")
    scripts = site.listener.scripts
    scripts["/voice/twilio/inbound"] = scripts["/voice/twilio/inbound"].replace(
        ' actionOnEmptyResult="true"', ""
    )
    await site.transcript(await site.dial("twilio", keys=["#"]))
    assert len(await asked(site)) == 1


@both
async def test_a_caller_who_hangs_up_at_once_hears_nothing(site: Site, account: str) -> None:
    answer(site, account)
    call = await site.transcript(await site.dial(account, hangs_up=True))
    assert [one["by"] for one in call["lines"]] == ["event"]
    assert call["status"] == "completed"


@both
@pytest.mark.parametrize("questions", [0, 1, 2])
async def test_a_caller_hangs_up_after_so_many_questions(
    site: Site, account: str, questions: int
) -> None:
    answer(site, account)
    line = f"/voice/{account}/inbound"
    site.listener.scripts[f"{line}/code"] = site.listener.scripts[line]
    call = await site.transcript(
        await site.dial(account, keys=["1#", "", "2#"], hangs_up_after=questions)
    )
    assert len(await asked(site)) == 1 + questions
    assert call["lines"][-1] == {"by": "event", "text": "Người gọi gác máy"}
    assert call["status"] == "completed"


@pytest.mark.parametrize(
    ("account", "withheld", "shown"),
    [
        pytest.param("twilio", False, f"+{PERSON}", id="twilio, shown"),
        pytest.param("twilio", True, "anonymous", id="twilio, a word"),
        pytest.param("twilio", "+266696687", "+266696687", id="twilio, spelled on keys"),
        pytest.param("stringee", True, "anonymous", id="stringee, a word"),
        pytest.param("stringee", "", "", id="stringee, nothing"),
    ],
)
async def test_a_caller_may_withhold_the_number(
    site: Site, account: str, withheld: object, shown: str
) -> None:
    answer(site, account)
    await site.transcript(await site.dial(account, withheld=withheld))
    first = (await asked(site))[0]
    assert (first.form["From"] if account == "twilio" else first.query["from"]) == shown


@both
async def test_a_call_goes_on_where_another_process_takes_over(site: Site, account: str) -> None:
    answer(site, account)
    site.listener.away = 3
    call = await site.transcript(await site.dial(account, keys=["1#"]))
    assert call["status"] == "completed"
    first, *repeated, code = await asked(site)
    assert [one.url for one in repeated] == [first.url] * 3
    assert digits_in(account, code) == "1"


@both
async def test_a_call_fails_whose_application_stays_away(site: Site, account: str) -> None:
    answer(site, account)
    site.listener.away = 99
    call = await site.transcript(await site.dial(account, keys=["1#"]))
    assert (call["status"], call["talked_s"]) == ("failed", 0)
    # A GET over a connection that breaks is sent once more by the HTTP client itself.
    assert len(await asked(site)) == (4 if account == "twilio" else 8)


@pytest.mark.parametrize(
    "wish",
    [
        pytest.param({"account": "esms"}, id="account without a line"),
        pytest.param({"account": "none"}, id="unknown account"),
        pytest.param({"keys": "12"}, id="keys are no list"),
        pytest.param({"keys": ["a"]}, id="not a key"),
        pytest.param({"keys": [1]}, id="a number"),
        pytest.param({"hangs_up_after": "1"}, id="hangs up after a word"),
        pytest.param({"language": "vi"}, id="unknown wish"),
    ],
)
async def test_a_wrong_wish_is_explained(site: Site, wish: dict[str, Any]) -> None:
    body = {"account": "twilio", "phone": PERSON} | wish
    async with site.client.post(f"{site.url}/control/dial", json=body) as told:
        assert told.status == 422
        assert (await told.json())["error"]


async def test_an_unknown_call_is_not_found(site: Site) -> None:
    async with site.client.get(f"{site.url}/calls/CA1") as told:
        assert told.status == 404


@both
async def test_a_running_call_is_told_so_far(site: Site, account: str) -> None:
    """A person in front of the phone is waited for."""
    answer(site, account)
    await site.text(f"/phones/{PERSON}")
    call = await site.dial(account)
    while len((told := await site.get(f"/calls/{call}"))["lines"]) < 2:
        pass
    assert (told["status"], told["ended"]) == ("in-progress", False)
