"""Everything a template may say about one event to one person, worked out once.

All values are text, yes or no, or a count: nothing a template could call or reach into. A fact that
does not exist is the empty text.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property

from gateway.domain.check_code import EXAMPLE
from gateway.domain.directory import Directory
from gateway.domain.dossier import DossierEvent, Party, PersonKind, ReturnBy
from gateway.domain.hours import Calendar, local
from gateway.domain.text import tidy_name
from gateway.errors import DirectoryError
from gateway.rendering.free_text import clause, printable
from gateway.rendering.grammar import Vocabulary
from gateway.rendering.phrases import written_date, written_sum
from gateway.rendering.procedures import Procedures
from gateway.rendering.visit import Visit, Visits

_PERSON, _ORGANISATION = "Ông/Bà", "Quý đơn vị"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a text needs to know beside the event; the same for many events."""

    directory: Directory
    calendar: Calendar
    procedures: Procedures

    @cached_property
    def visits(self) -> Visits:
        return Visits(self.directory, self.calendar)


@dataclass(frozen=True, kw_only=True, repr=False)
class Facts(Visit):
    """Field names are the names templates use.

    `you` is how the addressee is spoken to (Ông/Bà, Quý đơn vị), `greeting` the same with the name,
    `owner` the applicant, who is somebody else when `authorised`.
    """

    you: str
    name: str
    greeting: str
    owner: str
    authorised: bool
    organisation: bool
    code: str
    check_code: str
    procedure: str
    by_post: bool
    fee: str
    reason: str
    items: tuple[str, ...]
    items_text: str
    received_on: str
    due_on: str
    new_due_on: str
    happened_on: str


VOCABULARY = Vocabulary(
    words=frozenset(each.name for each in fields(Facts)) - {"items", "accented_sms"},
    lists=frozenset({"items"}),
)


def facts_of(
    event: DossierEvent,
    addressee: Party,
    around: Surroundings,
    now: datetime,
    check_code: str = EXAMPLE,
) -> Facts:
    """Raises DirectoryError where the event's unit or pick-up point is not in the directory."""
    unit = around.directory.unit(event.unit, local(now).date())
    if unit is None:
        raise DirectoryError(f"the unit {event.unit!r} is not in the directory")
    items = tuple(filter(None, map(clause, event.details.items)))
    name, authorised = _name(addressee), addressee != event.applicant
    greeting = _called(addressee, name)
    return Facts(
        **vars(around.visits.of(unit, event.pickup, now)),
        you=_ORGANISATION if _is_organisation(addressee) else _PERSON,
        name=name,
        greeting=greeting,
        owner=_called(event.applicant, _name(event.applicant)) if authorised else greeting,
        authorised=authorised,
        organisation=_is_organisation(addressee),
        code=printable(event.dossier_code),
        check_code=check_code,
        procedure=around.procedures.named(event.procedure_code, event.procedure_name),
        by_post=event.return_by is ReturnBy.POST,
        fee=written_sum(event.details.amount_vnd) if event.details.amount_vnd else "",
        reason=clause(event.details.reason),
        items=items,
        items_text="; ".join(items),
        received_on=_date(event.received_at),
        due_on=_date(event.due_at),
        new_due_on=_date(event.details.new_due_at),
        happened_on=_date(event.occurred_at),
    )


def _is_organisation(party: Party) -> bool:
    return party.kind is PersonKind.ORGANISATION


def _called(party: Party, name: str) -> str:
    return name if _is_organisation(party) or name == _PERSON else f"{_PERSON} {name}"


def _name(party: Party) -> str:
    organisation = _is_organisation(party)
    tidy = tidy_name(printable(party.name), person=not organisation)
    return tidy or (_ORGANISATION if organisation else _PERSON)


def _date(moment: datetime | None) -> str:
    return written_date(local(moment).date()) if moment else ""
