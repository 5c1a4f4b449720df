"""What the expressions of a mapping see of one dossier, and how their results are read."""

from collections.abc import Mapping
from typing import Any

from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from gateway.intake.mapping_file import MappingFile
from gateway.intake.mapping_origin import Origin
from gateway.intake.mapping_values import moment_of, text_of
from gateway.intake.problems import FieldProblem, ProblemCode


class CannotMap(Exception):
    """The dossier is not shaped as the mapping expects."""

    def __init__(self, problem: FieldProblem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Scope:
    """`around` is what expressions may name beside the dossier. Reading raises CannotMap.

    An expression is read `of` the whole scope unless a part of it is given.
    """

    def __init__(
        self, file: MappingFile, dossier: Any, around: Mapping[str, Any], origin: Origin
    ) -> None:
        self._file = file
        self._origin = origin
        self.is_object = isinstance(dossier, dict)
        self._seen = {**dossier, **around} if self.is_object else {**around}

    def add(self, **members: Any) -> None:
        self._seen.update(members)

    def value(self, expression: ParsedResult | None, of: Any = None) -> Any:
        if expression is None:
            return None
        try:
            return expression.search(self._seen if of is None else of)
        except JMESPathError:
            raise self.cannot(
                expression, ProblemCode.WRONG_TYPE, "A value is of another type than expected."
            ) from None

    def text(self, expression: ParsedResult | None, of: Any = None) -> Any:
        return text_of(self.value(expression, of))

    def entries(self, expression: ParsedResult) -> list[Any]:
        found = self.value(expression)
        if not isinstance(found, list | None):
            raise self.cannot(expression, ProblemCode.WRONG_TYPE, "Send a JSON array.")
        return [entry for entry in found or () if entry is not None]

    def date(self, expression: ParsedResult | None, of: Any = None) -> Any:
        """RFC 3339; what cannot be read is passed on, to be refused with the rest."""
        found = self.text(expression, of)
        if not isinstance(found, str):
            return found
        if not found or found in self._file.blank_dates:
            return None
        moment = moment_of(found, self._file.date_formats)
        return moment.isoformat() if moment else found

    def cannot(
        self, expression: ParsedResult | None, code: ProblemCode, sentence: str
    ) -> CannotMap:
        pointer = self._origin.pointer(expression)
        return CannotMap(FieldProblem(pointer=pointer, code=code, detail=sentence))
