"""Twilio Programmable Messaging in the conformance suite."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.sandbox.faults import Fault
from kits.kit import SMS, Kit
from kits.twilio import ACCOUNT_SID, CODES, ENDINGS, SECRETS, UNLISTED, simulator

SID = "SM" + "a" * 32

KIT = Kit(
    promises=(Channel.SMS, Receipts.NETWORK, 0, QueryBy.RECIPIENT_AND_TIME),
    body=SMS,
    taken=json_answer({"sid": SID, "status": "queued", "num_segments": "2"}, status=201),
    account={"sender": "BAOTIN", "settings": {"account_sid": ACCOUNT_SID}, "secrets": SECRETS},
    path="/twilio",
    simulator=simulator,
    endings=ENDINGS,
    codes=CODES,
    unlisted=UNLISTED,
    reports={
        Fault.NONE: "delivered",
        Fault.FAILED: "try_again handset_unreachable",
        Fault.RECEIPT_TWICE: "delivered",
        Fault.RECEIPT_UNKNOWN: "delivered",
        Fault.RECEIPT_FORGED: "refused",
    },
    queries={Fault.RECEIPT_LOST: "delivered", Fault.FAILED: "try_again handset_unreachable"},
    lost="queried",
    balance=("200", "USD"),
)
