"""The simulated Stringee calls: what is refused, asked of our application, said and reported."""

import base64
import hmac
import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from sandbox_site import PERSON, STRINGEE, Heard, Site

from gateway.sandbox.stringee_account import TOKEN_HEADER, signature

CALL_OUT = "/stringee-voice/v1/call2/callout"
CALLER = "842873000000"
SIGNING = str(STRINGEE["signing_secret"])
CORE = {"action": "talk", "text": "Hồ sơ đã có kết quả.", "bargeIn": False}
PROMPT = {"action": "talk", "text": "Nghe lại bấm 1, đã rõ bấm 2.", "bargeIn": True}
BYE = [{"action": "talk", "text": "Xin cảm ơn.", "bargeIn": False}]


def asking(site: Site, **changes: Any) -> list[dict[str, Any]]:
    question = {
        "action": "input",
        "eventUrl": f"{site.listener.url}/voice/key",
        "timeOut": 8,
        "maxDigits": 1,
        "customField": "ours-3",
    }
    return [CORE, PROMPT, question | changes]


def speak(site: Site, begin: object, key: object = BYE) -> None:
    scripts = {"/voice/begin": begin, "/voice/key": key}
    site.listener.scripts = {path: json.dumps(told) for path, told in scripts.items()}


def token(header: object = TOKEN_HEADER, secret: str = "stringee-secret", **changes: object) -> str:
    claims = {"jti": "SK.0.1-1", "iss": "SK.0.1", "exp": time.time() + 60, "rest_api": True}
    content = ".".join(packed(json.dumps(part).encode()) for part in (header, claims | changes))
    return f"{content}.{packed(hmac.digest(secret.encode(), content.encode(), 'sha256'))}"


def packed(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def party(number: str, alias: str = "", kind: str = "external") -> dict[str, str]:
    return {"type": kind, "number": number, "alias": alias or number}


async def call(site: Site, auth: str = "", **changes: Any) -> tuple[int, dict[str, Any]]:
    fields = {
        "from": party(CALLER),
        "to": [party(PERSON, "ours-3")],
        "answer_url": f"{site.listener.url}/voice/begin",
    }
    body = {name: value for name, value in (fields | changes).items() if value is not None}
    headers = {"X-STRINGEE-AUTH": auth or token()}
    async with site.client.post(site.url + CALL_OUT, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def until_ended(site: Site) -> tuple[list[Heard], list[dict[str, Any]]]:
    """What was asked and told during the call, and the events about it."""
    asked: list[Heard] = []
    events: list[dict[str, Any]] = []
    while "ended" not in [event["call_status"] for event in events]:
        heard = await site.listener.next()
        if "/receipts/" in heard.url:
            events.append(json.loads(heard.body))
        else:
            asked.append(heard)
    return asked, events


async def test_a_person_hears_the_script_and_presses_2(site: Site) -> None:
    speak(site, asking(site))
    status, made = await call(site)
    assert (status, made["r"]) == (200, 0)
    (begin, key), events = await until_ended(site)
    assert begin.method == "GET"
    assert begin.query == {
        "from": CALLER,
        "to": PERSON,
        "fromInternal": "false",
        "callId": made["call_id"],
        "projectId": "1",
    }
    told = json.loads(key.body)
    assert int(told.pop("time")) > 0
    assert told == {
        "dtmf": "2",
        "call_id": made["call_id"],
        "customField": "ours-3",
        "timeout": False,
    }
    end = events[-1]
    assert end["endCallCause"] == "USER_END_CALL"
    assert end["answerDuration"] >= 3  # 59 letters at 15 a second
    assert end["to"] == {
        "number": PERSON,
        "alias": "ours-3",
        "is_online": False,
        "type": "external",
    }
    row = await site.row()
    assert (row["reference"], row["delivered"]) == ("ours-3", 1)
    assert row["content"] == "Hồ sơ đã có kết quả. Nghe lại bấm 1, đã rõ bấm 2. Xin cảm ơn."


async def test_the_way_of_a_call_is_told_before_its_end(site: Site) -> None:
    speak(site, BYE)
    await call(site)
    _, events = await until_ended(site)
    told = {event["call_status"] for event in events}
    assert told == {"created", "started", "ringing", "answered", "ended"}


async def test_everything_is_signed_by_body_or_by_address(site: Site) -> None:
    speak(site, asking(site))
    await call(site)
    for _ in range(7):
        heard = await site.listener.next()
        parts = urlsplit(heard.url)
        signed = heard.body if heard.method == "POST" else f"{parts.path}?{parts.query}".encode()
        assert heard.headers["X-STRINGEE-SIGNATURE"] == signature(SIGNING, signed)


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        pytest.param("010", "404 Not Found", id="cannot be reached"),
        pytest.param("050", "486 Busy Here", id="busy"),
        pytest.param("051", "NO_ANSWER", id="nobody answers"),
    ],
)
async def test_a_call_that_nobody_takes_asks_for_no_words(
    site: Site, number: str, cause: str
) -> None:
    speak(site, BYE)
    await call(site, to=[party(f"84900000{number}", "ours-3")])
    asked, events = await until_ended(site)
    assert asked == []
    assert (events[-1]["endCallCause"], events[-1]["answerDuration"]) == (cause, 0)
    assert (await site.row())["delivered"] == 0


