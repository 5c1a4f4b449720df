"""Stringee calls in the conformance suite. An ordinary person hears the call and presses 2, which
the call itself tells; the event after it only says that somebody took it.

Codes: developer.stringee.com/docs/call-error-code as public clients quote it, without those of the
browser's SDK (-1, 1000, 1001)."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import VoiceBody
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, SCRIPT, Absent, Kit

CALLER, CALL_ID = "+842873000000", "call-vn-1-P8A5GOP6IC-1530516282840"
SETTINGS = {"key_sid": "SK.0.3f9a"}
SECRETS = {"key_secret": "secret-77c1", "signing_secret": "signing-51b2"}

NO_QUERY = Absent(why="only a log of past calls is documented, which cannot be asked for one")

KIT = Kit(
    promises=(Channel.VOICE, Receipts.HANDSET, 0, QueryBy.NONE),
    body=VoiceBody(script=SCRIPT),
    taken=json_answer({"r": 0, "message": "Success", "call_id": CALL_ID}),
    account={"sender": CALLER, "settings": SETTINGS, "secrets": SECRETS},
    path="/stringee-voice",
    simulator=lambda inbox_url: {
        "provider": "stringee_voice",
        "code": "stringee_voice",
        **SETTINGS,
        **SECRETS,
        "numbers": [CALLER.removeprefix("+")],
        "event_url": f"{inbox_url}/receipts/acc",
    },
    endings={
        **LOST_ON_THE_WIRE,
        Fault.ERROR_IN_200: "unknown bad_reply",
        Fault.WALLET_EMPTY: "later wallet_empty",
        Fault.CREDENTIALS: "later credentials",
        Fault.BLOCKED: Absent(why="no code says that a person blocked the caller"),
    },
    codes={
        **dict.fromkeys(("1", "2", "3", "18"), "deferred account_misconfigured"),
        **dict.fromkeys(("4", "5", "15"), "deferred sender_not_registered"),
        "8": "later wallet_empty",
        **dict.fromkeys(("6", "7", "10", "11"), "deferred account_misconfigured"),
        **dict.fromkeys(("16", "17", "19"), "deferred account_misconfigured"),
        "12": "later rate_limited",
        "14": "rejected recipient phone_invalid",
        **dict.fromkeys(("9", "13"), "unknown unknown_code"),
    },
    unlisted=("99", "unknown unknown_code"),
    reports={
        Fault.NONE: "try_again hung_up",
        Fault.FAILED: "failed recipient_unavailable",
        Fault.RECEIPT_TWICE: "try_again hung_up",
        Fault.RECEIPT_UNKNOWN: "try_again hung_up",
        Fault.RECEIPT_FORGED: "refused",
    },
    queries={Fault.RECEIPT_LOST: NO_QUERY, Fault.FAILED: NO_QUERY},
    lost="silence",
)
