"""Registered texts: which message is one, and where another one leaves it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.domain.message import Registered
from gateway.domain.registration import Difference, RegisteredText, Unregistered, find

READY = RegisteredText(
    kind="result-ready",
    id="T-17",
    text="TTPVHCC: ho so {code} da co ket qua. Moi den {place}. LH {phone}",
    longest={"code": 12, "place": 20},
)
SAID = "TTPVHCC: ho so H10-1 da co ket qua. Moi den quay 5. LH 1022"


def test_a_message_in_the_registered_words_gives_its_values_in_order() -> None:
    assert find([READY], "result-ready", SAID) == Registered(
        id="T-17", params=("H10-1", "quay 5", "1022")
    )


def test_the_operators_order_may_be_another_one() -> None:
    other = READY.model_copy(update={"params": ("phone", "code", "place")})
    found = find([other], "result-ready", SAID)
    assert isinstance(found, Registered)
    assert found.params == ("1022", "H10-1", "quay 5")


def test_nothing_registered_for_this_kind_is_no_difference() -> None:
    assert find([READY], "fee-due", SAID) is None
    assert find([], "result-ready", SAID) is None


def test_where_a_registration_is_needed_its_absence_is_told() -> None:
    found = find([READY], "fee-due", SAID, needed=True)
    assert found == Unregistered(kind="fee-due")
    assert str(found) == "nothing registered for fee-due"
    assert isinstance(find([READY], "result-ready", SAID, needed=True), Registered)


@pytest.mark.parametrize(
    ("said", "expected", "found"),
    [
        pytest.param(
            SAID.replace("TTPVHCC:", "TTPVHCC Bu Dop:"),
            ": ho so ", " Bu Dop: ho so", id="at the head",
        ),
        pytest.param(
            SAID.replace("da co", "vua co"),
            "{code} da co ket qua. Moi den ", "H10-1 vua co ket qua", id="within",
        ),
        pytest.param(
            SAID.replace("H10-1", "H10-240521-00017"), "{code} of at most 12 characters",
            "H10-240521-00017", id="a value that is too long",
        ),
        pytest.param(SAID.replace(" LH 1022", ""), "{place}. LH ", "quay 5.", id="cut short"),
        pytest.param("", "TTPVHCC: ho so ", "", id="nothing at all"),
    ],
)  # fmt: skip
def test_a_difference_says_what_should_stand_there_and_what_does(
    said: str, expected: str, found: str
) -> None:
    difference = find([READY], "result-ready", said)
    assert isinstance(difference, Difference)
    assert difference.expected == expected
    assert difference.found.startswith(found)
    assert "T-17" in str(difference)


def test_what_follows_the_end_is_a_difference() -> None:
    exact = RegisteredText(kind="k", text="Het {a}.")
    difference = find([exact], "k", "Het gio. Cam on")
    assert isinstance(difference, Difference | Registered)
    longer = find([RegisteredText(kind="k", text="{a} het", longest={"a": 3})], "k", "abc het roi")
    assert isinstance(longer, Difference)
    assert (longer.expected, longer.found) == ("the end", " roi")


def test_of_several_registrations_the_nearest_is_shown() -> None:
    other = RegisteredText(kind="result-ready", id="T-9", text="Kinh gui {name}")
    found = find([other, READY], "result-ready", SAID.replace("da co", "vua co"))
    assert isinstance(found, Difference)
    assert found.registration == "T-17"


def test_any_of_several_registrations_will_do() -> None:
    other = RegisteredText(kind="result-ready", id="T-9", text="Kinh gui {name}")
    assert find([READY, other], "result-ready", "Kinh gui ba Anh") == Registered(
        id="T-9", params=("ba Anh",)
    )


def test_a_name_full_of_separators_takes_no_time() -> None:
    places = "{owner}, {place}, {street}, {ward}, {when}. Goi {phone}"
    one = RegisteredText(kind="k", text=f"Ho so cua {places}")
    said = "Ho so cua " + ", ".join("a" * 2 for _ in range(2000)) + ". Goi"
    found = find([one], "k", said)
    assert isinstance(found, Difference)


def test_a_value_may_hold_the_words_that_follow_it() -> None:
    one = RegisteredText(kind="k", text="{owner}, {place}. Goi {phone}", longest={"place": 6})
    found = find([one], "k", "Cong ty A, B, quay 5. Goi 1022")
    assert found == Registered(id="", params=("Cong ty A, B", "quay 5", "1022"))


@pytest.mark.parametrize(
    "table",
    [
        pytest.param({"text": "{a} {a}"}, id="a part twice"),
        pytest.param({"text": "{a}", "params": ["a", "b"]}, id="a param too many"),
        pytest.param({"text": "{a} {b}", "params": ["a"]}, id="a param too few"),
        pytest.param({"text": "{a}", "longest": {"b": 3}}, id="a limit of nothing"),
        pytest.param({"text": ""}, id="no text"),
    ],
)
def test_a_registration_that_cannot_be_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RegisteredText.model_validate({"kind": "k", **table})


@given(st.lists(st.text("ab .{}\n", min_size=1, max_size=8), min_size=2, max_size=2))
def test_whatever_the_values_are_the_filled_text_is_the_registered_one(values: list[str]) -> None:
    one = RegisteredText(kind="k", id="1", text="<{a}|{b}>")
    said = f"<{values[0]}|{values[1]}>"
    found = find([one], "k", said)
    assert isinstance(found, Registered)
    assert "<{}|{}>".format(*found.params) == said
