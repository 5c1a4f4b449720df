"""Reads a dossier system's own payload by a mapping file, dossier by dossier.

Each dossier becomes the same raw CloudEvent that a system could have posted itself, so that one
set of rules decides what is valid and what counts as the same content.
"""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from jmespath.exceptions import JMESPathError

from gateway.domain.dossier import DossierEvent, EventKind
from gateway.intake.cloudevents import MOST_EVENTS, RawEvent
from gateway.intake.events import read_event
from gateway.intake.mapped_dossier import MappedDossier, Skip
from gateway.intake.mapping_file import MappingFile, read_mapping_file
from gateway.intake.mapping_origin import Origin, list_pointer
from gateway.intake.mapping_scope import CannotMap, Scope
from gateway.intake.problems import FieldProblem, ProblemCode, pointer_to, refused


@dataclass(frozen=True, kw_only=True)
class Item:
    """One dossier of a payload. Its code is for the answer to its sender, the ending for logs."""

    position: int
    dossier_code: str = field(repr=False)

    @property
    def code_ending(self) -> str:
        return self.dossier_code.rsplit("-", 1)[-1][-8:]


@dataclass(frozen=True, kw_only=True)
class MappedEvent(Item):
    """`raw` is the CloudEvent that `event` was read from: what the digest is taken of."""

    event: DossierEvent = field(repr=False)
    raw: RawEvent = field(repr=False)
    origin: Origin = field(repr=False, compare=False)

    def as_sent(self, problems: Sequence[FieldProblem]) -> tuple[FieldProblem, ...]:
        """Problems found in the event later, pointing into the payload it was read from."""
        return tuple(dict.fromkeys(map(self.origin.as_sent, problems)))


@dataclass(frozen=True, kw_only=True)
class Ignored(Item):
    """A state that nobody is told about. `listed` is False for one the mapping does not know."""

    status: str
    listed: bool


@dataclass(frozen=True, kw_only=True)
class Faulty(Item):
    """A dossier that cannot be read; the pointers lead into the payload as it was sent."""

    problems: tuple[FieldProblem, ...]


@dataclass(frozen=True, kw_only=True)
class ItemAnswer(Item):
    """What became of one dossier."""

    outcome: Literal["accepted", "repeated", "ignored", "refused"]
    changed: bool = False
    notifications: tuple[str, ...] = ()
    detail: str = ""
    problems: tuple[FieldProblem, ...] = ()

    def part(self, name: str) -> Any:
        """One part of the answer, ready for JSON."""
        if name == "problems":
            return [problem.body() for problem in self.problems]
        return getattr(self, name)


class Mapping:
    """One mapping file, ready to read payloads."""

    def __init__(self, file: MappingFile) -> None:
        self._file = file

    @classmethod
    def from_toml(cls, path: Path) -> Self:
        """Raises ConfigurationError where the file cannot work, with each key and reason."""
        return cls(read_mapping_file(path))

    @property
    def source_uri(self) -> str:
        """The CloudEvents source of every event read by this mapping."""
        return self._file.source

    def never_tells(self, kind: EventKind) -> frozenset[str]:
        """The words of templates for which no event of this kind from here has anything."""
        file = self._file
        told = {
            "procedure": file.fields.procedure_name is not None,
            "received_on": file.fields.received_at is not None,
            "due_on": file.fields.due_at is not None,
            "fee": file.fees is not None and kind in file.fees.due,
            "reason": file.supplement is not None and file.supplement.reason is not None,
            "new_due_on": file.supplement is not None and file.supplement.new_due_at is not None,
            "items": file.supplement is not None and file.supplement.items is not None,
            "items_text": file.supplement is not None and file.supplement.items is not None,
        }
        return frozenset(word for word, is_told in told.items() if not is_told)

    def read(
        self, payload: Any, query: Dictionary[str, str] | None = None
    ) -> list[MappedEvent | Ignored | Faulty]:
        """The dossiers of a payload in order. Raises RequestRefused if it is another payload."""
        self._check_envelope(payload)
        posted = self._posted(payload)
        single = isinstance(posted, dict)
        dossiers = [posted] if single else posted
        if not isinstance(dossiers, list):
            where = self._file.list.expression
            sentence = f"Send the dossiers as a JSON array at `{where}` (JMESPath)."
            raise refused(422, ProblemCode.NOT_THIS_PAYLOAD, sentence)
        if len(dossiers) > MOST_EVENTS:
            raise refused(
                413, ProblemCode.TOO_MANY_EVENTS, f"Send at most {MOST_EVENTS} dossiers at once."
            )
        around = {"_envelope": payload, "_query": dict(query or {})}
        return [
            self._one(dossier, around, position, self._pointer(None if single else position))
            for position, dossier in enumerate(dossiers)
        ]

    def answer(self, results: Sequence[ItemAnswer]) -> dict[str, Any]:
        """The body such a client expects, once every dossier of the payload has its result."""
        shape = self._file.answer
        refused_one = any(result.outcome == "refused" for result in results)
        body: dict[str, Any] = dict(shape.refused if refused_one else shape.accepted)
        if shape.items:
            body[shape.items] = [
                {name: result.part(part) for name, part in shape.item.items()} for result in results
            ]
        return body

    def _posted(self, payload: Any) -> Any:
        try:
            return self._file.list.search(payload)
        except JMESPathError:
            return None

    def _pointer(self, position: int | None) -> str:
        """Of one dossier in the payload, as exactly as the mapping allows."""
        start = list_pointer(self._file.list)
        if start is None or position is None:
            return start or ""
        return start + pointer_to(position)

    def _check_envelope(self, payload: Any) -> None:
        for name, value in self._file.expect.items():
            if not isinstance(payload, dict) or payload.get(name) != value:
                problem = FieldProblem(
                    pointer=pointer_to(name),
                    code=ProblemCode.UNKNOWN_VALUE,
                    detail=f"Send {value!r}.",
                )
                sentence = "This is not the payload that this source is configured to send."
                raise refused(422, ProblemCode.NOT_THIS_PAYLOAD, sentence, problem)

    def _one(
        self, dossier: Any, around: dict[str, Any], position: int, pointer: str
    ) -> MappedEvent | Ignored | Faulty:
        origin = Origin(self._file, pointer)
        mapped = MappedDossier(self._file, Scope(self._file, dossier, around, origin))
        where: dict[str, Any] = {"position": position, "dossier_code": mapped.code}
        try:
            raw = mapped.cloudevent()
        except Skip as skip:
            return Ignored(status=skip.status, listed=skip.listed, **where)
        except CannotMap as error:
            return Faulty(problems=(error.problem,), **where)
        event = read_event(raw)
        if isinstance(event, DossierEvent):
            return MappedEvent(event=event, raw=raw, origin=origin, **where)
        problems = dict.fromkeys(map(origin.as_sent, event))
        return Faulty(problems=tuple(problems), **where)
