"""The providers against the simulators: how each submission ends, and what is reported later."""

import time
from collections.abc import AsyncIterator

import pytest
from kits.kit import REFERENCE, word
from simulated import Inbox, Simulated, started_inbox, started_sandbox

from gateway.domain.message import SentMessage
from gateway.domain.outcome import (
    Accepted,
    Missing,
    Reason,
    Receipt,
    Unknown,
    Verdict,
)
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import Provider
from gateway.providers.outbound import Door

SMS = ("esms", "twilio_sms")
WRITTEN = (*SMS, "zalo_zns")
TWILIO = ("twilio_sms", "twilio_voice")
VOICE = ("stringee_voice", "twilio_voice")
PERSON = "+84984765321"


@pytest.fixture
async def simulated(door: Door) -> AsyncIterator[Simulated]:
    inbox = Inbox()
    inbox_server = await started_inbox(inbox)
    sandbox = await started_sandbox(inbox)
    simulated = Simulated(sandbox=sandbox, inbox=inbox, door=door)
    simulated.answering("twilio_voice")
    yield simulated
    await sandbox.close()
    await inbox_server.close()


def magic(number: int) -> str:
    return f"+84900000{number:03d}"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (43, "rejected recipient no_zalo_account"),
        (44, "rejected recipient recipient_refused"),
        (45, "later night"),
        (46, "later quota"),
    ],
)
async def test_zalo_has_refusals_of_its_own(
    number: int, expected: str, simulated: Simulated
) -> None:
    assert word(await simulated.submit("zalo_zns", magic(number))) == expected


async def test_a_token_that_runs_out_in_between_is_renewed(simulated: Simulated) -> None:
    assert word(await simulated.submit("zalo_zns", magic(47))) == "accepted"


@pytest.mark.parametrize("name", SMS)
async def test_wrong_credentials_are_a_fault_of_the_account(
    name: str, simulated: Simulated
) -> None:
    secrets = {"api_key": "x", "secret_key": "x", "auth_token": "x", "callback_token": "x"}
    if name == "twilio_sms":
        del secrets["api_key"]
    provider = simulated.provider(name, secrets=secrets)
    assert word(await simulated.submit(name, PERSON, provider)) == "later credentials"


async def test_an_unregistered_sender_is_a_fault_of_the_account(simulated: Simulated) -> None:
    for name in SMS:
        provider = simulated.provider(name, sender="NOBODY")
        ended = word(await simulated.submit(name, PERSON, provider))
        assert ended == "deferred sender_not_registered"


async def test_a_template_zalo_does_not_know_is_a_fault_of_the_message(
    simulated: Simulated,
) -> None:
    provider = simulated.provider("zalo_zns", templates={"result-ready": "1"})
    ended = await simulated.submit("zalo_zns", PERSON, provider)
    assert word(ended) == "rejected message template_refused"


def asked_about(phone: str, provider_id: str | None, at_s: float) -> SentMessage:
    return SentMessage(
        reference=REFERENCE,
        phone=Phone(e164=phone, kind=PhoneKind.MOBILE),
        provider_id=provider_id,
        sent_at_s=at_s,
    )


@pytest.mark.parametrize("name", TWILIO)
@pytest.mark.parametrize("number", [20, 23, 28, 33], ids=str)
async def test_twilio_knows_nothing_of_a_message_that_was_never_taken(
    number: int, name: str, simulated: Simulated
) -> None:
    at_s = time.time()
    assert isinstance(await simulated.submit(name, magic(number)), Unknown)
    told = await simulated.provider(name).query(asked_about(magic(number), None, at_s))
    assert told == Missing()


async def reported(provider: Provider, inbox: Inbox, until: Verdict) -> list[Receipt]:
    """The receipts up to and including the first with that verdict."""
    receipts: list[Receipt] = []
    while not receipts or receipts[-1].verdict is not until:
        request = await inbox.next()
        assert provider.verify_receipt(request)
        receipts += provider.parse_receipts(request)
    return receipts


@pytest.mark.parametrize("name", WRITTEN)
async def test_a_delivered_message_is_reported_under_our_reference(
    name: str, simulated: Simulated
) -> None:
    provider = simulated.provider(name)
    ended = await simulated.submit(name, PERSON, provider)
    receipts = await reported(provider, simulated.inbox, Verdict.DELIVERED)
    assert isinstance(ended, Accepted)
    assert {one.reference for one in receipts} == {REFERENCE}
    assert {one.provider_id for one in receipts} == {ended.provider_id}
    assert {one.needs_query for one in receipts} == {name == "esms"}


