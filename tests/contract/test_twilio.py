"""Twilio messages and calls: what is asked, what refusals mean, and how lost answers are found."""

from base64 import b64encode
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

import pytest
from kits.kit import E164, REFERENCE, TEXT
from kits.twilio import SECRETS
from kits.twilio_sms import KIT, SID
from kits.twilio_voice import KIT as VOICE_KIT
from provider_accounts import Maker, account, submit
from told_peer import Answer, Peer, json_answer
from twilio.request_validator import RequestValidator

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
from gateway.providers.contract import NotAReceipt, ReceiptRequest
from gateway.providers.outbound import BadReply, Door
from gateway.providers.registry import build

ACCOUNT = "AC" + "0" * 32
SUBMITTED = datetime(2024, 5, 24, 10, 0, 0, tzinfo=UTC)
CALLBACK = f"https://gateway.example/receipts/acc?ref={REFERENCE}"


def sent(provider_id: str | None = None, **extra: str) -> SentMessage:
    return SentMessage(
        reference=REFERENCE,
        phone=Phone(e164=E164, kind=PhoneKind.MOBILE),
        provider_id=provider_id,
        sent_at_s=SUBMITTED.timestamp(),
        extra=extra,
    )


async def test_a_message_is_created_with_our_reference_in_the_callback(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(KIT.taken)
    ended = await submit(provider_at("twilio_sms"), "twilio_sms")
    assert ended == Accepted(provider_id=SID, code="queued", segments=2)
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    login = b64encode(f"{ACCOUNT}:{SECRETS['auth_token']}".encode()).decode()
    assert asked.headers["authorization"] == f"Basic {login}"
    assert asked.form == {
        "To": E164,
        "From": "BAOTIN",
        "Body": TEXT,
        "StatusCallback": f"{CALLBACK}#rc=5&rp=all",
    }


async def test_a_messaging_service_stands_in_for_the_sender(peer: Peer, door: Door) -> None:
    peer.will(KIT.taken)
    access = account("twilio_sms", peer.url, callback_overrides="")
    service = type(access)(**(vars(access) | {"sender": "MG" + "1" * 32}))
    await submit(build(service, "twilio_sms", door), "twilio_sms")
    form = peer.asked[0].form
    assert form["MessagingServiceSid"] == "MG" + "1" * 32
    assert "From" not in form
    assert form["StatusCallback"] == CALLBACK


@pytest.mark.parametrize("billed", ["0", None, "?", [1], "²"], ids=str)
async def test_our_own_count_of_parts_stands_until_twilio_counts(
    billed: object, peer: Peer, provider_at: Maker
) -> None:
    peer.will(json_answer({"sid": SID, "status": "accepted", "num_segments": billed}, 201))
    ended = await submit(provider_at("twilio_sms"), "twilio_sms")
    assert ended == Accepted(provider_id=SID, code="accepted", segments=1)


async def test_a_call_is_created_with_its_script_address(peer: Peer, provider_at: Maker) -> None:
    peer.will(VOICE_KIT.taken)
    ended = await submit(provider_at("twilio_voice"), "twilio_voice")
    assert ended == Accepted(provider_id="CA" + "b" * 32, code="queued")
    [asked] = peer.asked
    assert asked.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    assert asked.form == {
        "To": E164,
        "From": "+842873000000",
        "Url": "https://gateway.example/voice/acc/0f3a9d8c7a6b5f4e3d2c1b0a9f8e7d6c/taken",
        "Method": "POST",
        "FallbackUrl": "https://gateway.example/voice/acc/0f3a9d8c7a6b5f4e3d2c1b0a9f8e7d6c/taken",
        "FallbackMethod": "POST",
        "StatusCallback": f"{CALLBACK}#rc=5&rp=all",
        "StatusCallbackMethod": "POST",
        "MachineDetection": "Enable",
        "Timeout": "40",
        "TimeLimit": "240",
    }


def rejected(reason: Reason, code: int) -> Rejected:
    return Rejected(reason=reason, blame=Blame.RECIPIENT, code=str(code))


def deferred(reason: Reason, code: int, *, spends_try: bool = True) -> Deferred:
    return Deferred(reason=reason, code=str(code), spends_try=spends_try)


REFUSALS: dict[str, tuple[int, Outcome]] = {
    "20003": (401, deferred(Reason.CREDENTIALS, 20003, spends_try=False)),
    "21211": (400, rejected(Reason.PHONE_INVALID, 21211)),
    "21214": (400, rejected(Reason.PHONE_INVALID, 21214)),
    "21408": (400, deferred(Reason.ACCOUNT_MISCONFIGURED, 21408)),
    "21606": (400, deferred(Reason.SENDER_NOT_REGISTERED, 21606)),
    "21608": (400, deferred(Reason.ACCOUNT_MISCONFIGURED, 21608)),
    "21610": (400, rejected(Reason.OPTED_OUT, 21610)),
    "21614": (400, rejected(Reason.PHONE_LANDLINE, 21614)),
    "21635": (400, rejected(Reason.PHONE_LANDLINE, 21635)),
    "21730": (400, deferred(Reason.PROVIDER_UNAVAILABLE, 21730, spends_try=False)),
    "30001": (400, deferred(Reason.RATE_LIMITED, 30001, spends_try=False)),
    "63016": (
        400,
        Rejected(reason=Reason.TEMPLATE_REFUSED, blame=Blame.MESSAGE, code="63016"),
    ),
    "an unlisted refusal": (400, deferred(Reason.UNKNOWN_CODE, 29999)),
    "an unlisted breakdown": (500, Unknown(reason=Reason.BAD_REPLY, code="http_500")),
}


@pytest.mark.parametrize("name", ["twilio_sms", "twilio_voice"])
@pytest.mark.parametrize(("status", "ending"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_each_refusal_has_its_ending(
    name: str, status: int, ending: Outcome, peer: Peer, provider_at: Maker
) -> None:
    code = int(ending.code) if ending.code.isdigit() else 20500
    peer.will(json_answer({"code": code, "message": f"no {E164}", "status": status}, status))
    assert await submit(provider_at(name), name) == ending


async def test_throttling_keeps_the_wait_that_twilio_asks_for(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(json_answer({"code": 20429, "message": "x"}, 429, Retry_After="3"))
    assert await submit(provider_at("twilio_sms"), "twilio_sms") == Deferred(
        reason=Reason.RATE_LIMITED, code="http_429", retry_after_s=3.0, spends_try=False
    )


def report(query: dict[str, str], **form: str) -> ReceiptRequest:
    return ReceiptRequest(
        method="POST",
        url=CALLBACK,
        path_token="",
        headers={
            "X-Twilio-Signature": RequestValidator(SECRETS["auth_token"]).compute_signature(
                CALLBACK, form
            )
        },
        query=query,
        body=urlencode(form).encode(),
    )


MESSAGES = {
    "queued": ("queued", "", Verdict.PROGRESS, None),
    "sent": ("sent", "", Verdict.PROGRESS, None),
    "unheard of": ("levitating", "", Verdict.PROGRESS, None),
    "delivered": ("delivered", "", Verdict.DELIVERED, None),
    "read": ("read", "", Verdict.DELIVERED, None),
    "switched off": ("undelivered", "30003", Verdict.TRY_AGAIN, Reason.HANDSET_UNREACHABLE),
    "blocked": ("undelivered", "30004", Verdict.FAILED, Reason.RECIPIENT_REFUSED),
    "no such number": ("undelivered", "30005", Verdict.FAILED, Reason.RECIPIENT_UNAVAILABLE),
    "landline": ("undelivered", "30006", Verdict.FAILED, Reason.PHONE_LANDLINE),
    "filtered": ("undelivered", "30007", Verdict.FAILED, Reason.CONTENT_REFUSED),
    "carrier error": ("failed", "30008", Verdict.TRY_AGAIN, Reason.CARRIER_REJECTED),
    "unlisted code": ("failed", "39999", Verdict.FAILED, Reason.CARRIER_REJECTED),
    "no code": ("failed", "", Verdict.FAILED, Reason.CARRIER_REJECTED),
}


@pytest.mark.parametrize(
    ("status", "error", "verdict", "reason"), MESSAGES.values(), ids=MESSAGES.keys()
)
async def test_a_message_report_is_matched_by_reference_and_id(
    status: str, error: str, verdict: Verdict, reason: Reason | None, provider_at: Maker
) -> None:
    request = report(
        {"ref": REFERENCE}, MessageSid=SID, MessageStatus=status, ErrorCode=error, To=E164
    )
    provider = provider_at("twilio_sms")
    assert provider.verify_receipt(request)
    assert list(provider.parse_receipts(request)) == [
        Receipt(
            verdict=verdict,
            reference=REFERENCE,
            provider_id=SID,
            reason=reason,
            code=f"{status}:{error}" if error else status,
        )
    ]


CALLS = {
    "ringing": ("ringing", "", Verdict.PROGRESS, None),
    "initiated": ("initiated", "", Verdict.PROGRESS, None),
    "answered by a person": ("completed", "human", Verdict.TRY_AGAIN, Reason.HUNG_UP),
    "answered by who knows": ("completed", "unknown", Verdict.TRY_AGAIN, Reason.HUNG_UP),
    "machine": ("completed", "machine_start", Verdict.TRY_AGAIN, Reason.MACHINE),
    "machine after the beep": ("completed", "machine_end_beep", Verdict.TRY_AGAIN, Reason.MACHINE),
    "fax": ("completed", "fax", Verdict.FAILED, Reason.FAX),
    "busy": ("busy", "", Verdict.TRY_AGAIN, Reason.BUSY),
    "no answer": ("no-answer", "", Verdict.TRY_AGAIN, Reason.NO_ANSWER),
    "failed": ("failed", "", Verdict.FAILED, Reason.RECIPIENT_UNAVAILABLE),
    "cancelled": ("canceled", "", Verdict.FAILED, Reason.WITHDRAWN),
}


@pytest.mark.parametrize(
    ("status", "answered_by", "verdict", "reason"), CALLS.values(), ids=CALLS.keys()
)
async def test_a_call_report_never_claims_that_anything_was_heard(
    status: str, answered_by: str, verdict: Verdict, reason: Reason | None, provider_at: Maker
) -> None:
    request = report(
        {"ref": REFERENCE}, CallSid="CA1", CallStatus=status, AnsweredBy=answered_by, To=E164
    )
    provider = provider_at("twilio_voice")
    assert provider.verify_receipt(request)
    [receipt] = provider.parse_receipts(request)
    assert (receipt.verdict, receipt.reason) == (verdict, reason)
    assert (receipt.reference, receipt.provider_id) == (REFERENCE, "CA1")


@pytest.mark.parametrize("name", ["twilio_sms", "twilio_voice"])
async def test_a_report_for_another_reference_is_forged(name: str, provider_at: Maker) -> None:
    real = report({"ref": REFERENCE}, MessageSid=SID, MessageStatus="delivered")
    forged = ReceiptRequest(**(vars(real) | {"url": CALLBACK[:-1] + "z"}))
    assert not provider_at(name).verify_receipt(forged)


@pytest.mark.parametrize("name", ["twilio_sms", "twilio_voice"])
@pytest.mark.parametrize("body", [b"", b"a=b", b"MessageSid=&CallSid=", b"\xff=\xfe", b"{}"])
async def test_another_form_is_no_report(name: str, body: bytes, provider_at: Maker) -> None:
    request = ReceiptRequest(**(vars(report({})) | {"body": body}))
    with pytest.raises(NotAReceipt):
        provider_at(name).parse_receipts(request)


async def test_a_report_without_our_reference_is_matched_by_id(provider_at: Maker) -> None:
    request = report({}, MessageSid=SID, MessageStatus="delivered")
    [receipt] = provider_at("twilio_sms").parse_receipts(request)
    assert (receipt.reference, receipt.provider_id) == (None, SID)


def listed(sid: str, at: datetime, status: str = "delivered") -> dict[str, object]:
    return {"sid": sid, "status": status, "to": E164, "date_created": format_datetime(at)}


def second(number: int) -> datetime:
    return datetime.fromtimestamp(SUBMITTED.timestamp() + number, tz=UTC)


FOUND = Receipt(verdict=Verdict.DELIVERED, reference=REFERENCE, provider_id="SM1", code="delivered")

LISTS: dict[str, tuple[list[dict[str, object]], Receipt | Missing | None]] = {
    "nothing": ([], Missing()),
    "one at that time": ([listed("SM1", second(1))], FOUND),
    "clock a little behind": ([listed("SM1", second(-3))], FOUND),
    "one long before": ([listed("SM0", second(-60))], Missing()),
    "one long after": ([listed("SM2", second(300))], Missing()),
    "one of another attempt": ([listed("SM7", second(1))], Missing()),
    "ours beside another's": ([listed("SM7", second(1)), listed("SM1", second(2))], FOUND),
    "twenty newer ones": ([listed(f"SM{n}", second(900 + n)) for n in range(20)], None),
    "nineteen newer, one older": (
        [listed(f"SM{n}", second(900 + n)) for n in range(19)] + [listed("SM0", second(-60))],
        Missing(),
    ),
    "two that may be ours": ([listed("SM1", second(1)), listed("SM2", second(2))], None),
}


@pytest.mark.parametrize(("found", "told"), LISTS.values(), ids=LISTS.keys())
async def test_a_lost_message_is_looked_for_by_number_and_time(
    found: list[dict[str, object]],
    told: Receipt | Missing | None,
    peer: Peer,
    provider_at: Maker,
) -> None:
    peer.will(json_answer({"messages": found, "page": 0, "page_size": 20}))
    assert await provider_at("twilio_sms").query(sent(known_ids="SM7 SM8")) == told
    assert peer.asked[0].path.startswith(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?")
    assert peer.asked[0].query["To"] == E164


async def test_a_lost_call_is_looked_for_by_number_and_time(peer: Peer, provider_at: Maker) -> None:
    peer.will(json_answer({"calls": [listed("CA1", second(1), "busy")], "page": 0}))
    assert await provider_at("twilio_voice").query(sent()) == Receipt(
        verdict=Verdict.TRY_AGAIN,
        reference=REFERENCE,
        provider_id="CA1",
        reason=Reason.BUSY,
        code="busy",
    )


async def test_a_known_message_is_asked_for_by_its_id(peer: Peer, provider_at: Maker) -> None:
    peer.will(
        json_answer(listed(SID, second(1), "undelivered") | {"error_code": 30003, "error": None})
    )
    assert await provider_at("twilio_sms").query(sent(SID)) == Receipt(
        verdict=Verdict.TRY_AGAIN,
        reference=REFERENCE,
        provider_id=SID,
        reason=Reason.HANDSET_UNREACHABLE,
        code="undelivered:30003",
    )
    assert peer.asked[0].path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{SID}.json"


@pytest.mark.parametrize("name", ["twilio_sms", "twilio_voice"])
@pytest.mark.parametrize(
    ("provider_id", "answer", "told"),
    [
        pytest.param(SID, json_answer({"code": 20404}, 404), Missing(), id="id not found"),
        pytest.param(SID, Answer(status=500), None, id="down"),
        pytest.param(None, json_answer({"code": 20404}, 404), None, id="account not found"),
        pytest.param(None, json_answer({"code": 20003}, 401), None, id="refused"),
    ],
)
async def test_a_refused_query_does_not_mean_missing(
    name: str,
    provider_id: str | None,
    answer: Answer,
    told: Missing | None,
    peer: Peer,
    provider_at: Maker,
) -> None:
    peer.will(answer)
    assert await provider_at(name).query(sent(provider_id)) == told


@pytest.mark.parametrize("name", ["twilio_sms", "twilio_voice"])
@pytest.mark.parametrize(
    "answer",
    [Answer(body=b"<html>"), json_answer([]), json_answer({"x": 1}), json_answer({"messages": 1})],
    ids=["HTML", "a list", "no list", "a number"],
)
async def test_an_unreadable_list_does_not_mean_missing(
    name: str, answer: Answer, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    with pytest.raises(BadReply):
        await provider_at(name).query(sent())
