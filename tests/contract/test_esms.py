"""eSMS: what is sent, what each code means, and how its unsigned reports are believed."""

import pytest
from kits.esms import SECRETS
from kits.kit import E164, REFERENCE, TEXT
from provider_accounts import Maker, account, submit
from told_peer import Answer, Peer, json_answer

from gateway.domain.message import SentMessage, SmsBody, Submission
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
from gateway.providers.contract import NotAReceipt, ReceiptRequest
from gateway.providers.outbound import BadReply, Door
from gateway.providers.registry import build

PHONE = Phone(e164=E164, kind=PhoneKind.MOBILE)


def sent(provider_id: str | None = "e-1") -> SentMessage:
    return SentMessage(
        reference=REFERENCE, phone=PHONE, provider_id=provider_id, sent_at_s=1_700_000_000.0
    )


async def test_the_request_carries_every_value_as_text(peer: Peer, provider_at: Maker) -> None:
    peer.will(json_answer({"CodeResult": "100", "SMSID": "e-1"}))
    await submit(provider_at("esms"), "esms")
    [asked] = peer.asked
    assert (asked.method, asked.path) == (
        "POST",
        "/MainService.svc/json/SendMultipleMessage_V4_post_json/",
    )
    assert asked.json == {
        "ApiKey": SECRETS["api_key"],
        "SecretKey": SECRETS["secret_key"],
        "Brandname": "BAOTIN",
        "SmsType": "2",
        "Sandbox": "0",
        "Phone": "0984765321",
        "Content": TEXT,
        "IsUnicode": "0",
        "RequestId": REFERENCE,
        "CallbackUrl": f"https://gateway.example/receipts/{SECRETS['callback_token']}",
    }


async def test_accents_and_the_sandbox_are_asked_for(peer: Peer, door: Door) -> None:
    peer.will(json_answer({"CodeResult": "100", "SMSID": "e-1"}))
    access = account("esms", peer.url, sandbox="1", sms_type="8")
    accented = Submission(
        reference=REFERENCE,
        phone=PHONE,
        body=SmsBody(text="Đã có kết quả.", accented=True, segments=1),
        callback_url="https://gateway.example/receipts/acc",
    )
    await build(access, "esms", door).send(accented)
    fields = peer.asked[0].json
    assert [fields[name] for name in ("Content", "IsUnicode", "Sandbox", "SmsType")] == [
        "Đã có kết quả.",
        "1",
        "1",
        "8",
    ]


def deferred(reason: Reason, code: str, *, spends_try: bool = True) -> Deferred:
    return Deferred(reason=reason, code=code, spends_try=spends_try)


def rejected(reason: Reason, blame: Blame, code: str) -> Rejected:
    return Rejected(reason=reason, blame=blame, code=code)


ENDINGS: list[Outcome] = [
    Accepted(provider_id="e-1", code="100", segments=1),
    Accepted(provider_id="e-1", code="124", segments=1),
    rejected(Reason.RECIPIENT_REFUSED, Blame.RECIPIENT, "99"),
    rejected(Reason.PHONE_INVALID, Blame.RECIPIENT, "108"),
    rejected(Reason.PARAMETER_INVALID, Blame.MESSAGE, "110"),
    rejected(Reason.TEMPLATE_REFUSED, Blame.MESSAGE, "146"),
    rejected(Reason.CONTENT_REFUSED, Blame.MESSAGE, "201"),
    rejected(Reason.SENDER_NOT_REGISTERED, Blame.ACCOUNT, "177"),
    deferred(Reason.CREDENTIALS, "101", spends_try=False),
    deferred(Reason.ACCOUNT_MISCONFIGURED, "102"),
    deferred(Reason.WALLET_EMPTY, "103", spends_try=False),
    deferred(Reason.SENDER_NOT_REGISTERED, "104"),
    deferred(Reason.ACCOUNT_MISCONFIGURED, "140"),
    deferred(Reason.ACCOUNT_MISCONFIGURED, "143"),
    deferred(Reason.RATE_LIMITED, "160", spends_try=False),
    Unknown(reason=Reason.UNKNOWN_CODE, code="9999"),
]


async def test_a_message_taken_before_may_come_without_its_id(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(
        json_answer({"CodeResult": "124", "ErrorMessage": "Request exist", "SendStatus": "5"})
    )
    assert await submit(provider_at("esms"), "esms") == Accepted(code="124", segments=1)


@pytest.mark.parametrize("as_number", [False, True], ids=["as text", "as number"])
@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.code)
async def test_each_code_has_its_ending(
    ending: Outcome, as_number: bool, peer: Peer, provider_at: Maker
) -> None:
    code = int(ending.code) if as_number else ending.code
    peer.will(json_answer({"CodeResult": code, "SMSID": "e-1", "ErrorMessage": E164}))
    assert await submit(provider_at("esms"), "esms") == ending


