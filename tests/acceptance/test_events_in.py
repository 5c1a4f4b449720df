"""The door for dossier systems: who may post, in which forms, and what each mistake is answered."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from installation import Installation, event
from standardwebhooks import Webhook

from gateway.embedded import EmbeddedRedis

STRUCTURED = "application/cloudevents+json"


@pytest.fixture(scope="module")
def api(
    module_database_url: str,
    redis_server: EmbeddedRedis,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """One API for all tests of this module; each posts events of its own."""
    one = Installation(
        tmp_path_factory.mktemp("events-in"),
        module_database_url,
        redis_server.url(),
        {"BAOTIN_WEB_BODY_LIMIT_BYTES": "200000"},
    )
    one.prepare()
    one.start("api")
    yield one
    one.stop()


async def send(
    session: aiohttp.ClientSession, url: str, body: bytes, **headers: str
) -> tuple[int, dict[str, Any], Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with session.post(url, data=body, headers=named) as answer:
        return answer.status, await answer.json(content_type=None), answer.headers


def key_of(one: Installation) -> str:
    return f"Bearer {one.demo['api_key']}"


def signed(secret: str, body: bytes, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


def encoded(number: int, **changes: Any) -> bytes:
    return json.dumps(event(number, **changes)).encode()


class TestForms:
    async def test_binary_mode_carries_the_event_in_headers(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        posted = event(101)
        status, answer, _ = await send(
            session,
            f"{api.base_url}/v1/events",
            json.dumps(posted["data"]).encode(),
            Authorization=key_of(api),
            Content_Type="application/json",
            ce_specversion="1.0",
            ce_id=posted["id"],
            ce_source=posted["source"],
            ce_type=posted["type"],
        )
        assert status == 202, answer
        again, same, _ = await send(
            session,
            f"{api.base_url}/v1/events",
            encoded(101),
            Authorization=key_of(api),
            Content_Type=STRUCTURED,
        )
        assert (again, same["notifications"][0]["id"]) == (200, answer["notifications"][0]["id"])

    async def test_a_batch_is_answered_event_by_event_in_order(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        batch = [event(110), event(111, unit="H99"), event(110), event(112, phone="0912345678")]
        batch[3]["source"] = "/somebody/else"
        status, answer, _ = await send(
            session,
            f"{api.base_url}/v1/events",
            json.dumps(batch).encode(),
            Authorization=key_of(api),
            Content_Type="application/cloudevents-batch+json",
        )
        assert status == 207
        results = answer["results"]
        assert [one["status"] for one in results] == [202, 422, 200, 403]
        assert results[1]["problem"]["code"] == "unknown_unit"
        assert results[3]["problem"]["code"] == "source_not_yours"
        assert results[0]["notifications"] == results[2]["notifications"]


class TestWhoMayPost:
    @pytest.mark.parametrize(
        "authorization",
        ["", "Bearer nothing", "Bearer bt_00000000_wrong", "Basic YTpi"],
        ids=["none", "no-key", "unknown-key", "another-scheme"],
    )
    async def test_without_a_valid_key_nothing_is_taken(
        self, api: Installation, session: aiohttp.ClientSession, authorization: str
    ) -> None:
        status, answer, headers = await send(
            session,
            f"{api.base_url}/v1/events",
            encoded(120),
            Authorization=authorization,
            Content_Type=STRUCTURED,
        )
        assert (status, answer["code"]) == (401, "unauthorised")
        assert headers["WWW-Authenticate"] == "Bearer"
        assert headers["Content-Type"].startswith("application/problem+json")

    async def test_a_key_that_may_only_read_may_not_post(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        made = await api.baotin("keys", "create", "igate-bu-dop", "--scope", "read")
        await asyncio.sleep(2)
        status, answer, _ = await send(
            session,
            f"{api.base_url}/v1/events",
            encoded(121),
            Authorization=f"Bearer {made.strip()}",
            Content_Type=STRUCTURED,
        )
        assert (status, answer["code"]) == (403, "scope_missing")

    async def test_a_revoked_key_is_refused_within_two_seconds(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        made = (await api.baotin("keys", "create", "igate-bu-dop")).strip()
        await asyncio.sleep(2)
        url, body = f"{api.base_url}/v1/events", encoded(122)
        status, _, _ = await send(
            session, url, body, Authorization=f"Bearer {made}", Content_Type=STRUCTURED
        )
        assert status == 202
        await api.baotin("keys", "revoke", made.split("_")[1])
        await asyncio.sleep(2)
        status, _, _ = await send(
            session, url, body, Authorization=f"Bearer {made}", Content_Type=STRUCTURED
        )
        assert status == 401


class TestSignatures:
    def url(self, api: Installation) -> str:
        return f"{api.base_url}/v1/sources/{api.demo['source']}/events"

    async def test_a_signed_event_needs_no_key(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        body = encoded(130)
        headers = signed(api.demo["webhook_secret"], body)
        status, answer, _ = await send(
            session, self.url(api), body, Content_Type=STRUCTURED, **headers
        )
        assert status == 202, answer

    async def test_both_secrets_work_while_they_are_rotated(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        fresh = "whsec_" + b64encode(b"another secret of the same source").decode()
        await api.retune_sources(
            secrets={"webhook": fresh, "webhook_previous": api.demo["webhook_secret"]}
        )
        await asyncio.sleep(2)
        for number, secret in ((131, fresh), (132, api.demo["webhook_secret"])):
            body = encoded(number)
            status, _, _ = await send(
                session, self.url(api), body, Content_Type=STRUCTURED, **signed(secret, body)
            )
            assert status == 202

    @pytest.mark.parametrize("off_by_s", [-400, 400], ids=["too-old", "from-the-future"])
    async def test_a_signature_is_good_for_five_minutes(
        self, api: Installation, session: aiohttp.ClientSession, off_by_s: int
    ) -> None:
        body = encoded(133)
        at = datetime.now(UTC) + timedelta(seconds=off_by_s)
        headers = signed(api.demo["webhook_secret"], body, at)
        status, _, _ = await send(session, self.url(api), body, Content_Type=STRUCTURED, **headers)
        assert status == 401

    async def test_a_signature_of_another_body_is_refused(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        headers = signed(api.demo["webhook_secret"], encoded(134))
        status, _, _ = await send(
            session, self.url(api), encoded(135), Content_Type=STRUCTURED, **headers
        )
        assert status == 401

    async def test_binary_mode_is_refused_because_its_headers_are_not_signed(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        body = json.dumps(event(136)["data"]).encode()
        status, answer, _ = await send(
            session,
            self.url(api),
            body,
            Content_Type="application/json",
            ce_specversion="1.0",
            ce_id="x",
            ce_source="/h10/bu-dop/igate",
            ce_type="vn.dossier.result-ready",
            **signed(api.demo["webhook_secret"], body),
        )
        assert (status, answer["code"]) == (415, "binary_not_allowed")


class TestMistakes:
    @pytest.mark.parametrize(
        ("body", "content_type", "status", "code"),
        [
            (b"{", STRUCTURED, 400, "not_json"),
            (b"[]", STRUCTURED, 400, "not_a_cloudevent"),
            (b"{}", STRUCTURED, 400, "not_a_cloudevent"),
            (b"{}", "text/plain", 415, "unsupported_content_type"),
            (
                b"[" + b",".join([b"{}"] * 501) + b"]",
                "application/cloudevents-batch+json",
                413,
                "too_many_events",
            ),
            (b'"' + b"x" * 200_001 + b'"', STRUCTURED, 413, "too_large"),
        ],
        ids=["broken-json", "a-list", "no-event", "wrong-type", "501-events", "too-large"],
    )
    async def test_a_request_that_cannot_be_taken_says_why(
        self,
        api: Installation,
        session: aiohttp.ClientSession,
        body: bytes,
        content_type: str,
        status: int,
        code: str,
    ) -> None:
        answered, problem, _ = await send(
            session,
            f"{api.base_url}/v1/events",
            body,
            Authorization=key_of(api),
            Content_Type=content_type,
        )
        assert (answered, problem["code"], problem["status"]) == (status, code, status)
        assert problem["detail"]

    async def test_wrong_fields_are_listed_with_pointer_word_and_sentence(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        posted = event(140, return_by="pigeon")
        posted["time"] = "yesterday"
        del posted["data"]["dossier"]["code"]
        status, problem, _ = await send(
            session,
            f"{api.base_url}/v1/events",
            json.dumps(posted).encode(),
            Authorization=key_of(api),
            Content_Type=STRUCTURED,
        )
        assert (status, problem["code"]) == (422, "invalid_event")
        found = {one["pointer"]: one["code"] for one in problem["errors"]}
        assert found == {
            "/time": "bad_time",
            "/data/dossier/code": "missing",
            "/data/return_by": "unknown_value",
        }
        assert "pigeon" not in json.dumps(problem)

    async def test_posting_faster_than_agreed_is_answered_when_to_come_back(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        await api.retune_sources(rate_per_s=1, burst=2)
        await asyncio.sleep(2)
        url, headers = f"{api.base_url}/v1/events", {"Authorization": key_of(api)}
        answers = [
            await send(session, url, encoded(150 + n), Content_Type=STRUCTURED, **headers)
            for n in range(4)
        ]
        await api.retune_sources(rate_per_s=2000, burst=10000)
        await asyncio.sleep(2)
        assert [status for status, _, _ in answers][-1] == 429
        assert int(answers[-1][2]["Retry-After"]) >= 1

    async def test_an_unknown_address_and_a_wrong_method_are_problems_too(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        async with session.get(f"{api.base_url}/v1/nothing") as answer:
            assert (answer.status, (await answer.json(content_type=None))["status"]) == (404, 404)
        async with session.put(f"{api.base_url}/v1/events") as answer:
            assert answer.status == 405
            assert answer.headers["Allow"] == "POST"


class TestReading:
    async def test_people_are_found_in_any_spelling_and_shown_masked(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        posted = event(160, phone="01667 123 456")
        posted["data"]["applicant"]["name"] = "Điểu K'Rứ"
        status, answer, _ = await send(
            session,
            f"{api.base_url}/v1/events",
            json.dumps(posted).encode(),
            Authorization=key_of(api),
            Content_Type=STRUCTURED,
        )
        assert status == 202
        shown = answer["notifications"][0]["id"]
        for question in (
            {"phone": "+84 367 123 456"},
            {"phone": "0367123456"},
            {"name": "dieu kru"},
            {"name": "Điểu"},
            {"dossier": posted["data"]["dossier"]["code"]},
        ):
            found = await self.search(api, session, question)
            assert [one["id"] for one in found] == [shown], question
        assert await self.search(api, session, {"name": "dieu", "states": ["failed"]}) == []
        assert await self.search(api, session, {"phone": "hello"}) == []
        told = await api.notification(session, shown)
        assert told["steps"][0]["phone"] == "+84•••456"
        assert "Điểu" not in json.dumps(told, ensure_ascii=False)

    async def test_another_sources_notification_is_not_there(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        url = f"{api.base_url}/v1/notifications/ntf_{'0' * 32}"
        async with session.get(url, headers={"Authorization": key_of(api)}) as answer:
            problem = await answer.json(content_type=None)
        assert (answer.status, problem["code"]) == (404, "no_such_notification")

    async def search(
        self, api: Installation, session: aiohttp.ClientSession, question: dict[str, Any]
    ) -> list[dict[str, Any]]:
        url = f"{api.base_url}/v1/notifications/search"
        headers = {"Authorization": key_of(api)}
        async with session.post(url, json=question, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            found: list[dict[str, Any]] = (await answer.json())["notifications"]
            return found

    async def test_the_interface_describes_itself(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        async with session.get(f"{api.base_url}/openapi.json") as answer:
            schema = await answer.json()
        assert schema["openapi"].startswith("3.1")
        async with session.get(f"{api.base_url}/docs") as answer:
            page = await answer.text()
        for path in schema["paths"]:
            assert path in page

    async def test_health_and_readiness_are_told_apart(
        self, api: Installation, session: aiohttp.ClientSession
    ) -> None:
        async with session.get(f"{api.base_url}/healthz") as answer:
            assert answer.status == 200
        async with session.get(f"{api.base_url}/readyz") as answer:
            assert (await answer.json()) == {"status": "ready", "ledger": "there", "redis": "there"}
