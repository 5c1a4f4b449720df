"""What a message is expected to cost by its account's contract."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.domain.billing import billed_parts, estimate_vnd
from gateway.domain.directory import Account
from gateway.domain.message import SmsBody, ZaloBody
from gateway.domain.text import segments

CARE = (160, 306, 459)


def account(**changes: Any) -> Account:
    table = {"code": "a", "provider": "esms", "base_url": "http://127.0.0.1:1", **changes}
    return Account.model_validate(table)


def sms(text: str) -> SmsBody:
    return SmsBody(text=text, accented=not text.isascii(), segments=segments(text).segments)


@pytest.mark.parametrize(
    ("length", "parts"),
    [(1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4), (613, 5)],
)
def test_parts_follow_the_steps_of_the_contract(length: int, parts: int) -> None:
    assert billed_parts(account(billing_steps=CARE), sms("x" * length)) == parts


def test_without_steps_the_standard_counts() -> None:
    assert billed_parts(account(), sms("x" * 161)) == 2


def test_accented_texts_have_steps_of_their_own() -> None:
    one = account(billing_steps=CARE, billing_steps_accented=(70, 134))
    assert billed_parts(one, sms("ế" * 71)) == 2
    assert billed_parts(one, sms("ế" * 135)) == 3
    assert billed_parts(account(billing_steps=CARE), sms("ế" * 71)) == 2


def test_the_price_is_that_of_all_parts() -> None:
    assert estimate_vnd(account(price_vnd=800, billing_steps=CARE), sms("x" * 307)) == 2400
    assert estimate_vnd(account(price_vnd=300), ZaloBody(template="t", params={})) == 300
    assert estimate_vnd(account(), sms("x")) is None


@pytest.mark.parametrize("steps", [(0,), (160, 160), (306, 160)], ids=str)
def test_steps_that_do_not_grow_are_refused(steps: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError, match="longer than the one before"):
        account(billing_steps=steps)
