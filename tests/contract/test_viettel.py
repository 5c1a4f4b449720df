"""Viettel: what is sent, what each refusal means, and how the list of what failed is believed."""

import asyncio
from datetime import datetime
from xml.etree import ElementTree

import pytest
from kits.kit import E164, REFERENCE, TEXT
from kits.viettel import KIT, SECRETS, result, returned
from provider_accounts import Maker, account, submission_for, submit
from told_peer import Answer, Asked, Peer

from gateway.domain.hours import ZONE
from gateway.domain.message import SentMessage, SmsBody
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
from gateway.providers.outbound import Door
from gateway.providers.registry import build
from gateway.providers.viettel import FAILURES, request_id
from gateway.providers.viettel_failed import MOST_PAGES

TAKEN = result("1", "Insert MT_QUEUE: OK")
SENT_AT = datetime(2026, 3, 3, 0, 30, tzinfo=ZONE)


def called(asked: Asked) -> tuple[str, list[tuple[str, str]]]:
    """The operation and its fields in their order."""
    [operation] = ElementTree.fromstring(asked.body).find(
        "{http://schemas.xmlsoap.org/soap/envelope/}Body"
    )  # type: ignore[misc]
    return operation.tag, [(one.tag, one.text or "") for one in operation]


def field(asked: Asked, name: str) -> str:
    return dict(called(asked)[1])[name]


async def test_the_request_is_the_one_of_the_wsdl(peer: Peer, provider_at: Maker) -> None:
    peer.will(TAKEN)
    ended = await submit(provider_at("viettel"), "viettel")
    assert ended == Accepted(code="1", segments=1)
    [asked] = peer.asked
    assert (asked.method, asked.path) == ("POST", "/bulkapi")
    assert asked.headers["content-type"] == "text/xml; charset=utf-8"
    assert asked.headers["soapaction"] == '""'
    assert asked.headers["accept"] == "text/xml"
    assert called(asked) == (
        "{http://impl.bulkSms.ws/}wsCpMt",
        [
            ("User", SECRETS["user"]),
            ("Password", SECRETS["password"]),
            ("CPCode", "BAOTIN_CP"),
            ("RequestID", "68585167868311028"),
            ("UserID", "84984765321"),
            ("ReceiverID", "84984765321"),
            ("ServiceID", "BAOTIN"),
            ("CommandCode", "bulksms"),
            ("Content", TEXT),
            ("ContentType", "0"),
        ],
    )


async def test_the_settings_change_the_address_and_what_is_unconfirmed(
    peer: Peer, door: Door
) -> None:
    peer.will(TAKEN)
    settings = {"path": "/WS", "command_code": "otp", "accented_content_type": "F"}
    access = account("viettel", peer.url, **settings)
    accented = SmsBody(text="Đã có kết quả.", accented=True, segments=1)
    await build(access, "viettel", door).send(submission_for("viettel", body=accented))
    [asked] = peer.asked
    assert asked.path == "/WS"
    assert [field(asked, name) for name in ("CommandCode", "Content", "ContentType")] == [
        "otp",
        "Đã có kết quả.",
        "F",
    ]


async def test_what_xml_has_for_itself_arrives_as_it_was_written(
    peer: Peer, provider_at: Maker
) -> None:
    peer.will(TAKEN)
    body = SmsBody(text="1 < 2 > 0 ]]> \"a\" 'b' &amp; </Content>", accented=False, segments=1)
    await provider_at("viettel").send(submission_for("viettel", body=body))
    assert field(peer.asked[0], "Content") == body.text


def test_the_request_id_is_a_number_of_64_bits_and_always_the_same() -> None:
    assert request_id(REFERENCE) == request_id(REFERENCE)
    assert request_id("0" * 32) == "0"
    assert int(request_id("f" * 32)) < 2**63
    assert request_id(REFERENCE) != request_id("f" + REFERENCE[1:])


def deferred(reason: Reason, code: str) -> Deferred:
    return Deferred(reason=reason, code=code, spends_try=reason not in STOPPING)


def unknown(code: str) -> Unknown:
    return Unknown(reason=Reason.UNKNOWN_CODE, code=code)


