"""What is sealed is opened as it was, whatever an event may hold."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.dossier import (
    Details,
    DossierEvent,
    EventKind,
    Party,
    PersonKind,
    Pickup,
    ReturnBy,
)
from gateway.domain.recipient import Phone, PhoneKind
from gateway.services.payload import Payload, read, write

HANOI = timezone(timedelta(hours=7))
FULL = Payload(
    event=DossierEvent(
        event_id="igate-1",
        source_uri="/h10/igate",
        kind=EventKind.FEE_DUE,
        occurred_at=datetime(2026, 3, 3, 9, 30, tzinfo=HANOI),
        dossier_code="000.00.12.H10-260303-0001",
        procedure_code="1.002835",
        procedure_name="Đổi giấy phép lái xe",
        received_at=datetime(2026, 3, 1, tzinfo=UTC),
        due_at=datetime(2026, 3, 9, 17, tzinfo=HANOI),
        applicant=Party(
            name="Công ty Sao Mai", kind=PersonKind.ORGANISATION, phones=("0271 3568 123", "x")
        ),
        authorised=Party(name="Trần Văn Bình", phones=("0912 345 678",)),
        unit="H10.12",
        pickup=Pickup(name="Quầy 3", address="1 Lê Hồng Phong", hours="7–11h", phone="1022"),
        return_by=ReturnBy.POST,
        language="en",
        details=Details(
            items=("Đơn", "Bản sao"),
            reason="thiếu chữ ký",
            new_due_at=datetime(2026, 3, 12, tzinfo=HANOI),
            amount_vnd=50_000,
            corrects="igate-0",
        ),
        again=True,
    ),
    recipient=Party(name="Trần Văn Bình", phones=("0912 345 678",)),
    phones=(Phone(e164="+84912345678", kind=PhoneKind.MOBILE),),
    notes=("a note",),
)
BARE = Payload(
    event=replace(
        FULL.event,
        occurred_at=None,
        procedure_code=None,
        procedure_name=None,
        received_at=None,
        due_at=None,
        applicant=Party(name=""),
        authorised=None,
        pickup=Pickup(),
        details=Details(),
        again=False,
    ),
    recipient=Party(name=""),
    phones=(),
)


@pytest.mark.parametrize("payload", [FULL, BARE], ids=["with-everything", "with-nothing-optional"])
def test_a_payload_is_opened_as_it_was_written(payload: Payload) -> None:
    assert read(write(payload)) == payload


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_can_be_kept(kind: EventKind) -> None:
    payload = replace(BARE, event=replace(BARE.event, kind=kind))
    assert read(write(payload)).event.kind is kind


def test_a_time_keeps_its_moment_and_its_zone() -> None:
    kept = read(write(FULL)).event.occurred_at
    assert kept is not None
    assert kept.isoformat() == "2026-03-03T09:30:00+07:00"


@given(st.text(), st.lists(st.text(), max_size=3), st.integers(min_value=0, max_value=10**12))
def test_any_text_and_any_fee_survive(text: str, items: list[str], amount_vnd: int) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in text + "".join(items)):
        return
    event = replace(
        BARE.event,
        applicant=Party(name=text),
        details=Details(items=tuple(items), amount_vnd=amount_vnd or None),
    )
    payload = replace(BARE, event=event)
    assert read(write(payload)) == payload


def test_the_form_is_numbered_and_vietnamese_is_written_as_it_is() -> None:
    written = write(FULL)
    assert json.loads(written)["form"] == 1
    assert "Trần Văn Bình".encode() in written
    assert b": " not in written


def test_a_row_of_the_first_form_can_still_be_read() -> None:
    """Sealed rows outlive the code that wrote them: this is what they look like."""
    stored = {
        "form": 1,
        "event": {
            "id": "e-1",
            "source": "/h10/igate",
            "kind": "result-ready",
            "occurred_at": None,
            "code": "H10-1",
            "procedure": [None, None],
            "received_at": None,
            "due_at": "2026-03-09T17:00:00+07:00",
            "applicant": ["Nguyễn Thị Minh Ánh", "person", ["0984 765 321"]],
            "authorised": None,
            "unit": "H10.12",
            "pickup": {"point": "bu-dop"},
            "return_by": "desk",
            "language": "vi",
            "details": {"amount_vnd": 50000},
            "again": False,
        },
        "recipient": ["Nguyễn Thị Minh Ánh", "person", ["0984 765 321"]],
        "phones": [["+84984765321", "mobile"]],
        "notes": [],
    }
    found = read(json.dumps(stored).encode())
    assert found.event.dossier_code == "H10-1"
    assert found.event.pickup == Pickup(point="bu-dop")
    assert found.event.details == Details(amount_vnd=50_000)
    assert found.phones == (Phone(e164="+84984765321", kind=PhoneKind.MOBILE),)
