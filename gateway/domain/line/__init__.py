"""The line that people call: how such a call goes, as a pure machine of places and keys.

What a question is answered with is found elsewhere and comes back as yes or no; the words are
looked up by their names.
"""

from gateway.domain.line.dialogue import (
    LEAST_DIGITS,
    Answer,
    Asked,
    Line,
    Place,
    Reply,
    Words,
    answered,
    begin,
    heard,
)

__all__ = [
    "LEAST_DIGITS",
    "Answer",
    "Asked",
    "Line",
    "Place",
    "Reply",
    "Words",
    "answered",
    "begin",
    "heard",
]
