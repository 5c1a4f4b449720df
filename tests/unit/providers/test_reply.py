"""An answer as a value: its JSON, and how long it asks to wait."""

import pytest

from gateway.providers.outbound import BadReply, Call, Reply

NOON = "Fri, 24 May 2024 12:00:00 GMT"


def reply(body: bytes = b"{}", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=429, headers=named, body=body)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        pytest.param({}, None, id="absent"),
        pytest.param({"Retry_After": "0"}, 0.0, id="at once"),
        pytest.param({"Retry_After": " 30 "}, 30.0, id="seconds"),
        pytest.param({"Retry_After": "-5"}, None, id="negative"),
        pytest.param({"Retry_After": "٣٠"}, None, id="other digits"),
        pytest.param({"Retry_After": "9" * 400}, 86_400.0, id="absurd"),
        pytest.param({"Retry_After": "Fri, 24 May 2024 12:00:30 GMT"}, None, id="no clock"),
        pytest.param(
            {"Retry_After": "Fri, 24 May 2024 12:00:30 GMT", "Date": NOON}, 30.0, id="a date"
        ),
        pytest.param(
            {"Retry_After": "Fri, 24 May 2024 11:00:00 GMT", "Date": NOON}, 0.0, id="past"
        ),
        pytest.param(
            {"Retry_After": "Fri, 24 May 2024 12:00:30", "Date": NOON}, None, id="no zone"
        ),
    ],
)
def test_the_wait_is_read_in_seconds(headers: dict[str, str], wait_s: float | None) -> None:
    assert reply(**headers).retry_after_s == wait_s


@pytest.mark.parametrize("body", [b"", b"nope", b"[]", b'"x"', b"\xff", b"[" * 50_000])
def test_anything_but_an_object_is_a_bad_reply(body: bytes) -> None:
    with pytest.raises(BadReply):
        reply(body).json()


def test_neither_a_call_nor_a_reply_shows_what_it_carries() -> None:
    call = Call(method="POST", url="http://h/?Phone=84984765321", timeout_s=1, json={"a": "b"})
    assert "84984765321" not in repr(call)
    assert "secret" not in repr(reply(b'{"secret": 1}'))
