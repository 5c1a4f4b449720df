"""Infobip in the conformance suite. Codes: infobip.com/docs, response status and error codes, those
of SMS, as of 2026-07."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, REFERENCE, SMS, Kit

SECRETS = {"api_key": "key-0a7e", "callback_token": "door-3c95"}
STATUS = {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"}
TAKEN = {
    "messageId": REFERENCE,
    "status": STATUS,
    "destination": "84984765321",
    "details": {"messageCount": 2},
}

KIT = Kit(
    promises=(Channel.SMS, Receipts.NETWORK, 0, QueryBy.OUR_REFERENCE),
    body=SMS,
    taken=json_answer({"bulkId": "b-1", "messages": [TAKEN]}),
    account={"sender": "BAOTIN", "secrets": SECRETS},
    path="/infobip",
    simulator=lambda _: {
        "provider": "infobip",
        "code": "infobip",
        "api_key": SECRETS["api_key"],
        "senders": ["BAOTIN"],
    },
    endings={
        **LOST_ON_THE_WIRE,
        Fault.ERROR_IN_200: "unknown bad_reply",
        Fault.WALLET_EMPTY: "later wallet_empty",
        Fault.CREDENTIALS: "later credentials",
        Fault.BLOCKED: "rejected recipient recipient_refused",
    },
    codes={
        "4": "rejected recipient carrier_rejected",
        "8": "rejected recipient phone_invalid",
        "9": "rejected recipient recipient_unavailable",
        "10": "rejected recipient recipient_refused",
        "14": "rejected recipient recipient_refused",
        "52": "rejected recipient phone_invalid",
        "87": "rejected recipient recipient_refused",
        "24": "rejected message parameter_invalid",
        "25": "rejected message parameter_invalid",
        "51": "rejected message parameter_invalid",
        "6": "rejected account account_misconfigured",
        "11": "deferred sender_not_registered",
        "12": "later wallet_empty",
        "13": "deferred sender_not_registered",
        "17": "later wallet_empty",
        "18": "deferred account_misconfigured",
        "19": "deferred account_misconfigured",
        "20": "later rate_limited",
        "21": "deferred provider_unavailable",
        "31": "deferred not_sent",
        "100": "deferred provider_unavailable",
        **dict.fromkeys(("15", "23", "29"), "unknown unknown_code"),
    },
    unlisted=("777", "deferred unknown_code"),
    reports={
        Fault.NONE: "delivered",
        Fault.FAILED: "try_again handset_unreachable",
        Fault.RECEIPT_TWICE: "delivered",
        Fault.RECEIPT_UNKNOWN: "delivered",
        Fault.RECEIPT_FORGED: "refused",
    },
    queries={Fault.RECEIPT_LOST: "delivered", Fault.FAILED: "try_again handset_unreachable"},
    lost="queried",
    balance=("5000000", "VND"),
)
