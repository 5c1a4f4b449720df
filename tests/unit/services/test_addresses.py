"""Public addresses come from configuration and carry the account's secret path part."""

import pytest

from gateway.providers.contract import AccountAccess
from gateway.services.addresses import Addresses

PLAIN = AccountAccess(code="oa", base_url="http://127.0.0.1:1")
GUARDED = AccountAccess(
    code="esms", base_url="http://127.0.0.1:1", secrets={"callback_token": "t0ken"}
)


@pytest.mark.parametrize(
    "external_url", ["https://notify.gov.example", "https://notify.gov.example/"]
)
def test_receipts_come_back_to_the_account(external_url: str) -> None:
    addresses = Addresses(external_url)
    assert addresses.receipts(PLAIN) == "https://notify.gov.example/receipts/oa"
    assert addresses.receipts(GUARDED) == "https://notify.gov.example/receipts/esms/t0ken"


def test_a_call_is_found_by_its_reference() -> None:
    addresses = Addresses("http://localhost:8080")
    assert addresses.call("twilio", "ab12") == "http://localhost:8080/voice/twilio/ab12"
    assert addresses.call("twilio", "ab12", "heard") == (
        "http://localhost:8080/voice/twilio/ab12/heard"
    )
    assert addresses.prompts == "http://localhost:8080/voice/prompts"


def test_a_request_is_seen_under_the_address_that_the_outside_used() -> None:
    addresses = Addresses("https://notify.gov.example")
    found = addresses.of_request("/receipts/twilio?x=1")
    assert found == "https://notify.gov.example/receipts/twilio?x=1"
