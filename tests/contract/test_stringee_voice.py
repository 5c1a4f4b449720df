"""Stringee calls: what is asked, what codes and events mean, and what is believed."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from kits.kit import E164, REFERENCE
from kits.stringee_voice import CALL_ID, KIT
from provider_accounts import Maker, account, submission_for, submit
from told_peer import Peer, json_answer

from gateway.domain.message import SentMessage
from gateway.domain.outcome import Accepted, Reason, Receipt, Unknown, Verdict
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import CallReport, NotAReceipt, ReceiptRequest
from gateway.providers.outbound import Door
from gateway.providers.registry import build
from gateway.providers.stringee_voice import StringeeVoice

NAME = "stringee_voice"
NUMBER = E164.removeprefix("+")
EVENTS = "https://gateway.example/receipts/acc"
CALL = f"https://gateway.example/voice/acc/{REFERENCE}"


async def test_a_call_is_asked_for_as_the_documentation_has_it(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(KIT.taken)
    assert await submit(provider_at(NAME), NAME) == Accepted(provider_id=CALL_ID, code="0")
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/v1/call2/callout")
    assert asked.headers["content-type"] == "application/json"
    assert asked.json == {
        "from": {"type": "external", "number": "842873000000", "alias": "842873000000"},
        "to": [{"type": "external", "number": NUMBER, "alias": REFERENCE}],
        "answer_url": "https://gateway.example/voice/acc/0f3a9d8c7a6b5f4e3d2c1b0a9f8e7d6c/taken",
    }


async def test_each_request_carries_a_token_of_its_own(peer: Peer, door: Door) -> None:
    peer.will(KIT.taken)
    secrets = {"key_secret": "s" * 32, "signing_secret": "x"}
    provider = build(KIT.access(peer.url, secrets=secrets), NAME, door)
    for _ in range(2):
        await provider.send(submission_for(NAME))
    tokens = [asked.headers["x-stringee-auth"] for asked in peer.asked]
    for token in tokens:
        assert jwt.get_unverified_header(token) == {
            "typ": "JWT",
            "alg": "HS256",
            "cty": "stringee-api;v=1",
        }
    # PyJWT also refuses a token that has run out.
    claims = [jwt.decode(token, "s" * 32, algorithms=["HS256"]) for token in tokens]
    assert {(one["iss"], one["rest_api"]) for one in claims} == {("SK.0.3f9a", True)}
    assert len({one["jti"] for one in claims}) == 2


async def test_the_alias_can_be_the_number_as_in_the_documentation(peer: Peer, door: Door) -> None:
    peer.will(KIT.taken)
    await submit(build(account(NAME, peer.url, to_alias="number"), NAME, door), NAME)
    assert peer.asked[0].json["to"] == [{"type": "external", "number": NUMBER, "alias": NUMBER}]


@pytest.mark.parametrize(
    ("answer", "provider_id"),
    [
        pytest.param({"r": 0, "callId": CALL_ID}, CALL_ID, id="another spelling"),
        pytest.param({"r": 0}, None, id="as documented, without"),
        pytest.param({"r": 0, "call_id": 7}, None, id="not an id"),
    ],
)
async def test_the_id_of_a_call_is_taken_where_the_answer_has_one(
    answer: dict[str, Any], provider_id: str | None, peer: Peer, provider_at: Maker
) -> None:
    peer.will(json_answer(answer))
    ended = await submit(provider_at(NAME), NAME)
    assert ended == Accepted(provider_id=provider_id, code="0")


@pytest.mark.parametrize("code", [None, "0", True, 0.0, [0]], ids=str)
async def test_an_answer_without_a_code_says_nothing(
    code: object, peer: Peer, provider_at: Maker
) -> None:
    peer.will(json_answer({"r": code}))
    ended = await submit(provider_at(NAME), NAME)
    assert ended == Unknown(reason=Reason.BAD_REPLY, code="no_r")


async def test_no_call_can_be_asked_about(provider_at: Maker) -> None:
    phone = Phone(e164=E164, kind=PhoneKind.MOBILE)
    sent = SentMessage(reference=REFERENCE, phone=phone, provider_id=CALL_ID, sent_at_s=0.0)
    assert await provider_at(NAME).query(sent) is None


# Signatures computed with: printf '%s' … | openssl dgst -sha1 -hmac signing-51b2 -binary | base64
ENDED = (
    b'{"type":"stringee_call","call_status":"ended",'
    b'"call_id":"call-vn-1-P8A5GOP6IC-1530516282840",'
    b'"endCallCause":"486 Busy Here","answerDuration":0}'
)
ENDED_SIGNED = "3my0c1UHXQXlGLRU182arA42FhA="
PRESSED = (
    b'{"time":"1530870073736","dtmf":"2","call_id":"call-vn-1-Y8JUX5TVSZ-1530721745779",'
    b'"customField":"0f3a9d8c7a6b5f4e3d2c1b0a9f8e7d6c","timeout":false}'
)
PRESSED_SIGNED = "HCloiXjEaiKkEJcH58z/iYaKgTI="
ASKED = (
    f"{CALL}?from=842873000000&to=84984765321&fromInternal=false"
    "&callId=call-vn-1-P8A5GOP6IC-1530516282840&custom=%20"
)
ASKED_SIGNED = "cPfTGmkFeu6d1jY7VAVWEMIKZ28="


def request_(
    body: bytes = b"", signature: str = "", *, method: str = "POST", url: str = EVENTS
) -> ReceiptRequest:
    return ReceiptRequest(
        method=method,
        url=url,
        path_token="",
        headers={"X-Stringee-Signature": signature},
        query=dict(parse_qsl(urlsplit(url).query)),
        body=body,
    )


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(request_(ENDED, ENDED_SIGNED), id="an event"),
        pytest.param(request_(PRESSED, PRESSED_SIGNED, url=CALL), id="a key"),
        pytest.param(request_(b"", ASKED_SIGNED, method="GET", url=ASKED), id="a script wanted"),
        pytest.param(
            request_(b"", ASKED_SIGNED, method="GET", url=ASKED.replace("%20", " ")),
            id="a space in the address",
        ),
    ],
)
def test_what_stringee_signed_is_believed(request_: ReceiptRequest, provider_at: Maker) -> None:
    assert provider_at(NAME).verify_receipt(request_)


OTHER_CALL = CALL[:-1] + "0"


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(request_(ENDED), id="no signature"),
        pytest.param(request_(ENDED, "ă"), id="not ASCII"),
        pytest.param(request_(ENDED + b" ", ENDED_SIGNED), id="changed body"),
        pytest.param(request_(ENDED, PRESSED_SIGNED), id="of another event"),
        pytest.param(request_(ENDED, ASKED_SIGNED, url=ASKED), id="over the address of a POST"),
        pytest.param(
            request_(ENDED, ENDED_SIGNED, method="GET", url=ASKED), id="over the body of a GET"
        ),
        pytest.param(
            request_(b"", ASKED_SIGNED, method="GET", url=ASKED.replace(CALL, OTHER_CALL)),
            id="a script wanted for another call",
        ),
        pytest.param(
            request_(PRESSED, PRESSED_SIGNED, url=OTHER_CALL), id="a key pressed in another call"
        ),
        pytest.param(
            request_(ENDED, ENDED_SIGNED, url=CALL), id="an event posted to the address of a call"
        ),
    ],
)
def test_what_stringee_did_not_sign_for_this_is_refused(
    request_: ReceiptRequest, provider_at: Maker
) -> None:
    assert not provider_at(NAME).verify_receipt(request_)


def test_a_key_is_believed_even_if_our_field_does_not_come_back(provider_at: Maker) -> None:
    body = b'{"dtmf":"2","call_id":"c-1","customField":"","timeout":false}'
    signed = "/Ept+IkrqhYHdXBpXFKN/MbF5MQ="
    assert provider_at(NAME).verify_receipt(request_(body, signed, url=CALL))


def posted(**fields: object) -> ReceiptRequest:
    return request_(json.dumps(fields).encode(), url=CALL)


def event(status: str, cause: object = None, answered_s: object = None) -> ReceiptRequest:
    ending = {"endCallCause": cause, "answerDuration": answered_s}
    return posted(
        type="stringee_call",
        call_status=status,
        call_id=CALL_ID,
        to={"number": NUMBER, "alias": REFERENCE, "is_online": False, "type": "external"},
        **{name: value for name, value in ending.items() if value is not None},
    )


AGAIN, FAILED = Verdict.TRY_AGAIN, Verdict.FAILED

ENDS = {
    "taken": ("USER_END_CALL", 12, AGAIN, Reason.HUNG_UP, "ended:USER_END_CALL"),
    "taken, another cause": ("NO_ANSWER", 3, AGAIN, Reason.HUNG_UP, "ended:NO_ANSWER"),
    "taken for less than a second": ("USER_END_CALL", 0, AGAIN, Reason.HUNG_UP, None),
    "too long": ("MAX_CONNECT_TIME", None, AGAIN, Reason.HUNG_UP, None),
    "busy in SIP": ("486 Busy Here", 0, AGAIN, Reason.BUSY, "ended:486"),
    "busy everywhere": ("600 Busy Everywhere", 0, AGAIN, Reason.BUSY, None),
    "busy": ("BUSY", 0, AGAIN, Reason.BUSY, None),
    "turned away in SIP": ("603 Decline", 0, AGAIN, Reason.BUSY, None),
    "turned away": ("DECLINED", 0, AGAIN, Reason.BUSY, None),
    "rejected": ("CALL_REJECT", 0, AGAIN, Reason.BUSY, None),
    "no answer": ("NO_ANSWER", 0, AGAIN, Reason.NO_ANSWER, "ended:NO_ANSWER"),
    "time over": ("TIMEOUT", 0, AGAIN, Reason.NO_ANSWER, None),
    "time over in SIP": ("408 Request Timeout", 0, AGAIN, Reason.NO_ANSWER, None),
    "cannot be reached now": ("480 Temporarily Unavailable", 0, AGAIN, Reason.NO_ANSWER, None),
    "rang for too long in SIP": ("487 Request Terminated", 0, AGAIN, Reason.NO_ANSWER, None),
    "rang for too long": ("CALL_CANCEL", 0, AGAIN, Reason.NO_ANSWER, None),
    "no such number": ("404 Not Found", 0, FAILED, Reason.RECIPIENT_UNAVAILABLE, None),
    "number given up": ("410 Gone", 0, FAILED, Reason.RECIPIENT_UNAVAILABLE, None),
    "incomplete": ("484 Address Incomplete", 0, FAILED, Reason.RECIPIENT_UNAVAILABLE, None),
    "nowhere": ("604 Does Not Exist Anywhere", 0, FAILED, Reason.RECIPIENT_UNAVAILABLE, None),
    "stopped by an operator": ("REST_API_STOP", 0, FAILED, Reason.WITHDRAWN, None),
    "network trouble": ("503 Service Unavailable", 0, AGAIN, Reason.CARRIER_REJECTED, "ended:503"),
    "could not be made": ("CAN_NOT_MAKE_CALL", 0, AGAIN, Reason.CARRIER_REJECTED, None),
    "no cause": (None, None, AGAIN, Reason.CARRIER_REJECTED, "ended"),
    "not a number of seconds": ("BUSY", "5", AGAIN, Reason.BUSY, None),
}


@pytest.mark.parametrize(
    ("cause", "answered_s", "verdict", "reason", "code"), ENDS.values(), ids=ENDS.keys()
)
def test_the_end_of_a_call_never_claims_that_anything_was_heard(
    cause: str | None,
    answered_s: object,
    verdict: Verdict,
    reason: Reason,
    code: str | None,
    provider_at: Maker,
) -> None:
    [receipt] = provider_at(NAME).parse_receipts(event("ended", cause, answered_s))
    assert (receipt.verdict, receipt.reason) == (verdict, reason)
    assert receipt.talked_s == (answered_s if isinstance(answered_s, int) else 0)
    assert (receipt.reference, receipt.provider_id) == (REFERENCE, CALL_ID)
    assert code in (None, receipt.code)


@pytest.mark.parametrize(
    "status", ["created", "started", "ringing", "answered", "agentEnded", "levitating"]
)
def test_until_its_end_a_call_is_under_way(status: str, provider_at: Maker) -> None:
    assert provider_at(NAME).parse_receipts(event(status)) == [
        Receipt(verdict=Verdict.PROGRESS, reference=REFERENCE, provider_id=CALL_ID, code=status)
    ]


@pytest.mark.parametrize(
    "called",
    [
        pytest.param({"number": NUMBER, "alias": NUMBER}, id="the number itself"),
        pytest.param({"number": NUMBER, "alias": "Nguyen"}, id="a name"),
        pytest.param({"number": NUMBER}, id="no alias"),
        pytest.param(NUMBER, id="only a number"),
        pytest.param(None, id="nobody"),
    ],
)
def test_an_event_without_our_reference_is_matched_by_the_id_of_the_call(
    called: object, provider_at: Maker
) -> None:
    told = posted(call_status="ringing", call_id=CALL_ID, to=called)
    [receipt] = provider_at(NAME).parse_receipts(told)
    assert (receipt.reference, receipt.provider_id) == (None, CALL_ID)


@pytest.mark.parametrize(
    "body",
    [b"", b"a=b", b"[]", b"{}", b'{"call_id":"c"}', b'{"call_id":"","call_status":"ended"}'],
)
def test_anything_else_is_no_report(body: bytes, provider_at: Maker) -> None:
    with pytest.raises(NotAReceipt):
        provider_at(NAME).parse_receipts(request_(body))


def test_the_address_of_the_script_is_asked_for_before_anything_was_heard(
    provider_at: Maker,
) -> None:
    voice = provider_at(NAME)
    assert isinstance(voice, StringeeVoice)
    told = voice.read_call(request_(method="GET", url=ASKED))
    assert told == CallReport(call_id=CALL_ID, caller="842873000000")


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        pytest.param({"dtmf": "2", "timeout": False}, "2", id="two"),
        pytest.param({"dtmf": "0", "timeout": False}, "0", id="zero"),
        pytest.param({"dtmf": "", "timeout": True}, None, id="no key"),
        pytest.param({"dtmf": None, "timeout": True}, None, id="nothing"),
        pytest.param({"timeout": True}, None, id="only the time"),
    ],
)
def test_the_report_of_a_question_proves_that_the_core_was_spoken(
    fields: dict[str, object], key: str | None, provider_at: Maker
) -> None:
    voice = provider_at(NAME)
    assert isinstance(voice, StringeeVoice)
    told = voice.read_call(posted(call_id=CALL_ID, **fields))
    assert told == CallReport(call_id=CALL_ID, keys=key)


@pytest.mark.parametrize(
    ("query", "call_id"),
    [
        # developer.stringee.com, "Event URL & answer URL", 1.2: a call to a number of the project
        pytest.param(
            "from=84909986668&to=84899199866&uuid=890ccbe2-f9a6-11e7-be7b-b7890f26c79d"
            "&fromInternal=false",
            "890ccbe2-f9a6-11e7-be7b-b7890f26c79d",
            id="as documented",
        ),
        # stringeecom/server-samples, answer_url
        pytest.param(
            "from=84909986668&to=84899199866&userId=&fromInternal=false&callId=call-vn-1-A-1",
            "call-vn-1-A-1",
            id="as in the samples",
        ),
    ],
)
def test_a_call_that_comes_in_has_an_id_of_its_own(
    provider_at: Maker, query: str, call_id: str
) -> None:
    provider = provider_at(NAME)
    assert isinstance(provider, StringeeVoice)
    report = provider.read_call(request_(method="GET", url=f"{EVENTS}?{query}"))
    assert (report.call_id, report.caller) == (call_id, "84909986668")
