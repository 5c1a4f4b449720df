"""VNPT: what is sent, what each code means, and how much of a status is believed."""

from datetime import datetime

import pytest
from kits.kit import E164, REFERENCE
from kits.vnpt import KIT, SECRETS, SETTINGS
from provider_accounts import Maker, account, submission_for, submit
from told_peer import Answer, Peer, json_answer

from gateway.domain.hours import ZONE
from gateway.domain.message import Registered, SentMessage, SmsBody
from gateway.domain.outcome import (
    Accepted,
    Deferred,
    Outcome,
    Reason,
    Receipt,
    Unknown,
    Verdict,
)
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import NotAReceipt, Provider, ReceiptRequest
from gateway.providers.outbound import BadReply, Door
from gateway.providers.registry import build
from gateway.providers.vnpt import CODES, request_id

SENT_AT = datetime(2026, 3, 3, 9, 5, tzinfo=ZONE)
SENT = SentMessage(
    reference=REFERENCE,
    phone=Phone(e164=E164, kind=PhoneKind.MOBILE),
    provider_id=None,
    sent_at_s=SENT_AT.timestamp(),
)


def replied(**fields: object) -> Answer:
    return json_answer({"RPLY": {"name": "send_sms_list", **fields}})


async def test_the_request_is_the_one_that_clients_send(peer: Peer, provider_at: Maker) -> None:
    peer.will(replied(ERROR="0", ERROR_DESC="success"))
    ended = await submit(provider_at("vnpt"), "vnpt")
    assert ended == Accepted(code="0", segments=1)
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/smsbn/api")
    assert asked.json == {
        "RQST": {
            "name": "send_sms_list",
            "REQID": "68585167868311028",
            "LABELID": SETTINGS["label_id"],
            "CONTRACTTYPEID": "1",
            "CONTRACTID": SETTINGS["contract_id"],
            "TEMPLATEID": "791767",
            "PARAMS": [
                {"NUM": "1", "CONTENT": "H10-1"},
                {"NUM": "2", "CONTENT": "Nguyen Van Thu"},
            ],
            "SCHEDULETIME": "",
            "MOBILELIST": "84984765321",
            "ISTELCOSUB": "0",
            "AGENTID": SETTINGS["agent_id"],
            "APIUSER": SECRETS["api_user"],
            "APIPASS": SECRETS["api_pass"],
            "USERNAME": SETTINGS["user_name"],
            "DATACODING": "0",
            "SALEORDERID": "",
            "PACKAGEID": "",
        }
    }


async def test_accents_and_the_settings_of_a_contract_are_sent_along(
    peer: Peer, door: Door
) -> None:
    peer.will(replied(ERROR="0"))
    settings = {
        "path": "/smsmarketing/api",
        "contract_type_id": "2",
        "is_telco_sub": "1",
        "sale_order_id": "s-1",
        "package_id": "p-1",
    }
    body = SmsBody(text="Đã có kết quả.", accented=True, segments=1)
    registered = Registered(id="7", params=("kết quả",))
    submission = submission_for("vnpt", body=body, registered=registered)
    await build(account("vnpt", peer.url, **settings), "vnpt", door).send(submission)
    [asked] = peer.asked
    assert asked.path == "/smsmarketing/api"
    fields = asked.json["RQST"]
    assert isinstance(fields, dict)
    names = ("CONTRACTTYPEID", "ISTELCOSUB", "SALEORDERID", "PACKAGEID", "DATACODING")
    assert [fields[name] for name in names] == ["2", "1", "s-1", "p-1", "8"]
    assert fields["PARAMS"] == [{"NUM": "1", "CONTENT": "kết quả"}]


async def test_a_text_that_is_not_registered_waits_for_a_human(
    peer: Peer, provider_at: Maker
) -> None:
    ended = await provider_at("vnpt").send(submission_for("vnpt", registered=None))
    assert ended == Deferred(reason=Reason.ACCOUNT_MISCONFIGURED, code="no_registration")
    assert peer.asked == []


def test_the_request_id_has_at_most_18_digits_and_is_always_the_same() -> None:
    assert request_id(REFERENCE) == request_id(REFERENCE)
    assert len(request_id("f" * 32)) <= 18
    assert request_id(REFERENCE) != request_id("f" + REFERENCE[1:])


@pytest.mark.parametrize("as_number", [False, True], ids=["as text", "as number"])
@pytest.mark.parametrize("code", [one for one in CODES if one != "0"])
async def test_each_code_keeps_itself(
    code: str, as_number: bool, peer: Peer, provider_at: Maker
) -> None:
    peer.will(replied(ERROR=int(code) if as_number else code, ERROR_DESC=E164))
    ended = await submit(provider_at("vnpt"), "vnpt")
    assert ended.code == code
    assert not isinstance(ended, Accepted)


