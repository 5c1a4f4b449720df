"""Stringee SMS: the token that each request carries, what is sent, what an answer means."""

import hmac
import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

import pytest
from kits.kit import E164, TEXT, word
from kits.stringee_sms import KEY_SID, SECRETS, TAKEN
from provider_accounts import Maker, account, submit
from simulated import Inbox, Simulated, started_sandbox
from told_peer import Peer, json_answer

from gateway.domain.outcome import Accepted, Deferred, Outcome, Reason, Unknown
from gateway.providers.contract import NotAReceipt, ReceiptRequest
from gateway.providers.outbound import Door
from gateway.providers.stringee_auth import auth_token
from gateway.providers.stringee_sms import StringeeSms

NOW_S = 1_700_000_000.9


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims = (
        json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in token.split(".")[:2]
    )
    return header, claims


def test_a_token_is_what_the_documentation_asks_for() -> None:
    header, claims = opened(auth_token("SK.1", "secret", NOW_S))
    unique = claims.pop("jti")
    assert header == {"typ": "JWT", "alg": "HS256", "cty": "stringee-api;v=1"}
    assert claims == {"iss": "SK.1", "exp": 1_700_000_300, "rest_api": True}
    assert unique.startswith("SK.1-1700000000-")


def test_a_token_is_signed_with_the_secret_of_its_key() -> None:
    signed, _, signature = auth_token("SK.1", "mật khẩu", NOW_S).rpartition(".")
    expected = hmac.new("mật khẩu".encode(), signed.encode(), sha256).digest()
    assert urlsafe_b64decode(signature + "=") == expected
    assert "=" not in signed + signature


def test_two_tokens_of_one_moment_differ_and_their_life_can_be_chosen() -> None:
    one, other = (opened(auth_token("SK.1", "secret", NOW_S, life_s=60))[1] for _ in range(2))
    assert one["jti"] != other["jti"]
    assert one["exp"] == 1_700_000_060


async def test_one_text_is_sent_as_the_documentation_has_it(peer: Peer, door: Door) -> None:
    peer.will(json_answer(TAKEN))
    provider = StringeeSms(account("stringee_sms", peer.url), door, lambda: NOW_S)
    assert await submit(provider, "stringee_sms") == Accepted(code="0", segments=1)
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/v1/sms")
    assert asked.json == {"sms": [{"from": "BAOTIN", "to": "84984765321", "text": TEXT}]}
    _, claims = opened(asked.headers["x-stringee-auth"])
    assert (claims["iss"], claims["exp"]) == (KEY_SID, 1_700_000_300)


@pytest.mark.parametrize(
    ("price", "settings", "cost_vnd"),
    [
        pytest.param("830", {"price_currency": "VND"}, 830, id="VND, as text"),
        pytest.param(830, {"price_currency": "vnd"}, 830, id="VND, as number"),
        pytest.param("830", {}, None, id="currency not told"),
        pytest.param("830", {"price_currency": "USD"}, None, id="another currency"),
        pytest.param("0.04", {"price_currency": "VND"}, None, id="parts of a dong"),
        pytest.param(None, {"price_currency": "VND"}, None, id="no price"),
        pytest.param(-5, {"price_currency": "VND"}, None, id="less than nothing"),
    ],
)
async def test_a_price_is_believed_where_the_account_says_it_is_vnd(
    price: object, settings: dict[str, str], cost_vnd: int | None, peer: Peer, door: Door
) -> None:
    peer.will(json_answer({"smsSent": 1, "result": [{"price": price, "r": 0}]}))
    provider = StringeeSms(account("stringee_sms", peer.url, **settings), door)
    ended = await submit(provider, "stringee_sms")
    assert ended == Accepted(code="0", segments=1, cost_vnd=cost_vnd)


def bad(code: str) -> Unknown:
    return Unknown(reason=Reason.BAD_REPLY, code=code)


ANSWERS: dict[str, tuple[object, Outcome]] = {
    "code as text": ({"smsSent": "1", "result": [{"r": "0"}]}, Accepted(code="0", segments=1)),
    "taken, not counted": ({"result": [{"r": 0}]}, Accepted(code="0", segments=1)),
    "success, but none taken": ({"smsSent": 0, "result": [{"r": 0}]}, bad("none_taken")),
    "success without a result": ({"smsSent": 1, "r": 0}, bad("none_taken")),
    "a result without a code": ({"smsSent": 1, "result": [{}]}, bad("no_code")),
    "an empty result": ({"smsSent": 1, "result": []}, bad("no_code")),
    "a result that is none": ({"smsSent": 1, "result": ["r"]}, bad("no_code")),
    "a sentence in place of a code": ({"smsSent": 0, "result": [{"r": TEXT}]}, bad("no_code")),
    "sender refused": (
        {"smsSent": 0, "result": [{"r": 1, "msg": "From number invalid"}]},
        Deferred(reason=Reason.SENDER_NOT_REGISTERED, code="1"),
    ),
    "refused with an unlisted code": (
        {"smsSent": 0, "result": [{"r": 77, "msg": f"{E164} {TEXT}"}]},
        Deferred(reason=Reason.UNKNOWN_CODE, code="77"),
    ),
    "refused as a whole": (
        {"r": -2, "msg": "token"},
        Deferred(reason=Reason.UNKNOWN_CODE, code="-2"),
    ),
    "refused, yet counted as taken": (
        {"smsSent": 1, "result": [{"r": 1}]},
        Unknown(reason=Reason.UNKNOWN_CODE, code="1"),
    ),
}


@pytest.mark.parametrize(("answer", "ending"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_an_answer_is_read_with_the_number_of_messages_taken(
    answer: object, ending: Outcome, peer: Peer, provider_at: Maker
) -> None:
    peer.will(json_answer(answer))
    assert await submit(provider_at("stringee_sms"), "stringee_sms") == ending


def test_nothing_is_a_report(provider_at: Maker) -> None:
    request = ReceiptRequest(
        method="GET", url="https://x.example", path_token="", headers={}, query={}, body=b""
    )
    assert not provider_at("stringee_sms").verify_receipt(request)
    with pytest.raises(NotAReceipt):
        provider_at("stringee_sms").parse_receipts(request)


async def test_against_the_simulator_a_wrong_key_or_sender_is_a_fault_of_the_account(
    door: Door,
) -> None:
    name = "stringee_sms"
    sandbox = await started_sandbox(Inbox(url="http://127.0.0.1:1"), (name,))
    simulated = Simulated(sandbox=sandbox, inbox=Inbox(), door=door)
    try:
        for wrong in ({"secrets": {"key_secret": "x"}}, {"settings": {"key_sid": "SK.0.other"}}):
            provider = simulated.provider(name, **wrong)
            assert word(await simulated.submit(name, E164, provider)) == "later credentials"
        ended = await simulated.submit(name, E164, simulated.provider(name, sender="NOBODY"))
        assert word(ended) == "deferred sender_not_registered"
        priced = simulated.provider(name, settings={"key_sid": KEY_SID, "price_currency": "VND"})
        assert await simulated.submit(name, E164, priced) == Accepted(
            code="0", segments=1, cost_vnd=830
        )
    finally:
        await sandbox.close()
    assert SECRETS["key_secret"] not in repr(provider)
