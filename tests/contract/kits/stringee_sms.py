"""Stringee SMS in the conformance suite. Codes: only one has been seen in public."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, QUERIES, REPORTS, SMS, Absent, Kit

KEY_SID = "SK.0.keysid"
SECRETS = {"key_secret": "secret-5e0d"}
TAKEN = {"smsSent": 1, "result": [{"price": "830", "smsType": 2, "r": 0, "msg": "Success"}]}

KIT = Kit(
    promises=(Channel.SMS, Receipts.NONE, 0, QueryBy.NONE),
    body=SMS,
    taken=json_answer(TAKEN),
    account={"sender": "BAOTIN", "settings": {"key_sid": KEY_SID}, "secrets": SECRETS},
    path="/stringee",
    simulator=lambda _: {
        "provider": "stringee_sms",
        "code": "stringee_sms",
        "key_sid": KEY_SID,
        "key_secret": SECRETS["key_secret"],
        "brandnames": ["BAOTIN"],
    },
    endings={
        **LOST_ON_THE_WIRE,
        # Stringee has such refusals, but has not published their codes.
        Fault.ERROR_IN_200: "deferred unknown_code",
        Fault.WALLET_EMPTY: "deferred unknown_code",
        Fault.BLOCKED: "deferred unknown_code",
        Fault.CREDENTIALS: "later credentials",
    },
    codes={"1": "deferred sender_not_registered"},
    unlisted=("9999", "deferred unknown_code"),
    reports=dict.fromkeys(REPORTS, Absent(why="no report of an SMS is documented")),
    queries=dict.fromkeys(QUERIES, Absent(why="no status query is documented, and no id is given")),
    lost="silence",
)
