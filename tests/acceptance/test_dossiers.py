"""A dossier system's own payload, posted to a running installation, from answer to citizen."""

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from hmac import new as hmac
from typing import Any

import aiohttp
import pytest
from installation import DATA, Installation

Install = Callable[..., Installation]

ALL = ("api", "worker-1", "clock", "sandbox")


def sample() -> dict[str, Any]:
    payload: dict[str, Any] = json.loads((DATA / "dong_bo_ho_so.json").read_text())
    return payload


def one_dossier(**changes: Any) -> dict[str, Any]:
    payload = sample()
    payload["data"] = [{**payload["data"][0], **changes}]
    return payload


@pytest.fixture
def running(install: Install) -> Installation:
    one = install()
    one.prepare()
    one.start(*ALL)
    return one


@pytest.fixture
def api(install: Install) -> Installation:
    """Takes dossiers; nobody sends."""
    one = install()
    one.prepare()
    one.start("api")
    return one


async def post(
    one: Installation,
    session: aiohttp.ClientSession,
    payload: Any,
    *,
    headers: dict[str, str] | None = None,
    query: str = "",
) -> tuple[int, Any]:
    url = f"{one.base_url}/v1/sources/{one.demo['source']}/dossiers{query}"
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = one.headers() if headers is None else headers
    async with session.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


def by_ending(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["MaHoSo"][-4:]: entry for entry in answer["data"]}


