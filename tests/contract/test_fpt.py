"""FPT SMS: the token and its session, what is sent, what a refused token leads to."""

import asyncio
import re
from base64 import b64decode
from collections.abc import Callable

import pytest
from kits.fpt import CLIENT_ID, SECRETS, TOKEN
from kits.kit import E164, REFERENCE, TEXT, word
from provider_accounts import Maker, account, submission_for, submit
from simulated import Inbox, Simulated, started_sandbox
from told_peer import Answer, Peer, json_answer

from gateway.domain.message import SmsBody
from gateway.domain.outcome import Accepted, Deferred, Outcome, Reason, Unknown
from gateway.providers.contract import NotAReceipt, ReceiptRequest
from gateway.providers.fpt import Fpt
from gateway.providers.outbound import Door

TAKEN = json_answer(
    {
        "MessageId": 90210,
        "BrandName": "BAOTIN",
        "Phone": E164[1:],
        "Message": TEXT,
        "PartnerId": "7",
        "Telco": "viettel",
    }
)
ACCEPTED = Accepted(provider_id="90210", segments=1)


def unavailable(code: str) -> Deferred:
    return Deferred(reason=Reason.PROVIDER_UNAVAILABLE, code=code)


def stops(reason: Reason, code: str) -> Deferred:
    return Deferred(reason=reason, code=code, spends_try=False)


def token(value: str = "t-1", expires_in: object = 3600) -> Answer:
    return json_answer({"access_token": value, "expires_in": expires_in})


def refused(code: object, status: int = 200) -> Answer:
    return json_answer({"Error": code, "Error_description": f"{E164} {TEXT}"}, status=status)


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def fpt_at(peer: Peer, door: Door) -> Callable[..., Fpt]:
    def make(clock: Callable[[], float] | None = None, **settings: str) -> Fpt:
        return Fpt(account("fpt", peer.url, **settings), door, clock or Clock())

    return make


def paths(peer: Peer) -> str:
    """The order of the requests in letters: t for a token, m for a message."""
    return "".join("t" if one.path == "/oauth2/token" else "m" for one in peer.asked)


