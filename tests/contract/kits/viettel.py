"""Viettel in the conformance suite. The words of its refusals: providers.md, and the tables of
clients in the field."""

from told_peer import Answer

from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.sandbox.faults import Fault
from kits.kit import LOST_ON_THE_WIRE, SMS, Absent, Kit

SECRETS = {"user": "smsbrand_baotin", "password": "pw-41c8"}


def returned(operation: str, told: str) -> Answer:
    """What the service answers, byte for byte."""
    text = (
        '<?xml version="1.0" ?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<S:Body><ns2:{operation}Response xmlns:ns2="http://impl.bulkSms.ws/"><return>{told}'
        f"</return></ns2:{operation}Response></S:Body></S:Envelope>"
    )
    return Answer(body=text.encode(), headers={"Content-Type": "text/xml;charset=utf-8"})


def result(code: str, words: str) -> Answer:
    return returned("wsCpMt", f"<message>{words}</message><result>{code}</result>")


NO_REPORTS = Absent(why="nothing is reported about one message")

KIT = Kit(
    promises=(Channel.SMS, Receipts.NEGATIVE_ONLY, 0, QueryBy.RECIPIENT_AND_TIME),
    body=SMS,
    taken=result("1", "Insert MT_QUEUE: OK"),
    account={
        "sender": "BAOTIN",
        "settings": {"cp_code": "BAOTIN_CP", "failed_list": "1", "failed_list_every_s": "0"},
        "secrets": SECRETS,
    },
    path="/viettel",
    simulator=lambda _: {
        "provider": "viettel",
        "code": "viettel",
        "user": SECRETS["user"],
        "password": SECRETS["password"],
        "cp_code": "BAOTIN_CP",
        "brandnames": ["BAOTIN"],
    },
    endings={
        **LOST_ON_THE_WIRE,
        Fault.ERROR_IN_200: "unknown bad_reply",
        Fault.WALLET_EMPTY: Absent(why="no words for an empty wallet are known"),
        Fault.CREDENTIALS: "later credentials",
        Fault.BLOCKED: Absent(why="no words for a person who blocked the sender are known"),
    },
    codes={
        **dict.fromkeys(
            (
                "Authenticate: Cp_code: NULL_OR_BLANK",
                "Authenticate: UserName: NULL_OR_BLANK",
                "Authenticate: Password: NULL_OR_BLANK",
                "Authenticate: CP_CODE_NOT_FOUND",
                "Authenticate: WRONG_INFORMATION_AUTHENTICATE",
            ),
            "later credentials",
        ),
        **dict.fromkeys(
            (
                "Authenticate: IP_INVALID (YOUR IP: 203.0.113.7)",
                "Check CommandCode: NULL_OR_BLANK",
                "Check CommandCode: COMMAND_CODE_ERROR",
            ),
            "deferred account_misconfigured",
        ),
        **dict.fromkeys(
            (
                "Check RequestID: NULL_OR_BLANK",
                "Check RequestID: REQUEST_ID_NOT_NUMBER",
                "Check UserID: NULL_OR_BLANK",
                "UserID_NOT_EQUAL_ReceiverID",
                "Check Content: NULL_OR_BLANK",
                "Check Content: MAXLENGTH_LIMIT_480_BYTE (YOUR_CONTENT: 512 BYTE)",
            ),
            "rejected message parameter_invalid",
        ),
        **dict.fromkeys(
            (
                "Check ReceiverID: NULL_OR_BLANK",
                "Check ReceiverID: FORMAT_ERROR",
                "Length of ReceiverID is invalid.",
                "Unable to check telco from input receiver",
            ),
            "rejected recipient phone_invalid",
        ),
        **dict.fromkeys(
            (
                *(f"Check ServiceID: ALIAS_INVALID:TELCO={one}" for one in ("VT", "VN", "MB")),
                "Check ServiceID: ALIAS_INVALID:TELCO=VM",
                "Check ServiceID: ALIAS_INVALID",
            ),
            "rejected account sender_not_registered",
        ),
        "Check Content: MSG_ERROR_CONTAIN_BLACKLIST": "rejected message content_refused",
        "Check template: CONTENT_NOT_MATCH_TEMPLATE": "rejected message template_refused",
        "Check ServiceID: DUPLICATE MESSAGE": "unknown unknown_code",
        "Check information error": "unknown unknown_code",
    },
    unlisted=("NEW_KIND_OF_REFUSAL", "unknown unknown_code"),
    reports=dict.fromkeys(
        (
            *(Fault.NONE, Fault.FAILED, Fault.RECEIPT_TWICE),
            *(Fault.RECEIPT_UNKNOWN, Fault.RECEIPT_FORGED),
        ),
        NO_REPORTS,
    ),
    queries={
        Fault.RECEIPT_LOST: Absent(why="the list names failures only"),
        Fault.FAILED: "failed carrier_rejected",
    },
    lost="silence",
)
