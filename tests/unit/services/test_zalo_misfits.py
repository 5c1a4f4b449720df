"""What stands in the way of a registered template, in words for an alert."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.domain.alert import Alert, AlertKind
from gateway.ledger.zalo_catalogue import KnownStanding, KnownTemplate
from gateway.services.zalo_misfits import of_account, of_template


def param(name: str, most: int | None = 30, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "type": "STRING", "required": required, "min": 0, "max": most}


GOOD = KnownTemplate(
    template_id="7",
    name="Báo kết quả",
    status="ENABLE",
    quality="HIGH",
    tag="IN_TRANSACTION",
    timeout_s=7200,
    price_vnd=300,
    preview_url="",
    params=(param("name"), param("code"), param("note", required=False)),
)
OURS = {"name": 30, "code": 20}
TAGS = ("OTP", "IN_TRANSACTION")
STANDING = KnownStanding(tags=TAGS, tags_had=TAGS)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"status": "REJECT"}, "is REJECT", id="rejected"),
        pytest.param({"status": ""}, "is without status", id="no-status"),
        pytest.param(
            {"params": (param("name", 20), param("code"))},
            "takes 20 characters of name, ours may have 30",
            id="too-short",
        ),
        pytest.param(
            {"params": (param("name"),)}, "does not know parameter code", id="unknown-parameter"
        ),
        pytest.param(
            {"params": (param("name"), param("code"), param("fee"))},
            "wants parameter fee, which ours does not have",
            id="new-parameter",
        ),
        pytest.param(
            {"status": "DISABLE", "params": (param("name"),)},
            "is DISABLE; does not know parameter code",
            id="two-at-once",
        ),
    ],
)
def test_what_would_make_zalo_refuse_our_messages_is_said(
    changes: dict[str, Any], problem: str
) -> None:
    alerts = of_template("oa/7", replace(GOOD, **changes), [OURS], STANDING)
    assert alerts == [Alert(kind=AlertKind.TEMPLATE_CHANGED, subject="oa/7", detail=problem)]


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(GOOD, id="all-fits"),
        pytest.param(replace(GOOD, params=None), id="parameters-not-told"),
        pytest.param(
            replace(GOOD, params=(param("name", None), param("code", 20))), id="no-longest"
        ),
        pytest.param(replace(GOOD, quality="MEDIUM"), id="medium-quality"),
        pytest.param(replace(GOOD, tag="TRANSACTION"), id="content-type-never-seen"),
    ],
)
def test_what_may_be_sent_is_no_trouble(found: KnownTemplate) -> None:
    assert of_template("oa/7", found, [OURS], STANDING) == []


def test_every_text_in_force_must_fit() -> None:
    [alert] = of_template("oa/7", GOOD, [OURS, {"name": 40, "code": 1}], STANDING)
    assert alert.detail == "takes 30 characters of name, ours may have 40"


def test_quality_is_an_alert_of_its_own() -> None:
    poor = replace(GOOD, quality="LOW", status="DISABLE")
    kinds = [alert.kind for alert in of_template("oa/7", poor, [OURS], STANDING)]
    assert kinds == [AlertKind.TEMPLATE_CHANGED, AlertKind.TEMPLATE_QUALITY]


def test_a_content_type_that_was_taken_away_is_said() -> None:
    lost = replace(STANDING, tags=("OTP",))
    [alert] = of_template("oa/7", GOOD, [OURS], lost)
    assert alert.detail == "content type IN_TRANSACTION may not be sent any more"


def test_one_that_was_never_listed_is_missing() -> None:
    [alert] = of_template("oa/7", None, [OURS], STANDING)
    assert alert.detail == "is not among the account's"


@pytest.mark.parametrize(
    ("before", "now", "details"),
    [
        pytest.param({"daily_quota": 5000}, {"daily_quota": 500}, ["5000 to 500"], id="fell"),
        pytest.param({"daily_quota": 500}, {"daily_quota": 500}, [], id="same"),
        pytest.param({}, {"daily_quota": 500}, [], id="first-time"),
        pytest.param({"daily_quota": 500}, {}, [], id="not-told"),
        pytest.param({}, {"quality": "LOW"}, ["48 hours LOW, 7 days ?"], id="poor-now"),
        pytest.param({}, {"quality_week": "LOW"}, ["48 hours ?, 7 days LOW"], id="poor-week"),
        pytest.param({}, {"quality": "UNDEFINED"}, [], id="nothing-sent"),
    ],
)
def test_an_account_that_fares_worse_is_alerted(
    before: dict[str, Any], now: dict[str, Any], details: list[str]
) -> None:
    alerts = of_account("oa", KnownStanding(**before), KnownStanding(**now))
    assert [alert.detail.removeprefix("daily quota ") for alert in alerts] == details
