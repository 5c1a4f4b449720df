"""The directory: which unit answers to a code, and what an entry may not say."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.domain.channel import Channel
from gateway.domain.directory import (
    Account,
    ApiKey,
    Directory,
    OpeningHours,
    Pool,
    RouteStep,
    Source,
    Unit,
)

ACCOUNT = {"code": "a", "provider": "esms", "base_url": "http://127.0.0.1:9090/esms"}
BY_SMS = {"channel": "sms", "pool": "sms"}
MERGED_ON = date(2025, 7, 1)


def _unit(code: str, **changes: Any) -> Unit:
    return Unit.model_validate(
        {
            "code": code,
            "name": f"Trung tâm {code}",
            "verify_phone": "0271 1022",
            "pickup_point": "bu-dop",
            "route": [{"channel": "sms", "pool": "sms"}],
            **changes,
        }
    )


def _directory(*units: Unit) -> Directory:
    return Directory(revision=1, units={unit.code: unit for unit in units})


OLD = _unit("H10.12", aliases=["000.00.12.H10"], valid_to=date(2025, 6, 30), successor="H10.20")
NEW = _unit("H10.20")
MERGED = _directory(OLD, NEW)


@pytest.mark.parametrize(
    ("code", "on", "answers"),
    [
        pytest.param("H10.12", date(2025, 6, 30), "H10.12", id="on-its-last-day-itself"),
        pytest.param("H10.12", MERGED_ON, "H10.20", id="after-its-end-the-successor"),
        pytest.param("000.00.12.H10", date(2025, 6, 1), "H10.12", id="an-alias-is-the-unit"),
        pytest.param("000.00.12.H10", MERGED_ON, "H10.20", id="an-alias-leads-on-too"),
        pytest.param("H10.20", MERGED_ON, "H10.20", id="the-successor-is-itself"),
        pytest.param("H10.99", MERGED_ON, None, id="nobody"),
    ],
)
def test_a_code_finds_its_unit(code: str, on: date, answers: str | None) -> None:
    found = MERGED.unit(code, on)
    assert (found.code if found else None) == answers


def test_successors_are_followed_to_the_last() -> None:
    chain = [
        _unit("A.1", valid_to=date(2020, 1, 1), successor="A.2"),
        _unit("A.2", valid_to=date(2022, 1, 1), successor="A.3"),
        _unit("A.3"),
    ]
    found = _directory(*chain).unit("A.1", MERGED_ON)
    assert found is not None
    assert found.code == "A.3"


def test_units_that_succeed_each_other_in_a_circle_do_not_hang() -> None:
    circle = [
        _unit("A.1", valid_to=date(2020, 1, 1), successor="A.2"),
        _unit("A.2", valid_to=date(2020, 1, 1), successor="A.1"),
    ]
    assert _directory(*circle).unit("A.1", MERGED_ON) is not None


def test_a_successor_that_is_not_there_answers_for_nobody() -> None:
    orphan = _unit("A.1", valid_to=date(2020, 1, 1), successor="A.2")
    assert _directory(orphan).unit("A.1", MERGED_ON) is None


def test_an_entry_without_secrets_has_none() -> None:
    directory = Directory(revision=1, secrets={("account", "esms"): {"api_key": "k"}})
    assert directory.secrets_of("account", "esms") == {"api_key": "k"}
    assert directory.secrets_of("source", "esms") == {}


@pytest.mark.parametrize(
    ("model", "table"),
    [
        pytest.param(Pool, {"code": "", "channel": "sms", "accounts": ["a"]}, id="empty-code"),
        pytest.param(
            Pool, {"code": "two words", "channel": "sms", "accounts": ["a"]}, id="code-with-space"
        ),
        pytest.param(Pool, {"code": "sms", "channel": "fax", "accounts": ["a"]}, id="no-channel"),
        pytest.param(
            Pool, {"code": "sms", "channel": "sms", "accounts": []}, id="pool-of-no-accounts"
        ),
        pytest.param(Account, {**ACCOUNT, "rate_per_s": 0}, id="no-calls-at-all"),
        pytest.param(Account, {**ACCOUNT, "timeout_s": 61}, id="a-call-of-over-a-minute"),
        pytest.param(Account, {**ACCOUNT, "unknown_policy": "hope"}, id="a-policy-of-its-own"),
        pytest.param(Account, {**ACCOUNT, "colour": "red"}, id="a-field-that-is-not-known"),
        pytest.param(
            Source,
            {"code": "s", "name": "S", "namespace": "h10", "units": [], "sources": ["/a"]},
            id="source-without-units",
        ),
        pytest.param(RouteStep, {**BY_SMS, "tries_s": [-1]}, id="a-wait-of-less-than-nothing"),
        pytest.param(RouteStep, {**BY_SMS, "window_s": 0}, id="no-window"),
        pytest.param(
            ApiKey, {"code": "k", "source": "s", "sha256": "0", "scopes": ["all"]}, id="no-scope"
        ),
        pytest.param(OpeningHours, {"days": [0], "opens": "7:00", "closes": "8:00"}, id="day-0"),
        pytest.param(OpeningHours, {"days": [8], "opens": "07:00", "closes": "08:00"}, id="day-8"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused(model: Any, table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(table)


def test_a_unit_needs_a_way_to_write() -> None:
    with pytest.raises(ValidationError, match="route"):
        _unit("H10.12", route=[])


def test_a_step_that_says_nothing_more_is_patient_and_does_not_escalate() -> None:
    step = RouteStep(channel=Channel.SMS, pool="sms")
    assert step.tries_s[0] == 0
    assert step.window_s == 24 * 3600
    assert not step.escalate_on_silence
