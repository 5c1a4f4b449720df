"""The simulated VNPT SMS brandname, from public clients of /smsbn/api."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession
from sandbox_site import PERSON, QUICK, started

from gateway.sandbox.app import build_app
from gateway.sandbox.simulators import config_from

ACCOUNT = {
    "provider": "vnpt",
    "code": "vnpt",
    "brandname": "TTHCC",
    "api_user": "user",
    "api_pass": "pass",
    "agent_id": "1",
    "user_name": "CS",
    "contract_id": "2",
    "label_id": "3",
    "template": [{"id": "4", "text": "Ho so {P1} cua {P2} da co ket qua."}],
    "receipt_delay_ms": 20,
}
PARAMS = [{"NUM": "1", "CONTENT": "H10-1"}, {"NUM": "2", "CONTENT": "ong Thu"}]
LOGIN = {"CONTRACTID": "2", "AGENTID": "1", "APIUSER": "user", "APIPASS": "pass"}
FIELDS = LOGIN | {
    "name": "send_sms_list",
    "REQID": "17",
    "LABELID": "3",
    "CONTRACTTYPEID": "1",
    "TEMPLATEID": "4",
    "PARAMS": PARAMS,
    "SCHEDULETIME": "",
    "MOBILELIST": PERSON,
    "ISTELCOSUB": "0",
    "USERNAME": "CS",
    "DATACODING": "0",
}
STATUS = LOGIN | {"name": "get_sms_status_api", "REQID": "17", "SENDTIME": "03-03-2026 09:05"}


@dataclass(kw_only=True)
class Line:
    url: str
    client: ClientSession

    async def post(self, body: Any) -> dict[str, Any]:
        async with self.client.post(f"{self.url}/vnpt/smsbn/api", json=body) as answer:
            assert answer.status == 200
            told: dict[str, Any] = (await answer.json())["RPLY"]
            return told

    async def send(self, **changes: Any) -> str:
        fields = {name: one for name, one in (FIELDS | changes).items() if one is not None}
        return str((await self.post({"RQST": fields}))["ERROR"])

    async def status(self, **changes: str) -> dict[str, Any]:
        return await self.post({"RQST": STATUS | changes})

    async def rows(self) -> list[dict[str, Any]]:
        async with self.client.get(f"{self.url}/books") as answer:
            rows: list[dict[str, Any]] = (await answer.json())["rows"]
            return rows


async def opened(**changes: Any) -> AsyncIterator[Line]:
    table = {"timing": QUICK, "account": [ACCOUNT | changes]}
    sandbox, url = await started(build_app(config_from(table)))
    async with ClientSession() as client:
        yield Line(url=url, client=client)
    await sandbox.close()


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async for one in opened():
        yield one


@pytest.fixture
async def bank_line() -> AsyncIterator[Line]:
    async for one in opened(refuses_repeats=True):
        yield one


async def test_a_right_request_fills_the_template_and_reaches_the_person(line: Line) -> None:
    told = await line.post({"RQST": FIELDS})
    assert told == {"name": "send_sms_list", "ERROR": "0", "ERROR_DESC": "success"}
    [row] = await line.rows()
    assert (row["reference"], row["phone"]) == ("17", PERSON)
    assert row["content"] == "Ho so H10-1 cua ong Thu da co ket qua."
    assert (row["submissions"], row["taken"], row["delivered"]) == (1, 1, 1)


def params(*contents: str) -> list[dict[str, str]]:
    return [{"NUM": str(n), "CONTENT": one} for n, one in enumerate(contents, start=1)]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown user": ({"APIUSER": "x"}, "1"),
    "wrong password": ({"APIPASS": "x"}, "1"),
    "another method": ({"name": "send_sms"}, "3"),
    "scheduled": ({"SCHEDULETIME": "soon"}, "2"),
    "unknown template": ({"TEMPLATEID": "5"}, "7"),
    "a parameter too few": ({"PARAMS": params("a")}, "7"),
    "a parameter too many": ({"PARAMS": params("a", "b", "c")}, "7"),
    "parameters out of order": ({"PARAMS": PARAMS[::-1]}, "7"),
    "a number as parameter": ({"PARAMS": [{"NUM": "1", "CONTENT": 7}]}, "-1"),
    "no list of parameters": ({"PARAMS": "H10-1"}, "-1"),
    "advertising": ({"CONTRACTTYPEID": "2"}, "9"),
    "another user name": ({"USERNAME": "X"}, "10"),
    "another contract": ({"CONTRACTID": "9"}, "13"),
    "another label": ({"LABELID": "9"}, "14"),
    "another agent": ({"AGENTID": "9"}, "15"),
    "accents declared plain": ({"PARAMS": params("Hồ sơ", "b")}, "17"),
    "another coding": ({"DATACODING": "1"}, "17"),
    "landline": ({"MOBILELIST": "842713568123"}, "23"),
    "local number": ({"MOBILELIST": "0984765321"}, "23"),
    "two numbers": ({"MOBILELIST": "84984765321,84984765322"}, "23"),
    "a character of XML": ({"PARAMS": params("a & b", "c")}, "-1"),
    "no request id": ({"REQID": ""}, "-1"),
    "a missing field": ({"ISTELCOSUB": None}, "-1"),
    "an unknown field": ({"CONTENT": "a"}, "-1"),
    "a number in place of text": ({"REQID": 17}, "-1"),
}


@pytest.mark.parametrize(("changes", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_wrong_request_is_refused_with_its_code(
    line: Line, changes: dict[str, Any], code: str
) -> None:
    assert await line.send(**changes) == code
    assert await line.rows() == []


@pytest.mark.parametrize(
    "body", [[], {}, {"RQST": 1}, {"RQST": {}}, {"RQST": {"name": []}}], ids=str
)
async def test_what_is_no_request_is_an_exception(line: Line, body: Any) -> None:
    assert (await line.post(body))["ERROR"] == "-1"


async def test_accents_are_taken_where_the_coding_says_so(line: Line) -> None:
    assert await line.send(PARAMS=params("Hồ sơ", "b"), DATACODING="8") == "0"


async def test_the_same_request_id_is_sent_twice(line: Line) -> None:
    assert [await line.send(), await line.send()] == ["0", "0"]
    [row] = await line.rows()
    assert (row["submissions"], row["taken"]) == (2, 2)


async def test_the_interface_for_banks_refuses_a_repeated_request_id(bank_line: Line) -> None:
    assert [await bank_line.send(), await bank_line.send()] == ["0", "33"]
    [row] = await bank_line.rows()
    assert (row["submissions"], row["taken"]) == (2, 1)


@pytest.mark.parametrize(("phone", "end"), [(PERSON, "0"), ("84900000010", "1")])
async def test_the_status_tells_the_way_and_the_end(line: Line, phone: str, end: str) -> None:
    await line.send(MOBILELIST=phone)
    seen = set()
    async with asyncio.timeout(3):
        while end not in seen:
            seen.add((await line.status())["STATUS"])
    assert seen <= {"2", "3", end}


async def test_the_status_of_an_unknown_request_is_an_exception(line: Line) -> None:
    assert (await line.status(REQID="9"))["STATUS"] == "-1"


@pytest.mark.parametrize(
    ("changes", "code"), [({"APIPASS": "x"}, "1"), ({"SENDTIME": "today"}, "2")], ids=str
)
async def test_a_wrong_question_is_refused(line: Line, changes: dict[str, str], code: str) -> None:
    assert (await line.status(**changes))["ERROR"] == code
