"""SpeedSMS: what is sent, what each answer means, and how far its reports are believed."""

import json
from base64 import b64encode
from typing import Any

import pytest
from kits.kit import E164, REFERENCE, TEXT
from kits.speedsms import KIT, SECRETS
from provider_accounts import Maker, account, submit
from told_peer import Answer, Peer, json_answer

from gateway.domain.message import SentMessage
from gateway.domain.outcome import (
    STOPPING,
    Accepted,
    Blame,
    Deferred,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Unknown,
    Verdict,
)
from gateway.domain.recipient import Phone, PhoneKind
from gateway.errors import DirectoryError
from gateway.providers.contract import NotAReceipt, Provider, ReceiptRequest
from gateway.providers.outbound import BadReply, Door
from gateway.providers.registry import build

PHONE = Phone(e164=E164, kind=PhoneKind.MOBILE)


def sent(provider_id: str | None = "123456") -> SentMessage:
    return SentMessage(
        reference=REFERENCE, phone=PHONE, provider_id=provider_id, sent_at_s=1_700_000_000.0
    )


def taken(**changes: Any) -> Answer:
    data = {"tranId": 123456, "totalSMS": 2, "totalPrice": 1500.0, "invalidPhone": []} | changes
    return json_answer({"status": "success", "code": "00", "data": data})


def refused(code: object, **more: object) -> Answer:
    return json_answer({"status": "error", "code": code, "message": E164} | more)


async def test_the_request_is_as_the_documentation_has_it(peer: Peer, provider_at: Maker) -> None:
    peer.will(taken())
    await submit(provider_at("speedsms"), "speedsms")
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/index.php/sms/send")
    login = b64encode(f"{SECRETS['access_token']}:x".encode()).decode()
    assert asked.headers["authorization"] == f"Basic {login}"
    assert asked.headers["content-type"] == "application/json"
    assert asked.json == {
        "to": ["84984765321"],
        "content": TEXT,
        "sms_type": 3,
        "sender": "BAOTIN",
    }


async def test_another_kind_of_number_is_a_setting(peer: Peer, door: Door) -> None:
    peer.will(taken())
    await submit(build(account("speedsms", peer.url, sms_type="4"), "speedsms", door), "speedsms")
    assert peer.asked[0].json["sms_type"] == 4


@pytest.mark.parametrize("sms_type", ["", "brandname", "-1", "²"])
def test_a_kind_that_is_no_number_is_a_fault_of_the_directory(sms_type: str) -> None:
    with pytest.raises(DirectoryError, match="account acc: sms_type"):
        build(account("speedsms", "https://x.example", sms_type=sms_type), "speedsms", None)  # type: ignore[arg-type]


def deferred(reason: Reason, code: str) -> Deferred:
    return Deferred(reason=reason, code=code, spends_try=reason not in STOPPING)


def rejected(reason: Reason, blame: Blame, code: str) -> Rejected:
    return Rejected(reason=reason, blame=blame, code=code)


ACCEPTED = Accepted(provider_id="123456", code="00", segments=2, cost_vnd=1500)
NOBODY = rejected(Reason.PHONE_INVALID, Blame.RECIPIENT, "invalidPhone")
SUCCESSES: dict[str, tuple[Answer, Outcome]] = {
    "with the real price": (taken(), ACCEPTED),
    "an id as text": (taken(tranId="123456"), ACCEPTED),
    "numbers as text": (taken(totalSMS="2", totalPrice="1500"), ACCEPTED),
    "without an id": (
        taken(tranId=None),
        Accepted(code="00", segments=2, cost_vnd=1500),
    ),
    "without counts": (
        taken(totalSMS=None, totalPrice=True, invalidPhone=None),
        Accepted(provider_id="123456", code="00", segments=1),
    ),
    "for nobody": (taken(totalSMS=0, totalPrice=0, invalidPhone=["84984765321"]), NOBODY),
    "for nobody, in another spelling": (taken(totalSMS=0, invalidPhone=["0984765321"]), NOBODY),
    "for nobody, without counts": (taken(totalSMS=None, invalidPhone=[84984765321]), NOBODY),
    "that sent nothing": (taken(totalSMS=0), Unknown(reason=Reason.BAD_REPLY, code="nothing_sent")),
    "without data": (
        json_answer({"status": "success", "code": "00"}),
        Unknown(reason=Reason.BAD_REPLY, code="no_data"),
    ),
}


