"""What ends a request with a page that says what is wrong and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Sorry(Exception):
    """`word` is looked up in the catalogue as `fault.<word>.title` and `fault.<word>.text`."""

    status: int
    word: str
    values: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def not_yours() -> Sorry:
    return Sorry(403, "not_yours")


def missing() -> Sorry:
    return Sorry(404, "missing")


def changed_since() -> Sorry:
    return Sorry(409, "changed_since")
