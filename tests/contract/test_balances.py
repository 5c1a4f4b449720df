"""What accounts have left: what is asked, and what each answer means. None is ever made up."""

from base64 import b64encode
from decimal import Decimal

import pytest
from kits import kit_of
from provider_accounts import Maker
from told_peer import Answer, Peer, json_answer

from gateway.domain.balance import Balance
from gateway.providers.contract import TellsBalance
from gateway.providers.outbound import BadReply, MaybeSent
from gateway.providers.registry import PROVIDERS, TELL_BALANCE

SID = kit_of("twilio_sms").account["settings"]["account_sid"]


def vnd(amount: str) -> Balance:
    return Balance(amount=Decimal(amount), currency="VND")


ASKED = {
    "esms": ("POST", "/MainService.svc/json/GetBalance_json"),
    "speedsms": ("GET", "/index.php/user/info"),
    "infobip": ("GET", "/account/1/balance"),
    "twilio_sms": ("GET", f"/2010-04-01/Accounts/{SID}/Balance.json"),
    "twilio_voice": ("GET", f"/2010-04-01/Accounts/{SID}/Balance.json"),
}


async def ask(provider_at: Maker, name: str) -> Balance | None:
    provider = provider_at(name)
    assert isinstance(provider, TellsBalance)
    return await provider.balance()


def test_those_that_tell_are_these() -> None:
    assert set(ASKED) == TELL_BALANCE < PROVIDERS
    assert {name for name in PROVIDERS if kit_of(name).balance} == TELL_BALANCE


@pytest.mark.parametrize("name", ASKED)
async def test_the_request_is_as_the_documentation_has_it(
    peer: Peer, provider_at: Maker, name: str
) -> None:
    peer.will(json_answer({}))
    await ask(provider_at, name)
    [asked] = peer.asked
    assert (asked.method, asked.path) == ASKED[name]
    secrets = kit_of(name).account["secrets"]
    match name:
        case "esms":
            assert asked.json == {"ApiKey": secrets["api_key"], "SecretKey": secrets["secret_key"]}
        case "speedsms":
            login = b64encode(f"{secrets['access_token']}:x".encode()).decode()
            assert asked.headers["authorization"] == f"Basic {login}"
        case "infobip":
            assert asked.headers["authorization"] == f"App {secrets['api_key']}"


TOLD = {
    "esms: as documented": (
        "esms",
        json_answer({"Balance": 36693, "CodeResponse": "100", "UserID": 9999}),
        vnd("36693"),
    ),
    "esms: as the table of types has it": (
        "esms",
        json_answer({"Balance": "36693.5", "CodeResponse": "100"}),
        vnd("36693.5"),
    ),
    "esms: a refusal says 0": (
        "esms",
        json_answer({"Balance": 0, "CodeResponse": "101", "ErrorMessage": "Authorize Failed"}),
        None,
    ),
    "esms: no code": ("esms", json_answer({"Balance": 5}), None),
    "esms: no number": ("esms", json_answer({"Balance": None, "CodeResponse": "100"}), None),
    "speedsms: as documented": (
        "speedsms",
        json_answer({"email": "a@b.vn", "balance": 100000.0, "currency": "VND"}),
        vnd("100000"),
    ),
    "speedsms: as clients read it": (
        "speedsms",
        json_answer({"status": "success", "data": {"balance": 250, "currency": "VND"}}),
        vnd("250"),
    ),
    "speedsms: an error": (
        "speedsms",
        json_answer({"status": "error", "code": "008", "data": {"balance": 1}}),
        None,
    ),
    "speedsms: an error in a 200": (
        "speedsms",
        json_answer({"name": "Unauthorized", "message": "x", "code": 0, "status": 401}),
        None,
    ),
    "speedsms: a list": ("speedsms", json_answer({"status": "success", "data": [1]}), None),
    "infobip": (
        "infobip",
        json_answer({"balance": 47.79134, "currency": "EUR"}),
        Balance(amount=Decimal("47.79134"), currency="EUR"),
    ),
    "infobip: no such right": ("infobip", json_answer({"requestError": {}}, 403), None),
    "twilio": (
        "twilio_sms",
        json_answer({"account_sid": SID, "balance": "-0.5", "currency": "USD"}),
        Balance(amount=Decimal("-0.5"), currency="USD"),
    ),
    "twilio: a sub-account": (
        "twilio_voice",
        json_answer({"account_sid": SID, "balance": None, "currency": None}),
        None,
    ),
    "twilio: refused": ("twilio_sms", json_answer({"code": 20003, "message": "x"}, 401), None),
}


@pytest.mark.parametrize(("name", "answer", "means"), TOLD.values(), ids=TOLD.keys())
async def test_what_is_told_is_taken_as_it_is(
    peer: Peer, provider_at: Maker, name: str, answer: Answer, means: Balance | None
) -> None:
    peer.will(answer)
    assert await ask(provider_at, name) == means


NO_AMOUNT = ("NaN", "Infinity", "1e999999x", "", "nhiều", True, [], {})


@pytest.mark.parametrize("value", NO_AMOUNT, ids=str)
async def test_what_is_no_amount_is_not_told(peer: Peer, provider_at: Maker, value: object) -> None:
    peer.will(json_answer({"balance": value, "currency": "EUR"}))
    assert await ask(provider_at, "infobip") is None


@pytest.mark.parametrize("name", ASKED)
async def test_an_answer_that_is_lost_or_unreadable_is_an_error(
    peer: Peer, provider_at: Maker, name: str
) -> None:
    peer.will(Answer(body=b"<html>"))
    with pytest.raises(BadReply):
        await ask(provider_at, name)
    for status in (429, 500, 503):
        peer.will(Answer(status=status))
        assert await ask(provider_at, name) is None
    peer.will(Answer(reset=True))
    with pytest.raises(MaybeSent):
        await ask(provider_at, name)