@pytest.mark.parametrize("name", WRITTEN)
async def test_a_report_may_come_before_the_answer(name: str, simulated: Simulated) -> None:
    provider = simulated.provider(name)
    ended = await simulated.submit(name, magic(3), provider)
    [receipt] = await reported(provider, simulated.inbox, Verdict.DELIVERED)
    assert isinstance(ended, Accepted)
    assert receipt.reference == REFERENCE


@pytest.mark.parametrize("name", WRITTEN)
async def test_an_id_in_another_spelling_still_comes_with_our_reference(
    name: str, simulated: Simulated
) -> None:
    provider = simulated.provider(name)
    ended = await simulated.submit(name, magic(6), provider)
    receipt = (await reported(provider, simulated.inbox, Verdict.DELIVERED))[-1]
    assert isinstance(ended, Accepted)
    assert receipt.reference == REFERENCE
    assert receipt.provider_id != ended.provider_id


@pytest.mark.parametrize("name", WRITTEN)
async def test_a_report_about_somebody_elses_message_is_not_under_our_reference(
    name: str, simulated: Simulated
) -> None:
    provider = simulated.provider(name)
    await simulated.submit(name, magic(7), provider)
    foreign = (await reported(provider, simulated.inbox, Verdict.DELIVERED))[-1]
    ours = (await reported(provider, simulated.inbox, Verdict.DELIVERED))[-1]
    assert foreign.reference != REFERENCE
    assert ours.reference == REFERENCE


@pytest.mark.parametrize("name", WRITTEN)
async def test_a_message_that_never_existed_is_missing(name: str, simulated: Simulated) -> None:
    sent = asked_about(PERSON, "SM" + "0" * 32, time.time())
    assert await simulated.provider(name).query(sent) == Missing()


@pytest.mark.parametrize("name", VOICE)
@pytest.mark.parametrize(
    ("number", "reason"),
    [(50, Reason.BUSY), (51, Reason.NO_ANSWER), (54, Reason.HUNG_UP)],
)
async def test_a_call_that_was_not_heard_is_tried_again(
    number: int, reason: Reason, name: str, simulated: Simulated
) -> None:
    voice = simulated.answering(name)
    assert isinstance(await simulated.submit(name, magic(number), voice), Accepted)
    receipt = (await reported(voice, simulated.inbox, Verdict.TRY_AGAIN))[-1]
    assert (receipt.reason, receipt.reference) == (reason, REFERENCE)
    assert not simulated.inbox.heard


async def test_twilio_tells_a_voicemail_and_a_fax_from_a_person(simulated: Simulated) -> None:
    voice = simulated.answering("twilio_voice")
    for number, verdict, reason in (
        (52, Verdict.TRY_AGAIN, Reason.MACHINE),
        (53, Verdict.FAILED, Reason.FAX),
    ):
        await simulated.submit("twilio_voice", magic(number), voice)
        assert (await reported(voice, simulated.inbox, verdict))[-1].reason is reason
    assert not simulated.inbox.heard


async def test_stringee_does_not_and_a_voicemail_hears_the_core_but_presses_nothing(
    simulated: Simulated,
) -> None:
    voice = simulated.answering("stringee_voice")
    await simulated.submit("stringee_voice", magic(52), voice)
    receipt = (await reported(voice, simulated.inbox, Verdict.TRY_AGAIN))[-1]
    assert receipt.reason is Reason.HUNG_UP
    assert (simulated.inbox.heard, simulated.inbox.keys) == (True, [None])


@pytest.mark.parametrize("name", VOICE)
@pytest.mark.parametrize(
    ("phone", "keys"),
    [
        pytest.param(PERSON, ["2"], id="understood"),
        pytest.param(magic(55), [None], id="no key"),
        pytest.param(magic(56), ["1", "2"], id="once more, then understood"),
        pytest.param(magic(57), ["5", None], id="another key, then none"),
        pytest.param(magic(58), ["9"], id="wants no calls"),
        pytest.param(magic(59), [], id="hangs up at the question"),
    ],
)
async def test_a_call_is_led_to_its_end(
    phone: str, keys: list[str | None], name: str, simulated: Simulated
) -> None:
    voice = simulated.answering(name)
    assert isinstance(await simulated.submit(name, phone, voice), Accepted)
    await reported(voice, simulated.inbox, Verdict.TRY_AGAIN)
    assert simulated.inbox.keys == keys
    assert simulated.inbox.heard


@pytest.mark.parametrize("name", VOICE)
async def test_a_call_whose_answer_was_lost_is_reported_under_our_reference(
    name: str, simulated: Simulated
) -> None:
    voice = simulated.answering(name)
    assert isinstance(await simulated.submit(name, magic(21), voice), Unknown)
    receipts = await reported(voice, simulated.inbox, Verdict.TRY_AGAIN)
    assert {one.reference for one in receipts} == {REFERENCE}
    assert all(one.provider_id for one in receipts)