@pytest.mark.parametrize(
    ("number", "digits", "delivered"),
    [
        pytest.param("052", [""], 0, id="voicemail"),
        pytest.param("054", [], 0, id="hangs up at once"),
        pytest.param("055", [""], 1, id="presses nothing"),
        pytest.param("056", ["1", "2"], 1, id="1 then 2"),
        pytest.param("057", ["5", ""], 1, id="wrong key"),
    ],
)
async def test_each_person_answers_in_their_way(
    site: Site, number: str, digits: list[str], delivered: int
) -> None:
    again = asking(site, eventUrl=f"{site.listener.url}/voice/key2")
    speak(site, asking(site), again if len(digits) > 1 else BYE)
    site.listener.scripts["/voice/key2"] = json.dumps(BYE)
    await call(site, to=[party(f"84900000{number}", "ours-3")])
    (_, *keys), _ = await until_ended(site)
    told = [json.loads(key.body) for key in keys]
    assert [one["dtmf"] for one in told] == digits
    assert [one["timeout"] for one in told] == [not digit for digit in digits]
    assert (await site.row())["delivered"] == delivered


async def test_the_time_for_a_key_begins_with_the_prompt(site: Site) -> None:
    speak(site, asking(site, timeOut=1))
    await call(site)
    (_, key), _ = await until_ended(site)
    assert json.loads(key.body)["timeout"]


async def test_the_end_of_the_list_does_not_wait_for_what_may_be_cut_short(site: Site) -> None:
    speak(site, [CORE, PROMPT])
    await call(site)
    await until_ended(site)
    assert (await site.row())["content"] == CORE["text"]


@pytest.mark.parametrize("barge_in", [False, True])
async def test_an_uploaded_file_is_played(site: Site, *, barge_in: bool) -> None:
    played = {"action": "play", "fileName": "0f3a.wav", "bargeIn": barge_in}
    speak(site, [played, *asking(site)[2:]])
    await call(site)
    await until_ended(site)
    assert (await site.row())["content"] == "♪ 0f3a.wav Xin cảm ơn."


async def test_a_file_that_was_not_uploaded_fails_the_call(site: Site) -> None:
    speak(site, [{"action": "play", "fileName": "0f3b.wav", "bargeIn": False}])
    await call(site)
    _, events = await until_ended(site)
    assert events[-1]["endCallCause"] == "404 Not Found"


async def test_an_empty_answer_to_a_key_lets_the_list_go_on(site: Site) -> None:
    speak(site, asking(site) + BYE, [])
    await call(site)
    await until_ended(site)
    assert (await site.row())["content"].endswith("Xin cảm ơn.")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("Xin chào", id="not a list"),
        pytest.param(["talk"], id="not an action"),
        pytest.param([{"action": "sing", "text": "La"}], id="unknown action"),
        pytest.param([{"action": ["talk"]}], id="a list of actions in one"),
        pytest.param([CORE | {"volume": 3}], id="unknown field"),
        pytest.param([CORE | {"text": " "}], id="nothing to say"),
        pytest.param([{"action": "talk"}], id="no text"),
        pytest.param([CORE | {"speed": 4}], id="too fast"),
        pytest.param([CORE | {"speed": "0"}], id="speed as text"),
        pytest.param([CORE | {"bargeIn": "false"}], id="flag as text"),
        pytest.param([CORE | {"voice": "Wavenet-A"}], id="unknown voice"),
        pytest.param([{"action": "input", "eventUrl": "/voice/key"}], id="address without host"),
    ],
)
async def test_a_script_that_is_not_right_fails_the_call(site: Site, script: object) -> None:
    speak(site, script)
    await call(site)
    _, events = await until_ended(site)
    assert events[-1]["endCallCause"] == "404 Not Found"
    assert (await site.row())["delivered"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"answer_url": ""}, 1, id="no address"),
        pytest.param({"answer_url": None}, 1, id="address left out"),
        pytest.param({"answer_url": "voice/begin"}, 18, id="not an address"),
        pytest.param({"to": [party(PERSON, kind="phone")]}, 3, id="unknown type"),
        pytest.param({"from": party("842873000001")}, 5, id="number of others"),
        pytest.param({"from": party(f"+{CALLER}")}, 10, id="sender with plus"),
        pytest.param({"to": [party(f"+{PERSON}")]}, 10, id="phone with plus"),
        pytest.param({"to": [party("8498476532")]}, 14, id="phone too short"),
    ],
)
async def test_a_wrong_call_is_refused_with_its_code(
    site: Site, changes: dict[str, Any], code: int
) -> None:
    status, answer = await call(site, **changes)
    assert (status, answer["r"]) == (200, code)
    assert await site.rows() == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"event_url": "http://x.example"}, id="unknown field"),
        pytest.param({"to": party(PERSON)}, id="not a list"),
        pytest.param({"to": [party(PERSON), party(PERSON)]}, id="two phones"),
        pytest.param({"from": {"number": CALLER}}, id="half a party"),
        pytest.param({"from": None}, id="no sender"),
    ],
)
async def test_a_request_of_another_form_is_no_request(site: Site, changes: dict[str, Any]) -> None:
    status, answer = await call(site, **changes)
    assert (status, "r" in answer) == (400, False)


@pytest.mark.parametrize(
    "auth",
    [
        pytest.param("x", id="no token"),
        pytest.param("a.b.c", id="not base64"),
        pytest.param(token(secret="another"), id="another secret"),
        pytest.param(token(header={"typ": "JWT", "alg": "HS256"}), id="no content type"),
        pytest.param(token(exp=time.time() - 1), id="run out"),
        pytest.param(token(exp="soon"), id="no time"),
        pytest.param(token(iss="SK.0.2"), id="another key"),
        pytest.param(token(jti="1"), id="id without the key"),
        pytest.param(token(rest_api="true"), id="not for this interface"),
    ],
)
async def test_a_wrong_token_is_refused(site: Site, auth: str) -> None:
    status, _ = await call(site, auth)
    assert status == 401
