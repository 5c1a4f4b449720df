"""One dossier of a source's payload, put into the form of a raw CloudEvent."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from gateway.domain.dossier import EventKind
from gateway.domain.hours import ZONE
from gateway.intake.cloudevents import RawEvent
from gateway.intake.mapping_file import Choice, MappingFile, Supplement
from gateway.intake.mapping_scope import CannotMap, Scope
from gateway.intake.mapping_values import (
    NotAnAmount,
    amount_vnd_of,
    moment_of,
    texts_of,
)
from gateway.intake.problems import ProblemCode

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

Word = TypeVar("Word", bound=str)


class Skip(Exception):
    """Nobody is told about a dossier in this state."""

    def __init__(self, status: str, *, listed: bool) -> None:
        super().__init__(status)
        self.status, self.listed = status, listed


class MappedDossier:
    def __init__(self, file: MappingFile, scope: Scope) -> None:
        self._file = file
        self._scope = scope

    @property
    def code(self) -> str:
        """The dossier code as far as it can be read, for answers and logs."""
        try:
            code = self._scope.text(self._file.fields.code)
        except CannotMap:
            return ""
        return code if isinstance(code, str) else ""

    def cloudevent(self) -> RawEvent:
        """Raises Skip where nobody is told, CannotMap where the shape is not the expected one."""
        if not self._scope.is_object:
            raise self._scope.cannot(
                None, ProblemCode.WRONG_TYPE, "Send each dossier as a JSON object."
            )
        kind = self._kind()
        amount_vnd, supplement = self._amount_vnd(kind), self._open_supplement(kind)
        self._scope.add(_amount=amount_vnd, _supplement=supplement)
        occurrence, happened_at = self._occurrence(kind)
        return {
            "specversion": "1.0",
            "id": self._file.event_id.format(
                code=self.code, kind=kind.value, occurrence=occurrence
            ),
            "source": self._file.source,
            "type": kind.cloudevents_type,
            "time": happened_at,
            "data": self._data(self._details(amount_vnd, supplement)),
        }

    def _kind(self) -> EventKind:
        table = self._file.status
        status = self._scope.text(table.from_)
        if not isinstance(status, str) or not status:
            raise self._scope.cannot(
                table.from_, ProblemCode.MISSING, "Send the state of the dossier."
            )
        if status not in table.kinds:
            raise Skip(status, listed=status in table.ignored)
        return table.kinds[status]

    def _data(self, details: dict[str, Any]) -> dict[str, Any]:
        fields, data = self._file.fields, _filled
        return data(
            dossier=data(
                code=self._scope.text(fields.code) or "",
                procedure=data(
                    code=self._scope.text(fields.procedure_code),
                    name=self._scope.text(fields.procedure_name),
                ),
                received_at=self._scope.date(fields.received_at),
                due_at=self._scope.date(fields.due_at),
                lookup_secret=self._scope.text(fields.lookup_secret),
            ),
            applicant={
                "name": self._scope.text(fields.name),
                "kind": self._choice(self._file.person_kind),
                "phones": texts_of(self._scope.value(fields.phones)),
            },
            authorised=data(
                name=self._scope.text(fields.authorised_name),
                phones=texts_of(self._scope.value(fields.authorised_phones)),
            ),
            unit=self._unit(),
            pickup=data(point=self._scope.text(fields.pickup_point)),
            return_by=self._choice(self._file.return_by),
            details=details,
        )

    def _details(self, amount_vnd: int | None, asked: Any) -> dict[str, Any]:
        rules = self._file.supplement
        if asked is None or rules is None:
            return _filled(amount_vnd=amount_vnd)
        return _filled(
            amount_vnd=amount_vnd,
            items=texts_of(self._scope.value(rules.items, asked)),
            reason=self._scope.text(rules.reason, asked),
            new_due_at=self._scope.date(rules.new_due_at, asked),
        )

    def _occurrence(self, kind: EventKind) -> tuple[str, str | None]:
        """What tells this event from the next of its kind, and when it happened if that is a time.

        A time is written in one form only, so that a repeat in another format has the same id.
        """
        expression = self._file.occurrence[kind]
        found = self._scope.text(expression) or ""
        if not isinstance(found, str):
            sentence = "Send a text, a number or a time."
            raise self._scope.cannot(expression, ProblemCode.WRONG_TYPE, sentence)
        if found in self._file.blank_dates:
            return "", None
        moment = moment_of(found, self._file.date_formats)
        if moment is None:
            return found, None
        return f"{moment.astimezone(ZONE):%Y%m%d%H%M%S}", moment.isoformat()

    def _unit(self) -> str | None:
        unit = self._file.unit
        found = self._scope.text(unit.from_) or unit.otherwise
        return unit.values.get(found, found) if isinstance(found, str) else found

    def _choice(self, choice: Choice[Word]) -> Word | None:
        return choice.values.get(str(self._scope.text(choice.from_)), choice.otherwise)

    def _amount_vnd(self, kind: EventKind) -> int | None:
        fees = self._file.fees
        due = fees and fees.due.get(kind)
        if not fees or not due:
            return None
        amounts = [self._scope.value(fees.amount, fee) for fee in self._scope.entries(due)]
        try:
            total = sum(amount_vnd_of(amount) for amount in amounts if amount not in (None, ""))
        except NotAnAmount as error:
            raise self._scope.cannot(due, ProblemCode.WRONG_FORMAT, str(error)) from None
        return total or None

    def _open_supplement(self, kind: EventKind) -> Any:
        rules = self._file.supplement
        if rules is None or kind is not EventKind.SUPPLEMENT_REQUIRED:
            return None
        found = self._scope.entries(rules.open)
        found.reverse()  # of two asked at the same time, `max` takes the one listed last
        return max(found, key=lambda asked: self._asked_at(asked, rules), default=None)

    def _asked_at(self, asked: Any, rules: Supplement) -> datetime:
        written = str(self._scope.text(rules.asked_at, asked))
        return moment_of(written, self._file.date_formats) or _LONG_AGO


def _filled(**members: Any) -> dict[str, Any]:
    """Without the members that hold nothing, so that an unused field never changes the digest."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
