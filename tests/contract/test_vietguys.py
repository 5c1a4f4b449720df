"""VietGuys: the form that is posted, and what an answer means."""

import pytest
from kits.kit import E164, REFERENCE, TEXT, word
from kits.vietguys import SECRETS, TAKEN
from provider_accounts import Maker, account, submission_for, submit
from simulated import Inbox, Simulated, started_sandbox
from told_peer import Peer, json_answer

from gateway.domain.message import SentMessage, SmsBody
from gateway.domain.outcome import Accepted, Deferred, Outcome, Reason, Unknown
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import NotAReceipt, ReceiptRequest
from gateway.providers.outbound import Door
from gateway.providers.vietguys import Vietguys

NAME = "vietguys"
ACCEPTED = Accepted(provider_id="v-1", segments=1)
FORM = {
    "from": "BAOTIN",
    "u": SECRETS["user"],
    "pwd": SECRETS["password"],
    "phone": "84984765321",
    "sms": TEXT,
    "bid": REFERENCE,
    "type": "0",
    "json": "1",
}


async def test_one_text_is_posted_as_a_form(peer: Peer, provider_at: Maker) -> None:
    peer.will(json_answer(TAKEN))
    assert await submit(provider_at(NAME), NAME) == ACCEPTED
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/api/index.php")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.form == FORM


async def test_letters_that_forms_give_a_meaning_arrive_as_they_are(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(json_answer(TAKEN))
    text = "Phi 50% + le phi & 100.000d = 150.000d; Đã có kết quả"
    body = SmsBody(text=text, accented=True, segments=1)
    await provider_at(NAME).send(submission_for(NAME, body=body))
    assert peer.asked[0].form == FORM | {"sms": text}


async def test_form_of_the_phone_and_types_of_texts_are_settings(peer: Peer, door: Door) -> None:
    peer.will(json_answer(TAKEN))
    settings = {"phone_form": "0", "sms_type": "1", "accented_sms_type": "8"}
    provider = Vietguys(account(NAME, peer.url, **settings), door)
    await submit(provider, NAME)
    accented = SmsBody(text="Đã có kết quả.", accented=True, segments=1)
    await provider.send(submission_for(NAME, body=accented))
    plain_form, accented_form = (one.form for one in peer.asked)
    assert plain_form == FORM | {"phone": "0984765321", "type": "1"}
    assert accented_form["type"] == "8"


def refused(**fields: object) -> dict[str, object]:
    return {"error": 1, "log": f"{E164} {TEXT}", **fields}


def bad(code: str) -> Unknown:
    return Unknown(reason=Reason.BAD_REPLY, code=code)


ANSWERS: dict[str, tuple[object, Outcome]] = {
    "numbers as text": ({"error": "0", "msgid": "v-1"}, ACCEPTED),
    "an id that is a number": (
        {"error": 0, "msgid": 77},
        Accepted(provider_id="77", segments=1),
    ),
    "success without an id": ({"error": 0, "error_code": 0}, bad("no_msgid")),
    "success with an empty id": ({"error": 0, "msgid": ""}, bad("no_msgid")),
    "success as truth": ({"error": False, "msgid": "v-1"}, bad("no_code")),
    "an id alone": ({"msgid": "v-1"}, bad("no_code")),
    "a code as text": (
        refused(error_code="-7"),
        Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="-7"),
    ),
    "a code beside an empty id": (
        refused(error_code=-9, msgid="", carrier=""),
        Deferred(reason=Reason.WALLET_EMPTY, code="-9", spends_try=False),
    ),
    "the same text within a minute": (
        refused(error_code=-16),
        Deferred(reason=Reason.REPEATED_TEXT, code="-16", retry_after_s=60, spends_try=False),
    ),
    "an unlisted code": (
        refused(error_code=-99),
        Unknown(reason=Reason.UNKNOWN_CODE, code="-99"),
    ),
    "refused without a code": (refused(), bad("no_code")),
    "refused with a code of nothing": (refused(error_code=None), bad("no_code")),
    "a sentence in place of a code": (refused(error_code=TEXT), bad("no_code")),
    "a phone in place of a code": (refused(error_code=int(E164[1:])), bad("no_code")),
}


@pytest.mark.parametrize(("answer", "ending"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_an_answer_is_read_by_its_error_then_by_its_code(
    answer: object, ending: Outcome, peer: Peer, provider_at: Maker
) -> None:
    peer.will(json_answer(answer))
    assert await submit(provider_at(NAME), NAME) == ending


async def test_an_account_is_never_asked_about_a_message(peer: Peer, provider_at: Maker) -> None:
    phone = Phone(e164=E164, kind=PhoneKind.MOBILE)
    sent = SentMessage(reference=REFERENCE, phone=phone, provider_id="v-1", sent_at_s=0.0)
    assert await provider_at(NAME).query(sent) is None
    assert peer.asked == []


def test_nothing_is_a_report(provider_at: Maker) -> None:
    request = ReceiptRequest(
        method="GET", url="https://x.example", path_token="", headers={}, query={}, body=b""
    )
    assert not provider_at(NAME).verify_receipt(request)
    with pytest.raises(NotAReceipt):
        provider_at(NAME).parse_receipts(request)


async def test_against_the_simulator_a_wrong_login_or_sender_is_a_fault_of_the_account(
    door: Door,
) -> None:
    sandbox = await started_sandbox(Inbox(url="http://127.0.0.1:1"), (NAME,))
    simulated = Simulated(sandbox=sandbox, inbox=Inbox(), door=door)
    provider = simulated.provider(NAME)
    try:
        for wrong in ({"user": "x"}, {"password": "x"}):
            other = simulated.provider(NAME, secrets=SECRETS | wrong)
            assert word(await simulated.submit(NAME, E164, other)) == "later credentials"
        nobody = simulated.provider(NAME, sender="NOBODY")
        ended = await simulated.submit(NAME, E164, nobody)
        assert word(ended) == "deferred sender_not_registered"
        assert word(await simulated.submit(NAME, E164, provider)) == "accepted"
        assert word(await simulated.submit(NAME, E164, provider)) == "later repeated_text"
    finally:
        await sandbox.close()
