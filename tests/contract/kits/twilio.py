"""What both channels of Twilio have in common in the conformance suite. Codes: twilio.com/docs/api/
errors, as of 2026-04."""

from collections.abc import Mapping

from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, Absent

ACCOUNT_SID, CALLER = "AC" + "0" * 32, "+842873000000"
SECRETS = {"auth_token": "token-90aa"}


def simulator(_: str) -> Mapping[str, object]:
    return {
        "provider": "twilio",
        "code": "twilio",
        "account_sid": ACCOUNT_SID,
        "auth_token": SECRETS["auth_token"],
        "senders": ["BAOTIN", CALLER],
    }


ENDINGS: Mapping[Fault, str | Absent] = {
    **LOST_ON_THE_WIRE,
    Fault.ERROR_IN_200: "unknown bad_reply",
    # A trial's or a prepaid account's end is told as a suspended account.
    Fault.WALLET_EMPTY: "deferred account_misconfigured",
    Fault.CREDENTIALS: "later credentials",
    Fault.BLOCKED: "rejected recipient opted_out",
}

CODES = {
    "21211": "rejected recipient phone_invalid",
    "21214": "rejected recipient phone_invalid",
    "21610": "rejected recipient opted_out",
    "21614": "rejected recipient phone_landline",
    "21635": "rejected recipient phone_landline",
    "63016": "rejected message template_refused",
    "20003": "later credentials",
    "21215": "deferred account_misconfigured",
    "21408": "deferred account_misconfigured",
    "21606": "deferred sender_not_registered",
    "21608": "deferred account_misconfigured",
    "21612": "deferred sender_not_registered",
    "30002": "deferred account_misconfigured",
    "20429": "later rate_limited",
    "21730": "later provider_unavailable",
    "30001": "later rate_limited",
}
UNLISTED = ("29999", "deferred unknown_code")