def test_the_kit_has_every_code_of_the_table() -> None:
    assert set(KIT.codes) == set(CODES) - {"0"}


@pytest.mark.parametrize(
    ("setting", "ending"),
    [
        ("0", Unknown(reason=Reason.UNKNOWN_CODE, code="33")),
        ("1", Accepted(code="33", segments=1)),
    ],
)
async def test_a_repeated_request_id_counts_as_taken_only_where_the_account_says_so(
    setting: str, ending: Outcome, peer: Peer, door: Door
) -> None:
    peer.will(replied(ERROR="33"))
    access = account("vnpt", peer.url, duplicate_is_accepted=setting)
    assert await submit(build(access, "vnpt", door), "vnpt") == ending


@pytest.mark.parametrize(
    "answer",
    [json_answer({"RPLY": []}), json_answer({"RPLY": {}}), replied(ERROR=None), replied(ERROR="")],
    ids=["no fields", "no code", "null", "empty"],
)
async def test_an_answer_without_a_code_leaves_it_open(
    answer: Answer, peer: Peer, provider_at: Maker
) -> None:
    peer.will(answer)
    ended = await submit(provider_at("vnpt"), "vnpt")
    assert ended == Unknown(reason=Reason.BAD_REPLY, code="no_code")


def asking(peer: Peer, door: Door, **settings: str) -> Provider:
    confirmed = {"status_api": "1", "status_delivered": "0", "status_failed": "1"}
    return build(account("vnpt", peer.url, **(confirmed | settings)), "vnpt", door)


STATUSES = {
    "0": Receipt(verdict=Verdict.DELIVERED, reference=REFERENCE, code="0"),
    "1": Receipt(
        verdict=Verdict.FAILED, reason=Reason.CARRIER_REJECTED, reference=REFERENCE, code="1"
    ),
    "2": None,
    "-1": None,
    "10": None,
}


@pytest.mark.parametrize(("code", "said"), STATUSES.items(), ids=STATUSES.keys())
async def test_only_the_values_that_the_account_names_say_anything(
    code: str, said: Receipt | None, peer: Peer, door: Door
) -> None:
    peer.will(replied(STATUS=code, MT_COUNT="1"))
    assert await asking(peer, door).query(SENT) == said


async def test_the_status_is_asked_for_by_our_request_id_and_the_time(
    peer: Peer, door: Door
) -> None:
    peer.will(replied(STATE="DELIVRD"))
    provider = asking(
        peer,
        door,
        status_field="STATE",
        status_delivered="DELIVRD",
        status_time_format="%d-%m-%Y",
    )
    said = await provider.query(SENT)
    assert said == Receipt(verdict=Verdict.DELIVERED, reference=REFERENCE, code="DELIVRD")
    assert peer.asked[0].json == {
        "RQST": {
            "name": "get_sms_status_api",
            "REQID": "68585167868311028",
            "CONTRACTID": SETTINGS["contract_id"],
            "AGENTID": SETTINGS["agent_id"],
            "APIUSER": SECRETS["api_user"],
            "APIPASS": SECRETS["api_pass"],
            "SENDTIME": "03-03-2026",
        }
    }


@pytest.mark.parametrize("answer", [replied(ERROR="0"), replied(STATUS=""), Answer(status=500)])
async def test_an_answer_of_another_form_says_nothing(
    answer: Answer, peer: Peer, door: Door
) -> None:
    peer.will(answer)
    assert await asking(peer, door, status_delivered="").query(SENT) is None


async def test_an_unreadable_status_is_asked_for_again_later(peer: Peer, door: Door) -> None:
    peer.will(Answer(body=b"<RPLY/>"))
    with pytest.raises(BadReply):
        await asking(peer, door).query(SENT)


async def test_the_status_is_not_asked_for_unless_the_account_says_so(
    peer: Peer, provider_at: Maker
) -> None:
    assert await provider_at("vnpt").query(SENT) is None
    assert peer.asked == []


async def test_no_value_means_delivered_until_the_account_names_one(peer: Peer, door: Door) -> None:
    peer.will(replied(STATUS="0"))
    provider = build(account("vnpt", peer.url, status_api="1"), "vnpt", door)
    assert await provider.query(SENT) is None


def test_there_are_no_reports(provider_at: Maker) -> None:
    request = ReceiptRequest(method="POST", url="", path_token="", headers={}, query={}, body=b"")
    provider = provider_at("vnpt")
    assert not provider.verify_receipt(request)
    with pytest.raises(NotAReceipt):
        provider.parse_receipts(request)
