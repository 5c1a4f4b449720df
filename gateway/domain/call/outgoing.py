"""How a call that brings a notice goes: the core, which no key interrupts; a question; its answer.

Key 1 repeats, 2 says that it was understood, 9 that no call is wanted any more. No key is an end,
too. Whoever hangs up after the core has been told.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.call.turn import CHECKPOINT, Ask, Part, Turn


class Key(StrEnum):
    REPEAT = "1"
    UNDERSTOOD = "2"
    DECLINED = "9"


@dataclass(frozen=True, kw_only=True, slots=True)
class CallScript:
    """The core, a question for a key, and what each key is answered with."""

    core: tuple[Part, ...]
    ask: Ask
    on_understood: tuple[Part, ...]
    on_declined: tuple[Part, ...]
    on_silence: tuple[Part, ...]
    on_other_key: tuple[Part, ...]


class Moment(StrEnum):
    """Where in the call its provider asks what to say: it was taken, the core was heard to its end,
    a question was put."""

    TAKEN = "taken"
    HEARD = "heard"
    ASKED = "asked"


def next_turn(script: CallScript, moment: Moment, key: str | None) -> Turn:
    """What is said next. A key pressed before the question was put answers it all the same."""
    if moment is Moment.TAKEN:
        return Turn(said=script.core, then=CHECKPOINT)
    match key:
        case None if moment is Moment.HEARD:
            return Turn(then=script.ask)
        case None:
            return Turn(said=script.on_silence)
        case Key.REPEAT:
            return Turn(said=script.core, then=CHECKPOINT)
        case Key.UNDERSTOOD:
            return Turn(said=script.on_understood)
        case Key.DECLINED:
            return Turn(said=script.on_declined)
    return Turn(said=script.on_other_key, then=script.ask)
