"""What a provider brings to the conformance suite, and the words endings are written in there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from told_peer import Answer

from gateway.domain.call import Ask, CallScript, Say
from gateway.domain.channel import Channel, QueryBy, Receipts
from gateway.domain.message import Body, Registered, SmsBody, Submission
from gateway.domain.outcome import (
    Accepted,
    Deferred,
    Missing,
    Outcome,
    Receipt,
    Rejected,
    Unknown,
)
from gateway.domain.recipient import Phone, PhoneKind
from gateway.providers.contract import AccountAccess
from gateway.sandbox.faults import Fault

E164 = "+84984765321"
TEXT = "Ket qua ho so cua ong Nguyen Van Thu da co tai quay 5."
SMS = SmsBody(text=TEXT, accented=False, segments=1)
REFERENCE = "0f3a9d8c7a6b5f4e3d2c1b0a9f8e7d6c"
SCRIPT = CallScript(
    core=(Say(text="Kết quả đã có."),),
    ask=Ask(prompt=(Say(text="Bấm một để nghe lại."),)),
    on_understood=(Say(text="Cảm ơn."),),
    on_declined=(Say(text="Không gọi nữa."),),
    on_silence=(Say(text="Xin chào."),),
    on_other_key=(Say(text="Phím không đúng."),),
)

# What the other side can do to a submission. Every kit says how each ends.
ENDINGS = (
    *(Fault.NONE, Fault.WRONG_CONTENT_TYPE),
    *(Fault.SILENT_UNTAKEN, Fault.SILENT_TAKEN, Fault.ANSWERED_LATE, Fault.SLOW_DRIP),
    *(Fault.RESET_UNTAKEN, Fault.RESET_TAKEN),
    *(Fault.EMPTY_200, Fault.HTML_200, Fault.ERROR_IN_200, Fault.ERROR_500),
    *(Fault.THROTTLED, Fault.THROTTLED_RETRY_AFTER),
    *(Fault.WALLET_EMPTY, Fault.CREDENTIALS, Fault.BLOCKED),
)
# What can be reported of a message that was taken: it arrived, it failed, twice the same, about a
# stranger's message, forged.
REPORTS = (
    *(Fault.NONE, Fault.FAILED, Fault.RECEIPT_TWICE, Fault.RECEIPT_UNKNOWN, Fault.RECEIPT_FORGED),
)
# What the account says when asked: about a message whose report was lost, about one that failed.
QUERIES = (Fault.RECEIPT_LOST, Fault.FAILED)


@dataclass(frozen=True, kw_only=True)
class Absent:
    """The provider has no such thing; `why` says how that is known."""

    why: str


@dataclass(frozen=True, kw_only=True)
class Kit:
    """`promises` are the channel, the kind of reports, the seconds for which a repeated reference
    is recognised, and by what the account can be asked. `body` is a message of the channel. `taken`
    is how the provider says that it took one, `first` what it answers before (a token), and
    `status_401` how that bare status ends.
    `registered` is what the body is to an account that takes registered texts only.
    `account` are the fields of our account but for address and code; `simulator` makes the
    sandbox's account from the address of our inbox, and stands at `path` there.

    `endings`, `reports` and `queries` have one entry per behaviour, in the words of `word` below.
    `codes` are all codes that the documentation gives for refusing a message, each with its ending;
    `unlisted` is one that it does not give. `lost` is what tells after a lost answer that the
    message was taken: "asked again", "queried", or nothing ("silence"). `balance` is what the
    simulated account has at the beginning and its currency, where it can be asked for it.
    """

    promises: tuple[Channel, Receipts, int, QueryBy]
    body: Body
    taken: Answer
    account: Mapping[str, Any]
    path: str
    simulator: Callable[[str], Mapping[str, Any]]
    endings: Mapping[Fault, str | Absent]
    codes: Mapping[str, str]
    unlisted: tuple[str, str] | Absent
    reports: Mapping[Fault, str | Absent]
    queries: Mapping[Fault, str | Absent]
    lost: str
    first: tuple[Answer, ...] = field(default=())
    status_401: str = "later credentials"
    registered: Registered | None = None
    balance: tuple[str, str] | None = None

    def access(self, base_url: str, **changes: Any) -> AccountAccess:
        """Our account, at the simulator or at a told peer."""
        fields = {"timeout_s": 0.7, **self.account, **changes}
        settings = {
            name: text.replace("{base_url}", base_url)
            for name, text in fields.get("settings", {}).items()
        }
        return AccountAccess(
            **{**fields, "settings": settings, "code": "acc", "base_url": base_url}
        )

    def submission(self, inbox_url: str, phone: str = E164, **changes: Any) -> Submission:
        """A message to `phone`; its receipts go to the inbox, on its secret path if it has one."""
        secret_part = self.account.get("secrets", {}).get("callback_token", "acc")
        fields: dict[str, Any] = {
            "reference": REFERENCE,
            "phone": Phone(e164=phone, kind=PhoneKind.MOBILE),
            "body": self.body,
            "callback_url": f"{inbox_url}/receipts/{secret_part}",
            "voice_url": f"{inbox_url}/voice/acc/{REFERENCE}/taken",
            "registered": self.registered,
        }
        return Submission(**{**fields, **changes})


def word(ending: Outcome | Receipt | Missing | None) -> str:
    """An ending or a report in a few words: `accepted`, `deferred not_sent` (spends a try),
    `later quota` (spends none), `rejected recipient phone_invalid`, `unknown timeout`, `missing`,
    `delivered`, `failed carrier_rejected`."""
    match ending:
        case Accepted():
            return "accepted"
        case Deferred():
            return f"{'deferred' if ending.spends_try else 'later'} {ending.reason}"
        case Rejected():
            return f"rejected {ending.blame} {ending.reason}"
        case Unknown():
            return f"unknown {ending.reason}"
        case Receipt():
            return f"{ending.verdict} {ending.reason or ''}".strip()
        case Missing():
            return "missing"
    return "no answer"


# How a lost or unreadable answer ends for whoever speaks over HTTP.
LOST_ON_THE_WIRE: Mapping[Fault, str | Absent] = {
    Fault.NONE: "accepted",
    Fault.WRONG_CONTENT_TYPE: "accepted",
    Fault.SILENT_UNTAKEN: "unknown timeout",
    Fault.SILENT_TAKEN: "unknown timeout",
    Fault.ANSWERED_LATE: "unknown timeout",
    Fault.SLOW_DRIP: "unknown timeout",
    Fault.RESET_UNTAKEN: "unknown connection_lost",
    Fault.RESET_TAKEN: "unknown connection_lost",
    Fault.EMPTY_200: "unknown bad_reply",
    Fault.HTML_200: "unknown bad_reply",
    Fault.ERROR_500: "unknown bad_reply",
    Fault.THROTTLED: "later rate_limited",
    Fault.THROTTLED_RETRY_AFTER: "later rate_limited",
}
