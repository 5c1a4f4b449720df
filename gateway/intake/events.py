"""From a raw CloudEvent to the domain's event, or to the list of what must be put right."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.domain.dossier import (
    Details,
    DossierEvent,
    Party,
    PersonKind,
    Pickup,
    ReturnBy,
)
from gateway.intake.fields import OUR_OWN
from gateway.intake.json_body import unstorable
from gateway.intake.models import (
    Applicant,
    Authorised,
    DossierCloudEvent,
    DossierData,
    EventDetails,
    PickupPlace,
    Procedure,
)
from gateway.intake.problems import FieldProblem, ProblemCode, pointer_to
from gateway.intake.spelling import misspelt

# The validator's own names for what is wrong, in our stable words, with what to do about it.
_WORDS: dict[str, tuple[ProblemCode, str]] = {
    "missing": (ProblemCode.MISSING, "Add this field."),
    "string_type": (ProblemCode.WRONG_TYPE, "Send a JSON string."),
    "string_too_short": (ProblemCode.BLANK, "Send a text that is not empty."),
    "string_too_long": (ProblemCode.TOO_LONG, "Send at most {max_length} characters."),
    "string_pattern_mismatch": (ProblemCode.WRONG_FORMAT, "Send a value of the form {pattern}"),
    "tuple_type": (ProblemCode.WRONG_TYPE, "Send a JSON array."),
    "too_long": (ProblemCode.TOO_MANY, "Send at most {max_length} entries."),
    "model_type": (ProblemCode.WRONG_TYPE, "Send a JSON object."),
    "model_attributes_type": (ProblemCode.WRONG_TYPE, "Send a JSON object."),
    "int_type": (ProblemCode.WRONG_TYPE, "Send a whole JSON number, without quotes."),
    "bool_type": (ProblemCode.WRONG_TYPE, "Send true or false."),
    "greater_than_equal": (ProblemCode.OUT_OF_RANGE, "Send {ge} or more."),
    "less_than_equal": (ProblemCode.OUT_OF_RANGE, "Send {le} or less."),
    "enum": (ProblemCode.UNKNOWN_VALUE, "Send one of: {expected}."),
    "literal_error": (ProblemCode.UNKNOWN_VALUE, "Send {expected}."),
}
_OTHERWISE = (ProblemCode.INVALID, "Send a value as the schema describes it.")


def read_event(raw: dict[str, Any]) -> DossierEvent | list[FieldProblem]:
    """The event in `raw`, a CloudEvent as parsed from JSON."""
    problems = unstorable(raw)
    if problems:
        return problems
    try:
        event = DossierCloudEvent.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = [_field_problem(entry) for entry in found]
    problems.extend(misspelt(raw.get("data"), DossierData, "/data"))
    return problems or _dossier_event(event)


def _field_problem(entry: ErrorDetails) -> FieldProblem:
    context = entry.get("ctx", {})
    pointer = pointer_to(*entry["loc"], *context.get("field", ()))
    if entry["type"] == OUR_OWN:
        return FieldProblem(pointer=pointer, code=context["code"], detail=context["sentence"])
    code, sentence = _WORDS.get(entry["type"], _OTHERWISE)
    return FieldProblem(pointer=pointer, code=code, detail=sentence.format(**context))


def _dossier_event(event: DossierCloudEvent) -> DossierEvent:
    data = event.data
    procedure = data.dossier.procedure or Procedure()
    return DossierEvent(
        event_id=event.id,
        source_uri=event.source,
        kind=event.type,
        occurred_at=event.time,
        dossier_code=data.dossier.code,
        procedure_code=procedure.code,
        procedure_name=procedure.name or None,
        received_at=data.dossier.received_at,
        due_at=data.dossier.due_at,
        applicant=_applicant(data.applicant),
        authorised=_authorised(data.authorised),
        unit=data.unit,
        pickup=_pickup(data.pickup),
        return_by=data.return_by or ReturnBy.DESK,
        language=data.language or "vi",
        details=_details(data.details),
        again=bool(data.again),
        lookup_secret=data.dossier.lookup_secret,
    )


def _applicant(posted: Applicant) -> Party:
    return Party(
        name=posted.name or "",
        kind=posted.kind or PersonKind.PERSON,
        phones=posted.phones or (),
    )


def _authorised(posted: Authorised | None) -> Party | None:
    """Nobody, where an object holds neither a name nor a phone."""
    if posted is None or not (posted.name or posted.phones):
        return None
    return Party(name=posted.name or "", phones=posted.phones or ())


def _pickup(posted: PickupPlace | None) -> Pickup:
    if posted is None:
        return Pickup()
    return Pickup(
        point=posted.point,
        name=posted.name or None,
        address=posted.address or None,
        hours=posted.hours or None,
        phone=posted.phone or None,
    )


def _details(posted: EventDetails | None) -> Details:
    if posted is None:
        return Details()
    return Details(
        items=posted.items or (),
        reason=posted.reason or None,
        new_due_at=posted.new_due_at,
        amount_vnd=posted.amount_vnd,
        corrects=posted.corrects,
    )