ENDINGS: dict[str, Outcome] = {
    "Authenticate: IP_INVALID (YOUR IP: 203.0.113.7)": deferred(
        Reason.ACCOUNT_MISCONFIGURED, "IP_INVALID"
    ),
    "Authenticate: Cp_code: NULL_OR_BLANK": deferred(Reason.CREDENTIALS, "Cp_code: NULL_OR_BLANK"),
    "Check ServiceID: ALIAS_INVALID:TELCO=VN": Rejected(
        reason=Reason.SENDER_NOT_REGISTERED, blame=Blame.ACCOUNT, code="ALIAS_INVALID:TELCO=VN"
    ),
    "Check ServiceID: ALIAS_INVALID:TELCO=GT": Rejected(
        reason=Reason.SENDER_NOT_REGISTERED, blame=Blame.ACCOUNT, code="ALIAS_INVALID"
    ),
    "Check Content: MAXLENGTH_LIMIT_480_BYTE (YOUR_CONTENT: 512 BYTE)": Rejected(
        reason=Reason.PARAMETER_INVALID, blame=Blame.MESSAGE, code="MAXLENGTH_LIMIT"
    ),
    "Check ServiceID: DUPLICATE MESSAGE": unknown("DUPLICATE MESSAGE"),
    "Check quota: QUOTA_OF_DAY_EXCEEDED for 84984765321": unknown("QUOTA_OF_DAY_EXCEEDED"),
    f"Content '{TEXT.upper()}' to {E164} refused": unknown("unlisted"),
    "": unknown("unlisted"),
}


@pytest.mark.parametrize(("words", "ending"), ENDINGS.items(), ids=ENDINGS.keys())
async def test_a_refusal_is_recognised_by_its_words_and_nothing_else_of_them_is_kept(
    words: str, ending: Outcome, peer: Peer, provider_at: Maker
) -> None:
    peer.will(result("0", words))
    assert await submit(provider_at("viettel"), "viettel") == ending


def test_a_longer_mark_stands_before_the_shorter_one_within_it() -> None:
    marks = list(FAILURES)
    hidden = [
        (mark, later)
        for place, mark in enumerate(marks)
        for later in marks[place + 1 :]
        if mark in later
    ]
    assert hidden == []


@pytest.mark.parametrize(
    ("setting", "ending"),
    [
        ("0", unknown("DUPLICATE MESSAGE")),
        ("1", Accepted(code="DUPLICATE MESSAGE", segments=1)),
    ],
)
async def test_a_duplicate_counts_as_taken_only_where_the_account_says_so(
    setting: str, ending: Outcome, peer: Peer, door: Door
) -> None:
    peer.will(result("0", "Check ServiceID: DUPLICATE MESSAGE"))
    access = account("viettel", peer.url, duplicate_is_accepted=setting)
    assert await submit(build(access, "viettel", door), "viettel") == ending


