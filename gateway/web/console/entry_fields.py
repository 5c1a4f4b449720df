"""How the entries of the directory become forms: one field for each of a model's, by its type."""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic_core import PydanticUndefined

from gateway.domain.directory import KINDS, OpeningHours, RouteStep
from gateway.domain.dossier import EventKind
from gateway.domain.registration import RegisteredText


class Widget(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHECK = "check"
    CHOICE = "choice"
    REFERENCE = "reference"
    MANY = "many"
    LINES = "lines"
    PAIRS = "pairs"
    HOURS = "hours"
    ROUTE = "route"
    TEXTS = "texts"


@dataclass(frozen=True, kw_only=True)
class Field:
    """`options` are the values to choose from; `refers` is the kind whose codes they are; `whole`
    numbers have no fraction."""

    name: str
    widget: Widget
    required: bool
    options: tuple[str, ...] = ()
    refers: str = ""
    whole: bool = False


# What names entries of another kind. Mappings and providers are what is installed.
_REFERS = {
    ("pool", "accounts"): "account",
    ("unit", "pickup_point"): "pickup_point",
    ("unit", "successor"): "unit",
    ("source", "units"): "unit",
    ("account", "line_unit"): "unit",
    ("account", "provider"): "provider",
    ("source", "mapping"): "mapping",
}
# What another page asks for.
_NOT_IN_FORMS = {("pool", "weights")}


@cache
def fields_of(kind: str) -> tuple[Field, ...]:
    """Those of a kind, in the order of its model; its code apart."""
    found = KINDS[kind].model_fields
    return tuple(
        _field(
            kind,
            name,
            info.annotation,
            required=info.default is PydanticUndefined and info.default_factory is None,
        )
        for name, info in found.items()
        if name != "code" and (kind, name) not in _NOT_IN_FORMS
    )


def _field(kind: str, name: str, annotation: Any, *, required: bool) -> Field:
    plain = _plain(annotation)
    refers = _REFERS.get((kind, name), "")
    widget = _widget(plain)
    if refers:
        widget = Widget.MANY if widget is Widget.LINES else Widget.REFERENCE
    options = _options(plain) if widget is Widget.CHOICE else ()
    if widget is Widget.TEXTS:
        options = tuple(EventKind)
    return Field(
        name=name,
        widget=widget,
        required=required,
        options=options,
        refers=refers,
        whole=plain is int,
    )


def _plain(annotation: Any) -> Any:
    """Without None and without what only validates."""
    if get_origin(annotation) in (Union, types.UnionType):
        [annotation] = [one for one in get_args(annotation) if one is not types.NoneType]
    return (
        getattr(annotation, "__origin__", annotation) if _is_annotated(annotation) else annotation
    )


def _is_annotated(annotation: Any) -> bool:
    return hasattr(annotation, "__metadata__")


_SIMPLE = {bool: Widget.CHECK, date: Widget.DATE, int: Widget.NUMBER, float: Widget.NUMBER}
_TABLES: Mapping[Any, Widget] = {
    OpeningHours: Widget.HOURS,
    RouteStep: Widget.ROUTE,
    RegisteredText: Widget.TEXTS,
}


def _widget(plain: Any) -> Widget:
    origin = get_origin(plain)
    if plain in _SIMPLE:
        return _SIMPLE[plain]
    if origin is Literal or (isinstance(plain, type) and issubclass(plain, StrEnum)):
        return Widget.CHOICE
    if origin is tuple:
        inner = get_args(plain)[0]
        return _TABLES.get(inner, Widget.LINES) if isinstance(inner, type) else Widget.LINES
    return Widget.PAIRS if origin is Mapping else Widget.TEXT


def _options(plain: Any) -> tuple[str, ...]:
    if get_origin(plain) is Literal:
        return tuple(get_args(plain))
    return tuple(one.value for one in plain)
