"""The sealed part of a notification: the event as posted and the numbers it may be sent to.

Written when the event is accepted, opened when a message is rendered. The form is versioned by its
first key, because sealed rows outlive the code that wrote them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from gateway.domain.dossier import (
    Details,
    DossierEvent,
    EventKind,
    Party,
    PersonKind,
    Pickup,
    ReturnBy,
)
from gateway.domain.recipient import Phone, PhoneKind

_FORM = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """`notes` say what was noticed about the recipient (an unusable number of the authorised).
    `forced`: it is sent whatever becomes of the one that it is a resend of."""

    event: DossierEvent
    recipient: Party
    phones: tuple[Phone, ...]
    notes: tuple[str, ...] = ()
    forced: bool = False


def write(payload: Payload) -> bytes:
    event = payload.event
    return orjson.dumps(
        {
            "form": _FORM,
            "event": {
                "id": event.event_id,
                "source": event.source_uri,
                "kind": event.kind,
                "occurred_at": _time(event.occurred_at),
                "code": event.dossier_code,
                "procedure": [event.procedure_code, event.procedure_name],
                "received_at": _time(event.received_at),
                "due_at": _time(event.due_at),
                "applicant": _party(event.applicant),
                "authorised": _party(event.authorised),
                "unit": event.unit,
                "pickup": _pickup(event.pickup),
                "return_by": event.return_by,
                "language": event.language,
                "details": _details(event.details),
                "again": event.again,
                **({"secret": event.lookup_secret} if event.lookup_secret else {}),
            },
            "recipient": _party(payload.recipient),
            "phones": [[phone.e164, phone.kind] for phone in payload.phones],
            "notes": payload.notes,
            **({"forced": True} if payload.forced else {}),
        }
    )


def read(plain: bytes) -> Payload:
    stored = orjson.loads(plain)
    return Payload(
        event=_read_event(stored["event"]),
        recipient=_required_party(stored["recipient"]),
        phones=tuple(Phone(e164=e164, kind=PhoneKind(kind)) for e164, kind in stored["phones"]),
        notes=tuple(stored["notes"]),
        forced=stored.get("forced", False),
    )


def _read_event(stored: dict[str, Any]) -> DossierEvent:
    procedure_code, procedure_name = stored["procedure"]
    return DossierEvent(
        event_id=stored["id"],
        source_uri=stored["source"],
        kind=EventKind(stored["kind"]),
        occurred_at=_read_time(stored["occurred_at"]),
        dossier_code=stored["code"],
        procedure_code=procedure_code,
        procedure_name=procedure_name,
        received_at=_read_time(stored["received_at"]),
        due_at=_read_time(stored["due_at"]),
        applicant=_required_party(stored["applicant"]),
        authorised=_read_party(stored["authorised"]),
        unit=stored["unit"],
        pickup=Pickup(**stored["pickup"]),
        return_by=ReturnBy(stored["return_by"]),
        language=stored["language"],
        details=_read_details(stored["details"]),
        again=stored["again"],
        lookup_secret=stored.get("secret"),
    )


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read_time(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def _party(party: Party | None) -> list[Any] | None:
    return [party.name, party.kind, party.phones] if party else None


def _read_party(stored: list[Any] | None) -> Party | None:
    return _required_party(stored) if stored else None


def _required_party(stored: list[Any]) -> Party:
    name, kind, phones = stored
    return Party(name=name, kind=PersonKind(kind), phones=tuple(phones))


def _pickup(pickup: Pickup) -> dict[str, str]:
    given = {
        "point": pickup.point,
        "name": pickup.name,
        "address": pickup.address,
        "hours": pickup.hours,
        "phone": pickup.phone,
    }
    return {name: value for name, value in given.items() if value is not None}


def _details(details: Details) -> dict[str, Any]:
    given: dict[str, Any] = {
        "items": details.items,
        "reason": details.reason,
        "new_due_at": _time(details.new_due_at),
        "amount_vnd": details.amount_vnd,
        "corrects": details.corrects,
    }
    return {name: value for name, value in given.items() if value}


def _read_details(stored: dict[str, Any]) -> Details:
    return Details(
        items=tuple(stored.get("items", ())),
        reason=stored.get("reason"),
        new_due_at=_read_time(stored.get("new_due_at")),
        amount_vnd=stored.get("amount_vnd"),
        corrects=stored.get("corrects"),
    )
