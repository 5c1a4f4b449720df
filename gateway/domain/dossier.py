"""What a source reports: an event about one dossier, its owner, its pick-up point.

All values are as the source meant them, NFC-normalised, not yet shortened or formatted for people.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    RESULT_READY = "result-ready"
    RECEIVED = "received"
    SUPPLEMENT_REQUIRED = "supplement-required"
    FEE_DUE = "fee-due"
    REFUSED = "refused"
    STOPPED = "stopped"
    OVERDUE = "overdue"
    RETURNED = "returned"
    CORRECTION = "correction"

    @property
    def cloudevents_type(self) -> str:
        return f"vn.dossier.{self.value}"


class PersonKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class ReturnBy(StrEnum):
    DESK = "desk"
    POST = "post"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Party:
    """The applicant, or the person authorised to act for them. `phones` are raw fields."""

    name: str
    kind: PersonKind = PersonKind.PERSON
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pickup:
    """Where the result is collected: a configured `point`, or the place spelled out."""

    point: str | None = None
    name: str | None = None
    address: str | None = None
    hours: str | None = None
    phone: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Details:
    """What some kinds add: papers to supplement, a reason, a new date, a fee, what it corrects."""

    items: tuple[str, ...] = ()
    reason: str | None = None
    new_due_at: datetime | None = None
    amount_vnd: int | None = None
    corrects: str | None = None

    @property
    def occurrence(self) -> tuple[object, ...]:
        """What tells one notice from the next of a kind that may happen repeatedly."""
        return self.items, self.new_due_at, self.amount_vnd, self.corrects


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class DossierEvent:
    """One CloudEvent about one dossier. `(source_uri, event_id)` is unique within a source.
    `lookup_secret` are digits on the owner's receipt, by which they may ask about the dossier."""

    event_id: str
    source_uri: str
    kind: EventKind
    occurred_at: datetime | None
    dossier_code: str
    procedure_code: str | None
    procedure_name: str | None
    received_at: datetime | None
    due_at: datetime | None
    applicant: Party
    authorised: Party | None
    unit: str
    pickup: Pickup
    return_by: ReturnBy
    language: str
    details: Details
    again: bool
    lookup_secret: str | None = None
