"""What stands in the requests and answers of the simulated VietGuys.

Source: developers.vietguys.biz; public client code for the codes and for the types in use. What
`error_code` and `log` say of success is not public, nor in which order a request is looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.sandbox.conduct import Setting
from gateway.sandbox.faults import Fault
from gateway.sandbox.phone import international, is_mobile
from gateway.sandbox.wire import Answer, json_answer

LOGS: Mapping[str, str] = {
    "-1": "Chua truyen day du tham so",
    "-2": "May chu dang ban",
    "-3": "Khong tim thay tai khoan nguoi dung",
    "-5": "Thong tin xac thuc chua chinh xac",
    "-8": "Sender chua chinh xac",
    "-9": "Tai khoan het credits gui tin",
    "-10": "So dien thoai chua chinh xac",
    "-11": "So dien thoai nam trong danh sach tu choi nhan tin",
    "-14": "So ki tu vuot qua 459 ki tu",
    "-16": "Gui trung so dien thoai, thuong hieu, noi dung trong 01 phut",
    "-19": "Vuot qua so tin nhan gioi han trong mot ngay",
}

REFUSALS: Mapping[Fault, str] = {
    Fault.ERROR_IN_200: "-2",
    Fault.WALLET_EMPTY: "-9",
    Fault.CREDENTIALS: "-5",
    Fault.BLOCKED: "-11",
    Fault.QUOTA: "-19",
}

REQUIRED = ("from", "u", "pwd", "phone", "sms", "bid", "type", "json")
OPTIONAL = ("pid",)
TYPES = frozenset({"0", "1", "8"})
LONGEST = 459
REMEMBERED_S = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class VietguysSetting(Setting):
    user: str
    password: str = field(repr=False)
    brandnames: tuple[str, ...]


class Invalid(Exception):
    """The request is refused; the argument is the error_code."""


def fields(form: Mapping[str, object]) -> dict[str, str]:
    """The request's fields, all of them text. Raises Invalid."""
    told = {name: text for name, text in form.items() if isinstance(text, str)}
    if len(told) < len(form) or told.keys() - {*REQUIRED, *OPTIONAL}:
        raise Invalid("-1")
    # Without `json` the answer is a bare number, which our gateway does not ask for.
    if not all(told.get(name) for name in REQUIRED) or told["json"] != "1":
        raise Invalid("-1")
    return told


def check(fields: Mapping[str, str], setting: VietguysSetting) -> None:
    """Raises Invalid."""
    if fields["pwd"] != setting.password:
        raise Invalid("-5")
    if fields["type"] not in TYPES:
        raise Invalid("-1")
    if fields["from"] not in setting.brandnames:
        raise Invalid("-8")
    phone = fields["phone"]
    if not phone.startswith(("84", "0")) or not is_mobile(international(phone)):
        raise Invalid("-10")
    if len(fields["sms"]) > LONGEST:
        raise Invalid("-14")


def taken(message_id: str) -> Answer:
    told = {"error": 0, "error_code": 0, "log": "", "msgid": message_id, "carrier": "viettel"}
    return json_answer(told)


def refusal(code: str) -> Answer:
    return json_answer({"error": 1, "error_code": int(code), "log": LOGS.get(code, "")})
