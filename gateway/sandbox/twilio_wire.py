"""What stands in the requests to the simulated Twilio, and its error answers.

Source: twilio/twilio-oai, twilio_api_v2010; twilio.com/docs/api/errors.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from gateway.sandbox.faults import Fault
from gateway.sandbox.twilio_account import TwilioAccount
from gateway.sandbox.wire import Answer, json_answer

MESSAGES: Mapping[int, str] = {
    20001: "Unknown parameter",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20500: "Internal server error",
    21205: "Url is not a valid URL",
    21210: "'From' is not a valid caller of this account",
    21211: "The 'To' number is not a valid phone number",
    21213: "'From' is required",
    21215: "Not authorized to call this number",
    21220: "Call is not in a state that can be changed",
    21602: "Message body is required",
    21603: "A 'From' phone number is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' number is not a valid sender for this account",
    21609: "The 'StatusCallback' URL is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21614: "'To' number is not a valid mobile number",
    21617: "The message body exceeds the 1600 character limit",
    30002: "Account suspended",
}

STATUSES: Mapping[int, int] = {20003: 401, 20404: 404, 20429: 429, 20500: 500, 30002: 403}

REFUSALS: Mapping[Fault, tuple[int, int]] = {
    Fault.ERROR_IN_200: (20500, 200),
    Fault.WALLET_EMPTY: (30002, 403),
    Fault.CREDENTIALS: (20003, 401),
    Fault.BLOCKED: (21610, 400),
}

NUMBER = re.compile(r"\+[1-9]\d{6,14}")


class Invalid(Exception):
    """The request is refused; the arguments are Twilio's error code and the HTTP status."""

    def __init__(self, code: int, status: int = 400) -> None:
        super().__init__(code, status)
        self.answer = error_answer(code, status)


def error_answer(code: int, status: int = 400) -> Answer:
    told = {
        "code": code,
        "message": MESSAGES.get(code, ""),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return json_answer(told, status)


def refusal(fault: Fault) -> Answer | None:
    return error_answer(*REFUSALS[fault]) if fault in REFUSALS else None


def coded_refusal(code: str) -> Answer:
    """Twilio says most of its codes with 400; those of the account and its limits differ."""
    return error_answer(int(code), STATUSES.get(int(code), 400))


def authenticated(request: web.Request, accounts: Mapping[str, TwilioAccount]) -> TwilioAccount:
    """The account of the path, if the credentials are its own. Raises Invalid."""
    account = accounts.get(request.match_info["account_sid"])
    if account is None or not account.knows(request.headers.get("Authorization", "")):
        raise Invalid(20003, 401)
    return account


async def form_of(request: web.Request) -> dict[str, list[str]]:
    """The posted parameters; whatever is not a form has none."""
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    return parse_qs((await request.read()).decode(errors="replace"), keep_blank_values=True)


def single(form: Mapping[str, Sequence[str]], known: Iterable[str]) -> dict[str, str]:
    """Each parameter's last value. Raises Invalid for one that does not exist."""
    if form.keys() - set(known):
        raise Invalid(20001)
    return {name: values[-1] for name, values in form.items()}


def is_url(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in parts.netloc