@pytest.mark.parametrize(("answer", "ending"), SUCCESSES.values(), ids=SUCCESSES.keys())
async def test_a_success_is_read_to_its_end(
    answer: Answer, ending: Outcome, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    assert await submit(provider_at("speedsms"), "speedsms") == ending


ENDINGS: list[Outcome] = [
    deferred(Reason.ACCOUNT_MISCONFIGURED, "007"),
    deferred(Reason.ACCOUNT_MISCONFIGURED, "008"),
    deferred(Reason.ACCOUNT_MISCONFIGURED, "009"),
    deferred(Reason.ACCOUNT_MISCONFIGURED, "101"),
    rejected(Reason.PHONE_INVALID, Blame.RECIPIENT, "105"),
    rejected(Reason.CONTENT_REFUSED, Blame.MESSAGE, "110"),
    rejected(Reason.CONTENT_REFUSED, Blame.MESSAGE, "113"),
    deferred(Reason.WALLET_EMPTY, "300"),
    deferred(Reason.PROVIDER_UNAVAILABLE, "500"),
    deferred(Reason.UNKNOWN_CODE, "999"),
]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.code)
async def test_each_code_has_its_ending(ending: Outcome, peer: Peer, provider_at: Maker) -> None:
    peer.will(refused(ending.code, invalidPhone=["84984765321"]))
    assert await submit(provider_at("speedsms"), "speedsms") == ending


