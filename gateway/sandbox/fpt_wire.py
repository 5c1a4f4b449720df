"""What stands in the requests and answers of the simulated FPT SMS.

Source: developer.sms.fpt.net/document; public client code.
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.sandbox.archive import Sent
from gateway.sandbox.conduct import Setting
from gateway.sandbox.faults import Fault
from gateway.sandbox.phone import international, is_mobile
from gateway.sandbox.wire import Answer, json_answer

MESSAGES: Mapping[str, str] = {
    "1001": "Request khong hop le",
    "1005": "Scope khong hop le",
    "1008": "Thong tin client khong dung",
    "1010": "Scope khong du quyen truy cap",
    "1011": "Access token khong hop le",
    "1013": "Access token het han",
    "1014": "Tham so truyen vao bi loi",
    "1015": "Khong ho tro loai hinh cap quyen nay",
    "2501": "Tin nhan trung trong 5 phut",
    "2502": "Het han muc gui tin",
    "2504": "Brandname chua kich hoat hoac bi khoa",
    "2505": "So dien thoai bi chan",
    "2507": "Loi khong xac dinh",
    "53": "Sai so dien thoai",
}

REFUSALS: Mapping[Fault, str] = {
    Fault.ERROR_IN_200: "2507",
    Fault.WALLET_EMPTY: "2502",
    Fault.CREDENTIALS: "1008",
    Fault.BLOCKED: "2505",
    Fault.TOKEN_EXPIRED: "1013",
}

GRANT = "client_credentials"
CARE = "send_brandname_otp"
SCOPES = frozenset({CARE, "send_brandname"})
TOKEN_FIELDS = ("grant_type", "client_id", "client_secret", "scope", "session_id")
REQUIRED = ("access_token", "session_id", "BrandName", "Phone", "Message")
OPTIONAL = ("RequestId",)
LONGEST_REQUEST_ID = 100
REMEMBERED_S = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class FptSetting(Setting):
    """`refused_status` is the HTTP status of refusals, which is not documented."""

    client_id: str
    client_secret: str = field(repr=False)
    brandnames: tuple[str, ...]
    token_life_s: int = 3600
    refused_status: int = 200


class Invalid(Exception):
    """The request is refused; the argument is the error."""


def fields(
    body: bytes, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, str]:
    """The request's fields, all of them text. Raises Invalid."""
    try:
        fields = json.loads(body)
    except ValueError:
        raise Invalid("1001") from None
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise Invalid("1001")
    if fields.keys() - {*required, *optional} or not all(fields.get(name) for name in required):
        raise Invalid("1014")
    return fields


def check(fields: Mapping[str, str], setting: FptSetting) -> None:
    """Whether the message is right; its token is looked at elsewhere. Raises Invalid."""
    if fields["BrandName"] not in setting.brandnames:
        raise Invalid("2504")
    phone = fields["Phone"]
    if not phone.startswith(("84", "0")) or not is_mobile(international(phone)):
        raise Invalid("53")
    if len(fields.get("RequestId", "")) > LONGEST_REQUEST_ID:
        raise Invalid("1014")
    text(fields)


def text(fields: Mapping[str, str]) -> str:
    """Raises Invalid for what is not the base64 of a text."""
    try:
        return b64decode(fields["Message"], validate=True).decode()
    except ValueError:
        raise Invalid("1014") from None


def token(value: str, scope: str, life_s: int) -> Answer:
    told: dict[str, Any] = {"access_token": value, "expires_in": life_s}
    return json_answer({**told, "token_type": "Bearer", "scope": scope})


def no_token(error: str) -> Answer:
    told = {"error": int(error), "error_description": MESSAGES.get(error, "")}
    return json_answer(told, status=400)


def taken(sent: Sent, message: str) -> Answer:
    return json_answer(
        {
            "MessageId": int(sent.id),
            "BrandName": sent.sender,
            "Phone": sent.phone,
            "Message": message,
            "PartnerId": sent.reference,
            "Telco": "viettel",
        }
    )


def refusal(error: str, status: int) -> Answer:
    told = {"Error": int(error), "Error_description": MESSAGES.get(error, "")}
    return json_answer(told, status=status)
