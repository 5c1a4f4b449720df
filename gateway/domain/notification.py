"""A notification as a worker holds it while sending, and the changes a service may ask of it.

A `Change` is one wish to the ledger about one attempt and its notification; it takes effect only
where the table of moves allows it and the notification is still where the change supposes it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.domain.outcome import Reason, Verdict
from gateway.domain.route import Step
from gateway.domain.status import State


class LaneClass(StrEnum):
    LIVE = "live"
    BULK = "bulk"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """A queue of due notifications: one pool of accounts, one class of urgency."""

    pool: str
    klass: LaneClass = LaneClass.LIVE

    def __str__(self) -> str:
        return f"{self.pool}/{self.klass}"

    @classmethod
    def parse(cls, text: str) -> "Lane":
        pool, _, klass = text.rpartition("/")
        return cls(pool=pool, klass=LaneClass(klass))


class Skip(StrEnum):
    """Why a claimed notification must not be sent at this step; no attempt was opened."""

    LATE = "late"
    NO_ZALO = "no_zalo"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """One notification leased to a worker. With `skip` None, `reference` names an open attempt."""

    id: UUID
    event_id: UUID
    source: str
    unit: str
    kind: str
    mode: str
    klass: str
    publication: int
    step: int
    try_no: int
    steps: tuple[Step, ...]
    latest_send_at: datetime
    reference_seed: bytes
    sealed: bytes
    seal_key: int
    skip: Skip | None
    account: str
    reference: str
    times_asked: int
    opened_at: datetime
    accepted_at: datetime
    now: datetime
    resend_of: UUID | None = None

    @property
    def current(self) -> Step:
        return self.steps[self.step]


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptResult:
    """How a submission ended, as the ledger keeps it. `sealed` is the exact text that was sent;
    `cost_vnd` is what the provider says it costs, `estimate_vnd` what the contract does."""

    outcome: str
    reason: Reason | None = None
    code: str = ""
    provider_id: str | None = None
    segments: int | None = None
    cost_vnd: int | None = None
    estimate_vnd: int | None = None
    sealed: bytes | None = None
    seal_key: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptVerdict:
    """What the provider later reported about an attempt, and what it says that it cost."""

    verdict: Verdict
    reason: Reason | None = None
    code: str = ""
    at: datetime | None = None
    cost_vnd: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """When and where a notification waits next. `ask_again` binds it to the account it names."""

    in_s: float
    pool: str
    phone: bytes
    ask_again: str | None = None


class WatchKind(StrEnum):
    LEASE = "lease"
    QUERY = "query"
    RECEIPT = "receipt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """What is to be looked after for an attempt, and in how many seconds."""

    kind: WatchKind
    in_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of one notification, about its attempt (`step`, `try_no`).

    `to` None keeps the state. `anywhere` lets the move happen wherever the notification stands (a
    proof of delivery, a cancellation); otherwise it happens only if it is still at this attempt.
    With `expects` it happens only from that state: what was read may have changed since.
    `next_step` moves on and starts the tries anew; `gives_back_try` returns the try just begun.
    """

    notification_id: UUID
    step: int
    try_no: int
    to: State | None = None
    reason: Reason | None = None
    anywhere: bool = False
    expects: State | None = None
    next_step: int | None = None
    gives_back_try: bool = False
    result: AttemptResult | None = None
    verdict: AttemptVerdict | None = None
    due: Due | None = None
    watch: Watch | None = None
    actor: str = "gateway"
