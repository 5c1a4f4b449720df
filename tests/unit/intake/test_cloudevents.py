"""How events are taken out of an HTTP request in each of the three modes."""

import json
from base64 import b64encode
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from gateway.domain.dossier import DossierEvent, EventKind
from gateway.intake.cloudevents import BATCHED, STRUCTURED, Mode, Received, read_request
from gateway.intake.events import read_event
from gateway.intake.problems import Refusal, RequestRefused

DATA = {
    "dossier": {"code": "000.00.12.H10-240521-0001"},
    "applicant": {"name": "Điểu K'Rứ", "phones": ["0912345678"]},
    "unit": "H10.12",
}
EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "/s",
    "type": "vn.dossier.result-ready",
    "data": DATA,
}
BINARY = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/s",
    "ce-type": "vn.dossier.result-ready",
}


def structured(event: Any, content_type: str = STRUCTURED) -> Received:
    return read_request(content_type, {}, json.dumps(event).encode(), binary_allowed=False)


def binary(headers: dict[str, str], data: Any = DATA) -> Received:
    body = json.dumps(data).encode()
    return read_request("application/json", headers, body, binary_allowed=True)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in EVENT.items() if key != name}


def test_a_structured_event_is_taken_as_it_is() -> None:
    assert structured(EVENT) == Received(mode=Mode.STRUCTURED, events=(EVENT,))


@pytest.mark.parametrize(
    "content_type",
    [
        "application/cloudevents+json; charset=utf-8",
        "Application/CloudEvents+JSON",
        'application/cloudevents+json;charset="UTF-8"',
    ],
)
def test_the_content_type_may_be_written_freely(content_type: str) -> None:
    assert structured(EVENT, content_type).events == (EVENT,)


def test_a_batch_is_taken_in_order_with_each_wrong_event_in_its_place() -> None:
    received = structured([EVENT, 7, without("id"), EVENT], BATCHED)
    assert received.mode is Mode.BATCHED
    first, number, nameless, last = received.events
    assert first == last == EVENT
    assert isinstance(number, Refusal)
    assert number.status == 400
    assert isinstance(nameless, Refusal)
    assert [error.pointer for error in nameless.errors] == ["/id"]


def test_an_empty_batch_is_a_batch() -> None:
    assert structured([], BATCHED).events == ()


def test_a_batch_holds_up_to_500_events() -> None:
    assert len(structured([EVENT] * 500, BATCHED).events) == 500
    with pytest.raises(RequestRefused) as refused:
        structured([EVENT] * 501, BATCHED)
    assert refused.value.refusal.status == 413
    assert refused.value.refusal.code == "too_many_events"


@pytest.mark.parametrize(
    ("event", "pointers"),
    [
        pytest.param([], [], id="a list"),
        pytest.param(None, [], id="null"),
        pytest.param(without("specversion"), ["/specversion"], id="no version"),
        pytest.param({**EVENT, "specversion": "0.3"}, ["/specversion"], id="old version"),
        pytest.param(without("type"), ["/type"], id="no type"),
        pytest.param({**EVENT, "source": ""}, ["/source"], id="empty source"),
        pytest.param({**EVENT, "id": 7}, ["/id"], id="the id is a number"),
        pytest.param({**EVENT, "data_base64": "e30="}, ["/data_base64"], id="data twice"),
    ],
)
def test_what_is_not_a_cloudevent_is_a_400_that_says_why(event: Any, pointers: list[str]) -> None:
    (refusal,) = structured(event).events
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.code) == (400, "not_a_cloudevent")
    assert [error.pointer for error in refusal.errors] == pointers


def test_data_may_come_as_base64() -> None:
    event = {**without("data"), "data_base64": b64encode(json.dumps(DATA).encode()).decode()}
    assert structured(event).events == (EVENT,)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("e30", id="cut off"),
        pytest.param("%%%%", id="not base64"),
        pytest.param("Điểu", id="not ASCII"),
        pytest.param(7, id="a number"),
        pytest.param(b64encode(b"<xml/>").decode(), id="not JSON inside"),
    ],
)
def test_base64_that_holds_no_json_is_refused(data: Any) -> None:
    (refusal,) = structured({**without("data"), "data_base64": data}).events
    assert isinstance(refusal, Refusal)
    assert [(error.pointer, error.code) for error in refusal.errors] == [
        ("/data_base64", "not_json")
    ]


def test_a_body_that_is_not_json_is_a_400() -> None:
    with pytest.raises(RequestRefused) as refused:
        read_request(STRUCTURED, {}, b"{", binary_allowed=True)
    assert (refused.value.refusal.status, refused.value.refusal.code) == (400, "not_json")