class TestTheSample:
    @pytest.fixture
    async def told(
        self, running: Installation, session: aiohttp.ClientSession
    ) -> dict[str, tuple[dict[str, Any], dict[str, Any] | None]]:
        """By the code's ending: the entry of the answer, and its notification once it ended."""
        status, answer = await post(running, session, sample())
        assert (status, answer.get("error_code")) == (200, "0"), answer
        return {
            ending: (
                entry,
                await running.ended(session, entry["ThongBao"][0]) if entry["ThongBao"] else None,
            )
            for ending, entry in by_ending(answer).items()
        }

    async def test_becomes_what_its_table_says(
        self,
        told: dict[str, tuple[dict[str, Any], dict[str, Any] | None]],
        running: Installation,
        session: aiohttp.ClientSession,
    ) -> None:
        endings = {
            ending: (entry["KetQua"], one and (one["kind"], one["state"], one["reason"]))
            for ending, (entry, one) in told.items()
            if ending != "0007"
        }
        ready, unread = "result-ready", ("failed", "no_usable_phone")
        assert endings == {
            "0001": ("accepted", (ready, "delivered", None)),
            "0002": ("accepted", (ready, "delivered", None)),
            "0003": ("accepted", (ready, "delivered", None)),
            "0004": ("accepted", ("supplement-required", "acknowledged", None)),
            "0005": ("accepted", (ready, "delivered", None)),
            "0006": ("accepted", (ready, *unread)),
            "0008": ("accepted", ("fee-due", "delivered", None)),
            "0009": ("accepted", ("refused", *unread)),
            "0010": ("ignored", None),
        }
        books = await running.books(session)
        references = {
            attempt["reference"]: ending
            for ending, (_, one) in told.items()
            for attempt in (one["attempts"] if one and ending != "0007" else ())
        }
        phones = {
            references[row["reference"]]: row["phone"]
            for row in books
            if row["reference"] in references
        }
        assert phones == {
            "0001": "84984765321",
            "0002": "84367123456",
            "0003": "84912345678",
            "0004": "842713777111",
            "0005": "84912345678",
            "0008": "84987654321",
        }
        channels = {step["channel"] for step in (told["0004"][1] or {})["steps"]}
        assert channels == {"voice"}

    async def test_a_returned_dossier_owes_no_notice(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        _, answer = await post(api, session, sample())
        assert by_ending(answer)["0007"]["ThongBao"] == []

    async def test_the_texts_keep_names_and_sums_and_invite_nobody_whose_result_is_posted(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        status, answer = await post(api, session, sample(), query="?check=1")
        assert status == 200
        checked = {entry["dossier"][-4:]: entry for entry in answer["results"]}
        texts = {
            ending: {message["channel"]: message["text"] for message in entry["messages"]}
            for ending, entry in checked.items()
            if entry.get("messages")
        }
        assert "Điểu K'Rứ" in texts["0002"]["zalo"]
        assert "50.000" in texts["0003"]["sms"]
        assert "135.000" in texts["0008"]["sms"]
        assert "den nhan" not in texts["0003"]["sms"]
        assert "đến nhận" not in texts["0003"]["zalo"]
        assert "den nhan" in texts["0001"]["sms"]
        assert checked["0007"]["reason"] == "owes_nothing"
        assert checked["0010"]["reason"] == "ignored"
        phones = [step["phone"] for step in checked["0003"]["steps"]]
        assert phones == ["+84•••678", "+84•••678", "+84•••678", "+84•••123"]
        assert await api.rows("SELECT 1 FROM notification") == []


class TestARepeat:
    async def test_is_answered_with_the_first_notice(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        _, first = await post(api, session, sample())
        status, again = await post(api, session, sample())
        assert status == 200
        before, after = by_ending(first), by_ending(again)
        assert {entry["KetQua"] for entry in after.values()} == {"repeated", "ignored"}
        for ending, entry in after.items():
            assert entry["ThongBao"] == before[ending]["ThongBao"]
            assert entry["ThayDoi"] is False

    async def test_with_changed_fields_says_so_and_the_first_notice_stands(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        await post(api, session, one_dossier())
        status, answer = await post(api, session, one_dossier(SoDienThoai="0912 345 678"))
        [entry] = answer["data"]
        assert (status, answer["error_code"]) == (200, "0")
        assert (entry["KetQua"], entry["ThayDoi"]) == ("repeated", True)
        assert len(await api.rows("SELECT 1 FROM notification")) == 1

    async def test_with_only_other_spelling_of_a_date_is_the_same(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        await post(api, session, one_dossier())
        _, answer = await post(api, session, one_dossier(NgayHenTra="2024-11-21 17:00:00"))
        [entry] = answer["data"]
        assert (entry["KetQua"], entry["ThayDoi"]) == ("repeated", False)


class TestWhatCannotBeTaken:
    async def test_a_faulty_dossier_is_refused_with_pointers_and_the_others_are_taken(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        payload = sample()
        payload["data"] = payload["data"][:2]
        payload["data"][1]["NgayHenTra"] = "the day after tomorrow"
        status, answer = await post(api, session, payload)
        assert (status, answer["error_code"]) == (200, "1")
        good, bad = answer["data"]
        assert (good["KetQua"], bad["KetQua"]) == ("accepted", "refused")
        [problem] = bad["Loi"]
        assert (problem["pointer"], problem["code"]) == ("/data/1/NgayHenTra", "bad_time")
        assert len(await api.rows("SELECT 1 FROM notification")) == 1

    async def test_an_unknown_unit_is_pointed_at_where_the_payload_names_it(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        status, answer = await post(api, session, {**one_dossier(), "madonvi": "000.00.99.H99"})
        [entry] = answer["data"]
        assert (status, entry["KetQua"]) == (200, "refused")
        assert [problem["pointer"] for problem in entry["Loi"]] == ["/madonvi"]

    @pytest.mark.parametrize(
        ("payload", "status", "code"),
        [
            pytest.param(b"{", 400, "not_json", id="not JSON"),
            pytest.param({"service": "Other", "data": []}, 422, "not_this_payload", id="another"),
            pytest.param(
                {**one_dossier(), "data": one_dossier()["data"] * 501},
                413,
                "too_many_events",
                id="501 dossiers",
            ),
        ],
    )
    async def test_another_payload_is_refused_as_a_whole(
        self,
        api: Installation,
        session: aiohttp.ClientSession,
        payload: Any,
        status: int,
        code: str,
    ) -> None:
        answered, problem = await post(api, session, payload)
        assert (answered, problem["code"]) == (status, code)

    async def test_500_dossiers_are_taken_at_once(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        payload = one_dossier()
        [dossier] = payload["data"]
        payload["data"] = [
            {**dossier, "MaHoSo": f"000.00.12.H10-241105-{number:05d}"} for number in range(500)
        ]
        status, answer = await post(api, session, payload)
        assert status == 200
        assert {entry["KetQua"] for entry in answer["data"]} == {"accepted"}
        assert len(await api.rows("SELECT 1 FROM notification")) == 500


class TestWhoMayPost:
    async def test_a_signature_over_the_body_will_do(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        body = json.dumps(one_dossier()).encode()
        status, answer = await post(api, session, body, headers=signed(api, body))
        assert (status, answer["data"][0]["KetQua"]) == (200, "accepted")

    async def test_a_signature_over_another_body_will_not(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        body = json.dumps(one_dossier()).encode()
        status, _ = await post(api, session, body + b" ", headers=signed(api, body))
        assert status == 401

    async def test_nobody_posts_without_either(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        status, _ = await post(api, session, one_dossier(), headers={})
        assert status == 401

    async def test_a_key_opens_only_the_address_of_its_own_source(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        url = f"{api.base_url}/v1/sources/somebody-else/dossiers"
        async with session.post(url, json=one_dossier(), headers=api.headers()) as answer:
            assert answer.status == 403


def signed(one: Installation, body: bytes) -> dict[str, str]:
    """Standard Webhooks headers, made without the library that checks them."""
    secret = b64decode(one.demo["webhook_secret"].removeprefix("whsec_"))
    name, now = "msg_1", str(int(time.time()))
    mac = hmac(secret, b".".join((name.encode(), now.encode(), body)), sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": now,
        "webhook-signature": f"v1,{b64encode(mac).decode()}",
    }