UNREADABLE = {
    "a fault": b"<S:Envelope xmlns:S='x'><S:Body><S:Fault/></S:Body></S:Envelope>",
    "nothing returned": returned("wsCpMt", "").body,
    "a document type": b"<!DOCTYPE a [<!ENTITY x 'y'>]>" + TAKEN.body.partition(b"?>")[2],
    "entities that grow": (
        b"<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;&b;'>]><a><return>&c;</return></a>"
    ),
    "another encoding": TAKEN.body.decode().encode("utf-16"),
    "cut short": TAKEN.body[:-9],
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_an_answer_that_cannot_be_read_leaves_it_open(
    body: bytes, peer: Peer, provider_at: Maker
) -> None:
    peer.will(Answer(body=body))
    ended = await submit(provider_at("viettel"), "viettel")
    assert isinstance(ended, Unknown)
    assert ended.reason is Reason.BAD_REPLY


def listing(*receivers: str) -> Answer:
    rows = "".join(f'<result receiver="{one}" message="SENT_FAIL"/>' for one in receivers)
    return returned("getFailSub", f"<errorCode>0</errorCode><message>OK</message>{rows}")


def sent(e164: str = E164, at: datetime = SENT_AT) -> SentMessage:
    return SentMessage(
        reference=REFERENCE,
        phone=Phone(e164=e164, kind=PhoneKind.MOBILE),
        provider_id=None,
        sent_at_s=at.timestamp(),
    )


FAILED = Receipt(
    verdict=Verdict.FAILED,
    reason=Reason.CARRIER_REJECTED,
    reference=REFERENCE,
    code="failed_list",
)


def asking(peer: Peer, door: Door, **settings: str) -> Provider:
    access = account("viettel", peer.url, failed_list_every_s="300", **settings)
    return build(access, "viettel", door)


@pytest.mark.parametrize("written", ["84984765321", "0984765321", "+84 984 765 321"])
async def test_a_number_on_the_list_of_its_day_failed(written: str, peer: Peer, door: Door) -> None:
    peer.will(listing("84900000001", written), listing())
    assert await asking(peer, door).query(sent()) == FAILED
    operation, fields = called(peer.asked[0])
    assert operation == "{http://impl.bulkSms.ws/}getFailSub"
    assert fields == [
        ("username", SECRETS["user"]),
        ("password", SECRETS["password"]),
        ("cpCode", "BAOTIN_CP"),
        ("alias", "BAOTIN"),
        ("date", "03/03/2026"),
        ("pageNumber", "1"),
        ("pageSize", "200"),
    ]


async def test_that_a_number_is_absent_proves_nothing(peer: Peer, door: Door) -> None:
    peer.will(listing("84900000001"), listing())
    assert await asking(peer, door).query(sent()) is None


async def test_the_list_is_not_asked_for_unless_the_account_says_so(peer: Peer, door: Door) -> None:
    assert await asking(peer, door, failed_list="0").query(sent()) is None
    assert peer.asked == []


async def test_all_who_ask_at_once_share_one_list(peer: Peer, door: Door) -> None:
    peer.will(listing("84984765321"), listing("84984765322"), listing())
    provider = asking(peer, door, failed_list_date="%Y%m%d")
    numbers = [f"+8498476532{last}" for last in range(10)]
    said = await asyncio.gather(*(provider.query(sent(one)) for one in numbers))
    assert [one is not None for one in said] == [last in (1, 2) for last in range(10)]
    assert [field(asked, "pageNumber") for asked in peer.asked] == ["1", "2", "3"]
    assert field(peer.asked[0], "date") == "20260303"


async def test_each_day_has_a_list_of_its_own(peer: Peer, door: Door) -> None:
    peer.will(listing())
    provider = asking(peer, door)
    for day in (3, 4, 3, 4):
        await provider.query(sent(at=SENT_AT.replace(day=day)))
    assert [field(asked, "date") for asked in peer.asked] == ["03/03/2026", "04/03/2026"]


async def test_a_service_that_ignores_the_page_is_not_asked_for_ever(
    peer: Peer, door: Door
) -> None:
    peer.will(listing("84900000001"))
    await asking(peer, door).query(sent())
    assert len(peer.asked) == 2


async def test_the_pages_are_bounded(peer: Peer, door: Door) -> None:
    peer.will(*(listing(f"849000{number:05}") for number in range(MOST_PAGES + 5)))
    await asking(peer, door).query(sent())
    assert len(peer.asked) == MOST_PAGES


BROKEN = {
    "down": Answer(status=500),
    "reset": Answer(raw=b"", reset=True),
    "unreadable": Answer(body=b"<html>"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
async def test_a_list_that_breaks_off_counts_as_far_as_it_was_read_and_is_left_alone_for_a_while(
    broken: Answer, peer: Peer, door: Door
) -> None:
    peer.will(listing("84984765321"), broken)
    provider = asking(peer, door)
    assert await provider.query(sent()) == FAILED
    assert await provider.query(sent("+84900000002")) is None
    assert len(peer.asked) == 2


async def test_a_list_that_is_refused_names_nobody(peer: Peer, door: Door) -> None:
    peer.will(result("0", "Authenticate: IP_INVALID (YOUR IP: 203.0.113.7)"))
    assert await asking(peer, door).query(sent()) is None
    assert len(peer.asked) == 1


async def test_a_list_that_has_grown_old_is_asked_for_again(peer: Peer, door: Door) -> None:
    peer.will(listing())
    provider = build(account("viettel", peer.url), "viettel", door)
    assert await provider.query(sent()) is None
    peer.will(listing("84984765321"), listing())
    assert await provider.query(sent()) == FAILED


@pytest.mark.parametrize("written", ["", "soon", "-1", "1.5", "²"])
def test_a_time_that_is_none_is_an_error_of_the_directory(written: str) -> None:
    access = account("viettel", "https://provider.example", failed_list_every_s=written)
    with pytest.raises(DirectoryError, match="failed_list_every_s"):
        build(access, "viettel", None)  # type: ignore[arg-type]


def test_there_are_no_reports(provider_at: Maker) -> None:
    request = ReceiptRequest(method="POST", url="", path_token="", headers={}, query={}, body=b"")
    provider = provider_at("viettel")
    assert not provider.verify_receipt(request)
    with pytest.raises(NotAReceipt):
        provider.parse_receipts(request)


def test_the_kit_has_a_text_for_every_mark() -> None:
    assert [mark for mark in FAILURES if not any(mark in text for text in KIT.codes)] == []
