"""An automatic call in our own terms: what is said, what is played, which key is asked for, and how
the call goes on from there. No provider's language is known here, and no address.
"""

from gateway.domain.call.outgoing import CallScript, Key, Moment, next_turn
from gateway.domain.call.prompt import NO_PROMPTS, Prompt, Prompts
from gateway.domain.call.turn import CHECKPOINT, Ask, Checkpoint, Part, Play, Say, Turn, words_of

__all__ = [
    "CHECKPOINT",
    "NO_PROMPTS",
    "Ask",
    "CallScript",
    "Checkpoint",
    "Key",
    "Moment",
    "Part",
    "Play",
    "Prompt",
    "Prompts",
    "Say",
    "Turn",
    "next_turn",
    "words_of",
]
