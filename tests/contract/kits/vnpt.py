"""VNPT in the conformance suite. Codes: providers.md, and the error tables of public clients."""

from told_peer import json_answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import Registered
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, SMS, Absent, Kit

SECRETS = {"api_user": "api-baotin", "api_pass": "pass-90d3"}
SETTINGS = {"agent_id": "137", "contract_id": "7688", "label_id": "89071", "user_name": "BAOTIN_CS"}
TEMPLATE = {"id": "791767", "text": "Ho so {P1} cua ong ba {P2} da co ket qua."}
NO_REPORTS = Absent(why="nothing is reported about a message")
UNCONFIRMED = Absent(why="the answer to a status query is not documented, so it is off")

KIT = Kit(
    promises=(Channel.SMS, Receipts.NONE, 0, QueryBy.OUR_REFERENCE),
    body=SMS,
    registered=Registered(id=TEMPLATE["id"], params=("H10-1", "Nguyen Van Thu")),
    taken=json_answer({"RPLY": {"name": "send_sms_list", "ERROR": "0", "ERROR_DESC": "success"}}),
    account={"sender": "BAOTIN", "settings": SETTINGS, "secrets": SECRETS},
    path="/vnpt",
    simulator=lambda _: {
        "provider": "vnpt",
        "code": "vnpt",
        "brandname": "BAOTIN",
        **SETTINGS,
        **SECRETS,
        "template": [TEMPLATE],
    },
    endings={
        **LOST_ON_THE_WIRE,
        Fault.ERROR_IN_200: "unknown bad_reply",
        Fault.WALLET_EMPTY: "later wallet_empty",
        Fault.CREDENTIALS: "later credentials",
        Fault.BLOCKED: Absent(why="no code for a person who blocked the sender is known"),
    },
    codes={
        "23": "rejected recipient phone_invalid",
        **dict.fromkeys(("2", "11", "17", "24", "27", "28"), "rejected message parameter_invalid"),
        **dict.fromkeys(("7", "32"), "rejected message template_refused"),
        "30": "rejected message content_refused",
        "1": "later credentials",
        **dict.fromkeys(("3", "9", "10", "13", "15", "31"), "deferred account_misconfigured"),
        **dict.fromkeys(("14", "29"), "deferred sender_not_registered"),
        **dict.fromkeys(("20", "21", "22"), "later wallet_empty"),
        "25": "rejected account sender_not_registered",
        **dict.fromkeys(("8", "12"), "later night"),
        "16": "later rate_limited",
        "26": "later quota",
        **dict.fromkeys(("-1", "33"), "unknown unknown_code"),
    },
    unlisted=("9999", "unknown unknown_code"),
    reports=dict.fromkeys(
        (
            *(Fault.NONE, Fault.FAILED, Fault.RECEIPT_TWICE),
            *(Fault.RECEIPT_UNKNOWN, Fault.RECEIPT_FORGED),
        ),
        NO_REPORTS,
    ),
    queries={Fault.RECEIPT_LOST: UNCONFIRMED, Fault.FAILED: UNCONFIRMED},
    lost="silence",
)
