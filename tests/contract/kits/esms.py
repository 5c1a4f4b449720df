"""eSMS in the conformance suite. Codes: developers.esms.vn, as of 2026-04."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, SMS, Kit

SECRETS = {"api_key": "key-3f9a", "secret_key": "secret-77c1", "callback_token": "door-51b2"}

KIT = Kit(
    promises=(Channel.SMS, Receipts.HANDSET, 10_800, QueryBy.PROVIDER_ID),
    body=SMS,
    taken=json_answer({"CodeResult": "100", "CountRegenerate": 0, "SMSID": "e-1"}),
    account={"sender": "BAOTIN", "secrets": SECRETS},
    path="/esms",
    simulator=lambda _: {
        "provider": "esms",
        "code": "esms",
        "api_key": SECRETS["api_key"],
        "secret_key": SECRETS["secret_key"],
        "brandnames": ["BAOTIN"],
    },
    endings={
        **LOST_ON_THE_WIRE,
        Fault.ERROR_IN_200: "unknown bad_reply",
        Fault.WALLET_EMPTY: "later wallet_empty",
        Fault.CREDENTIALS: "later credentials",
        Fault.BLOCKED: "rejected recipient recipient_refused",
    },
    codes={
        "99": "rejected recipient recipient_refused",
        "108": "rejected recipient phone_invalid",
        "110": "rejected message parameter_invalid",
        "120": "rejected message parameter_invalid",
        "146": "rejected message template_refused",
        "163": "rejected message parameter_invalid",
        "201": "rejected message content_refused",
        "210": "rejected message parameter_invalid",
        "177": "rejected account sender_not_registered",
        "101": "later credentials",
        "102": "deferred account_misconfigured",
        "103": "later wallet_empty",
        "104": "deferred sender_not_registered",
        "118": "deferred account_misconfigured",
        "140": "deferred account_misconfigured",
        "143": "deferred account_misconfigured",
        "160": "later rate_limited",
        "801": "later quota",
        "802": "later quota",
        **dict.fromkeys(("105", "106", "107", "115", "687"), "rejected message parameter_invalid"),
        **dict.fromkeys(("204", "789", "790", "791", "799"), "deferred account_misconfigured"),
        **dict.fromkeys(("199", "300", "301", "851", "854"), "unknown unknown_code"),
    },
    unlisted=("9999", "unknown unknown_code"),
    reports={
        Fault.NONE: "delivered",
        Fault.FAILED: "failed carrier_rejected",
        Fault.RECEIPT_TWICE: "delivered",
        Fault.RECEIPT_UNKNOWN: "delivered",
        Fault.RECEIPT_FORGED: "refused",
    },
    queries={Fault.RECEIPT_LOST: "delivered", Fault.FAILED: "failed carrier_rejected"},
    lost="asked again",
    balance=("5000000", "VND"),
)
