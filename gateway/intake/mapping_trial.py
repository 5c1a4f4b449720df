"""What a mapping makes of a payload, for the person who connects a dossier system.

Numbers stand here in full, as on `baotin phone`: the reader holds the payload. Names do not.
"""

from collections.abc import Mapping as Dictionary
from datetime import datetime
from typing import Any

from gateway.domain.dossier import DossierEvent, Party
from gateway.domain.recipient import read_phones
from gateway.intake.mapping import Faulty, Ignored, MappedEvent, Mapping


def try_mapping(
    mapping: Mapping, payload: Any, query: Dictionary[str, str] | None = None
) -> list[dict[str, Any]]:
    """One row per dossier, in order. Raises RequestRefused if it is another payload."""
    return [_row(item) for item in mapping.read(payload, query)]


def _row(item: MappedEvent | Ignored | Faulty) -> dict[str, Any]:
    where = {"position": item.position, "code_ending": item.code_ending}
    match item:
        case MappedEvent(event=event):
            return where | {"becomes": event.kind.value} | _told(event)
        case Ignored():
            return where | {"becomes": "ignored", "status": item.status} | _unlisted(item)
        case Faulty():
            problems = [f"{problem.pointer}: {problem.detail}" for problem in item.problems]
            return where | {"becomes": "faulty", "problems": problems}


def _unlisted(item: Ignored) -> dict[str, Any]:
    sentence = "The mapping does not list this status; name it under [status] so that it is known."
    return {"problems": [] if item.listed else [sentence]}


def _told(event: DossierEvent) -> dict[str, Any]:
    reading = read_phones(event.applicant.phones)
    details = event.details
    return {
        "happened_at": _time(event.occurred_at),
        "received_at": _time(event.received_at),
        "due_at": _time(event.due_at),
        "unit": event.unit,
        "procedure": event.procedure_code,
        "applicant": event.applicant.kind.value,
        "phones": [f"{phone.e164} ({phone.kind})" for phone in reading.phones],
        "authorised_phones": _authorised(event.authorised),
        "return_by": event.return_by.value,
        "amount_vnd": details.amount_vnd,
        "items": len(details.items),
        "new_due_at": _time(details.new_due_at),
        "problems": [problem.sentence for problem in reading.problems]
        + ([] if reading.phones else ["Không có số điện thoại dùng được."]),
    }


def _authorised(party: Party | None) -> list[str]:
    phones = read_phones(party.phones).phones if party else ()
    return [f"{phone.e164} ({phone.kind})" for phone in phones]


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
