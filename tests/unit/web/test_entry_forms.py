"""The forms of the directory show an entry whole, however much of one thing it has."""

import pytest
from multidict import MultiDict

from gateway.domain.directory import Account
from gateway.web.console.entry_forms import DAYS, SPANS, grid, model_of, read
from gateway.web.console.visit import Form


def test_a_day_with_more_spans_than_usual_is_shown_whole() -> None:
    hours = [
        {"days": [1], "opens": opens, "closes": closes}
        for opens, closes in (("07:00", "09:00"), ("10:00", "11:30"), ("13:30", "17:00"))
    ]
    shown = grid(hours)
    assert shown[1] == [("07:00", "09:00"), ("10:00", "11:30"), ("13:30", "17:00")]
    assert {len(shown[day]) for day in DAYS if day != 1} == {SPANS}


def test_what_is_shown_whole_is_read_whole() -> None:
    point = {"code": "quay", "name": "Quầy", "address": "số 1"}
    spans = (("07:00", "09:00"), ("10:00", "11:30"), ("13:30", "17:00"))
    for number, (opens, closes) in enumerate(spans):
        point |= {f"hours-1-{number}-opens": opens, f"hours-1-{number}-closes": closes}
    typed = read("pickup_point", "quay", Form(MultiDict(point)), {})
    assert [(one["opens"], one["closes"]) for one in typed.body["hours"]] == list(spans)


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        pytest.param("250.000", 250_000, id="points"),
        pytest.param("5.000.000", 5_000_000, id="several-points"),
        pytest.param("1,000", 1000, id="commas"),
        pytest.param("12 500", 12_500, id="blanks"),
        pytest.param("300", 300, id="plain"),
    ],
)
def test_amounts_are_read_as_people_write_them(typed: str, becomes: int) -> None:
    found = model_of("account", read("account", "esms", account(price_vnd=typed), {}))
    assert isinstance(found, Account)
    assert found.price_vnd == becomes


@pytest.mark.parametrize("typed", ["12.5", "1.0000", "1.00", "25.00.000", "nghìn", "1e3", "²"])
def test_an_amount_that_is_no_whole_number_is_not_guessed_at(typed: str) -> None:
    found = model_of("account", read("account", "esms", account(price_vnd=typed), {}))
    assert found == {"price_vnd": "no_number"}


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        pytest.param("12,5", 12.5, id="comma"),
        pytest.param("12.5", 12.5, id="point"),
        pytest.param("0.125", 0.125, id="a-small-one"),
        pytest.param("1.000", {"rate_per_s": "unclear_number"}, id="a-thousand-or-one"),
        pytest.param("inf", {"rate_per_s": "no_number"}, id="no-end"),
        pytest.param("-1", {"rate_per_s": "too_small"}, id="too-small"),
    ],
)
def test_a_rate_is_read_in_one_way_or_not_at_all(typed: str, becomes: object) -> None:
    found = model_of("account", read("account", "esms", account(rate_per_s=typed), {}))
    assert (found.rate_per_s if isinstance(found, Account) else found) == becomes


def account(**typed: str) -> Form:
    return Form(MultiDict(provider="esms", base_url="https://rest.esms.vn", **typed))


def test_a_number_that_nobody_touched_stays_as_it_is() -> None:
    before = {"code": "esms", "provider": "esms", "base_url": "x", "rate_per_s": 1.125}
    found = model_of("account", read("account", "esms", account(rate_per_s="1.125"), before))
    assert isinstance(found, Account)
    assert found.rate_per_s == 1.125
