"""The forms of the directory show an entry whole, however much of one thing it has."""

from gateway.web.console.entry_forms import DAYS, SPANS, grid, read
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
    typed = read("pickup_point", "quay", Form(point), {})
    assert [(one["opens"], one["closes"]) for one in typed.body["hours"]] == list(spans)
