"""The description of the interface holds for real calls, and no call ends in an error of ours."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import pytest
from installation import DATA, Installation, event
from jsonschema import Draft202012Validator
from yarl import URL

from gateway.web.app import ROUTES
from gateway.web.openapi import schema

Install = Callable[..., Installation]

DEEP = "[" * 5000 + "]" * 5000


def described() -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, methods in schema()["paths"].items()
        for method in methods
        if method in ("get", "post", "put", "delete")
    }


def test_every_route_of_the_interface_is_described_and_nothing_else() -> None:
    routes = {(route.method, route.path) for route in ROUTES if route.path.startswith("/v1/")}
    assert routes == {one for one in described() if one[1].startswith("/v1/")}


def test_every_reference_leads_somewhere() -> None:
    known = {f"#/components/schemas/{name}" for name in schema()["components"]["schemas"]}
    assert set(_references(schema())) <= known


def test_every_call_has_a_name_of_its_own() -> None:
    names = [
        call["operationId"]
        for methods in schema()["paths"].values()
        for method, call in methods.items()
        if method in ("get", "post")
    ]
    assert len(names) == len(set(names))


def test_the_sample_event_is_one_that_the_description_allows() -> None:
    sample = json.loads((DATA / "result_ready.json").read_text())
    _validator({"$ref": "#/components/schemas/DossierCloudEvent"}, schema()).validate(sample)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for entry in value:
            yield from _references(entry)


def _validator(part: dict[str, Any], document: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**part, "components": document["components"]})


class Caller:
    """Calls a running API and holds every answer against its own description."""

    def __init__(self, one: Installation, session: aiohttp.ClientSession) -> None:
        self.one = one
        self.session = session
        self.document: dict[str, Any] = {}
        self.seen: set[tuple[str, str, int]] = set()

    async def open(self) -> None:
        async with self.session.get(f"{self.one.base_url}/openapi.json") as answer:
            self.document = await answer.json()

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str = "",
        headers: dict[str, str] | None = None,
        **places: str,
    ) -> Any:
        url = self.one.base_url + path.format(**places) + query
        sent = {**self.one.headers(), **(headers or {})}
        text = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
        async with self.session.request(method, url, data=text, headers=sent) as answer:
            found = await answer.json(content_type=None)
            call = self.document["paths"][path][method.lower()]
            assert str(answer.status) in call["responses"], (answer.status, found)
            content = call["responses"][str(answer.status)]["content"]
            assert answer.content_type in content
            _validator(content[answer.content_type]["schema"], self.document).validate(found)
            self.seen.add((method, path, answer.status))
            return found


@pytest.fixture
async def call(install: Install, session: aiohttp.ClientSession) -> Caller:
    one = install()
    one.prepare()
    one.start("api", "worker-1", "sandbox", "clock")
    caller = Caller(one, session)
    await caller.open()
    return caller


EVENTS, SIGNED, DOSSIERS = (
    "/v1/events",
    "/v1/sources/{source}/events",
    "/v1/sources/{source}/dossiers",
)
ONE, SEARCH, FEED = "/v1/notifications/{id}", "/v1/notifications/search", "/v1/feed"
CANCEL, RESEND = "/v1/notifications/{id}/cancel", "/v1/notifications/{id}/resend"
BATCH = {"Content-Type": "application/cloudevents-batch+json"}
NOBODY = "ntf_" + "0" * 32


async def test_real_answers_are_as_described(call: Caller) -> None:
    source = call.one.demo["source"]
    accepted = await call("POST", EVENTS, event(1))
    await call("POST", EVENTS, event(1))
    await call("POST", EVENTS, event(1, "0912 345 678"))
    await call("POST", EVENTS, event(2), query="?check=1")
    await call("POST", EVENTS, [event(3), {}, event(4, unit="H99")], headers=BATCH)
    await call("POST", EVENTS, [event(5), {}, event(6)], headers=BATCH, query="?check=1")
    await call("POST", EVENTS, "{")
    await call("POST", EVENTS, event(7, unit="H99"))
    await call("POST", EVENTS, event(8), headers={"Authorization": "Bearer no"})
    await call("POST", EVENTS, event(8), headers={"Content-Type": "text/plain"})
    await call("POST", SIGNED, event(9), source=source)
    await call("POST", SIGNED, event(9), source="another")
    payload = (DATA / "dong_bo_ho_so.json").read_bytes()
    await call("POST", DOSSIERS, payload, source=source)
    await call("POST", DOSSIERS, payload, source=source, query="?check=1")
    await call("POST", DOSSIERS, {"service": "Other"}, source=source)
    shown = accepted["notifications"][0]["id"]
    await call.one.ended(call.session, shown)
    told = await call("GET", ONE, id=shown)
    assert told["attempts"]
    assert told["receipts"]
    await call("GET", ONE, id=NOBODY)
    await call("POST", SEARCH, {"dossier": "000.00.12.H10-241105-00001"})
    await call("POST", SEARCH, {"limit": 0})
    await call("GET", FEED)
    await call("GET", FEED, query="?after=-1")
    await call("POST", CANCEL, id=shown)
    await call("POST", CANCEL, id=NOBODY)
    key = {"Idempotency-Key": "k-1"}
    await call("POST", RESEND, {}, id=shown)
    await call("POST", RESEND, {}, id=shown, headers=key)
    await call("POST", RESEND, {"force": True}, id=shown, headers=key)
    again = await call("POST", RESEND, {"force": True}, id=shown, headers=key)
    await call.one.ended(call.session, again["notification"]["id"])
    await call("GET", "/healthz")
    await call("GET", "/readyz")
    successes = {(method, path) for method, path, status in call.seen if status < 300}
    assert successes == described() - {("POST", CANCEL)}


HOSTILE = (
    *("", "null", "[]", "{}", "1", '"text"', "NaN", "1e999", DEEP, '{"a":1,"a":2}', "\udcff"),
    *('[{"id":"\\ud800"}]', '[{"id":"\\u0000","specversion":"1.0"}]', '{"data":[null]}'),
    '{"service":"DongBoHoSoMC","data":[[],1,null,{"MaHoSo":[]}]}',
    '{"service":"DongBoHoSoMC","data":[{"MaHoSo":"\\ud800","TrangThaiHoSo":"9"}]}',
    '{"service":"DongBoHoSoMC","data":[{"MaHoSo":"\\u0000","TrangThaiHoSo":9}]}',
    *('{"dossier":"\\ud800"}', '{"reason":"\\u0000"}', '{"name":"\\ud800"}', '{"unit":"\\u0000"}'),
    *('{"accepted_from":"0001-01-01T00:00:00+14:00"}', '{"limit":1e99}', '{"before":"\\u0000"}'),
    *('{"accepted_to":"9999-12-31T23:59:59-14:00"}', '{"phone":"\\ud800","force":true}'),
)


async def test_no_body_ends_in_an_error_of_ours(call: Caller) -> None:
    source, key = call.one.demo["source"], {"Idempotency-Key": "k-1"}
    shown = (await call("POST", EVENTS, event(1, "0999")))["notifications"][0]["id"]
    for text in HOSTILE:
        body = text.encode("utf-8", "surrogateescape")
        await call("POST", EVENTS, body)
        await call("POST", EVENTS, body, headers=BATCH)
        await call("POST", EVENTS, body, headers=BATCH, query="?check=1")
        await call("POST", DOSSIERS, body, source=source)
        await call("POST", DOSSIERS, body, source=source, query="?check=1")
        await call("POST", SEARCH, body)
        await call("POST", RESEND, body, id=shown, headers=key)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        pytest.param(FEED, "?after=99999999999999999999", id="a position beyond all"),
        pytest.param(FEED, "?after=١", id="digits of another script"),
        pytest.param(FEED, "?limit=%00", id="NUL"),
        pytest.param("/v1/notifications/%00", "", id="an id that is none"),
        pytest.param("/v1/notifications/ntf_" + "g" * 32, "", id="an id without meaning"),
    ],
)
async def test_no_address_ends_in_an_error_of_ours(call: Caller, path: str, query: str) -> None:
    async with call.session.get(
        URL(call.one.base_url + path + query, encoded=True), headers=call.one.headers()
    ) as answer:
        assert 400 <= answer.status < 500
