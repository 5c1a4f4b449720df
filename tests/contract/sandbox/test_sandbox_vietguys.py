"""The simulated VietGuys: a form with a message, taken or refused with a code."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from sandbox_site import PERSON, started

from gateway.sandbox.app import build_app
from gateway.sandbox.simulators import config_from

ACCOUNT = {
    "provider": "vietguys",
    "code": "vietguys",
    "user": "tthcc",
    "password": "secret",
    "brandnames": ["TTHCC", "HCC"],
}
TEXT = "Ho so H10-1 da co ket qua."


@dataclass(kw_only=True)
class Site:
    url: str
    client: ClientSession

    async def send(self, **changes: Any) -> dict[str, Any]:
        """The answer to a form; a field changed to None is left out."""
        return await self.post(_form(changes))

    async def post(self, content: Any) -> dict[str, Any]:
        async with self.client.post(f"{self.url}/vietguys/api/index.php", data=content) as answer:
            assert answer.status == 200
            told: dict[str, Any] = await answer.json()
            return told

    async def books(self) -> list[dict[str, Any]]:
        async with self.client.get(f"{self.url}/books") as answer:
            rows: list[dict[str, Any]] = (await answer.json())["rows"]
            return rows


def _form(changes: dict[str, Any]) -> dict[str, str]:
    fields = {
        "from": "TTHCC",
        "u": "tthcc",
        "pwd": "secret",
        "phone": PERSON,
        "sms": TEXT,
        "bid": "ours-1",
        "type": "0",
        "json": "1",
    }
    return {name: text for name, text in (fields | changes).items() if text is not None}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    sandbox, url = await started(build_app(config_from({"account": [ACCOUNT]})))
    async with ClientSession() as client:
        yield Site(url=url, client=client)
    await sandbox.close()


async def test_a_text_is_taken_under_an_id(site: Site) -> None:
    told = await site.send(phone="0" + PERSON.removeprefix("84"))
    assert (told["error"], told["error_code"]) == (0, 0)
    assert told["msgid"]
    [row] = await site.books()
    assert (row["reference"], row["phone"], row["content"]) == ("ours-1", PERSON, TEXT)
    assert (row["taken"], row["delivered"]) == (1, 1)


async def test_a_form_in_parts_is_taken_as_well(site: Site) -> None:
    form = FormData(default_to_multipart=True)
    for name, text in _form({"sms": "Đã có kết quả.", "pid": "7"}).items():
        form.add_field(name, text)
    assert (await site.post(form))["error"] == 0
    [row] = await site.books()
    assert row["content"] == "Đã có kết quả."


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"u": "other"}, -3, id="unknown user"),
        pytest.param({"pwd": "other"}, -5, id="wrong password"),
        pytest.param({"from": "OTHER"}, -8, id="undeclared brandname"),
        pytest.param({"phone": "842713568123"}, -10, id="landline"),
        pytest.param({"phone": "+84984765321"}, -10, id="phone with plus"),
        pytest.param({"phone": "984765321"}, -10, id="bare phone"),
        pytest.param({"sms": "x" * 460}, -14, id="text too long"),
        pytest.param({"sms": ""}, -1, id="no text"),
        pytest.param({"bid": None}, -1, id="no reference"),
        pytest.param({"type": "9"}, -1, id="unknown type"),
        pytest.param({"json": "0"}, -1, id="another kind of answer"),
        pytest.param({"cmd": "x"}, -1, id="unknown field"),
    ],
)
async def test_a_wrong_form_is_refused(site: Site, changes: dict[str, Any], code: int) -> None:
    told = await site.send(**changes)
    assert (told["error"], told["error_code"]) == (1, code)
    assert "msgid" not in told
    assert await site.books() == []


async def test_what_is_no_form_is_refused(site: Site) -> None:
    assert (await site.post(b'{"u": "tthcc"}'))["error_code"] == -1


async def test_a_file_in_the_place_of_a_text_is_refused(site: Site) -> None:
    form = FormData(_form({"sms": None}))
    form.add_field("sms", TEXT.encode(), filename="sms.txt")
    assert (await site.post(form))["error_code"] == -1


async def test_the_same_text_again_within_a_minute_is_refused(site: Site) -> None:
    assert (await site.send())["error"] == 0
    assert (await site.send(bid="ours-2"))["error_code"] == -16
    assert (await site.send(bid="ours-3", sms="Khac."))["error"] == 0
    assert (await site.send(bid="ours-4", **{"from": "HCC"}))["error"] == 0
