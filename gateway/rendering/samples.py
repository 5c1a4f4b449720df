"""Invented events on which templates are tried and shown, read from `templates/samples.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from gateway.domain.directory import Directory, PickupPoint, Unit
from gateway.domain.dossier import DossierEvent, EventKind
from gateway.domain.hours import Calendar
from gateway.rendering.facts import Facts, Surroundings, facts_of
from gateway.rendering.procedures import Procedures

_EVENT = TypeAdapter(DossierEvent)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One invented event in its surroundings; it can be turned into any kind."""

    name: str
    event: Mapping[str, Any]
    around: Surroundings
    now: datetime

    def facts(self, kind: EventKind) -> Facts:
        event = _EVENT.validate_python({**self.event, "kind": kind})
        return facts_of(event, event.authorised or event.applicant, self.around, self.now)


def load_samples(path: Path) -> tuple[Sample, ...]:
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    around = _surroundings(file)
    return tuple(
        Sample(
            name=each["name"],
            event={"authorised": None, **file["event"], **each.get("event", {})},
            around=around,
            now=file["now"],
        )
        for each in file["sample"]
    )


def _surroundings(file: Mapping[str, Any]) -> Surroundings:
    units = [Unit.model_validate(entry) for entry in file["unit"]]
    points = [PickupPoint.model_validate(entry) for entry in file["pickup_point"]]
    directory = Directory(
        revision=0,
        units={unit.code: unit for unit in units},
        pickup_points={point.code: point for point in points},
    )
    procedures = Procedures.of(names=file["printable"])
    return Surroundings(directory=directory, calendar=Calendar(), procedures=procedures)
