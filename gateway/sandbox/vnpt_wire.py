"""What stands in the requests and answers of the simulated VNPT SMS brandname.

Source: public clients of /smsbn/api and the error tables they carry. The answer to a status query
is as one of them has it; what the service does with fields it does not know is not documented.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.sandbox.conduct import Setting
from gateway.sandbox.config import made
from gateway.sandbox.course import Word
from gateway.sandbox.faults import Fault
from gateway.sandbox.phone import is_mobile
from gateway.sandbox.segments import is_gsm
from gateway.sandbox.wire import Answer, json_answer

SEND, STATUS = "send_sms_list", "get_sms_status_api"
_ACCOUNT = ("name", "REQID", "CONTRACTID", "AGENTID", "APIUSER", "APIPASS")
FIELDS: Mapping[str, tuple[str, ...]] = {
    SEND: (
        *(*_ACCOUNT, "LABELID", "CONTRACTTYPEID", "TEMPLATEID", "PARAMS", "SCHEDULETIME"),
        *("MOBILELIST", "ISTELCOSUB", "USERNAME", "DATACODING"),
    ),
    STATUS: (*_ACCOUNT, "SENDTIME"),
}
OPTIONAL = ("SALEORDERID", "PACKAGEID")
CARE = "1"
RESERVED_BY_XML = frozenset("<>&'\"")

DESCRIPTIONS: Mapping[str, str] = {
    "-1": "Exception",
    "0": "success",
    "1": "Username, password, IP, status is invalid",
    "7": "Template is invalid",
    "22": "Out of package",
    "23": "Wrong telco or phone number",
    "30": "msg has illegal keyword",
    "33": "Duplicate request id",
}
REFUSALS: Mapping[Fault, str] = {
    Fault.WALLET_EMPTY: "22",
    Fault.CREDENTIALS: "1",
    Fault.NIGHT: "12",
    Fault.QUOTA: "26",
}
STATUSES: Mapping[Word | None, str] = {
    None: "2",
    Word.SENT: "3",
    Word.DELIVERED: "0",
    Word.FAILED: "1",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """A registered text; {P1}, {P2}… stand for its parameters."""

    id: str
    text: str

    @property
    def places(self) -> int:
        return sum(f"{{P{place}}}" in self.text for place in range(1, 100))

    def filled(self, params: tuple[str, ...]) -> str:
        text = self.text
        for place, content in enumerate(params, start=1):
            text = text.replace(f"{{P{place}}}", content)
        return text


@dataclass(frozen=True, kw_only=True, slots=True)
class VnptSetting(Setting):
    """With `refuses_repeats` a REQID is taken once, as told of the interface for banks."""

    api_user: str
    api_pass: str = field(repr=False)
    agent_id: str
    user_name: str
    contract_id: str
    label_id: str
    brandname: str
    refuses_repeats: bool = False
    templates: tuple[Template, ...] = ()

    @classmethod
    def prepared(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        rest = dict(table)
        rest["templates"] = tuple(made(Template, entry) for entry in rest.pop("template", ()))
        return rest

    def template(self, template_id: str) -> Template | None:
        return next((one for one in self.templates if one.id == template_id), None)


class Invalid(Exception):
    """The request is refused; the argument is the ERROR."""


def asked(body: bytes) -> dict[str, Any]:
    """The fields of the request, all of them text but for PARAMS. Raises Invalid."""
    try:
        fields = json.loads(body)["RQST"]
        known = FIELDS.get(fields["name"])
    except (ValueError, KeyError, TypeError):
        raise Invalid("-1") from None
    if known is None:
        raise Invalid("3")
    if set(known) - fields.keys() or fields.keys() - {*known, *OPTIONAL}:
        raise Invalid("-1")
    if not all(isinstance(text, str) for name, text in fields.items() if name != "PARAMS"):
        raise Invalid("-1")
    return dict(fields)


def check_login(fields: Mapping[str, Any], setting: VnptSetting | None) -> None:
    """Raises Invalid."""
    if setting is None or fields["APIPASS"] != setting.api_pass:
        raise Invalid("1")
    for name, right, code in (
        ("AGENTID", setting.agent_id, "15"),
        ("CONTRACTID", setting.contract_id, "13"),
    ):
        if fields[name] != right:
            raise Invalid(code)
    if not fields["REQID"]:
        raise Invalid("-1")


def check(fields: Mapping[str, Any], setting: VnptSetting) -> str:
    """The text that the person gets. Raises Invalid."""
    for name, right, code in (
        ("CONTRACTTYPEID", CARE, "9"),
        ("USERNAME", setting.user_name, "10"),
        ("LABELID", setting.label_id, "14"),
        ("SCHEDULETIME", "", "2"),
        ("ISTELCOSUB", "0", "-1"),
    ):
        if fields[name] != right:
            raise Invalid(code)
    params = _params(fields["PARAMS"])
    if any(RESERVED_BY_XML & set(content) for content in params):
        raise Invalid("-1")
    template = setting.template(fields["TEMPLATEID"])
    if template is None or template.places != len(params):
        raise Invalid("7")
    # A list of one operator's numbers is allowed, too; our gateway sends one.
    if not is_mobile(fields["MOBILELIST"]):
        raise Invalid("23")
    text = template.filled(params)
    if fields["DATACODING"] not in ("0", "8") or (fields["DATACODING"] == "0" and not is_gsm(text)):
        raise Invalid("17")
    return text


def _params(listed: Any) -> tuple[str, ...]:
    """The contents in their order, from 1. Raises Invalid."""
    try:
        places = [one["NUM"] for one in listed]
        contents = tuple(one["CONTENT"] for one in listed)
    except (KeyError, TypeError):
        raise Invalid("-1") from None
    if places != [str(place) for place in range(1, len(places) + 1)]:
        raise Invalid("7")
    if not all(isinstance(content, str) for content in contents):
        raise Invalid("-1")
    return contents


def check_time(written: str) -> None:
    """Raises Invalid."""
    try:
        datetime.strptime(written, "%d-%m-%Y %H:%M")  # noqa: DTZ007
    except ValueError:
        raise Invalid("2") from None


def answer(name: str, code: str) -> Answer:
    told = {"name": name, "ERROR": code, "ERROR_DESC": DESCRIPTIONS.get(code, "")}
    return json_answer({"RPLY": told})


def status(code: str) -> Answer:
    return json_answer({"RPLY": {"name": STATUS, "STATUS": code, "MT_COUNT": "1"}})
