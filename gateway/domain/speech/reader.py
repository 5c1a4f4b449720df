"""How a sentence is read: the words of the region, and what a site's list says for its own words.

The list is configuration and comes from outside; the rules of Vietnamese do not depend on it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from gateway.domain.speech.numbers import PLAIN, Dialect

_INITIAL = re.compile(r"[^\W\d_]\.")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """`pronunciations`: words or short phrases, with their capitals, and what is said for them."""

    dialect: Dialect = PLAIN
    pronunciations: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def listed(self) -> str:
        """A pattern of all that is on the list, as whole words, the longest first.

        By first letter, so that most words are passed over after a look at one character.
        """
        longest_first = sorted(self.pronunciations, key=lambda key: (key[0], -len(key)))
        letters = groupby(longest_first, key=lambda key: key[0])
        by_letter = [f"{re.escape(one)}(?:{'|'.join(map(_rest, keys))})" for one, keys in letters]
        return rf"(?<!\w)(?:{'|'.join(by_letter)})" if by_letter else "(?!)"


def _rest(key: str) -> str:
    """What follows the first letter. A key that ends in a dot stands before a name: `P. Tân Phú`.

    One letter and a dot may also be the initial of a person, as in `T.H. Nhung`.
    """
    if _INITIAL.fullmatch(key):
        return r"(?<![\w.].)\.(?= ?(?:\d|\w\w))"
    after = r"(?!\w)" if key[-1].isalnum() else r"(?= ?\w)" if key.endswith(".") else ""
    return re.escape(key[1:]) + after


READER = Reader()
