"""The simulated Viettel bulk SMS, from the WSDL in VietOpenCPS/opencps-v2."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession
from sandbox_site import PERSON, QUICK, started

from gateway.sandbox.app import build_app
from gateway.sandbox.simulators import config_from

ACCOUNT = {
    "provider": "viettel",
    "code": "viettel",
    "user": "user",
    "password": "password",
    "cp_code": "CP",
    "brandnames": ["TTHCC"],
    "receipt_delay_ms": 20,
}
CONTENT = "Ho so H10-1 da co ket qua."
FIELDS = {
    "User": "user",
    "Password": "password",
    "CPCode": "CP",
    "RequestID": "17",
    "UserID": PERSON,
    "ReceiverID": PERSON,
    "ServiceID": "TTHCC",
    "CommandCode": "bulksms",
    "Content": CONTENT,
    "ContentType": "0",
}
LISTING = {
    "username": "user",
    "password": "password",
    "cpCode": "CP",
    "alias": "TTHCC",
    "date": "",
    "pageNumber": "1",
    "pageSize": "2",
}
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
FAILING = "84900000010"


def envelope(operation: str, fields: Mapping[str, str | None]) -> bytes:
    soap, impl = "http://schemas.xmlsoap.org/soap/envelope/", "http://impl.bulkSms.ws/"
    root = ElementTree.Element(f"{{{soap}}}Envelope")
    body = ElementTree.SubElement(root, f"{{{soap}}}Body")
    called = ElementTree.SubElement(body, f"{{{impl}}}{operation}")
    for name, text in fields.items():
        if text is not None:
            ElementTree.SubElement(called, name).text = text
    return ElementTree.tostring(root)


@dataclass(kw_only=True)
class Line:
    url: str
    client: ClientSession

    async def post(
        self, body: bytes, headers: Mapping[str, str] = HEADERS
    ) -> tuple[int, ElementTree.Element]:
        url = f"{self.url}/viettel/bulkapi"
        async with self.client.post(url, data=body, headers=headers) as answer:
            assert answer.content_type == "text/xml"
            return answer.status, ElementTree.fromstring(await answer.read())

    async def send(self, **changes: str | None) -> tuple[str | None, str | None]:
        """The result and the message."""
        status, root = await self.post(envelope("wsCpMt", FIELDS | changes))
        assert status == 200
        return root.findtext(".//result"), root.findtext(".//message")

    async def failed(self, **changes: str) -> list[str | None]:
        today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
        fields = LISTING | {"date": today.strftime("%d/%m/%Y")} | changes
        status, root = await self.post(envelope("getFailSub", fields))
        assert status == 200
        return [one.get("receiver") for one in root.iter("result")]

    async def rows(self) -> list[dict[str, object]]:
        async with self.client.get(f"{self.url}/books") as answer:
            rows: list[dict[str, object]] = (await answer.json())["rows"]
            return rows


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    sandbox, url = await started(build_app(config_from({"timing": QUICK, "account": [ACCOUNT]})))
    async with ClientSession() as client:
        yield Line(url=url, client=client)
    await sandbox.close()


async def test_a_right_request_is_queued_and_reaches_the_person(line: Line) -> None:
    assert await line.send() == ("1", "Insert MT_QUEUE: OK")
    [row] = await line.rows()
    assert (row["reference"], row["phone"], row["content"]) == ("17", PERSON, CONTENT)
    assert (row["submissions"], row["taken"], row["delivered"]) == (1, 1, 1)


async def test_accents_are_taken_where_the_content_type_says_so(line: Line) -> None:
    assert (await line.send(Content="Hồ sơ", ContentType="1"))[0] == "1"


REFUSED: dict[str, tuple[dict[str, str | None], str]] = {
    "no user": ({"User": None}, "Authenticate: UserName: NULL_OR_BLANK"),
    "no password": ({"Password": ""}, "Authenticate: Password: NULL_OR_BLANK"),
    "no code": ({"CPCode": None}, "Authenticate: Cp_code: NULL_OR_BLANK"),
    "unknown code": ({"CPCode": "X"}, "Authenticate: CP_CODE_NOT_FOUND"),
    "wrong password": ({"Password": "x"}, "Authenticate: WRONG_INFORMATION_AUTHENTICATE"),
    "no request id": ({"RequestID": None}, "Check RequestID: NULL_OR_BLANK"),
    "a word as request id": ({"RequestID": "0f3a"}, "Check RequestID: REQUEST_ID_NOT_NUMBER"),
    "a request id of 65 bits": (
        {"RequestID": str(2**63)},
        "Check RequestID: REQUEST_ID_NOT_NUMBER",
    ),
    "no receiver": ({"ReceiverID": None}, "Check ReceiverID: NULL_OR_BLANK"),
    "local number": ({"ReceiverID": "0984765321"}, "Check ReceiverID: FORMAT_ERROR"),
    "another user id": ({"UserID": "84984765322"}, "UserID_NOT_EQUAL_ReceiverID"),
    "landline": (
        {"UserID": "842713568123", "ReceiverID": "842713568123"},
        "Unable to check telco from input receiver",
    ),
    "other brandname": ({"ServiceID": "X"}, "Check ServiceID: ALIAS_INVALID:TELCO=VT"),
    "other command": ({"CommandCode": "otp"}, "Check CommandCode: COMMAND_CODE_ERROR"),
    "no text": ({"Content": None}, "Check Content: NULL_OR_BLANK"),
    "too long": (
        {"Content": "a" * 481},
        "Check Content: MAXLENGTH_LIMIT_480_BYTE (YOUR_CONTENT: 481 BYTE)",
    ),
    "an ampersand": ({"Content": "a & b"}, "Check information error"),
    "accents declared plain": ({"Content": "Hồ sơ"}, "Check information error"),
}


@pytest.mark.parametrize(("changes", "words"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_wrong_request_is_refused_in_words(
    line: Line, changes: dict[str, str | None], words: str
) -> None:
    assert await line.send(**changes) == ("0", words)
    assert await line.rows() == []


RIGHT = envelope("wsCpMt", FIELDS)
MALFORMED = {
    "JSON": (RIGHT, HEADERS | {"Content-Type": "application/json"}),
    "another action": (RIGHT, HEADERS | {"SOAPAction": '"wsCpMt"'}),
    "no action": (RIGHT, {"Content-Type": "text/xml"}),
    "another operation": (envelope("sendSms", FIELDS), HEADERS),
    "a field of nobody": (envelope("wsCpMt", FIELDS | {"Cc": "x"}), HEADERS),
    "another order": (envelope("wsCpMt", dict(reversed(FIELDS.items()))), HEADERS),
    "no XML": (b"User=user", HEADERS),
    "a document type": (b"<!DOCTYPE a>" + RIGHT, HEADERS),
}


@pytest.mark.parametrize(("body", "headers"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_no_call_is_answered_with_a_fault(
    line: Line, body: bytes, headers: dict[str, str]
) -> None:
    status, root = await line.post(body, headers)
    assert status == 500
    assert root.find(".//{http://schemas.xmlsoap.org/soap/envelope/}Fault") is not None
    assert await line.rows() == []


async def test_the_same_text_to_the_same_number_is_a_duplicate_whatever_its_id(line: Line) -> None:
    await line.send()
    assert await line.send(RequestID="18") == ("0", "Check ServiceID: DUPLICATE MESSAGE")
    assert (await line.send(RequestID="17", Content="Ho so H10-2"))[0] == "1"


async def test_only_what_failed_is_listed_by_its_day_and_alias_page_by_page(line: Line) -> None:
    for text in ("a", "b", "c"):
        await line.send(UserID=FAILING, ReceiverID=FAILING, Content=text)
    await line.send()
    while len(await line.failed(pageSize="10")) < 3:
        pass
    assert await line.failed() == [FAILING] * 2
    assert await line.failed(pageNumber="2") == [FAILING]
    assert await line.failed(pageNumber="3") == []
    assert await line.failed(alias="OTHER") == []
    tomorrow = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")) + timedelta(days=1)
    assert await line.failed(date=tomorrow.strftime("%d/%m/%Y")) == []
    assert await line.failed(date="2026-03-03") == []
    assert await line.failed(password="x") == []
