"""What stands in the requests, answers and reports of the simulated eSMS.

Source: developers.esms.vn, repository devesms/gitbook_esms_for_develop_v2.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from gateway.sandbox.archive import Sent
from gateway.sandbox.course import Notice, Word
from gateway.sandbox.faults import Fault
from gateway.sandbox.phone import international, is_mobile
from gateway.sandbox.postman import Letter
from gateway.sandbox.prepaid import PrepaidSetting
from gateway.sandbox.segments import is_gsm
from gateway.sandbox.wire import Answer, json_answer

MESSAGES: Mapping[str, str] = {
    "99": "Phone number is blocked",
    "101": "Authorize Failed",
    "103": "Balance not enough to send message",
    "104": "Brand name code is not exist",
    "105": "SMSID is not exist",
    "108": "Phone number is invalid",
    "110": "Invalid data",
    "118": "SmsType is not supported",
    "124": "Request exist",
    "163": "One phone number per request",
}

REFUSALS: Mapping[Fault, str] = {
    Fault.WALLET_EMPTY: "103",
    Fault.CREDENTIALS: "101",
    Fault.BLOCKED: "99",
}

REQUIRED = ("ApiKey", "SecretKey", "Content", "Phone", "Brandname", "SmsType")
OPTIONAL = ("IsUnicode", "Sandbox", "RequestId", "SendDate", "campaignid", "CallbackUrl")
CREDENTIALS = frozenset({"ApiKey", "SecretKey"})
CARE = "2"
LONGEST_REQUEST_ID = 50
REMEMBERED_S = 24 * 3600
TRIES = 5

QUEUED, FINISHED, WAITS_FOR_REPORT = "2", "5", "7"


@dataclass(frozen=True, kw_only=True, slots=True)
class EsmsSetting(PrepaidSetting):
    api_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    brandnames: tuple[str, ...]
    price_vnd: int = 800


class Invalid(Exception):
    """The request is refused; the argument is the CodeResult."""


def fields(body: bytes) -> dict[str, str]:
    """The request's fields, all of them text. Raises Invalid."""
    try:
        fields = json.loads(body)
    except ValueError:
        raise Invalid("110") from None
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise Invalid("110")
    return fields


def check(fields: Mapping[str, str], setting: EsmsSetting) -> None:
    """Raises Invalid."""
    if fields.keys() - {*REQUIRED, *OPTIONAL} or not all(fields.get(name) for name in REQUIRED):
        raise Invalid("110")
    if fields["Brandname"] not in setting.brandnames:
        raise Invalid("104")
    if fields["SmsType"] != CARE:
        raise Invalid("118")
    if "," in fields["Phone"]:
        raise Invalid("163")
    if fields["Phone"].startswith("+") or not is_mobile(international(fields["Phone"])):
        raise Invalid("108")
    flags = {fields.get("IsUnicode", "0"), fields.get("Sandbox", "0")}
    plain = fields.get("IsUnicode", "0") == "0"
    too_long = len(fields.get("RequestId", "")) > LONGEST_REQUEST_ID
    if flags - {"0", "1"} or too_long or (plain and not is_gsm(fields["Content"])):
        raise Invalid("110")


def balance(left: float) -> Answer:
    """Whole dong come as a number without a fraction. The id of the user is anybody's."""
    shown = int(left) if left == int(left) else left
    return json_answer({"Balance": shown, "CodeResponse": "100", "UserID": 9999})


def no_balance(code: str) -> Answer:
    told = {"Balance": 0, "CodeResponse": code, "ErrorMessage": MESSAGES.get(code, "")}
    return json_answer(told)


def taken(sms_id: str) -> Answer:
    return json_answer({"CodeResult": "100", "CountRegenerate": 0, "SMSID": sms_id})


def refusal(code: str) -> Answer:
    told = {"CodeResult": code, "CountRegenerate": 0, "ErrorMessage": MESSAGES.get(code, "")}
    return json_answer(told)


def duplicate(earlier: Sent) -> Answer:
    return json_answer(
        {
            "CodeResult": "124",
            "CountRegenerate": 0,
            "ErrorMessage": MESSAGES["124"],
            "SMSID": earlier.id,
            "SendStatus": send_status(earlier.word()),
        }
    )


def send_status(word: Word | None) -> str:
    if word is None:
        return QUEUED
    return WAITS_FOR_REPORT if word is Word.SENT else FINISHED


def counts(sent: Sent, word: Word | None, price_vnd: int) -> dict[str, Any]:
    failed = word is Word.FAILED
    return {
        "SendSuccess": int(word is Word.DELIVERED),
        "SendFailed": int(failed),
        "TotalReceiver": 1,
        "TotalSent": int(word is not None),
        "TotalPrice": 0.0 if failed else float(price_vnd * sent.segments),
    }


def letter(sent: Sent, price_vnd: int, notice: Notice) -> Letter:
    """The report of `notice`: a GET of the address that the request gave."""
    numbers = counts(sent, notice.word, price_vnd)
    report = {
        "SMSID": sent.id.upper() if notice.respelled else sent.id,
        "SendStatus": send_status(notice.word),
        **numbers,
        "TotalPrice": f"{numbers['TotalPrice']:.4f}",
        "RequestId": sent.reference if sent.reference != sent.id else "",
        "TypeId": CARE,
        "telcoid": "1",
        "phonenumber": "0" + sent.phone.removeprefix("84"),
        "switchsmsid": "",
    }
    if notice.foreign:
        report |= {"SMSID": secrets.token_hex(16), "RequestId": secrets.token_hex(16)}
    address = _mistaken(sent.callback) if notice.forged else sent.callback
    joint = "&" if urlsplit(address).query else "?"
    return Letter(method="GET", url=f"{address}{joint}{urlencode(report)}", tries=TRIES)


def _mistaken(address: str) -> str:
    """The address with another last part of its path: what a guesser of its secret would try."""
    parts = urlsplit(address)
    path, _, secret = parts.path.rpartition("/")
    return urlunsplit(parts._replace(path=f"{path}/{'0' * len(secret)}"))
