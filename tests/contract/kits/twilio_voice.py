"""Twilio Voice in the conformance suite. An ordinary person hears the call and presses 2, which the
call itself tells; the report after it only says that somebody took it."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import VoiceBody
from gateway.sandbox.faults import Fault
from kits.kit import SCRIPT, Kit
from kits.twilio import ACCOUNT_SID, CALLER, CODES, ENDINGS, SECRETS, UNLISTED, simulator

KIT = Kit(
    promises=(Channel.VOICE, Receipts.HANDSET, 0, QueryBy.RECIPIENT_AND_TIME),
    body=VoiceBody(script=SCRIPT),
    taken=json_answer({"sid": "CA" + "b" * 32, "status": "queued"}, status=201),
    account={"sender": CALLER, "settings": {"account_sid": ACCOUNT_SID}, "secrets": SECRETS},
    path="/twilio",
    simulator=simulator,
    endings=ENDINGS,
    codes=CODES,
    unlisted=UNLISTED,
    reports={
        Fault.NONE: "try_again hung_up",
        Fault.FAILED: "failed recipient_unavailable",
        Fault.RECEIPT_TWICE: "try_again hung_up",
        Fault.RECEIPT_UNKNOWN: "try_again hung_up",
        Fault.RECEIPT_FORGED: "refused",
    },
    queries={Fault.RECEIPT_LOST: "try_again hung_up", Fault.FAILED: "failed recipient_unavailable"},
    lost="queried",
    balance=("200", "USD"),
)
