"""A message as a template rendered it, ready for a provider of its channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.call import CallScript
from gateway.domain.language import VIETNAMESE
from gateway.domain.recipient import Phone


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsBody:
    """Text in NFC. `accented` False means every character is in the GSM-7 alphabet."""

    text: str
    accented: bool
    segments: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ZaloBody:
    """Parameters of a template registered with Zalo; `template` is our name for it."""

    template: str
    params: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceBody:
    """`language` is that of the text, `unrecorded` the prompts that are heard in Vietnamese because
    nobody recorded them in it."""

    script: CallScript
    language: str = VIETNAMESE
    unrecorded: frozenset[str] = frozenset()


Body = SmsBody | ZaloBody | VoiceBody


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """What a text is to its account's operators: the id under which it is registered with them, and
    its variable parts in the order of the registration."""

    id: str
    params: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """One message for one account.

    `reference` is ours, the same whenever the same attempt is asked again. `callback_url` is the
    public address of this account's receipts, `voice_url` that of this call's script (voice only).
    `registered` is set where the account's texts are registered with the operators.
    """

    reference: str
    phone: Phone
    body: Body
    callback_url: str
    voice_url: str | None = None
    registered: Registered | None = None
    times_asked: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class SentMessage:
    """What is known of an attempt when its account is asked for its status."""

    reference: str
    phone: Phone
    provider_id: str | None
    sent_at_s: float
    extra: Mapping[str, str] = field(default_factory=dict)
