"""FPT SMS in the conformance suite. Codes: public client code, as FPT publishes none."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, QUERIES, REPORTS, SMS, Absent, Kit

CLIENT_ID = "client-77"
SECRETS = {"client_secret": "secret-12c9"}
TOKEN = json_answer({"access_token": "t-1", "expires_in": 3600, "token_type": "Bearer"})

_ENDINGS: dict[str, tuple[str, ...]] = {
    "rejected recipient phone_invalid": ("53", "-10", "902"),
    "rejected recipient recipient_refused": ("2505", "-11"),
    "rejected message parameter_invalid": ("1014",),
    "rejected message template_refused": ("2518", "5", "-20", "55"),
    "rejected message content_refused": ("2519", "6", "-18", "7", "4", "-14", "901"),
    "rejected account sender_not_registered": ("2513", "2", "-8"),
    "later credentials": ("1008",),
    "later wallet_empty": ("1016", "2502"),
    "deferred account_misconfigured": ("1001", "1002", "1005", "1010", "1015", "2503", "8"),
    "deferred sender_not_registered": ("2504", "54"),
    "deferred provider_unavailable": ("1007", "1011", "1013"),
    "later repeated_text": ("2501", "1"),
    "unknown bad_reply": ("1006", "2506", "2507", "3"),
}

KIT = Kit(
    promises=(Channel.SMS, Receipts.NONE, 0, QueryBy.NONE),
    body=SMS,
    first=(TOKEN,),
    status_401="deferred provider_unavailable",
    taken=json_answer({"MessageId": 90210, "Phone": "84984765321", "Telco": "viettel"}),
    account={"sender": "BAOTIN", "settings": {"client_id": CLIENT_ID}, "secrets": SECRETS},
    path="/fpt",
    simulator=lambda _: {
        "provider": "fpt",
        "code": "fpt",
        "client_id": CLIENT_ID,
        "client_secret": SECRETS["client_secret"],
        "brandnames": ["BAOTIN"],
    },
    endings={
        **LOST_ON_THE_WIRE,
        Fault.ERROR_IN_200: "unknown bad_reply",
        Fault.WALLET_EMPTY: "later wallet_empty",
        Fault.CREDENTIALS: "later credentials",
        Fault.BLOCKED: "rejected recipient recipient_refused",
    },
    codes={code: ending for ending, codes in _ENDINGS.items() for code in codes},
    unlisted=("9999", "unknown unknown_code"),
    reports=dict.fromkeys(REPORTS, Absent(why="reports are pulled, by a call that is not public")),
    queries=dict.fromkeys(QUERIES, Absent(why="the call is not public")),
    lost="silence",
)
