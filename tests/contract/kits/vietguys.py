"""VietGuys in the conformance suite. Codes: developers.vietguys.biz and the tables of clients."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, QUERIES, REPORTS, SMS, Absent, Kit

SECRETS = {"user": "baotin_user", "password": "pw-90ad"}
TAKEN = {"error": 0, "error_code": 0, "log": "", "msgid": "v-1", "carrier": "viettel"}

KIT = Kit(
    promises=(Channel.SMS, Receipts.NONE, 0, QueryBy.NONE),
    body=SMS,
    taken=json_answer(TAKEN),
    account={"sender": "BAOTIN", "secrets": SECRETS},
    path="/vietguys",
    simulator=lambda _: {
        "provider": "vietguys",
        "code": "vietguys",
        "user": SECRETS["user"],
        "password": SECRETS["password"],
        "brandnames": ["BAOTIN"],
    },
    endings={
        **LOST_ON_THE_WIRE,
        Fault.ERROR_IN_200: "deferred provider_unavailable",
        Fault.WALLET_EMPTY: "later wallet_empty",
        Fault.CREDENTIALS: "later credentials",
        Fault.BLOCKED: "rejected recipient recipient_refused",
    },
    codes={
        "-10": "rejected recipient phone_invalid",
        "-11": "rejected recipient recipient_refused",
        **dict.fromkeys(("-14", "-18"), "rejected message content_refused"),
        "-20": "rejected message template_refused",
        **dict.fromkeys(("-3", "-5"), "later credentials"),
        **dict.fromkeys(("-9", "-12"), "later wallet_empty"),
        **dict.fromkeys(("-8", "-13"), "deferred sender_not_registered"),
        **dict.fromkeys(("-1", "-4", "-6", "-7", "-21", "-23"), "deferred account_misconfigured"),
        "-22": "rejected account sender_not_registered",
        "-2": "deferred provider_unavailable",
        "-16": "later repeated_text",
        **dict.fromkeys(("-17", "-19"), "later quota"),
    },
    unlisted=("-15", "unknown unknown_code"),
    reports=dict.fromkeys(REPORTS, Absent(why="no report is documented, and no client takes one")),
    queries=dict.fromkeys(QUERIES, Absent(why="no status query of an SMS is documented")),
    lost="silence",
)