async def test_a_message_is_sent_in_the_session_of_its_token(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(TOKEN, TAKEN)
    assert await submit(provider_at("fpt"), "fpt") == ACCEPTED
    asked_token, asked = peer.asked
    session_id = asked_token.json["session_id"]
    assert (asked_token.method, asked_token.path) == ("POST", "/oauth2/token")
    assert asked_token.json == {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": SECRETS["client_secret"],
        "scope": "send_brandname_otp",
        "session_id": session_id,
    }
    assert re.fullmatch("[0-9a-f]{32}", str(session_id))
    assert (asked.method, asked.path) == ("POST", "/api/push-brandname-otp")
    assert asked.json == {
        "access_token": "t-1",
        "session_id": session_id,
        "BrandName": "BAOTIN",
        "Phone": "84984765321",
        "Message": "S2V0IHF1YSBobyBzbyBjdWEgb25nIE5ndXllbiBWYW4gVGh1IGRhIGNvIHRhaSBxdWF5IDUu",
        "RequestId": REFERENCE,
    }


async def test_accents_travel_in_utf_8(peer: Peer, fpt_at: Callable[..., Fpt]) -> None:
    peer.will(TOKEN, TAKEN)
    accented = SmsBody(text="Đã có kết quả.", accented=True, segments=1)
    await fpt_at().send(submission_for("fpt", body=accented))
    assert b64decode(str(peer.asked[1].json["Message"])).decode() == "Đã có kết quả."


async def test_scope_and_form_of_the_phone_are_settings(
    peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(TOKEN, TAKEN)
    scope = "send_brandname_otp send_brandname"
    await submit(fpt_at(scope=scope, phone_form="0"), "fpt")
    assert peer.asked[0].json["scope"] == scope
    assert peer.asked[1].json["Phone"] == "0984765321"


@pytest.mark.parametrize(
    ("expires_in", "good_after_s", "ended_after_s"),
    [
        pytest.param(3600, 3500, 3545, id="an hour"),
        pytest.param("3600", 3500, 3545, id="an hour, as text"),
        pytest.param(80, 39, 41, id="shorter than the margin allows"),
        pytest.param(None, 500, 605, id="not told"),
        pytest.param("9" * 5000, 500, 605, id="nonsense"),
    ],
)
async def test_a_token_is_kept_until_shortly_before_its_end(
    expires_in: object,
    good_after_s: float,
    ended_after_s: float,
    peer: Peer,
    fpt_at: Callable[..., Fpt],
) -> None:
    clock = Clock()
    provider, began_s = fpt_at(clock), clock.now_s
    peer.will(token("t-1", expires_in), TAKEN, TAKEN, token("t-2"), TAKEN)
    await submit(provider, "fpt")
    clock.now_s = began_s + good_after_s
    await submit(provider, "fpt")
    assert paths(peer) == "tmm"
    clock.now_s = began_s + ended_after_s
    await submit(provider, "fpt")
    assert paths(peer) == "tmmtm"
    assert peer.asked[4].json["access_token"] == "t-2"
    assert peer.asked[4].json["session_id"] == peer.asked[3].json["session_id"]
    assert peer.asked[4].json["session_id"] != peer.asked[0].json["session_id"]


async def test_messages_at_once_share_one_token(peer: Peer, fpt_at: Callable[..., Fpt]) -> None:
    peer.will(TOKEN, TAKEN)
    provider = fpt_at()
    ended = await asyncio.gather(*(submit(provider, "fpt") for _ in range(5)))
    assert ended == [ACCEPTED] * 5
    assert paths(peer) == "tmmmmm"


async def test_messages_at_once_share_one_failure_and_the_next_tries_again(
    peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(Answer(raw=b"", reset=True), TOKEN, TAKEN)
    provider = fpt_at()
    ended = await asyncio.gather(*(submit(provider, "fpt") for _ in range(5)))
    assert ended == [Deferred(reason=Reason.NOT_SENT, code="no_token")] * 5
    assert await submit(provider, "fpt") == ACCEPTED
    assert paths(peer) == "ttm"


async def test_who_leaves_early_does_not_take_the_token_from_the_others(
    peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(Answer(drip_s=0.002, body=TOKEN.body), TAKEN)
    provider = fpt_at()
    leaves, stays = (asyncio.ensure_future(submit(provider, "fpt")) for _ in range(2))
    await asyncio.sleep(0.02)
    leaves.cancel()
    assert await stays == ACCEPTED
    assert paths(peer) == "tm"


NO_TOKEN = Deferred(reason=Reason.NOT_SENT, code="no_token")
WITHOUT_TOKEN: dict[str, tuple[Answer, Outcome]] = {
    "silence": (Answer(raw=b"", silent=True), NO_TOKEN),
    "reset": (Answer(raw=b"", reset=True), NO_TOKEN),
    "not HTTP": (Answer(raw=b"220 smtp.example ESMTP\r\n\r\n"), NO_TOKEN),
    "HTML": (Answer(body=b"<html>"), NO_TOKEN),
    "no token in it": (json_answer({"expires_in": 3600}), NO_TOKEN),
    "a token of another type": (json_answer({"access_token": 5}), NO_TOKEN),
    "error 500": (Answer(status=500), Deferred(reason=Reason.NOT_SENT, code="http_500")),
    "their server's error": (
        json_answer({"error": 1006}),
        Deferred(reason=Reason.NOT_SENT, code="1006"),
    ),
    "wrong secret": (
        json_answer({"error": 1008, "error_description": "x"}, status=400),
        stops(Reason.CREDENTIALS, "1008"),
    ),
    "wrong scope": (
        json_answer({"error": "1005"}),
        Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="1005"),
    ),
    "what would reject a message": (
        json_answer({"error": 1014}),
        Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="1014"),
    ),
    "a code that is not listed": (
        json_answer({"error": "invalid_client"}, status=400),
        Deferred(reason=Reason.UNKNOWN_CODE, code="invalid_client"),
    ),
    "401": (Answer(status=401), stops(Reason.CREDENTIALS, "http_401")),
    "429": (
        Answer(status=429, headers={"Retry-After": "9"}),
        Deferred(reason=Reason.RATE_LIMITED, code="http_429", retry_after_s=9.0, spends_try=False),
    ),
}


@pytest.mark.parametrize(("answer", "ending"), WITHOUT_TOKEN.values(), ids=WITHOUT_TOKEN.keys())
async def test_without_a_token_nothing_was_sent(
    answer: Answer, ending: Outcome, peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(answer)
    assert await submit(fpt_at(), "fpt") == ending
    assert paths(peer) == "t"


@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize("code", [1011, "1013"])
async def test_a_refused_token_is_fetched_anew_and_the_message_tried_once_more(
    code: object, status: int, peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(token("t-1"), refused(code, status), token("t-2"), TAKEN)
    assert await submit(fpt_at(), "fpt") == ACCEPTED
    assert paths(peer) == "tmtm"
    assert peer.asked[3].json["access_token"] == "t-2"
    assert peer.asked[3].json["session_id"] == peer.asked[2].json["session_id"]


async def test_a_token_that_is_refused_twice_is_left_to_the_next_try(
    peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    provider = fpt_at()
    peer.will(token("t-1"), refused(1011), token("t-2"), refused(1011), token("t-3"), TAKEN)
    assert await submit(provider, "fpt") == unavailable("1011")
    assert paths(peer) == "tmtm"
    assert await submit(provider, "fpt") == ACCEPTED
    assert paths(peer) == "tmtmtm"


async def test_a_refusal_that_took_long_is_left_to_the_next_try(
    peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    moments = iter([0.0, 0.1, 10.1])
    provider = fpt_at(lambda: next(moments))
    peer.will(token("t-1"), refused(1013), token("t-2"), TAKEN)
    assert await submit(provider, "fpt") == unavailable("1013")
    assert paths(peer) == "tm"


async def test_a_message_lost_after_a_renewed_token_may_have_been_sent(
    peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(token("t-1"), refused(1013), token("t-2"), Answer(raw=b"", reset=True))
    assert await submit(fpt_at(), "fpt") == Unknown(reason=Reason.CONNECTION_LOST)


async def test_where_no_other_token_can_be_had_nothing_was_sent(
    peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(token("t-1"), refused(1013), Answer(raw=b"", reset=True))
    assert await submit(fpt_at(), "fpt") == NO_TOKEN
    assert paths(peer) == "tmt"


async def test_the_words_for_a_refused_token_are_a_setting(
    peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    provider = fpt_at(token_refused="invalid_token, 1013")
    peer.will(token("t-1"), refused("invalid_token"), token("t-2"), refused("invalid_token"))
    assert await submit(provider, "fpt") == unavailable("invalid_token")
    assert paths(peer) == "tmtm"


async def test_after_a_bare_401_the_next_message_gets_another_token(
    peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    provider = fpt_at()
    peer.will(token("t-1"), Answer(status=401), token("t-2"), TAKEN)
    assert await submit(provider, "fpt") == unavailable("http_401")
    assert paths(peer) == "tm"
    assert await submit(provider, "fpt") == ACCEPTED


REFUSALS: dict[str, tuple[Answer, Outcome]] = {
    "in the small spelling": (
        json_answer({"error": 2502}),
        stops(Reason.WALLET_EMPTY, "2502"),
    ),
    "with a status of its own": (
        refused(2502, 400),
        stops(Reason.WALLET_EMPTY, "2502"),
    ),
    "the same text within five minutes": (
        refused(2501),
        Deferred(reason=Reason.REPEATED_TEXT, code="2501", retry_after_s=300, spends_try=False),
    ),
    "unlisted": (refused(2599), Unknown(reason=Reason.UNKNOWN_CODE, code="2599")),
    "unlisted, with a status of its own": (
        refused(2599, 400),
        Deferred(reason=Reason.UNKNOWN_CODE, code="2599"),
    ),
    "unlisted, broken": (refused(2599, 500), Unknown(reason=Reason.BAD_REPLY, code="http_500")),
    "a sentence in place of a code": (
        refused(f"{E164} khong hop le"),
        Unknown(reason=Reason.UNKNOWN_CODE, code="unreadable"),
    ),
    "a phone in place of a code": (
        refused(int(E164[1:])),
        Unknown(reason=Reason.UNKNOWN_CODE, code="unreadable"),
    ),
}


@pytest.mark.parametrize(("answer", "ending"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_refusal_is_read_whatever_its_form(
    answer: Answer, ending: Outcome, peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(TOKEN, answer)
    assert await submit(fpt_at(), "fpt") == ending


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"Error": 0, "MessageId": "90210"}, id="error 0, id as text"),
        pytest.param({"Error": None, "MessageId": 90210}, id="error null"),
        pytest.param({"Error": "", "MessageId": 90210}, id="error empty"),
    ],
)
async def test_success_may_name_an_error_of_nought(
    answer: object, peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(TOKEN, json_answer(answer))
    assert await submit(fpt_at(), "fpt") == ACCEPTED


@pytest.mark.parametrize("message_id", [None, 0, "", True, [1]], ids=str)
async def test_success_without_an_id_is_not_believed(
    message_id: object, peer: Peer, fpt_at: Callable[..., Fpt]
) -> None:
    peer.will(TOKEN, json_answer({"Error": 0, "MessageId": message_id}))
    ended = await submit(fpt_at(), "fpt")
    assert ended == Unknown(reason=Reason.BAD_REPLY, code="no_message_id")


def test_nothing_is_a_report(fpt_at: Callable[..., Fpt]) -> None:
    request = ReceiptRequest(
        method="GET", url="https://x.example", path_token="", headers={}, query={}, body=b""
    )
    assert not fpt_at().verify_receipt(request)
    with pytest.raises(NotAReceipt):
        fpt_at().parse_receipts(request)


async def test_against_the_simulator_a_token_that_ends_early_costs_nothing(door: Door) -> None:
    sandbox = await started_sandbox(Inbox(url="http://127.0.0.1:1"), ("fpt",))
    simulated = Simulated(sandbox=sandbox, inbox=Inbox(), door=door)
    provider = simulated.provider("fpt")
    try:
        assert word(await simulated.submit("fpt", E164, provider)) == "accepted"
        await simulated.control(account="fpt", expire_tokens=True)
        assert word(await simulated.submit("fpt", "+84984765322", provider)) == "accepted"
        assert word(await simulated.submit("fpt", "+84900000047", provider)) == "accepted"
        wrong = simulated.provider("fpt", secrets={"client_secret": "x"})
        assert word(await simulated.submit("fpt", E164, wrong)) == "later credentials"
        nobody = simulated.provider("fpt", sender="NOBODY")
        ended = await simulated.submit("fpt", E164, nobody)
        assert word(ended) == "deferred sender_not_registered"
        again = await simulated.submit("fpt", E164, provider)
        assert word(again) == "later repeated_text"
    finally:
        await sandbox.close()
