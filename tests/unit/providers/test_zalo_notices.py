"""What Zalo's events tell of an official account, and of which account they are."""

import json
from typing import Any

import pytest

from gateway.domain.alert import AlertKind
from gateway.providers import zalo_event
from gateway.providers.contract import AccountNotice, NotAReceipt, ReceiptRequest


def event(name: str, **values: Any) -> ReceiptRequest:
    return ReceiptRequest(
        method="POST",
        url="https://e.example/receipts/zalo",
        path_token="",
        headers={},
        query={},
        body=json.dumps({"event_name": name, "app_id": "1", "timestamp": "1", **values}).encode(),
    )


def quota(before: object, now: object) -> ReceiptRequest:
    values = {"prev_value": before, "new_value": now}
    return event("change_oa_daily_quota", oaId="2001", quota=values)


def status(before: object, now: object) -> ReceiptRequest:
    values = {"prev_status": before, "new_status": now}
    reason = "Mẫu tin có dấu hiệu spam"
    return event(
        "change_template_status", oa_id="2001", template_id="7", status=values, reason=reason
    )


def quality(now: object) -> ReceiptRequest:
    return event("change_template_quality", oa_id="2001", template_id=7, quality=now)


QUOTA, CHANGED = AlertKind.QUOTA_CHANGED, AlertKind.TEMPLATE_CHANGED
QUALITY = AlertKind.TEMPLATE_QUALITY

NOTICES: dict[str, tuple[ReceiptRequest, AccountNotice]] = {
    "quota-fell": (
        quota(5000, 500),
        AccountNotice(kind=QUOTA, before="5000", now="500", worse=True),
    ),
    "quota-fell-in-text": (
        quota("5000", "500"),
        AccountNotice(kind=QUOTA, before="5000", now="500", worse=True),
    ),
    "quota-rose": (quota(500, 5000), AccountNotice(kind=QUOTA, before="500", now="5000")),
    "quota-unclear": (quota(None, 5000), AccountNotice(kind=QUOTA, now="5000")),
    "quota-without-values": (event("change_oa_daily_quota"), AccountNotice(kind=QUOTA)),
    "disabled": (
        status("ENABLE", "DISABLE"),
        AccountNotice(kind=CHANGED, template="7", before="ENABLE", now="DISABLE", worse=True),
    ),
    "in-force": (
        status("PENDING_REVIEW", "ENABLE"),
        AccountNotice(kind=CHANGED, template="7", before="PENDING_REVIEW", now="ENABLE"),
    ),
    "status-in-free-text": (
        status("ENABLE", "Bị từ chối"),
        AccountNotice(kind=CHANGED, template="7", before="ENABLE"),
    ),
    "poor": (quality("LOW"), AccountNotice(kind=QUALITY, template="7", now="LOW", worse=True)),
    "good": (quality("HIGH"), AccountNotice(kind=QUALITY, template="7", now="HIGH", worse=False)),
    "quality-in-a-table": (
        quality({"new_quality": "LOW"}),
        AccountNotice(kind=QUALITY, template="7"),
    ),
    "template-quota": (
        event("change_template_quota", template_id="7", quota={"x": 1}),
        AccountNotice(kind=CHANGED, template="7"),
    ),
    "tags": (event("change_oa_template_tags", tags=["OTP"]), AccountNotice(kind=CHANGED)),
}


@pytest.mark.parametrize(("told", "notice"), NOTICES.values(), ids=NOTICES.keys())
def test_a_change_is_a_notice_in_words_and_numbers(
    told: ReceiptRequest, notice: AccountNotice
) -> None:
    assert list(zalo_event.notices(told)) == [notice]
    assert list(zalo_event.receipts(told)) == []


@pytest.mark.parametrize("name", ["user_received_message", "user_feedback", "follow"])
def test_other_events_are_no_notices(name: str) -> None:
    assert list(zalo_event.notices(event(name))) == []


def test_what_is_no_event_is_refused() -> None:
    request = ReceiptRequest(
        method="POST", url="", path_token="", headers={}, query={}, body=b"<html>"
    )
    with pytest.raises(NotAReceipt):
        zalo_event.notices(request)


ABOUT: dict[str, tuple[ReceiptRequest, dict[str, str]]] = {
    "arrival": (
        event("user_received_message", sender={"id": "2001"}, recipient={"id": "84900000001"}),
        {"app_id": "4000", "oa_id": "2001"},
    ),
    "quota": (quota(1, 2), {"app_id": "4000", "oa_id": "2001"}),
    "template": (status("A", "B"), {"app_id": "4000", "oa_id": "2001"}),
    "chat": (event("user_send_text", sender={"id": "5"}, recipient={"id": "2001"}), {}),
    "number": (event("change_oa_template_tags", oa_id=2001), {}),
    "arrival-without-sender": (event("user_received_message"), {}),
}


@pytest.mark.parametrize(("told", "marks"), ABOUT.values(), ids=ABOUT.keys())
def test_an_event_names_the_official_account_it_is_about(
    told: ReceiptRequest, marks: dict[str, str]
) -> None:
    assert zalo_event.about(told, "4000") == marks
