"""Finds fields whose name looks like a slip for one that the contract knows.

An unknown field is otherwise ignored, so that a source may send more than we read. A misspelt
`phones` ignored in silence, however, would cost somebody a notice.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from gateway.intake.models import DossierCloudEvent
from gateway.intake.problems import FieldProblem, ProblemCode, pointer_to

_CLOSE = 0.81
_SHORTEST_PREFIX = 5


def misspelt(value: Any, model: type[BaseModel], pointer: str) -> Iterator[FieldProblem]:
    """One problem for each field of `value`, at any depth, that seems to mean another."""
    if not isinstance(value, dict):
        return
    for name in value.keys() - _known(model):
        meant = _meant(name, tuple(model.model_fields))
        if meant and meant not in value:
            yield _problem(pointer + pointer_to(name), meant)
    for name, part in _parts(model).items():
        if value.get(name):
            yield from misspelt(value[name], part, f"{pointer}/{name}")


@cache
def field_names() -> frozenset[str]:
    """Every name in an event that the contract knows, at whatever depth."""
    return frozenset(_names(DossierCloudEvent))


def _names(model: type[BaseModel]) -> Iterator[str]:
    yield from model.model_fields
    for part in _parts(model).values():
        yield from _names(part)


@cache
def _known(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(model.model_fields)


@cache
def _parts(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    return {
        name: part
        for name, field in model.model_fields.items()
        for part in (field.annotation, *get_args(field.annotation))
        if isinstance(part, type) and issubclass(part, BaseModel)
    }


def _meant(name: str, known: tuple[str, ...]) -> str | None:
    plain = {_plain(field): field for field in known}
    close = get_close_matches(_plain(name), plain, n=1, cutoff=_CLOSE)
    if close:
        return plain[close[0]]
    if len(_plain(name)) < _SHORTEST_PREFIX:
        return None
    return next((plain[field] for field in plain if field.startswith(_plain(name))), None)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _problem(pointer: str, meant: str) -> FieldProblem:
    return FieldProblem(
        pointer=pointer,
        code=ProblemCode.MISSPELT,
        detail=f"This field is not known; `{meant}` seems to be meant.",
    )
