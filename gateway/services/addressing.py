"""In whose name an event may write, and to whom: what is decided before any notice is owed."""

from datetime import date

from gateway.domain.directory import Directory, Source, Unit
from gateway.domain.dossier import DossierEvent, Party
from gateway.domain.recipient import Phone, read_phones
from gateway.intake.problems import FieldProblem, Refusal


def writer_of(
    source: Source, event: DossierEvent, directory: Directory, on: date
) -> Unit | Refusal:
    """The unit in whose name the event is told, if this source may use it."""
    unit = directory.unit(event.unit, on)
    if event.source_uri not in source.sources:
        return _refused(
            403,
            "source_not_yours",
            "/source",
            "Use a CloudEvents source of your own, or have this one added to the directory.",
        )
    if unit is None:
        return _refused(
            422,
            "unknown_unit",
            "/data/unit",
            "No unit has this code or alias; correct it, or have the unit added.",
        )
    if unit.code not in source.units:
        return _refused(
            403,
            "unit_not_yours",
            "/data/unit",
            "You may not write in this unit's name; use one of your units.",
        )
    if event.pickup.point is not None and event.pickup.point not in directory.pickup_points:
        return _refused(
            422,
            "unknown_pickup_point",
            "/data/pickup/point",
            "No pick-up point has this code; correct it, or give name and address instead.",
        )
    return unit


def recipient_of(event: DossierEvent) -> tuple[Party, tuple[Phone, ...], tuple[str, ...]]:
    """The authorised person where one with a usable phone is named, else the applicant.

    Beside the phones stand notes on the choice.
    """
    own = read_phones(event.applicant.phones).phones
    if event.authorised is None:
        return event.applicant, own, ()
    phones = read_phones(event.authorised.phones).phones
    if phones:
        return event.authorised, phones, ()
    return event.applicant, own, ("authorised_without_usable_phone",)


def _refused(status: int, code: str, pointer: str, detail: str) -> Refusal:
    problem = FieldProblem(pointer=pointer, code=code, detail=detail)
    return Refusal(status=status, code=code, detail=detail, errors=(problem,))
