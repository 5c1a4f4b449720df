"""One turn of a call: what the caller's side says before it listens again, or hangs up."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    """Words to be spoken, already in spoken form (numbers, dates and codes written out)."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Play:
    """A recorded prompt. `file` is its name in the collection, `words` what it says in Vietnamese,
    for where it cannot be played."""

    file: str
    words: str


Part = Say | Play


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """Wait for keys; what is said with it may be cut short by one. With more than one digit, `#`
    ends the input early."""

    prompt: tuple[Part, ...]
    timeout_s: int = 6
    digits: int = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Come back at once, as the proof that what was said was said to its end."""


CHECKPOINT = Checkpoint()


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """`said` to its end, whatever is pressed meanwhile; then a question, or the end of the call."""

    said: tuple[Part, ...] = ()
    then: Ask | Checkpoint | None = None

    @property
    def asks(self) -> bool:
        return isinstance(self.then, Ask)


def words_of(parts: Iterable[Part]) -> str:
    """All that is heard, as Vietnamese words."""
    return " ".join(part.text if isinstance(part, Say) else part.words for part in parts)
