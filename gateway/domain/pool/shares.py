"""How much of its weight each account keeps, moved a step at a time by how it fares.

A share goes down while an account shows faults or delivers late and another of its pool does not,
and comes back by itself. Every move needs observations made after the one before, so that one bad
minute is not punished twice; between what takes a step away and what gives it back lies a gap, so
that an account on the edge stays where it is. A share never goes to nothing: without traffic nobody
would see that the account is well again.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What was observed of an account since its last move. `judged` counts messages old enough to
    be judged, `late` those of them that nobody reported as delivered in time."""

    calls: int = 0
    faults: int = 0
    judged: int = 0
    late: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """`kept` of 1 is the whole weight; `since_s` is how long it has been so."""

    kept: float = 1.0
    since_s: float = float("inf")


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """The share an account has from now on. `why`: `faults`, `late` or `well`."""

    kept: float
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareRules:
    """`least` observations are needed before a share goes down. Above `faults` or `late` (parts of
    1) it does, by `step`, twice that where more than half are bad, to no less than `floor`; below
    half of them it comes back, by `step`. `dead_s` and `back_s` lie at least before each such
    move."""

    least: int = 20
    faults: float = 0.1
    late: float = 0.15
    step: float = 0.1
    floor: float = 0.05
    dead_s: float = 60.0
    back_s: float = 900.0


def review(
    shares: Mapping[str, Share], seen: Mapping[str, Seen], rules: ShareRules
) -> Mapping[str, Move]:
    """The moves to make now in one pool; empty where all may stay."""
    ills = {code: _ill(seen.get(code, Seen()), rules) for code in shares}
    somebody_is_well = any(ill is None for ill in ills.values())
    moves = {}
    for code, share in shares.items():
        ill = ills[code]
        move = None
        if ill is not None and somebody_is_well:
            move = _down(share, ill, rules)
        elif ill is None and _is_well(seen.get(code, Seen()), rules):
            move = _back(share, rules)
        if move is not None:
            moves[code] = move
    return moves


def _ill(seen: Seen, rules: ShareRules) -> tuple[str, float] | None:
    """What is bad about it, and which part of 1; None where nothing is or too little is known."""
    if seen.calls >= rules.least and seen.faults >= rules.faults * seen.calls:
        return "faults", seen.faults / seen.calls
    if seen.judged >= rules.least and seen.late >= rules.late * seen.judged:
        return "late", seen.late / seen.judged
    return None


def _is_well(seen: Seen, rules: ShareRules) -> bool:
    """Whether a step may come back: also where too little traffic is left to tell."""
    few_faults = seen.faults <= rules.faults / 2 * max(seen.calls, rules.least)
    return few_faults and seen.late <= rules.late / 2 * max(seen.judged, rules.least)


def _down(share: Share, ill: tuple[str, float], rules: ShareRules) -> Move | None:
    why, part = ill
    if share.since_s < rules.dead_s or share.kept <= rules.floor:
        return None
    step = rules.step * (2 if part > 0.5 else 1)
    return Move(kept=max(rules.floor, round(share.kept - step, 6)), why=why)


def _back(share: Share, rules: ShareRules) -> Move | None:
    if share.since_s < rules.back_s or share.kept >= 1:
        return None
    return Move(kept=min(1.0, round(share.kept + rules.step, 6)), why="well")
