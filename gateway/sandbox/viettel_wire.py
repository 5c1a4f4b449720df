"""What stands in the requests and answers of the simulated Viettel bulk SMS.

Source: VietOpenCPS/opencps-v2, ws/bulkSms/impl, generated from the WSDL of bulkapi. What the
service does with a field it does not know, and the words for `&` and for accents in a plain text,
are not documented: it is answered with a fault, and with the "general error".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from gateway.sandbox.archive import Sent
from gateway.sandbox.conduct import Setting
from gateway.sandbox.faults import Fault
from gateway.sandbox.phone import is_mobile
from gateway.sandbox.segments import is_gsm
from gateway.sandbox.wire import Answer

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
IMPL = "http://impl.bulkSms.ws/"
FIELDS: Mapping[str, tuple[str, ...]] = {
    "wsCpMt": (
        *("User", "Password", "CPCode", "RequestID", "UserID", "ReceiverID"),
        *("ServiceID", "CommandCode", "Content", "ContentType"),
    ),
    "getFailSub": (*("username", "password", "cpCode", "alias", "date", "pageNumber", "pageSize"),),
}
LONGEST_PLAIN = 480
LARGEST_NUMBER = 2**63 - 1
LARGEST_PAGE = 1000
TAKEN = "Insert MT_QUEUE: OK"
DUPLICATE = "Check ServiceID: DUPLICATE MESSAGE"
GENERAL_ERROR = "Check information error"

REFUSALS: Mapping[Fault, str] = {
    Fault.CREDENTIALS: "Authenticate: WRONG_INFORMATION_AUTHENTICATE",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ViettelSetting(Setting):
    """The same text to the same number is refused within `duplicate_s`."""

    user: str
    password: str = field(repr=False)
    cp_code: str
    brandnames: tuple[str, ...]
    duplicate_s: int = 300


class Malformed(Exception):
    """No call of an operation we know; answered with a fault."""


class Invalid(Exception):
    """The request is refused; the argument says it in the service's words."""


def operation(headers: Mapping[str, str], body: bytes) -> tuple[str, dict[str, str]]:
    """The called operation with its fields; those left out are empty. Raises Malformed."""
    if not headers.get("Content-Type", "").startswith("text/xml"):
        raise Malformed("Unsupported Content-Type")
    if headers.get("SOAPAction") != '""':
        raise Malformed("Unknown SOAPAction")
    called = _called(body)
    name = called.tag.removeprefix(f"{{{IMPL}}}")
    known = FIELDS.get(name, ())
    given = [one.tag for one in called]
    if not known or given != [one for one in known if one in given]:
        raise Malformed(f"Cannot find dispatch method for {name}")
    return name, dict.fromkeys(known, "") | {one.tag: one.text or "" for one in called}


def _called(body: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in body:
        raise Malformed("DTD is not supported")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - without a DTD nothing expands
    except (ElementTree.ParseError, ValueError, LookupError):
        raise Malformed("Couldn't create SOAP message") from None
    inner = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or inner is None or len(inner) != 1:
        raise Malformed("Couldn't create SOAP message")
    return inner[0]


def check_login(user: str, password: str, cp_code: str, setting: ViettelSetting | None) -> None:
    """Raises Invalid."""
    for name, given in (("Cp_code", cp_code), ("UserName", user), ("Password", password)):
        if not given:
            raise Invalid(f"Authenticate: {name}: NULL_OR_BLANK")
    if setting is None:
        raise Invalid("Authenticate: CP_CODE_NOT_FOUND")
    if (user, password) != (setting.user, setting.password):
        raise Invalid("Authenticate: WRONG_INFORMATION_AUTHENTICATE")


def check(fields: Mapping[str, str], setting: ViettelSetting) -> None:
    """Raises Invalid."""
    for name in ("RequestID", "UserID", "ReceiverID", "CommandCode", "Content"):
        if not fields[name]:
            raise Invalid(f"Check {name}: NULL_OR_BLANK")
    number, receiver = fields["RequestID"], fields["ReceiverID"]
    if not (number.isascii() and number.isdigit() and int(number) <= LARGEST_NUMBER):
        raise Invalid("Check RequestID: REQUEST_ID_NOT_NUMBER")
    if not (receiver.isascii() and receiver.isdigit() and receiver.startswith("84")):
        raise Invalid("Check ReceiverID: FORMAT_ERROR")
    if fields["UserID"] != receiver:
        raise Invalid("UserID_NOT_EQUAL_ReceiverID")
    if not is_mobile(receiver):
        raise Invalid("Unable to check telco from input receiver")
    if fields["ServiceID"] not in setting.brandnames:
        raise Invalid("Check ServiceID: ALIAS_INVALID:TELCO=VT")
    if fields["CommandCode"] != "bulksms":
        raise Invalid("Check CommandCode: COMMAND_CODE_ERROR")
    _check_content(fields["Content"], fields["ContentType"])


def _check_content(content: str, content_type: str) -> None:
    plain = content_type in ("0", "F")
    if content_type not in ("0", "1", "F") or "&" in content or (plain and not is_gsm(content)):
        raise Invalid(GENERAL_ERROR)
    if plain and len(content) > LONGEST_PLAIN:
        limit = f"MAXLENGTH_LIMIT_{LONGEST_PLAIN}_BYTE (YOUR_CONTENT: {len(content)} BYTE)"
        raise Invalid(f"Check Content: {limit}")


def asked_page(fields: Mapping[str, str]) -> tuple[date, int, int]:
    """The day, the page from 1 and its size. Raises Invalid."""
    try:
        day = datetime.strptime(fields["date"], "%d/%m/%Y").date()  # noqa: DTZ007
        page, size = int(fields["pageNumber"]), int(fields["pageSize"])
    except ValueError:
        raise Invalid("INVALID_PARAMETER") from None
    if page < 1 or not 1 <= size <= LARGEST_PAGE:
        raise Invalid("INVALID_PARAMETER")
    return day, page, size


def result(name: str, code: int, words: str) -> Answer:
    return _answer(name, f"<message>{escape(words)}</message><result>{code}</result>")


def failed_page(sent: Iterable[Sent]) -> Answer:
    rows = "".join(
        f"<result receiver={quoteattr(one.phone)} message={quoteattr('SENT_FAIL')}/>"
        for one in sent
    )
    return _answer("getFailSub", f"<errorCode>0</errorCode><message>OK</message>{rows}")


def failed_page_refused(words: str) -> Answer:
    told = f"<errorCode>1</errorCode><message>{escape(words)}</message>"
    return _answer("getFailSub", told)


def fault(words: str, status: int = 500) -> Answer:
    told = f"<faultcode>S:Client</faultcode><faultstring>{escape(words)}</faultstring>"
    return _envelope(f"<S:Fault>{told}</S:Fault>", status)


def _answer(name: str, told: str) -> Answer:
    return _envelope(
        f'<ns2:{name}Response xmlns:ns2="{IMPL}"><return>{told}</return></ns2:{name}Response>'
    )


def _envelope(inner: str, status: int = 200) -> Answer:
    body = f'<S:Envelope xmlns:S="{SOAP}"><S:Body>{inner}</S:Body></S:Envelope>'
    text = '<?xml version="1.0" ?>' + body
    return Answer(body=text.encode(), status=status, content_type="text/xml;charset=utf-8")
