"""What is handed to the ledger to be accepted, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger.dossiers import Report


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherKey:
    """The key and the digest of an event under one more live version of the hash key."""

    version: int
    key: bytes
    digest: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNotification:
    """One row to be. `pool`, `phone` and `due_in_s` matter only while it waits.

    `once_key` is the keyed hash of what must not be told twice; None lets it be told again.
    `tells_as` is an earlier notice that, should it be about a result, told the same.
    """

    id: UUID
    unit: str
    kind: str
    klass: str
    mode: str
    publication: int
    state: State
    reason: Reason | None
    steps: str
    latest_send_at: datetime
    reference_seed: bytes
    tokens: Sequence[int]
    sealed: bytes
    seal_key: int
    due_in_s: float
    pool: str
    phone: bytes
    resend_of: UUID | None = None
    once_key: bytes | None = None
    other_once_keys: tuple[bytes, ...] = ()
    tells_as: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEvent:
    """An event with all it owes. `key` and `digest` are keyed hashes under the primary version,
    `other_keys` those under every other live one.

    `report` says what it means for its dossier; None for a wish that is not about one (a resend).
    Above `hold_above` notices of its source in an hour, what it owes is held. `actor` is who wants
    it told: its source, the staff of a centre, or the clock.
    """

    key: bytes
    hash_key: int
    digest: bytes
    event_id: UUID
    source: str
    notifications: tuple[NewNotification, ...]
    report: Report | None = None
    hold_above: int | None = None
    other_keys: tuple[OtherKey, ...] = ()
    actor: str = "source"

    def has_content(self, digest: bytes) -> bool:
        """Whether a digest, of whatever live version, is that of this event."""
        return digest in (self.digest, *(other.digest for other in self.other_keys))


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """A notification as it stands; `state` None where it is no longer kept."""

    id: UUID
    state: State | None
    reason: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """What the ledger holds for a posted event, `digest` of which content. `fresh`: it was written
    just now."""

    fresh: bool
    same_content: bool
    digest: bytes
    event_id: UUID
    owed: tuple[Owed, ...]

    @classmethod
    def new(cls, event: NewEvent) -> "Booked":
        """What an event that was written just now has become."""
        return cls(
            fresh=True,
            same_content=True,
            digest=event.digest,
            event_id=event.event_id,
            owed=tuple(
                Owed(id=one.id, state=one.state, reason=one.reason) for one in event.notifications
            ),
        )

    @property
    def notification_ids(self) -> tuple[UUID, ...]:
        return tuple(one.id for one in self.owed)
