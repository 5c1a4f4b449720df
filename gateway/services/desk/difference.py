"""What two texts do not share, word by word, for people to see at a glance."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_PIECE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\n|[^\S\n]+|[\w.]+|.", re.DOTALL)


class Mark(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    mark: Mark
    text: str


def difference(before: str, after: str) -> list[Stretch]:
    """The second text, with what it lost and what it gained in between."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [
        one
        for _, a, b, c, d in matcher.get_opcodes()
        for one in _stretches(old[a:b], new[c:d])
        if one.text
    ]


def _stretches(old: list[str], new: list[str]) -> Iterator[Stretch]:
    if old == new:
        yield Stretch(mark=Mark.SAME, text="".join(new))
        return
    yield Stretch(mark=Mark.GONE, text="".join(old))
    yield Stretch(mark=Mark.NEW, text="".join(new))
