"""Infobip: what is sent, what each status means, and how its reports and its log are read."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from kits.infobip import KIT, SECRETS, TAKEN
from kits.kit import E164, REFERENCE, TEXT
from provider_accounts import Maker, account, submit
from told_peer import Answer, Peer, json_answer

from gateway.domain.message import SentMessage
from gateway.domain.outcome import (
    Accepted,
    Blame,
    Deferred,
    Missing,
    Outcome,
    Reason,
    Receipt,
    Rejected,
    Unknown,
    Verdict,
)
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import NotAReceipt, Provider, ReceiptRequest
from gateway.providers.outbound import BadReply, Door
from gateway.providers.registry import build

SUBMITTED = datetime(2026, 11, 25, 10, 0, 0, tzinfo=UTC)
SOON, LATE = "Wed, 25 Nov 2026 10:05:00 GMT", "Fri, 27 Nov 2026 09:30:00 GMT"
LOGIN = "reports:pass-51"
CALLBACK = f"https://gateway.example/receipts/{SECRETS['callback_token']}"


def sent() -> SentMessage:
    return SentMessage(
        reference=REFERENCE,
        phone=Phone(e164=E164, kind=PhoneKind.MOBILE),
        provider_id=None,
        sent_at_s=SUBMITTED.timestamp(),
    )


def subscribed(door: Door, url: str) -> Provider:
    """An account whose own subscription sends the reports, with a login."""
    return build(
        KIT.access(url, secrets=SECRETS | {"callback_basic": LOGIN}),
        "infobip",
        door,
    )


async def test_the_request_is_as_the_documentation_has_it(peer: Peer, provider_at: Maker) -> None:
    peer.will(KIT.taken)
    ended = await submit(provider_at("infobip"), "infobip")
    assert ended == Accepted(provider_id=REFERENCE, code="26", segments=2)
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/sms/3/messages")
    assert asked.headers["authorization"] == f"App {SECRETS['api_key']}"
    assert asked.json == {
        "messages": [
            {
                "sender": "BAOTIN",
                "destinations": [{"to": "84984765321", "messageId": REFERENCE}],
                "content": {"text": TEXT},
                "webhooks": {
                    "delivery": {"url": CALLBACK},
                    "contentType": "application/json",
                    "callbackData": REFERENCE,
                },
            }
        ],
        "options": {"includeSmsCountInResponse": True},
    }


async def test_a_transliteration_is_a_setting(peer: Peer, door: Door) -> None:
    peer.will(KIT.taken)
    access = account("infobip", peer.url, transliteration="NON_UNICODE")
    await submit(build(access, "infobip", door), "infobip")
    [message] = peer.asked[0].json["messages"]  # type: ignore[misc]
    assert message["content"] == {"text": TEXT, "transliteration": "NON_UNICODE"}


async def test_a_subscription_with_a_login_is_not_replaced_by_an_address(
    peer: Peer, door: Door
) -> None:
    peer.will(KIT.taken)
    await submit(subscribed(door, peer.url), "infobip")
    [message] = peer.asked[0].json["messages"]  # type: ignore[misc]
    assert message["webhooks"] == {"contentType": "application/json", "callbackData": REFERENCE}


def answered(group: object, code: object, **more: Any) -> Answer:
    status = {"groupId": group, "id": code, "name": "X", "description": E164}
    return json_answer({"messages": [TAKEN | {"status": status} | more]})


def deferred(reason: Reason, code: str, *, spends_try: bool = True) -> Deferred:
    return Deferred(reason=reason, code=code, spends_try=spends_try)


def unknown(code: str, reason: Reason = Reason.UNKNOWN_CODE) -> Unknown:
    return Unknown(reason=reason, code=code)


def accepted(code: str) -> Accepted:
    return Accepted(provider_id=REFERENCE, code=code, segments=2)


def rejected(reason: Reason, blame: Blame, code: str) -> Rejected:
    return Rejected(reason=reason, blame=blame, code=code)


ENDINGS: list[tuple[int, int, Outcome]] = [
    (0, 0, accepted("0")),
    (1, 7, accepted("7")),
    (1, 26, accepted("26")),
    (3, 5, accepted("5")),
    (5, 6, rejected(Reason.ACCOUNT_MISCONFIGURED, Blame.ACCOUNT, "6")),
    (5, 8, rejected(Reason.PHONE_INVALID, Blame.RECIPIENT, "8")),
    (5, 10, rejected(Reason.RECIPIENT_REFUSED, Blame.RECIPIENT, "10")),
    (5, 11, deferred(Reason.SENDER_NOT_REGISTERED, "11")),
    (5, 12, deferred(Reason.WALLET_EMPTY, "12", spends_try=False)),
    (5, 14, rejected(Reason.RECIPIENT_REFUSED, Blame.RECIPIENT, "14")),
    (5, 18, deferred(Reason.ACCOUNT_MISCONFIGURED, "18")),
    (5, 20, deferred(Reason.RATE_LIMITED, "20", spends_try=False)),
    (5, 21, deferred(Reason.PROVIDER_UNAVAILABLE, "21")),
    (5, 23, unknown("23")),
    (5, 25, rejected(Reason.PARAMETER_INVALID, Blame.MESSAGE, "25")),
    (5, 52, rejected(Reason.PHONE_INVALID, Blame.RECIPIENT, "52")),
    (4, 29, unknown("29")),
    (5, 777, deferred(Reason.UNKNOWN_CODE, "777")),
    (2, 777, deferred(Reason.UNKNOWN_CODE, "777")),
    (4, 777, unknown("777")),
    (9, 777, unknown("777")),
]


@pytest.mark.parametrize(
    ("group", "code", "ending"), ENDINGS, ids=[f"{group}:{code}" for group, code, _ in ENDINGS]
)
async def test_each_status_has_its_ending(
    group: int, code: int, ending: Outcome, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answered(group, code))
    assert await submit(provider_at("infobip"), "infobip") == ending


async def test_our_own_count_of_parts_stands_where_none_is_given(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(answered(1, 26, details=None, messageId=None))
    ended = await submit(provider_at("infobip"), "infobip")
    assert ended == Accepted(code="26", segments=1)


@pytest.mark.parametrize(
    "answer",
    [
        answered(None, 26),
        answered(1, None),
        answered(True, True),
        answered("1", "26"),
        json_answer({"messages": []}),
        json_answer({"messages": "x"}),
        json_answer({"messages": [None]}),
        json_answer({"messages": [{"status": "PENDING"}]}),
    ],
    ids=["no group", "no id", "truth", "text", "none", "no list", "nothing", "a word"],
)
async def test_an_answer_without_a_status_is_unknown(
    answer: Answer, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    ended = await submit(provider_at("infobip"), "infobip")
    assert ended == unknown("no_status", Reason.BAD_REPLY)


async def test_an_invalid_key_is_told_by_the_http_status(peer: Peer, provider_at: Maker) -> None:
    peer.will(json_answer({"requestError": {"serviceException": {}}}, status=401))
    ended = await submit(provider_at("infobip"), "infobip")
    assert ended == deferred(Reason.CREDENTIALS, "http_401", spends_try=False)


def about(
    group: int, code: int, error: int = 0, permanent: bool | None = False, **more: Any
) -> dict[str, Any]:
    """A report or a log entry as the documentation has it."""
    return {
        "bulkId": "b-1",
        "price": {"pricePerMessage": 850.5, "currency": "VND"},
        "status": {"groupId": group, "id": code, "name": "X", "description": "x"},
        "error": {"groupId": 0, "id": error, "name": "X", "permanent": permanent},
        "messageId": REFERENCE,
        "to": "84984765321",
        "sender": "BAOTIN",
        "sentAt": "2026-11-25T17:00:00.000+0700",
        "doneAt": "2026-11-25T17:00:05.250+0700",
        "messageCount": 2,
        "callbackData": REFERENCE,
    } | more


def report(body: object, token: str = SECRETS["callback_token"], login: str = "") -> ReceiptRequest:
    headers = {"Content-Type": "application/json"}
    if login:
        headers["Authorization"] = "Basic " + b64encode(login.encode()).decode()
    return ReceiptRequest(
        method="POST",
        url="https://gateway.example/receipts/acc",
        path_token=token,
        headers=headers,
        query={},
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


def results(*reports: object) -> ReceiptRequest:
    return report({"results": list(reports)})


FAILED, AGAIN = Verdict.FAILED, Verdict.TRY_AGAIN
VERDICTS: dict[str, tuple[dict[str, Any], Verdict, Reason | None]] = {
    "on the handset": (about(3, 5), Verdict.DELIVERED, None),
    "with the operator": (about(3, 2), Verdict.PROGRESS, None),
    "delivered in a way of its own": (about(3, 99), Verdict.PROGRESS, None),
    "on its way": (about(1, 3), Verdict.PROGRESS, None),
    "in a group of its own": (about(9, 9), Verdict.PROGRESS, None),
    "switched off": (about(2, 9, 27), AGAIN, Reason.HANDSET_UNREACHABLE),
    "no such subscriber": (about(2, 9, 1, permanent=True), FAILED, Reason.RECIPIENT_UNAVAILABLE),
    "refused by the operator": (about(2, 4, 561, permanent=True), FAILED, Reason.CONTENT_REFUSED),
    "opted out": (about(2, 4, 603, permanent=True), FAILED, Reason.OPTED_OUT),
    "undelivered without an error": (about(2, 9), FAILED, Reason.CARRIER_REJECTED),
    "an error nobody knows, for now": (about(2, 9, 9999), AGAIN, Reason.CARRIER_REJECTED),
    "an error that says nothing of later": (
        about(2, 9, 9999, permanent=None),
        FAILED,
        Reason.CARRIER_REJECTED,
    ),
    "never reached in two days": (about(4, 15, 27), AGAIN, Reason.HANDSET_UNREACHABLE),
    "expired": (about(4, 15, 4101, permanent=True), FAILED, Reason.CARRIER_EXPIRED),
    "expired without an error": (about(4, 15), FAILED, Reason.CARRIER_EXPIRED),
    "the operator never reported": (about(4, 29, 2048), Verdict.PROGRESS, None),
    "judged a fraud": (about(4, 87, 608), FAILED, Reason.RECIPIENT_REFUSED),
    "out of credit": (about(5, 12, 4097, permanent=True), AGAIN, Reason.WALLET_EMPTY),
    "flooded": (about(5, 20, 4103, permanent=True), AGAIN, Reason.RATE_LIMITED),
    "a wrong number, they think for now": (about(5, 52, 351), FAILED, Reason.PHONE_INVALID),
    "under an id that was taken before": (about(5, 23), Verdict.PROGRESS, None),
    "rejected for a reason of its own": (
        about(5, 777, 607, permanent=True),
        FAILED,
        Reason.CONTENT_REFUSED,
    ),
}


def expected(
    said: dict[str, Any], verdict: Verdict, reason: Reason | None, *, needs_query: bool
) -> Receipt:
    status, error = said["status"]["id"], said["error"]["id"]
    return Receipt(
        verdict=verdict,
        reason=reason,
        reference=REFERENCE,
        provider_id=REFERENCE,
        code=f"{status}:{error}" if error else str(status),
        at=datetime(2026, 11, 25, 10, 0, 5, 250_000, tzinfo=UTC),
        cost_vnd=1701,
        needs_query=needs_query,
    )


@pytest.mark.parametrize(("said", "verdict", "reason"), VERDICTS.values(), ids=VERDICTS.keys())
async def test_a_report_is_only_believed_after_a_query(
    said: dict[str, Any], verdict: Verdict, reason: Reason | None, provider_at: Maker
) -> None:
    receipts = list(provider_at("infobip").parse_receipts(results(said)))
    assert receipts == [expected(said, verdict, reason, needs_query=True)]


@pytest.mark.parametrize(("said", "verdict", "reason"), VERDICTS.values(), ids=VERDICTS.keys())
async def test_the_log_tells_the_same_and_is_believed(
    said: dict[str, Any],
    verdict: Verdict,
    reason: Reason | None,
    peer: Peer,
    provider_at: Maker,
) -> None:
    peer.will(json_answer({"results": [about(3, 5, messageId="another"), said]}, Date=SOON))
    told = await provider_at("infobip").query(sent())
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("GET", f"/sms/3/logs?messageId={REFERENCE}")
    assert asked.headers["authorization"] == f"App {SECRETS['api_key']}"
    if said["status"]["id"] == 23:
        assert told is None
    else:
        assert told == expected(said, verdict, reason, needs_query=False)


async def test_the_operators_word_is_enough_where_the_account_says_so(
    peer: Peer, door: Door
) -> None:
    provider = build(account("infobip", peer.url, delivered_by="operator"), "infobip", door)
    [receipt] = provider.parse_receipts(results(about(3, 2)))
    assert receipt.verdict is Verdict.DELIVERED


async def test_one_request_carries_many_reports(provider_at: Maker) -> None:
    other = about(2, 9, 1, permanent=True, messageId="other", callbackData=None)
    receipts = provider_at("infobip").parse_receipts(
        results(about(3, 5), {"messageId": "x"}, other, "?", {"status": {"groupId": 3}})
    )
    assert [(one.reference, one.verdict) for one in receipts] == [
        (REFERENCE, Verdict.DELIVERED),
        ("other", Verdict.FAILED),
    ]


async def test_an_id_in_another_spelling_still_comes_with_our_reference(
    provider_at: Maker,
) -> None:
    [receipt] = provider_at("infobip").parse_receipts(
        results(about(3, 5, messageId=REFERENCE.upper()))
    )
    assert (receipt.reference, receipt.provider_id) == (REFERENCE, REFERENCE.upper())


PRICES: dict[str, tuple[dict[str, Any], int | None]] = {
    "for two parts": ({}, 1701),
    "in euro": ({"price": {"pricePerMessage": 0.03, "currency": "EUR"}}, None),
    "no price": ({"price": None}, None),
    "no parts": ({"messageCount": None}, None),
    "truth": ({"price": {"pricePerMessage": True, "currency": "VND"}}, None),
    "text": ({"price": {"pricePerMessage": "850", "currency": "VND"}}, None),
}


@pytest.mark.parametrize(("changes", "cost_vnd"), PRICES.values(), ids=PRICES.keys())
async def test_only_a_price_in_dong_is_a_cost(
    changes: dict[str, Any], cost_vnd: int | None, provider_at: Maker
) -> None:
    [receipt] = provider_at("infobip").parse_receipts(results(about(3, 5, **changes)))
    assert receipt.cost_vnd == cost_vnd


@pytest.mark.parametrize("done_at", [None, "", "soon", "2026-11-25T17:00:05"], ids=str)
async def test_a_time_that_cannot_be_placed_is_none(
    done_at: str | None, provider_at: Maker
) -> None:
    [receipt] = provider_at("infobip").parse_receipts(results(about(3, 5, doneAt=done_at)))
    assert receipt.at is None


async def test_what_never_was_in_the_log_is_missing(peer: Peer, provider_at: Maker) -> None:
    peer.will(json_answer({"results": []}, Date=SOON))
    assert await provider_at("infobip").query(sent()) == Missing()


UNTOLD = {
    "it may have left the log": json_answer({"results": []}, Date=LATE),
    "nobody says how old the log is": json_answer({"results": []}),
    "too many questions": Answer(status=429),
    "no such key": Answer(status=401),
    "down": Answer(status=500),
    "only that the id was taken before": json_answer({"results": [about(5, 23)]}, Date=SOON),
}


@pytest.mark.parametrize("answer", UNTOLD.values(), ids=UNTOLD.keys())
async def test_a_log_that_cannot_tell_tells_nothing(
    answer: Answer, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    assert await provider_at("infobip").query(sent()) is None


async def test_a_second_submission_does_not_hide_the_first(peer: Peer, provider_at: Maker) -> None:
    peer.will(json_answer({"results": [about(5, 23), about(3, 5)]}, Date=SOON))
    told = await provider_at("infobip").query(sent())
    assert isinstance(told, Receipt)
    assert told.verdict is Verdict.DELIVERED


@pytest.mark.parametrize(
    "answer", [Answer(body=b"<html>"), json_answer({}), json_answer({"results": {}})], ids=str
)
async def test_an_unreadable_log_is_asked_for_again_later(
    answer: Answer, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    with pytest.raises(BadReply):
        await provider_at("infobip").query(sent())


@pytest.mark.parametrize("token", ["", "door-3c96", "door-3c95x", "đoor"])
async def test_a_report_on_another_path_is_forged(token: str, provider_at: Maker) -> None:
    provider = provider_at("infobip")
    assert provider.verify_receipt(report({}))
    assert not provider.verify_receipt(report({}, token=token))


@pytest.mark.parametrize("login", ["", "reports:pass-52", "reports", "báo:cáo"])
async def test_a_report_without_the_accounts_login_is_forged_where_it_has_one(
    login: str, peer: Peer, door: Door
) -> None:
    provider = subscribed(door, peer.url)
    assert provider.verify_receipt(report({}, login=LOGIN))
    assert not provider.verify_receipt(report({}, login=login))
    assert not provider.verify_receipt(report({}, token="", login=LOGIN))


async def test_a_report_with_the_accounts_login_is_believed(peer: Peer, door: Door) -> None:
    [receipt] = subscribed(door, peer.url).parse_receipts(results(about(3, 5)))
    assert not receipt.needs_query


async def test_a_request_without_reports_reports_nothing(provider_at: Maker) -> None:
    assert list(provider_at("infobip").parse_receipts(results())) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<reportResponse/>",
        [],
        {},
        {"results": {}},
        {"results": [1]},
        {"results": [{"messageId": "817", "from": "84984765321", "text": "Cam on"}]},
        {"results": [{"status": {"groupId": 3, "id": 5}}]},
    ],
    ids=str,
)
async def test_a_report_that_names_nothing_is_none(body: object, provider_at: Maker) -> None:
    with pytest.raises(NotAReceipt):
        provider_at("infobip").parse_receipts(report(body))
