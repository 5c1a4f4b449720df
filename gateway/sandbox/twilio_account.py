"""A simulated Twilio account, and the signed requests that it makes.

Source: twilio.com/docs/usage/security, twilio.com/docs/usage/webhooks.
"""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qs, parse_qsl, urldefrag, urlencode, urlsplit

from gateway.sandbox import twilio_texts
from gateway.sandbox.archive import Archive, Sent
from gateway.sandbox.incoming import Text
from gateway.sandbox.postman import Letter
from gateway.sandbox.prepaid import Prepaid, PrepaidSetting


@dataclass(frozen=True, kw_only=True, slots=True)
class TwilioSetting(PrepaidSetting):
    """`senders` are the phone numbers (+…), brandnames and services (MG…) it may send from.
    `reference_parameter` is the query parameter of callback addresses that the books file under.
    Its number takes calls where `line_url` says who is asked what to answer; their end is told to
    `line_status_url`. It takes texts where `inbound_url` says where they are brought.
    A `sub_account` tells no balance; the others are paid in dollars."""

    balance: float = 200.0
    account_sid: str
    auth_token: str = field(repr=False)
    senders: tuple[str, ...]
    api_key: str = field(default="", repr=False)
    api_secret: str = field(default="", repr=False)
    reference_parameter: str = "ref"
    calls_per_second: float = 0.0
    sub_account: bool = False
    line_url: str = ""
    line_status_url: str = ""
    inbound_url: str = field(default="", repr=False)


class TwilioAccount(Prepaid[TwilioSetting]):
    def __init__(self, setting: TwilioSetting, kept: int) -> None:
        super().__init__(setting)
        self.messages: Archive[Sent] = Archive(kept)

    @property
    def path(self) -> str:
        return f"/2010-04-01/Accounts/{self.setting.account_sid}"

    @property
    def number(self) -> str:
        """The number that it calls from and is called at."""
        return next((one for one in self.setting.senders if one.startswith("+")), "")

    def knows(self, authorization: str) -> bool:
        """Whether the header carries the account's own credentials or its API key."""
        setting = self.setting
        pairs = [(setting.account_sid, setting.auth_token), (setting.api_key, setting.api_secret)]
        return authorization in {_basic(user, password) for user, password in pairs if user}

    def reference_in(self, *urls: str) -> str:
        """The caller's reference in one of its callback addresses, or empty."""
        name = self.setting.reference_parameter
        queries = (parse_qs(urlsplit(url).query) for url in urls)
        return next((query[name][0] for query in queries if name in query), "")

    @property
    def text_number(self) -> str:
        return self.number if self.setting.inbound_url else ""

    def bring(self, text: Text) -> Letter:
        form = twilio_texts.form_of(text, self.setting.account_sid, self.number)
        return self.letter(self.setting.inbound_url, form, forged=text.forged)

    def reply_in(self, content_type: str, answer: bytes) -> str | None:
        return twilio_texts.reply_in(content_type, answer)

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


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


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


def rfc_2822(at: float | None) -> str | None:
    return None if at is None else format_datetime(datetime.fromtimestamp(at, UTC))


def respelled(sid: str) -> str:
    return sid.lower() if sid != sid.lower() else sid.upper()
