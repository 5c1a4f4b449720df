"""Twilio's signature, against the example in its own documentation."""

import pytest

from gateway.providers.contract import ReceiptRequest
from gateway.providers.twilio_callback import signed_by, with_query

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
BODY = (
    b"CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234"
    b"&From=%2B12349013030&To=%2B18005551212"
)
TOKEN, SIGNATURE = "12345", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def request_(**changes: object) -> ReceiptRequest:
    values: dict[str, object] = {
        "method": "POST",
        "url": URL,
        "path_token": "",
        "headers": {"x-twilio-signature": SIGNATURE},
        "query": {"foo": "1", "bar": "2"},
        "body": BODY,
    }
    return ReceiptRequest(**(values | changes))  # type: ignore[arg-type]


def test_the_documented_example_is_authentic() -> None:
    assert signed_by(TOKEN, request_())


def test_an_explicit_default_port_changes_nothing() -> None:
    assert signed_by(TOKEN, request_(url=URL.replace(".com/", ".com:443/")))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"headers": {}}, id="no signature"),
        pytest.param({"headers": {"X-Twilio-Signature": "AAAA"}}, id="short signature"),
        pytest.param({"body": BODY + b"&Extra=1"}, id="added field"),
        pytest.param({"body": BODY.replace(b"1234&", b"1235&")}, id="changed field"),
        pytest.param({"body": b"\xff\xfe"}, id="not text"),
        pytest.param({"url": URL + "&ref=other"}, id="changed query"),
        pytest.param({"url": URL.replace("mycompany", "yours")}, id="other host"),
    ],
)
def test_anything_changed_is_a_forgery(changes: dict[str, object]) -> None:
    assert not signed_by(TOKEN, request_(**changes))


def test_another_token_is_a_forgery() -> None:
    assert not signed_by("12346", request_())


def test_a_query_is_added_without_touching_the_rest_of_the_address() -> None:
    assert with_query("https://e.example/r/%7Ea", ref="x1") == "https://e.example/r/%7Ea?ref=x1"
    assert with_query("https://e.example/r?a=%20b", ref="x1") == "https://e.example/r?a=%20b&ref=x1"
