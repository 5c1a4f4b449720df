"""Whose turn it is: accounts drawn by weight from those that have room."""

from collections.abc import Mapping
from random import Random


def turns(
    weights: Mapping[str, float], rooms: Mapping[str, int], most: int, dice: Random
) -> list[str]:
    """Up to `most` codes, each no more often than it has room. An account of weight 0 stands by: it
    has its turn only where no other has room."""
    left = {code: room for code, room in rooms.items() if room > 0}
    drawn: list[str] = []
    while len(drawn) < most and len(left) > 1:
        codes = list(left)
        chances = [weights.get(code, 0.0) for code in codes]
        code = dice.choices(codes, chances if any(chances) else None)[0]
        drawn.append(code)
        left[code] -= 1
        if not left[code]:
            del left[code]
    for code, room in left.items():
        drawn += [code] * min(room, most - len(drawn))
    return drawn