def test_a_batch_that_is_no_list_is_a_400() -> None:
    with pytest.raises(RequestRefused) as refused:
        structured(EVENT, BATCHED)
    assert refused.value.refusal.code == "not_a_cloudevent"


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [
        pytest.param("", {}, id="none"),
        pytest.param("application/json", {}, id="JSON without ce- headers"),
        pytest.param("text/xml", BINARY, id="binary mode with XML"),
        pytest.param("application/cloudevents+avro", {}, id="another event format"),
        pytest.param("application/cloudevents+json; charset=utf-16", {}, id="another charset"),
    ],
)
def test_another_content_type_is_a_415(content_type: str, headers: dict[str, str]) -> None:
    with pytest.raises(RequestRefused) as refused:
        read_request(content_type, headers, b"{}", binary_allowed=True)
    refusal = refused.value.refusal
    assert (refusal.status, refusal.code) == (415, "unsupported_content_type")


def test_a_415_says_what_to_send() -> None:
    with pytest.raises(RequestRefused) as refused:
        read_request("text/plain", {}, b"", binary_allowed=True)
    assert STRUCTURED in refused.value.refusal.detail
    assert BATCHED in refused.value.refusal.detail


def test_a_binary_event_is_put_together_from_headers_and_body() -> None:
    received = binary({**BINARY, "ce-subject": "x", "Authorization": "Bearer secret"})
    assert received.mode is Mode.BINARY
    assert received.events == ({**EVENT, "subject": "x", "datacontenttype": "application/json"},)


def test_binary_mode_is_refused_where_a_signature_would_not_cover_it() -> None:
    with pytest.raises(RequestRefused) as refused:
        read_request("application/json", BINARY, b"{}", binary_allowed=False)
    assert refused.value.refusal.code == "binary_not_allowed"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("%C4%90i%E1%BB%83u", "Điểu", id="percent-encoded"),
        pytest.param('"a \\"b\\""', 'a "b"', id="quoted"),
        pytest.param("100%25", "100%", id="an encoded percent sign"),
    ],
)
def test_a_ce_header_is_decoded(sent: str, meant: str) -> None:
    (event,) = binary({**BINARY, "ce-subject": sent}).events
    assert isinstance(event, dict)
    assert event["subject"] == meant


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"ce-subject": "%FF"}, id="not UTF-8"),
        pytest.param({"ce-subject": "\udcff"}, id="a raw byte"),
        pytest.param({"CE-Id": "2"}, id="the same header twice"),
        pytest.param({"ce-data": "{}"}, id="data as a header"),
        pytest.param({"ce-datacontenttype": "text/xml"}, id="a second content type"),
    ],
)
def test_a_ce_header_that_cannot_be_right_is_refused(headers: dict[str, str]) -> None:
    (refusal,) = binary({**BINARY, **headers}).events
    assert isinstance(refusal, Refusal)
    assert refusal.status == 400


def test_a_nul_hidden_in_a_header_is_found_when_the_event_is_read() -> None:
    (event,) = binary({**BINARY, "ce-id": "a%00b"}).events
    assert isinstance(event, dict)
    found = read_event(event)
    assert isinstance(found, list)
    assert [(problem.pointer, problem.code) for problem in found] == [("/id", "unstorable")]


def made_by_the_public_library() -> CloudEvent:
    return CloudEvent(
        attributes={
            "id": "Điểu 100%",
            "source": "/h10/bu-dop",
            "type": "vn.dossier.result-ready",
            "datacontenttype": "application/json",
        },
        data=DATA,
    )


@pytest.mark.parametrize("write", [to_structured, to_binary], ids=["structured", "binary"])
def test_requests_of_the_public_library_are_read_unchanged(write: Any) -> None:
    message: HTTPMessage = write(made_by_the_public_library(), JSONFormat())
    received = read_request(
        message.headers["content-type"], message.headers, message.body, binary_allowed=True
    )
    (raw,) = received.events
    assert isinstance(raw, dict)
    event = read_event(raw)
    assert isinstance(event, DossierEvent)
    assert (event.event_id, event.kind) == ("Điểu 100%", EventKind.RESULT_READY)
    assert event.applicant.name == "Điểu K'Rứ"


def test_binary_data_of_the_public_library_arrives_as_base64() -> None:
    event = CloudEvent(
        attributes={"id": "1", "source": "/s", "type": "vn.dossier.result-ready"},
        data=json.dumps(DATA).encode(),
    )
    message = to_structured(event, JSONFormat())
    assert b"data_base64" in message.body
    (raw,) = read_request(
        message.headers["content-type"], message.headers, message.body, binary_allowed=True
    ).events
    assert isinstance(raw, dict)
    assert raw["data"] == DATA
