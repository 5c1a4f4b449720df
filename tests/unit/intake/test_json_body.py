"""What counts as JSON, and which texts cannot be kept."""

import pytest

from gateway.intake.json_body import NotJson, read_json, unstorable


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"a": 1} x', id="something after it"),
        pytest.param(b'{"a": NaN}', id="NaN"),
        pytest.param(b'{"a": -Infinity}', id="minus infinity"),
        pytest.param(b'{"a": 1e999}', id="a number beyond a double"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="an integer of 5000 digits"),
        pytest.param(b'{"a": 1, "a": 2}', id="the same name twice"),
        pytest.param(b'{"b": [{"a": 1, "a": 1}]}', id="the same name twice further down"),
        pytest.param('{"a": "é"}'.encode("latin-1"), id="not UTF-8"),
        pytest.param(b'"\xed\xa0\x80"', id="half a surrogate pair as bytes"),
        pytest.param(b'"a\x00b"', id="a bare NUL"),
        pytest.param(b"[" * 33 + b"]" * 33, id="33 levels deep"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="100000 levels deep"),
    ],
)
def test_a_body_that_is_not_plain_json_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        read_json(body)


def test_a_refusal_repeats_nothing_of_the_body() -> None:
    with pytest.raises(NotJson) as refusal:
        read_json(b'{"name": "Nguyen Van An", "name": "0912345678"')
    assert "Nguyen" not in str(refusal.value)
    assert "0912345678" not in str(refusal.value)


def test_the_place_where_reading_stopped_is_told() -> None:
    with pytest.raises(NotJson, match="line 2, column 8"):
        read_json(b'{"a": 1,\n "b": [}')


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="a byte order mark in front"),
        pytest.param(b"[" * 32 + b"]" * 32, None, id="32 levels deep"),
        pytest.param(b'"\\ud83d\\ude00"', "\U0001f600", id="a whole surrogate pair, escaped"),
    ],
)
def test_unusual_but_plain_json_is_read(body: bytes, value: object) -> None:
    assert value is None or read_json(body) == value
    read_json(body)


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        pytest.param({"a": ["x", {"b": "y\0"}]}, ["/a/1/b"], id="NUL in a text"),
        pytest.param({"a/b": {"c~d": "\ud800"}}, ["/a~1b/c~0d"], id="lone surrogate, odd names"),
        pytest.param({"a": {"b\0": "x"}}, ["/a"], id="in a name: the object that has it"),
        pytest.param({"a": "\0", "b": "\udfff"}, ["/a", "/b"], id="in two texts"),
        pytest.param("\0", [""], id="the value itself"),
        pytest.param({"a": "\\u0000"}, [], id="a backslash that only looks like one"),
        pytest.param({"a": "Điểu K'Rứ \U0001f600"}, [], id="ordinary text"),
    ],
)
def test_text_that_cannot_be_stored_is_pointed_at(value: object, pointers: list[str]) -> None:
    assert [problem.pointer for problem in unstorable(value)] == pointers
