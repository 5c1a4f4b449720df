"""Everything a template may say about one event to one person, worked out once.

All values are text, yes or no, or a count: nothing a template could call or reach into. A fact that
does not exist is the empty text.
"""

from dataclasses import dataclass, fields
from datetime import datetime

from gateway.domain.directory import Directory
from gateway.domain.dossier import DossierEvent, Party, PersonKind, ReturnBy
from gateway.domain.hours import Calendar, local
from gateway.domain.text import tidy_name
from gateway.errors import DirectoryError
from gateway.rendering.free_text import clause, printable
from gateway.rendering.grammar import Vocabulary
from gateway.rendering.opening import next_hours, written_when
from gateway.rendering.phrases import written_date, written_sum, written_week
from gateway.rendering.place import place_of
from gateway.rendering.procedures import Procedures

_PERSON, _ORGANISATION = "Ông/Bà", "Quý đơn vị"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a text needs to know beside the event; the same for many events."""

    directory: Directory
    calendar: Calendar
    procedures: Procedures


@dataclass(frozen=True, kw_only=True, repr=False)
class Facts:
    """Field names are the names templates use.

    `you` is how the addressee is spoken to (Ông/Bà, Quý đơn vị), `greeting` the same with the name,
    `owner` the applicant, who is somebody else when `authorised`. `where` and `when` are ready to
    follow "đến nhận tại": `place` (name and address) without repeating the centre, and the next
    opening. `opening` is its first span of hours, `opening_day` its day, `opening_hours` all that
    is left of that day's hours, `hours` those of the week.
    """

    centre: str
    centre_short: str
    verify_phone: str
    accented_sms: bool
    you: str
    name: str
    greeting: str
    owner: str
    authorised: bool
    organisation: bool
    code: str
    procedure: str
    by_post: bool
    fee: str
    place: str
    place_name: str
    address: str
    where: str
    when: str
    place_phone: str
    opening: str
    opening_day: str
    opening_hours: str
    opens_today: bool
    hours: str
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


def facts_of(event: DossierEvent, addressee: Party, around: Surroundings, now: datetime) -> Facts:
    """Raises DirectoryError where the event's unit or pick-up point is not in the directory."""
    unit = around.directory.unit(event.unit, local(now).date())
    if unit is None:
        raise DirectoryError(f"the unit {event.unit!r} is not in the directory")
    place = place_of(event.pickup, unit, around.directory)
    opening = next_hours(place.hours, around.calendar, local(now))
    hours = written_week(place.hours) or place.hours_text
    items = tuple(filter(None, map(clause, event.details.items)))
    return Facts(
        centre=printable(unit.name),
        centre_short=printable(unit.short_name or unit.name),
        verify_phone=printable(unit.verify_phone),
        accented_sms=unit.accented_sms,
        you=_ORGANISATION if _is_organisation(addressee) else _PERSON,
        name=_name(addressee),
        greeting=_called(addressee),
        owner=_called(event.applicant),
        authorised=addressee != event.applicant,
        organisation=_is_organisation(addressee),
        code=printable(event.dossier_code),
        procedure=around.procedures.named(event.procedure_code, event.procedure_name),
        by_post=event.return_by is ReturnBy.POST,
        fee=written_sum(event.details.amount_vnd) if event.details.amount_vnd else "",
        place=place.in_full,
        place_name=place.name,
        address=place.address,
        where=place.after(unit.name),
        when=written_when(opening, hours),
        place_phone=place.phone,
        opening=opening.first,
        opening_day=opening.day,
        opening_hours=opening.rest_of_day,
        opens_today=opening.today,
        hours=hours,
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


def _called(party: Party) -> str:
    name = _name(party)
    return name if _is_organisation(party) or name == _PERSON else f"{_PERSON} {name}"


def _name(party: Party) -> str:
    organisation = _is_organisation(party)
    tidy = tidy_name(printable(party.name), person=not organisation)
    return tidy or (_ORGANISATION if organisation else _PERSON)


def _date(moment: datetime | None) -> str:
    return written_date(local(moment).date()) if moment else ""
