"""The kinds of field that an event is made of: their limits, their normal form, their problems."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from gateway.domain import language
from gateway.domain.dossier import EventKind
from gateway.domain.text import nfc
from gateway.intake.problems import ProblemCode
from gateway.intake.times import NotATime, read_moment

OUR_OWN = "in_our_own_words"
_KIND_OF_TYPE = {kind.cloudevents_type: kind for kind in EventKind}


def _composed(value: Any) -> Any:
    return nfc(value) if isinstance(value, str) else value


def _on_one_line(value: Any) -> Any:
    return " ".join(nfc(value).split()) if isinstance(value, str) else value


def _digits(value: Any) -> Any:
    return "".join(value.split()) if isinstance(value, str) else value


def wrong(code: ProblemCode, sentence: str, *field: str) -> PydanticCustomError:
    """A problem in our own words, at this place or at a `field` below it."""
    return PydanticCustomError(
        OUR_OWN, "{sentence}", {"code": code, "sentence": sentence, "field": field}
    )


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        raise wrong(ProblemCode.WRONG_TYPE, "Send the time as a JSON string.")
    try:
        return read_moment(value)
    except NotATime as error:
        raise wrong(ProblemCode.BAD_TIME, str(error)) from None


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 50000.0 is a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _kind(value: Any) -> EventKind:
    if isinstance(value, str) and value in _KIND_OF_TYPE:
        return _KIND_OF_TYPE[value]
    raise wrong(ProblemCode.UNKNOWN_TYPE, f"Send one of: {', '.join(_KIND_OF_TYPE)}.")


Identifier = Annotated[
    str, StringConstraints(min_length=1, max_length=256), BeforeValidator(_composed)
]
Attribute = Annotated[str, StringConstraints(max_length=1024), BeforeValidator(_composed)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64), BeforeValidator(_on_one_line)]
Name = Annotated[str, StringConstraints(max_length=500), BeforeValidator(_on_one_line)]
Digits = Annotated[str, StringConstraints(pattern=r"^\d{6,12}$"), BeforeValidator(_digits)]
LongText = Annotated[str, StringConstraints(max_length=2000), BeforeValidator(_on_one_line)]
PhoneField = Annotated[str, StringConstraints(max_length=100), BeforeValidator(_composed)]
Phones = Annotated[tuple[PhoneField, ...], Field(max_length=10)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Amount = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000_000), BeforeValidator(_whole)]
Language = Annotated[str, StringConstraints(pattern=language.PATTERN)]
JsonMediaType = Annotated[
    str, StringConstraints(pattern=r"(?i)^(application|text)/([a-z0-9.-]+\+)?json\s*(;.*)?$")
]
EventType = Annotated[
    EventKind,
    BeforeValidator(_kind),
    WithJsonSchema({"type": "string", "enum": list(_KIND_OF_TYPE)}),
]
