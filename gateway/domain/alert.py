"""What an operator must hear of although nothing is lost yet: a word, and what it is about."""

from dataclasses import dataclass
from enum import StrEnum


class AlertKind(StrEnum):
    """Stable words: metric labels, and what operators search for."""

    ACCOUNT_STOPPED = "account_stopped"
    TOKEN_LOST = "token_lost"  # noqa: S105
    WALLET_LOW = "wallet_low"
    POOL_SHUT = "pool_shut"
    FALLBACK_USED = "fallback_used"
    TEXT_NOT_REGISTERED = "text_not_registered"
    UNKNOWN_CODE = "unknown_code"
    PROMPT_MISSING = "prompt_missing"
    LANGUAGE_MISSING = "language_missing"
    TEMPLATE_CHANGED = "template_changed"
    TEMPLATE_QUALITY = "template_quality"
    QUOTA_CHANGED = "quota_changed"
    ACCOUNT_QUALITY = "account_quality"
    GUESSING = "guessing"
    BACKLOG = "backlog"
    DELIVERY_FALLING = "delivery_falling"
    RECEIPTS_MISSING = "receipts_missing"
    NO_WORKER = "no_worker"
    CLOCK_STOPPED = "clock_stopped"
    DISK_LOW = "disk_low"
    CERTIFICATE_ENDING = "certificate_ending"
    TRIAL = "trial"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """`subject` is a code of the directory (an account, a pool), `detail` a few words of our own or
    of a provider's code list; neither ever says anything about a person."""

    kind: AlertKind
    subject: str
    detail: str = ""
