"""Where in a source's own payload a field of our event was read from, for pointers in problems."""

import re
from dataclasses import replace

from jmespath.parser import ParsedResult

from gateway.intake.mapping_file import MappingFile
from gateway.intake.problems import FieldProblem, pointer_to

_PLAIN_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


def list_pointer(expression: ParsedResult) -> str | None:
    """Where the list of dossiers stands; None where the expression is more than a path to it."""
    if expression.expression == "@":
        return ""
    if not _PLAIN_PATH.fullmatch(expression.expression):
        return None
    return pointer_to(*expression.expression.split("."))


class Origin:
    """Of one dossier, which stands at `pointer` in the payload."""

    def __init__(self, file: MappingFile, pointer: str) -> None:
        self._file = file
        self._pointer = pointer

    def pointer(self, expression: ParsedResult | None) -> str:
        """Exact where the expression is a plain path, otherwise that of the whole dossier."""
        if expression is None or not _PLAIN_PATH.fullmatch(expression.expression):
            return self._pointer
        first, *rest = expression.expression.split(".")
        if first == "_envelope":
            return pointer_to(*rest)
        return self._pointer if first.startswith("_") else self._pointer + pointer_to(first, *rest)

    def as_sent(self, problem: FieldProblem) -> FieldProblem:
        """The same problem, pointing into the payload instead of into our event."""
        expression = self._expression(problem.pointer)
        if expression is None:
            return replace(problem, pointer=self._pointer)
        detail = f"{problem.detail} It is read from {expression.expression}."
        return replace(problem, pointer=self.pointer(expression), detail=detail)

    def _expression(self, pointer: str) -> ParsedResult | None:
        read_from = _expressions(self._file)
        while pointer and pointer not in read_from:
            pointer = pointer.rpartition("/")[0]
        return read_from.get(pointer)


def _expressions(file: MappingFile) -> dict[str, ParsedResult | None]:
    fields, supplement = file.fields, file.supplement
    return {
        "/id": fields.code,
        "/data/dossier/code": fields.code,
        "/data/dossier/procedure/code": fields.procedure_code,
        "/data/dossier/procedure/name": fields.procedure_name,
        "/data/dossier/received_at": fields.received_at,
        "/data/dossier/due_at": fields.due_at,
        "/data/applicant/name": fields.name,
        "/data/applicant/phones": fields.phones,
        "/data/authorised/name": fields.authorised_name,
        "/data/authorised/phones": fields.authorised_phones,
        "/data/unit": file.unit.from_,
        "/data/pickup/point": fields.pickup_point,
        "/data/details": supplement.open if supplement else None,
    }