@pytest.mark.parametrize(
    "answer",
    [refused(None), json_answer({"status": "queued", "code": "00"}), json_answer({"status": 500})],
    ids=["error without a code", "another word", "a number"],
)
async def test_an_answer_that_says_neither_is_unknown(
    answer: Answer, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    ended = await submit(provider_at("speedsms"), "speedsms")
    assert ended == Unknown(reason=Reason.BAD_REPLY, code="no_status")


# 2026-11-25 10:00:00 UTC is 1795600800.
NOW = "Wed, 25 Nov 2026 10:00:00 GMT"
RESETS = {
    "seconds": ({"X_Rate_Limit_Reset": "37"}, 37.0),
    "at once": ({"X_Rate_Limit_Reset": "0"}, 0.0),
    "a time": ({"X_Rate_Limit_Reset": "1795600842", "Date": NOW}, 42.0),
    "a time that is over": ({"X_Rate_Limit_Reset": "1795600000", "Date": NOW}, 0.0),
    "a time in milliseconds": ({"X_Rate_Limit_Reset": "1795600842000", "Date": NOW}, 86_400.0),
    "a time without a clock": ({"X_Rate_Limit_Reset": "1795600842"}, None),
    "a time and nonsense": ({"X_Rate_Limit_Reset": "1795600842", "Date": "soon"}, None),
    "less than Retry-After": ({"X_Rate_Limit_Reset": "37", "Retry_After": "5"}, 5.0),
    "nonsense": ({"X_Rate_Limit_Reset": "-3"}, None),
}


@pytest.mark.parametrize(("headers", "wait_s"), RESETS.values(), ids=RESETS.keys())
async def test_throttling_says_in_its_own_header_how_long(
    headers: dict[str, str], wait_s: float | None, peer: Peer, provider_at: Maker
) -> None:
    peer.will(json_answer({"name": "Too Many Requests", "status": 429}, status=429, **headers))
    assert await submit(provider_at("speedsms"), "speedsms") == Deferred(
        reason=Reason.RATE_LIMITED, code="http_429", retry_after_s=wait_s, spends_try=False
    )


def unconfirmed(door: Door, peer: Peer) -> Provider:
    """An account whose owner has not had the meaning of the status query confirmed."""
    access = KIT.access(peer.url, settings={})
    return build(access, "speedsms", door)


def report(body: object, path_token: str = SECRETS["callback_token"]) -> ReceiptRequest:
    return ReceiptRequest(
        method="POST",
        url="https://gateway.example/receipts/acc",
        path_token=path_token,
        headers={"Content-Type": "application/json"},
        query={},
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


STATUSES = {
    "arrived": (0, Verdict.DELIVERED, None),
    "the network tries on": (1, Verdict.PROGRESS, None),
    "the last of these": (63, Verdict.PROGRESS, None),
    "failed": (64, Verdict.FAILED, Reason.CARRIER_REJECTED),
    "failed otherwise": (255, Verdict.FAILED, Reason.CARRIER_REJECTED),
    "unheard of": (-1, Verdict.PROGRESS, None),
}


@pytest.mark.parametrize("as_text", [False, True], ids=["as numbers", "as text"])
@pytest.mark.parametrize(("status", "verdict", "reason"), STATUSES.values(), ids=STATUSES.keys())
async def test_a_report_is_believed_for_its_secret_path(
    status: int,
    verdict: Verdict,
    reason: Reason | None,
    as_text: bool,
    door: Door,
    peer: Peer,
) -> None:
    said = {"type": "report", "tranId": 123456, "phone": "84984765321", "status": status}
    if as_text:
        said |= {"tranId": "123456", "status": str(status)}
    assert list(unconfirmed(door, peer).parse_receipts(report(said))) == [
        Receipt(verdict=verdict, reason=reason, provider_id="123456", code=str(status))
    ]


async def test_a_report_is_checked_where_the_query_is_known_to_speak_like_reports(
    provider_at: Maker,
) -> None:
    said = report({"type": "report", "tranId": 123456, "phone": "84984765321", "status": 0})
    [receipt] = provider_at("speedsms").parse_receipts(said)
    assert receipt.needs_query


@pytest.mark.parametrize(("status", "verdict", "reason"), STATUSES.values(), ids=STATUSES.keys())
async def test_a_query_says_the_same_about_our_number(
    status: int, verdict: Verdict, reason: Reason | None, peer: Peer, provider_at: Maker
) -> None:
    others = {"phone": "84912345678", "status": 7}
    ours = {"phone": "0984765321", "status": status}
    peer.will(json_answer({"status": "success", "code": "00", "data": [others, ours]}))
    assert await provider_at("speedsms").query(sent()) == Receipt(
        verdict=verdict,
        reason=reason,
        reference=REFERENCE,
        provider_id="123456",
        code=str(status),
    )
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("GET", "/index.php/sms/status/123456")
    assert asked.headers["authorization"].startswith("Basic ")


async def test_an_id_that_was_only_told_to_us_stays_within_its_part_of_the_path(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(refused("101"))
    await provider_at("speedsms").query(sent("../send?x"))
    assert peer.asked[0].path == "/index.php/sms/status/..%2Fsend%3Fx"


UNTOLD = {
    "refused": refused("101"),
    "down": Answer(status=500),
    "nobody": json_answer({"status": "success", "code": "00", "data": []}),
    "somebody else": json_answer(
        {"status": "success", "data": [{"phone": "84912345678", "status": 0}]}
    ),
    "without a status": json_answer({"status": "success", "data": [{"phone": "84984765321"}]}),
    "in another shape": json_answer({"status": "success", "data": {"status": 0}}),
    "a list of numbers": json_answer({"status": "success", "data": [0]}),
}


@pytest.mark.parametrize("answer", UNTOLD.values(), ids=UNTOLD.keys())
async def test_a_query_that_is_not_understood_tells_nothing(
    answer: Answer, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    assert await provider_at("speedsms").query(sent()) is None


async def test_an_unreadable_status_is_asked_for_again_later(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(Answer(body=b"<html>"))
    with pytest.raises(BadReply):
        await provider_at("speedsms").query(sent())


async def test_nothing_is_asked_without_an_id_or_a_known_meaning(
    peer: Peer, door: Door, provider_at: Maker
) -> None:
    assert await provider_at("speedsms").query(sent(provider_id=None)) is None
    assert await unconfirmed(door, peer).query(sent()) is None
    assert peer.asked == []


@pytest.mark.parametrize("token", ["", "door-88f1", "door-88f0x", "đoor"])
async def test_a_report_on_another_path_is_forged(token: str, provider_at: Maker) -> None:
    provider = provider_at("speedsms")
    assert provider.verify_receipt(report({}))
    assert not provider.verify_receipt(report({}, path_token=token))


async def test_an_answer_of_the_person_reports_nothing(provider_at: Maker) -> None:
    said = report({"type": "incoming", "phone": "84984765321", "content": "Cam on"})
    assert list(provider_at("speedsms").parse_receipts(said)) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"tranId=1&status=0",
        [],
        {},
        {"tranId": 1},
        {"status": 0},
        {"tranId": True, "status": 0},
        {"tranId": 1, "status": "x"},
        {"tranId": 1, "status": True},
    ],
    ids=str,
)
async def test_a_report_that_names_nothing_is_none(body: object, provider_at: Maker) -> None:
    with pytest.raises(NotAReceipt):
        provider_at("speedsms").parse_receipts(report(body))
