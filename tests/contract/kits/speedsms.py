"""SpeedSMS in the conformance suite. Codes: speedsms.vn/sms-api, as of 2026."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, SMS, Absent, Kit

SECRETS = {"access_token": "token-4d11", "callback_token": "door-88f0"}
TAKEN = {"tranId": 123456, "totalSMS": 2, "totalPrice": 1500, "invalidPhone": []}

KIT = Kit(
    promises=(Channel.SMS, Receipts.NETWORK, 0, QueryBy.PROVIDER_ID),
    body=SMS,
    taken=json_answer({"status": "success", "code": "00", "data": TAKEN}),
    account={
        "sender": "BAOTIN",
        "settings": {"status_query": "as_reports"},
        "secrets": SECRETS,
    },
    path="/speedsms",
    simulator=lambda inbox_url: {
        "provider": "speedsms",
        "code": "speedsms",
        "access_token": SECRETS["access_token"],
        "senders": ["BAOTIN"],
        "webhook_url": f"{inbox_url}/receipts/{SECRETS['callback_token']}",
    },
    endings={
        **LOST_ON_THE_WIRE,
        Fault.ERROR_IN_200: "unknown bad_reply",
        Fault.WALLET_EMPTY: "later wallet_empty",
        Fault.CREDENTIALS: "later credentials",
        Fault.BLOCKED: Absent(why="no code says so; the message is taken and reported as failed"),
    },
    codes={
        "105": "rejected recipient phone_invalid",
        "110": "rejected message content_refused",
        "113": "rejected message content_refused",
        **dict.fromkeys(("007", "008", "009", "101"), "deferred account_misconfigured"),
        "300": "later wallet_empty",
        "500": "deferred provider_unavailable",
    },
    unlisted=("999", "deferred unknown_code"),
    reports={
        Fault.NONE: "delivered",
        Fault.FAILED: "failed carrier_rejected",
        Fault.RECEIPT_TWICE: "delivered",
        Fault.RECEIPT_UNKNOWN: "delivered",
        Fault.RECEIPT_FORGED: "refused",
    },
    queries={Fault.RECEIPT_LOST: "delivered", Fault.FAILED: "failed carrier_rejected"},
    lost="silence",
    balance=("5000000", "VND"),
)
