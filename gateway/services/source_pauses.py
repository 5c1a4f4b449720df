"""How much each source can take: fewer calls, and rests between them, while it is in trouble.

Kept in the memory of the leading clock; a new leader finds out again within a few calls.
"""

from dataclasses import dataclass

_PATIENCE = 5
_LONGEST_S = 300.0


@dataclass
class _Trouble:
    failures: int = 0
    rests_until: float = 0.0


class SourcePauses:
    """`now` is monotonic seconds. After five failures in a row a source rests for `first_s`, then
    twice as long each time, with a single call in between, until one succeeds."""

    def __init__(self, first_s: float) -> None:
        self._first_s = first_s
        self._troubles: dict[str, _Trouble] = {}

    def most(self, source: str, usual: int, now: float) -> int:
        """How many calls this source may have open."""
        trouble = self._troubles.get(source)
        if trouble is None:
            return usual
        if trouble.rests_until > now:
            return 0
        return usual if trouble.failures < _PATIENCE else 1

    def succeeded(self, source: str) -> None:
        self._troubles.pop(source, None)

    def failed(self, source: str, now: float, asked_s: float = 0.0) -> None:
        """`asked_s` is the rest that the source itself asked for."""
        trouble = self._troubles.setdefault(source, _Trouble())
        if trouble.rests_until > now:
            # One of several calls that were open when the rest began.
            return
        trouble.failures += 1
        rest_s = min(asked_s, _LONGEST_S)
        if trouble.failures >= _PATIENCE:
            doublings = min(trouble.failures - _PATIENCE, 16)
            rest_s = max(rest_s, min(self._first_s * 2**doublings, _LONGEST_S))
        trouble.rests_until = now + rest_s

    def in_trouble(self, source: str) -> bool:
        trouble = self._troubles.get(source)
        return trouble is not None and trouble.failures >= _PATIENCE
