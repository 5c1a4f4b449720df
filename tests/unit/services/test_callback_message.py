"""What a callback says and how it is signed."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.domain.dossier import (
    Details,
    DossierEvent,
    EventKind,
    Party,
    PersonKind,
    Pickup,
    ReturnBy,
)
from gateway.ledger.callbacks import DueCallback
from gateway.services.callback_message import body_of, headers_of, message_id, signing_secrets

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
DUE = DueCallback(
    position=41,
    notification_id=UUID("01936a00-0000-7000-8000-000000000001"),
    revision=4,
    source="igate",
    state="delivered",
    reason=None,
    ended_at=datetime(2026, 11, 23, 2, 30, tzinfo=UTC),
    tries=1,
    age_s=0,
    event_id=UUID("01936a00-0000-7000-8000-000000000002"),
    unit="H10.12",
    kind="result-ready",
    mode="live",
    sealed=b"",
    seal_key=1,
    overtaken=0,
)
EVENT = DossierEvent(
    event_id="0001-9",
    source_uri="/h10/bu-dop/igate",
    kind=EventKind.RESULT_READY,
    occurred_at=None,
    dossier_code="000.00.12.H10-241105-0001",
    procedure_code=None,
    procedure_name="Đổi giấy phép lái xe",
    received_at=None,
    due_at=None,
    applicant=Party(name="Nguyễn Văn Mẫu", kind=PersonKind.PERSON, phones=("0912345678",)),
    authorised=None,
    unit="H10.12",
    pickup=Pickup(point="bu-dop"),
    return_by=ReturnBy.DESK,
    language="vi",
    details=Details(),
    again=False,
)


def test_the_body_names_the_notice_the_event_and_the_dossier() -> None:
    assert json.loads(body_of(DUE, EVENT)) == {
        "type": "vn.notice.delivered",
        "timestamp": "2026-11-23T02:30:00+00:00",
        "data": {
            "notification": "ntf_01936a00000070008000000000000001",
            "event": "evt_01936a00000070008000000000000002",
            "event_id": "0001-9",
            "event_source": "/h10/bu-dop/igate",
            "dossier": "000.00.12.H10-241105-0001",
            "unit": "H10.12",
            "kind": "result-ready",
            "mode": "live",
            "state": "delivered",
            "reason": None,
            "revision": 4,
            "position": 41,
            "ended_at": "2026-11-23T02:30:00+00:00",
        },
    }


def test_the_body_holds_no_name_and_no_phone() -> None:
    text = body_of(DUE, EVENT).decode()
    assert "Mẫu" not in text
    assert "912345678" not in text


def test_after_the_person_was_erased_the_ending_is_still_told() -> None:
    data = json.loads(body_of(DUE, None))["data"]
    assert (data["event_id"], data["dossier"]) == (None, None)
    assert data["state"] == "delivered"


def test_the_id_depends_on_notification_and_revision_only() -> None:
    again = replace(DUE, tries=7, age_s=5000.0)
    assert message_id(DUE) == message_id(again) == "ntf_01936a00000070008000000000000001_r4"
    assert message_id(replace(DUE, revision=5)) != message_id(DUE)


def test_the_id_holds_no_full_stop_because_the_signed_text_is_joined_by_them() -> None:
    assert "." not in message_id(DUE)


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_each_live_secret_verifies_while_they_are_rotated(secret: str) -> None:
    body = body_of(DUE, EVENT)
    headers = headers_of(message_id(DUE), body, [OLD, NEW], datetime.now(UTC))
    assert Webhook(secret).verify(body, headers) == json.loads(body)


def test_another_secret_does_not_verify() -> None:
    body = body_of(DUE, EVENT)
    headers = headers_of(message_id(DUE), body, [OLD], datetime.now(UTC))
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body, headers)


@pytest.mark.parametrize(
    ("secrets", "signing"),
    [
        pytest.param({"webhook": OLD}, [OLD], id="that of posting, for want of another"),
        pytest.param({"webhook": OLD, "callback": NEW}, [NEW], id="its own before that"),
        pytest.param({"callback": OLD, "callback_2": NEW}, [OLD, NEW], id="all of its own"),
        pytest.param({"callback": "", "callback_2": NEW}, [NEW], id="an empty one is left out"),
        pytest.param({"callback": ""}, [], id="no fallback to one that was not meant"),
        pytest.param({"other": OLD}, [], id="none"),
    ],
)
def test_secrets_are_chosen_by_their_names(secrets: dict[str, str], signing: list[str]) -> None:
    assert signing_secrets(secrets) == signing
