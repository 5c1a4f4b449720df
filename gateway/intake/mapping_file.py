"""The shape of a mapping file (config/sources/*.toml) and the check that it can work.

An expression is JMESPath over one dossier of the payload. Beside the dossier's own members it may
name `_envelope` (the payload around the list), `_query` (parameters of the request's URL),
`_supplement` (the last open request for papers) and `_amount` (the fee to be paid, in VND).
"""

import string
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Generic, Self, TypeVar

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    ValidationError,
    model_validator,
)

from gateway.domain.dossier import EventKind, PersonKind, ReturnBy
from gateway.errors import ConfigurationError

ID_PARTS = frozenset({"code", "kind", "occurrence"})
ANSWER_PARTS = frozenset(
    {"position", "dossier_code", "outcome", "changed", "notifications", "detail", "problems"}
)

Value = TypeVar("Value")


def _expression(text: Any) -> ParsedResult:
    if not isinstance(text, str) or not text:
        raise ValueError("write a JMESPath expression as a string")
    try:
        return jmespath.compile(text)
    except JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"not a JMESPath expression: {text!r}: {reason}") from None


def _date_format(text: Any) -> Any:
    try:
        sample = datetime(2025, 3, 5, 16, 30, tzinfo=UTC)
        datetime.strptime(sample.strftime(text), text)  # noqa: DTZ007 - only tried
    except (TypeError, ValueError):
        raise ValueError("write a strptime format, such as %Y%m%d%H%M%S") from None
    return text


def _id_template(text: Any) -> Any:
    named = {part for _, part, _, _ in string.Formatter().parse(str(text)) if part is not None}
    if named != ID_PARTS:
        raise ValueError("use {code}, {kind} and {occurrence}, each of them and nothing else")
    return text


Expression = Annotated[InstanceOf[ParsedResult], BeforeValidator(_expression)]
DateFormat = Annotated[str, BeforeValidator(_date_format)]
IdTemplate = Annotated[str, BeforeValidator(_id_template)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(_Table, Generic[Value]):
    """A value found `from` the dossier and translated; `otherwise` where it is not in the table."""

    from_: Expression = Field(alias="from")
    otherwise: Value | None = None
    values: dict[str, Value] = Field(default_factory=dict)


class Status(_Table):
    from_: Expression = Field(alias="from")
    ignored: tuple[str, ...] = ()
    kinds: dict[str, EventKind] = Field(min_length=1)


class Fields(_Table):
    code: Expression
    name: Expression
    phones: Expression
    procedure_code: Expression | None = None
    procedure_name: Expression | None = None
    received_at: Expression | None = None
    due_at: Expression | None = None
    lookup_secret: Expression | None = None
    authorised_name: Expression | None = None
    authorised_phones: Expression | None = None
    pickup_point: Expression | None = None


class Fees(_Table):
    """`due` lists, by kind of event, the fees whose sum is told; `amount` is read in each."""

    amount: Expression
    due: dict[EventKind, Expression]


class Supplement(_Table):
    """`open` lists the requests for papers not yet met; the one `asked_at` last is told."""

    open: Expression
    asked_at: Expression
    items: Expression | None = None
    reason: Expression | None = None
    new_due_at: Expression | None = None


class Answer(_Table):
    """What such a client expects. `item` gives, by member name, one of the answer's parts."""

    accepted: dict[str, str | int | bool]
    refused: dict[str, str | int | bool]
    items: str | None = None
    item: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_known_parts(self) -> Self:
        unknown = set(self.item.values()) - ANSWER_PARTS
        if unknown:
            raise ValueError(f"item may name {sorted(ANSWER_PARTS)}, not {sorted(unknown)}")
        return self


class MappingFile(_Table):
    source: str = Field(min_length=1)
    list: Expression
    event_id: IdTemplate = "{code}.{kind}.{occurrence}"
    date_formats: tuple[DateFormat, ...] = ()
    blank_dates: frozenset[str] = frozenset()
    expect: dict[str, str] = Field(default_factory=dict)
    status: Status
    occurrence: dict[EventKind, Expression]
    fields: Fields
    person_kind: Choice[PersonKind]
    return_by: Choice[ReturnBy]
    unit: Choice[str]
    fees: Fees | None = None
    supplement: Supplement | None = None
    answer: Answer

    @model_validator(mode="after")
    def _tells_repeats_apart(self) -> Self:
        missing = set(self.status.kinds.values()) - self.occurrence.keys()
        if missing:
            raise ValueError(f"occurrence: say what tells one {sorted(missing)[0]} from the next")
        return self


def read_mapping_file(path: Path) -> MappingFile:
    """Raises ConfigurationError naming the file, each wrong key and the reason."""
    try:
        return MappingFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, entry['loc'])) or 'mapping'}: {entry['msg']}"
            for entry in error.errors(include_url=False)
        )
        raise ConfigurationError(f"{path.name}: {wrong}") from None
