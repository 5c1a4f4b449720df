"""New identifiers for this process: the clock and randomness that the domain leaves to others."""

import os
import time
from uuid import UUID

from gateway.domain.identity import uuid7

_EACH_BYTES = 10
_AT_ONCE_BYTES = 4_000


class _Randomness:
    """The system's, fetched in large pieces: asking for each id costs more than the id."""

    def __init__(self) -> None:
        self._piece = b""
        self._at = 0

    def bits(self) -> int:
        if self._at >= len(self._piece):
            self._piece, self._at = os.urandom(_AT_ONCE_BYTES), 0
        taken = self._piece[self._at : self._at + _EACH_BYTES]
        self._at += _EACH_BYTES
        return int.from_bytes(taken, "big")


_randomness = _Randomness()
os.register_at_fork(after_in_child=_randomness.__init__)  # type: ignore[misc]


def mint() -> UUID:
    return uuid7(time.time_ns() // 1_000_000, _randomness.bits())
