"""Zalo's webhook: its signature, and which of its events are receipts."""

import json
from datetime import UTC, datetime

import pytest

from gateway.domain.outcome import Receipt, Verdict
from gateway.providers import zalo_event
from gateway.providers.contract import NotAReceipt, ReceiptRequest

APP_ID, SECRET = "1234567890", "oa-secret"

# sha256sum of: app id, body, 1700000000000, secret; computed with coreutils.
BODY = b'{"event_name":"x","timestamp":"1700000000000"}'
MAC = "938099702adb4803e179920dfc1a7e0b5284a4af5c7312b31112f41978f82e4a"


def request_(body: bytes, signature: str = "") -> ReceiptRequest:
    return ReceiptRequest(
        method="POST",
        url="https://e.example/receipts/zalo",
        path_token="",
        headers={"X-ZEvent-Signature": signature} if signature else {},
        query={},
        body=body,
    )


def event(**values: object) -> ReceiptRequest:
    return request_(json.dumps(values).encode())


def test_the_signature_is_a_plain_hash_of_app_id_body_timestamp_and_secret() -> None:
    assert zalo_event.is_signed(request_(BODY, f"mac={MAC}"), APP_ID, SECRET)


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        pytest.param(BODY, "", id="no signature"),
        pytest.param(BODY, f"mac={'0' * 64}", id="wrong hash"),
        pytest.param(BODY, "mac=ă", id="not ASCII"),
        pytest.param(BODY, "mac=\udcff", id="not UTF-8"),
        pytest.param(BODY + b" ", f"mac={MAC}", id="changed body"),
        pytest.param(b'{"event_name":"x"}', f"mac={MAC}", id="no timestamp"),
        pytest.param(b"<html>", f"mac={MAC}", id="not JSON"),
        pytest.param(b"[1]", f"mac={MAC}", id="a list"),
    ],
)
def test_a_forged_event_is_refused(body: bytes, signature: str) -> None:
    assert not zalo_event.is_signed(request_(body, signature), APP_ID, SECRET)


def test_another_secret_is_a_forgery() -> None:
    assert not zalo_event.is_signed(request_(BODY, f"mac={MAC}"), APP_ID, "app-secret")


def test_a_message_that_arrived_is_delivered() -> None:
    arrived = event(
        event_name="user_received_message",
        message={"delivery_time": "1700000000000", "msg_id": "m1", "tracking_id": "ref1"},
    )
    assert list(zalo_event.receipts(arrived)) == [
        Receipt(
            verdict=Verdict.DELIVERED,
            reference="ref1",
            provider_id="m1",
            code="user_received_message",
            at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"event_name": "change_oa_daily_quota", "quota": {}}, id="quota"),
        pytest.param({"event_name": "change_template_status", "template_id": "1"}, id="template"),
        pytest.param({"event_name": "user_feedback", "message": {"tracking_id": "r"}}, id="rating"),
        pytest.param(
            {"event_name": "user_received_message", "message": {"msg_id": "m", "text": "x"}},
            id="chat message",
        ),
        pytest.param({"event_name": "user_received_message", "message": "x"}, id="odd message"),
    ],
)
def test_other_events_are_no_receipts(other: dict[str, object]) -> None:
    assert list(zalo_event.receipts(event(**other))) == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"event_name":1}'])
def test_what_is_no_event_is_told_apart(body: bytes) -> None:
    with pytest.raises(NotAReceipt):
        zalo_event.receipts(request_(body))


@pytest.mark.parametrize("value", [None, "", "soon", "9" * 40, True, []])
def test_an_unreadable_time_is_no_time(value: object) -> None:
    assert zalo_event.moment(value) is None