def report(**query: str) -> ReceiptRequest:
    return ReceiptRequest(
        method="GET",
        url="https://gateway.example/receipts/acc",
        path_token=SECRETS["callback_token"],
        headers={},
        query=query,
        body=b"",
    )


STATUSES = {
    "waits for approval": ({"SendStatus": "1"}, Verdict.PROGRESS, None),
    "queued": ({"SendStatus": "2"}, Verdict.PROGRESS, None),
    "refused": ({"SendStatus": "4"}, Verdict.FAILED, Reason.CARRIER_REJECTED),
    "finished well": (
        {"SendStatus": "5", "SendSuccess": "1", "SendFailed": "0"},
        Verdict.DELIVERED,
        None,
    ),
    "finished badly": (
        {"SendStatus": "5", "SendSuccess": "0", "SendFailed": "1"},
        Verdict.FAILED,
        Reason.CARRIER_REJECTED,
    ),
    "finished without counts": ({"SendStatus": "5"}, Verdict.PROGRESS, None),
    "on its way": ({"SendStatus": "7"}, Verdict.PROGRESS, None),
    "unheard of": ({"SendStatus": "77"}, Verdict.PROGRESS, None),
}


@pytest.mark.parametrize(("fields", "verdict", "reason"), STATUSES.values(), ids=STATUSES.keys())
async def test_a_report_is_only_believed_after_a_query(
    fields: dict[str, str], verdict: Verdict, reason: Reason | None, provider_at: Maker
) -> None:
    request = report(
        SMSID="e-1", RequestId=REFERENCE, TotalPrice="850.0000", phonenumber=E164, **fields
    )
    assert list(provider_at("esms").parse_receipts(request)) == [
        Receipt(
            verdict=verdict,
            reason=reason,
            reference=REFERENCE,
            provider_id="e-1",
            code=fields["SendStatus"],
            cost_vnd=850,
            needs_query=True,
        )
    ]


@pytest.mark.parametrize(("fields", "verdict", "reason"), STATUSES.values(), ids=STATUSES.keys())
async def test_a_query_tells_the_same_and_is_believed(
    fields: dict[str, str],
    verdict: Verdict,
    reason: Reason | None,
    peer: Peer,
    provider_at: Maker,
) -> None:
    numbers = {name: int(value) for name, value in fields.items()}
    peer.will(json_answer({"CodeResponse": "100", "TotalPrice": 850.0} | numbers))
    assert await provider_at("esms").query(sent()) == Receipt(
        verdict=verdict,
        reason=reason,
        reference=REFERENCE,
        provider_id="e-1",
        code=fields["SendStatus"],
        cost_vnd=850,
    )
    assert peer.asked[0].path.startswith("/MainService.svc/json/GetSendStatus?")
    assert peer.asked[0].query == {
        "RefId": "e-1",
        "ApiKey": SECRETS["api_key"],
        "SecretKey": SECRETS["secret_key"],
    }


async def test_an_id_that_was_never_seen_is_missing(peer: Peer, provider_at: Maker) -> None:
    peer.will(json_answer({"CodeResponse": "105", "ErrorMessage": "not found"}))
    assert await provider_at("esms").query(sent()) == Missing()


@pytest.mark.parametrize(
    "answer", [json_answer({"CodeResponse": "101"}), Answer(status=500)], ids=["refused", "down"]
)
async def test_a_refused_query_tells_nothing(
    answer: Answer, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    assert await provider_at("esms").query(sent()) is None


async def test_without_the_provider_id_nothing_is_asked(peer: Peer, provider_at: Maker) -> None:
    assert await provider_at("esms").query(sent(provider_id=None)) is None
    assert peer.asked == []


async def test_an_unreadable_status_is_asked_for_again_later(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(Answer(body=b"<html>"))
    with pytest.raises(BadReply):
        await provider_at("esms").query(sent())


@pytest.mark.parametrize("token", ["", "door-51b3", "door-51b2x", "đoor"])
async def test_a_report_on_another_path_is_forged(token: str, provider_at: Maker) -> None:
    real = report(SMSID="e-1", SendStatus="5")
    forged = ReceiptRequest(**(vars(real) | {"path_token": token}))
    provider = provider_at("esms")
    assert provider.verify_receipt(real)
    assert not provider.verify_receipt(forged)


@pytest.mark.parametrize(
    "query", [{}, {"SendStatus": "5"}, {"SMSID": "e-1"}, {"SMSID": "", "SendStatus": "5"}], ids=str
)
async def test_a_report_that_names_nothing_is_none(
    query: dict[str, str], provider_at: Maker
) -> None:
    with pytest.raises(NotAReceipt):
        provider_at("esms").parse_receipts(report(**query))
