"""How a submission to a provider ends, and what a provider later reports about it.

A send has four endings. `Accepted`: the provider took it. `Deferred`: not now, it was not sent.
`Rejected`: never, for a reason. `Unknown`: it may have been sent; only asking can tell.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """The word for why something ended or waits; stable, shown to sources, used as metric label."""

    # the recipient
    NO_USABLE_PHONE = "no_usable_phone"
    PHONE_INVALID = "phone_invalid"
    PHONE_LANDLINE = "phone_landline"
    NO_ZALO_ACCOUNT = "no_zalo_account"
    RECIPIENT_UNAVAILABLE = "recipient_unavailable"
    RECIPIENT_REFUSED = "recipient_refused"
    OPTED_OUT = "opted_out"
    HANDSET_UNREACHABLE = "handset_unreachable"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    FAX = "fax"
    HUNG_UP = "hung_up"
    # the message
    CONTENT_REFUSED = "content_refused"
    PARAMETER_INVALID = "parameter_invalid"
    TEMPLATE_REFUSED = "template_refused"
    RENDER_FAILED = "render_failed"
    # the account
    CREDENTIALS = "credentials"
    WALLET_EMPTY = "wallet_empty"
    ACCOUNT_MISCONFIGURED = "account_misconfigured"
    SENDER_NOT_REGISTERED = "sender_not_registered"
    NO_ACCOUNT = "no_account"
    # the moment
    RATE_LIMITED = "rate_limited"
    QUOTA = "quota"
    NIGHT = "night"
    REPEATED_TEXT = "repeated_text"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    NOT_SENT = "not_sent"
    # what may have been sent
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    BAD_REPLY = "bad_reply"
    UNKNOWN_CODE = "unknown_code"
    LEASE_EXPIRED = "lease_expired"
    # the carrier, reported later
    CARRIER_REJECTED = "carrier_rejected"
    CARRIER_EXPIRED = "carrier_expired"
    # endings of a notification
    NO_RECEIPTS = "no_receipts"
    RECEIPT_MISSING = "receipt_missing"
    UNKNOWN_OUTCOME = "unknown_outcome"
    LATEST_TIME_PASSED = "latest_time_passed"
    TOO_OLD = "too_old"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    DUPLICATE = "duplicate"
    COLLECTED = "collected"
    NOTHING_TO_CORRECT = "nothing_to_correct"
    SUPPRESSED = "suppressed"
    # why one waits or is held
    NEXT_STEP = "next_step"
    GIVEN_BACK = "given_back"
    STORM_GUARD = "storm_guard"
    RESTORED = "restored"
    BY_OPERATOR = "by_operator"


# An account that says so can send nothing until a human has acted: it is stopped, and the message
# that found it out is spent no try.
STOPPING = frozenset({Reason.WALLET_EMPTY, Reason.CREDENTIALS})


class Blame(StrEnum):
    """Whom a rejection is about: decides whether the next phone, the next step or a human helps."""

    RECIPIENT = "recipient"
    MESSAGE = "message"
    ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The provider took the message. `provider_id` is its own id, matched as an opaque string."""

    provider_id: str | None = None
    code: str = ""
    segments: int | None = None
    cost_vnd: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deferred:
    """Not sent now, certainly not sent at all. Throttling, night and quota do not spend a try."""

    reason: Reason
    code: str = ""
    retry_after_s: float | None = None
    spends_try: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """Will never be sent as it is; certainly not sent."""

    reason: Reason
    blame: Blame
    code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """May have been sent: answer lost, late or unreadable."""

    reason: Reason
    code: str = ""


Outcome = Accepted | Deferred | Rejected | Unknown


class Verdict(StrEnum):
    """What a provider's later report says about one attempt."""

    PROGRESS = "progress"  # the provider has it; nothing is decided yet
    DELIVERED = "delivered"  # handset or network delivery; voice: the core sentence was heard
    ACKNOWLEDGED = "acknowledged"  # the person pressed "understood"
    FAILED = "failed"  # this attempt will not arrive
    TRY_AGAIN = "try_again"  # did not arrive now (busy, switched off); another try may


# It reached somebody, whatever else is reported.
PROOFS = frozenset({Verdict.DELIVERED, Verdict.ACKNOWLEDGED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """One parsed report. At least one of `reference` (ours) and `provider_id` is set.

    `needs_query` marks a report that is not authenticated: it is believed only after the
    account, asked for the status of this message, says the same. Of a call, `keys` are those that
    were pressed, and `talked_s` is how long it lasted.
    """

    verdict: Verdict
    reference: str | None = None
    provider_id: str | None = None
    reason: Reason | None = None
    code: str = ""
    at: datetime | None = None
    cost_vnd: int | None = None
    needs_query: bool = False
    keys: str = ""
    talked_s: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A status query's answer: the account has never seen this message."""
