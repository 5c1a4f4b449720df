"""What two texts do not share, word by word, for people to see at a glance."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

_PIECE = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}|\n|[^\S\n]+|[\w.]+|.", re.DOTALL)
# The work grows with both texts. Beyond this, which no notice reaches, what lies between the first
# and the last word that differ is shown as a whole.
_MOST_PAIRS = 300_000


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
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    ends = len(old) - tail, len(new) - tail
    found = (
        _same(old[:head]),
        *_between(old[head : ends[0]], new[head : ends[1]]),
        _same(old[ends[0] :]),
    )
    return [one for one in found if one.text]


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many pieces both begin with."""
    pairs = zip(old, new, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    if len(old) * len(new) > _MOST_PAIRS:
        yield from _changed(old, new)
        return
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield _same(new[c:d])
        else:
            yield from _changed(old[a:b], new[c:d])


def _same(pieces: Sequence[str]) -> Stretch:
    return Stretch(mark=Mark.SAME, text="".join(pieces))


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    yield Stretch(mark=Mark.GONE, text="".join(old))
    yield Stretch(mark=Mark.NEW, text="".join(new))
