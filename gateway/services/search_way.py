"""How far a search looks back at a time, and how: decided by how long it took so far.

A stretch may take a part of the time that is left, and is so long that it takes half of that, as
far as the one before tells. One that was broken off is tried again over a part of its length, so
that every search gets somewhere. What is common is met on the way; once it shows that a page would
take too long, the search turns to what is rarer (`is_rare` of the stretch, see
`gateway.ledger.finding`), and back where that takes too long.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from gateway.domain.identity import minted_at, uuid7_floor
from gateway.errors import LedgerUnavailable

_HOUR_MS = 3_600_000
FIRST_MS, ALL_MS = 3 * _HOUR_MS, 876_000 * _HOUR_MS
# The shortest is not broken off for the time of the search: there has to be one that is not.
_PARTS, _SHORTEST_MS, _AT_LEAST_S = 12, 500, 0.002
# The part of the time left for a stretch, and for one that may turn out to be too long by far.
_PART, _TRIAL = 0.7, 0.4
_GROWTH = 6.0
# After so long it shows how often something is met.
_SHOWS_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """`at_most_s` None: as long as it takes."""

    before: UUID
    since: UUID
    length_ms: int
    at_most_s: float | None
    is_rare: bool


@dataclass(kw_only=True)
class Way:
    """Back from `before`, down to `floor`, for so many that are `wanted`; it `ends` at that tick.
    `is_rare` and stays so, unless it `may_turn`. `by_month`: looking for what is rare costs as much
    for a day as for its month."""

    floor: UUID
    before: UUID
    ends: float
    wanted: int
    is_rare: bool = False
    may_turn: bool = False
    by_month: bool = False
    length_ms: int = FIRST_MS
    _is_first: bool = True
    _spent_s: float = 0.0

    def is_over(self, tick: float) -> bool:
        return tick > self.ends - _AT_LEAST_S and not self._is_first

    def next(self, tick: float, now: datetime) -> Stretch:
        """The time before `now` counts; nothing is found in what is to come."""
        end = min(self.before, uuid7_floor(now))
        since = UUID(int=max(0, end.int - (self.length_ms << 80)))
        if self.is_rare and self.by_month:
            since = _month_of(since)
        since = max(self.floor, since)
        return Stretch(
            before=self.before,
            since=since,
            length_ms=(end.int - since.int) >> 80,
            at_most_s=self._at_most_s(tick),
            is_rare=self.is_rare,
        )

    def _at_most_s(self, tick: float) -> float | None:
        if self._is_first and self.length_ms <= _SHORTEST_MS:
            return None
        is_trial = self._is_first or (self.may_turn and not self.is_rare)
        return max(_AT_LEAST_S, (self.ends - tick) * (_TRIAL if is_trial else _PART))

    def went(self, stretch: Stretch, began: float, tick: float, found: int) -> None:
        """A stretch was looked at; so many were `found` so far."""
        self.before, self._is_first = stretch.since, False
        self._spent_s += tick - began
        if self.may_turn and self._spent_s > _SHOWS_S:
            each_s = self._spent_s / max(found, 0.5)
            self.is_rare |= each_s * (self.wanted - found) > self.ends - tick
        times = (self._at_most_s(tick) or 0) / 2 / max(tick - began, 0.001)
        self.length_ms = max(_SHORTEST_MS, int(stretch.length_ms * min(times, _GROWTH)))

    def broke_off(self, stretch: Stretch) -> None:
        """Raises LedgerUnavailable where not even the shortest came to an end."""
        if stretch.at_most_s is None:
            raise LedgerUnavailable
        if self.may_turn and not stretch.is_rare:
            self.is_rare = True
            return
        if self.may_turn:
            self.is_rare = self.may_turn = False
        self.length_ms = max(_SHORTEST_MS, stretch.length_ms // _PARTS)


def _month_of(moment: UUID) -> UUID:
    """The beginning of its month, which is that of a partition."""
    at = minted_at(moment)
    return uuid7_floor(datetime(at.year, at.month, 1, tzinfo=UTC))
