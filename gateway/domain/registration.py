"""Texts that an account's operators have on file: whether a message is one of them, and where not;
and what no message of the account may have.

A registration is the text as it was registered, with `{name}` where a value may stand. A message
must be exactly that text; its values are what operators that take no free text are given instead.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.domain.message import Registered

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_SHOWN = 40


class RegisteredText(BaseModel):
    """One registered text of an account. `kind` is the event kind whose messages it is for.
    `params` is the operators' order of its variable parts (that of the text where none is given),
    `longest` the characters that a part may have; one not named there may have any number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    id: str = ""
    text: str = Field(min_length=1)
    params: tuple[str, ...] = ()
    longest: Mapping[str, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_fit(self) -> "RegisteredText":
        placed = _PLACE.findall(self.text)
        if len(set(placed)) != len(placed):
            raise PydanticCustomError(
                "part_twice", "a part stands twice in the text; name each once"
            )
        if self.params and set(self.params) != set(placed):
            raise PydanticCustomError(
                "params_differ", "params must name each part of the text once"
            )
        if unknown := set(self.longest) - set(placed):
            raise PydanticCustomError(
                "longest_differs",
                "longest names {names}, not in the text",
                {"names": ", ".join(sorted(unknown))},
            )
        return self

    @property
    def order(self) -> tuple[str, ...]:
        return self.params or tuple(_PLACE.findall(self.text))


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Where a message leaves the registered text: what should stand there, and what does. Both may
    show personal data."""

    registration: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"text {self.registration}: expected “{self.expected}”, found “{self.found}”"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unregistered:
    """The account takes registered texts only, and none for this kind is on file."""

    kind: str

    def __str__(self) -> str:
        return f"nothing registered for {self.kind}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfit:
    """What no message of the account may have. It quotes nothing but one character."""

    what: str

    def __str__(self) -> str:
        return self.what


def unfit(text: str, longest: int | None, refused: str) -> Unfit | None:
    """Whether the account takes a text of this length and of these characters."""
    if longest is not None and len(text) > longest:
        return Unfit(what=f"{len(text)} characters, {longest} are taken")
    found = next((character for character in text if character in refused), None)
    return Unfit(what=f"“{found}” at {text.index(found) + 1} is not taken") if found else None


def find(
    texts: Sequence[RegisteredText], kind: str, text: str, *, needed: bool = False
) -> Registered | Difference | Unregistered | None:
    """The registration that `text` is, or how it differs from the one it resembles most; None where
    nothing is registered for this kind and, as `needed` says, nothing has to be."""
    nearest: tuple[int, Difference] | None = None
    for one in texts:
        if one.kind != kind:
            continue
        values = _values(one, text)
        if values is not None:
            return Registered(id=one.id, params=tuple(values[name] for name in one.order))
        found = _difference(one, text)
        if nearest is None or found[0] > nearest[0]:
            nearest = found
    if nearest is None:
        return Unregistered(kind=kind) if needed else None
    return nearest[1]


def _values(one: RegisteredText, text: str) -> Mapping[str, str] | None:
    """The values with which `one` is `text`, the earlier ones as short as they can be and none
    empty; None where there are none.

    Each place is tried at most once at each position, so that no text takes long, whatever
    separators are repeated in a name.
    """
    parts = _PLACE.split(one.text)
    names, literals = parts[1::2], parts[0::2]
    hopeless: set[tuple[int, int]] = set()

    def from_place(n: int, at: int) -> tuple[str, ...] | None:
        if n == len(names):
            return () if at == len(text) else None
        if (n, at) in hopeless:
            return None
        for end in _ends(text, at, literals[n + 1], one.longest.get(names[n]), n + 1 == len(names)):
            rest = from_place(n + 1, end + len(literals[n + 1]))
            if rest is not None:
                return (text[at:end], *rest)
        hopeless.add((n, at))
        return None

    if not text.startswith(literals[0]):
        return None
    found = from_place(0, len(literals[0]))
    return None if found is None else dict(zip(names, found, strict=True))


def _ends(text: str, at: int, literal: str, most: int | None, is_last: bool) -> Iterator[int]:
    """Where a value that begins at `at` may end: before `literal`, the last one at the end."""
    latest = len(text) - len(literal) if most is None else min(at + most, len(text) - len(literal))
    if is_last:
        end = len(text) - len(literal)
        if at < end <= latest and text.endswith(literal):
            yield end
        return
    end = text.find(literal, at + 1)
    while 0 <= end <= latest:
        yield end
        end = text.find(literal, end + 1)


def _difference(one: RegisteredText, text: str) -> tuple[int, Difference]:
    """How far the two agree, and the first place where they do not."""
    parts = _PLACE.split(one.text)
    at = 0

    def differs(expected: str, found: str) -> tuple[int, Difference]:
        shown = Difference(
            registration=one.id or one.kind, expected=expected[:_SHOWN], found=found[:_SHOWN]
        )
        return at, shown

    if not text.startswith(parts[0]):
        at = _agree(parts[0], text)
        return differs(parts[0][at:], text[at:])
    at = len(parts[0])
    for name, literal in zip(parts[1::2], parts[2::2], strict=True):
        end = text.find(literal, at + 1) if literal else len(text)
        if end < 0:
            return differs(f"{{{name}}}{literal}", text[at:])
        most = one.longest.get(name)
        if most is not None and end - at > most:
            return differs(f"{{{name}}} of at most {most} characters", text[at:end])
        at = end + len(literal)
    return differs("the end", text[at:])


def _agree(one: str, other: str) -> int:
    """How many characters at the beginning are the same."""
    both = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in both if a != b), min(len(one), len(other)))
