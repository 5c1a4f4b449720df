"""What the simulated Twilio services share: accounts, forms, error answers, dates, signatures and
the reference that a caller hides in its callback addresses.

Source: twilio/twilio-oai, twilio_api_v2010; twilio.com/docs/usage/security.
"""

import base64
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urldefrag, urlsplit

from aiohttp import BasicAuth, web

from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.conduct import Account
from gateway.sandbox.config import TwilioSetting
from gateway.sandbox.faults import Fault
from gateway.sandbox.postman import Letter
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
        "message": MESSAGES[code],
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return json_answer(told, status)


def refusal(fault: Fault) -> Answer | None:
    return error_answer(*REFUSALS[fault]) if fault in REFUSALS else None


class TwilioAccount(Account[TwilioSetting]):
    kind: ClassVar[str] = "twilio"

    def __init__(self, setting: TwilioSetting, kept: int) -> None:
        super().__init__(setting)
        self.messages: Archive[Sent] = Archive(kept)

    @property
    def path(self) -> str:
        return f"/2010-04-01/Accounts/{self.setting.account_sid}"

    def knows(self, auth: BasicAuth) -> bool:
        setting = self.setting
        pairs = [(setting.account_sid, setting.auth_token)]
        if setting.api_key:
            pairs.append((setting.api_key, setting.api_secret))
        return (auth.login, auth.password) in pairs

    def reference_in(self, *urls: str) -> str:
        """The caller's reference in one of its callback addresses, or empty."""
        name = self.setting.reference_parameter
        queries = (parse_qs(urlsplit(url).query) for url in urls)
        return next((query[name][0] for query in queries if name in query), "")

    def letter(
        self, url: str, form: Mapping[str, str], *, method: str = "POST", forged: bool = False
    ) -> Letter:
        """A signed request to an address of the caller. The fragment of the address, which is not
        sent and not signed, says how often to try."""
        address, overrides = urldefrag(url)
        token = "forged" if forged else self.setting.auth_token
        if method == "GET":
            address = f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(form)}"
        posted = form if method == "POST" else {}
        return Letter(
            method=method,
            url=address,
            headers={
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                "X-Twilio-Signature": signature(token, address, posted),
            },
            body=urlencode(posted).encode() if method == "POST" else None,
            tries=1 + _retries(overrides),
        )


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """Base64 of HMAC-SHA1 over the address and the sorted names and values of the form."""
    content = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), content.encode(), "sha1")).decode()


def _retries(overrides: str) -> int:
    """How often to repeat; at most five, and only where the fragment asks for more than
    connection failures. Source: twilio.com/docs/usage/webhooks/webhooks-connection-overrides."""
    asked = dict(parse_qsl(overrides))
    count = asked.get("rc", "0")
    return min(int(count), 5) if count.isdigit() and "rp" in asked else 0


def authenticated(request: web.Request, accounts: Mapping[str, TwilioAccount]) -> TwilioAccount:
    """The account of the path, if the credentials are its own. Raises Invalid."""
    account = accounts.get(request.match_info["account_sid"])
    try:
        auth = BasicAuth.decode(request.headers.get("Authorization", ""))
    except ValueError:
        raise Invalid(20003, 401) from None
    if account is None or not account.knows(auth):
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


def rfc_2822(at: float | None) -> str | None:
    return None if at is None else format_datetime(datetime.fromtimestamp(at, UTC))


def respelled(sid: str) -> str:
    return sid.lower() if sid != sid.lower() else sid.upper()


def listed(
    request: web.Request, name: str, records: Iterable[Mapping[str, Any]]
) -> web.StreamResponse:
    """One page, which is the only one here: the newest that the filters let through."""
    page = list(records)
    told = {
        name: page,
        "page": 0,
        "page_size": len(page),
        "start": 0,
        "end": max(0, len(page) - 1),
        "first_page_uri": request.path_qs.removeprefix("/twilio"),
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": request.path_qs.removeprefix("/twilio"),
    }
    return json_answer(told).response()


def page_size(query: Mapping[str, str]) -> int:
    wanted = query.get("PageSize", "50")
    return min(max(int(wanted), 1), 1000) if wanted.isdigit() else 50


def in_time(query: Mapping[str, str], name: str, at: float | None) -> bool:
    """Whether `at` passes the filters `Name`, `Name>` and `Name<` (dates or moments, UTC). What
    has no such time yet passes only where there is no filter."""
    filters = {mark: query[name + mark] for mark in ("", ">", "<") if name + mark in query}
    if not filters:
        return True
    if at is None:
        return False
    bounds = {mark: _bounds(text) for mark, text in filters.items()}
    after = all(at >= bounds[mark][0] for mark in ("", ">") if mark in bounds)
    return after and all(at < bounds[mark][1] for mark in ("", "<") if mark in bounds)


def _bounds(text: str) -> tuple[float, float]:
    """Begin and end of a day or second. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(20001) from None
    begin = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    return begin, begin + (86_400 if len(text) == len("2026-01-01") else 1)
