"""Keeps people from guessing: how many wrong tries a caller, a dossier and a line bear in a day.

Whoever guesses is to be shut out, not the person whose dossier is guessed at: callers without a
number use up only a part of what a dossier bears, and a number that was written to about it is not
kept from it by what others tried.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.domain.alert import Alert, AlertKind
from gateway.ledger import guesses
from gateway.ledger.database import Database
from gateway.sealing import Hasher
from gateway.services.alarm import Alarm
from gateway.services.search_tokens import ending_of


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Wrong tries in 24 hours: of one number, about one ending of a code, on one line. Callers
    without a number share the part of the line, and of a dossier, that is theirs."""

    per_caller: int
    per_dossier: int
    per_line: int

    @property
    def withheld(self) -> int:
        return max(self.per_caller, self.per_line // 5)

    @property
    def withheld_per_dossier(self) -> int:
        return max(1, self.per_dossier // 4)


class Guard:
    """`is_known_to` tells whether a number was written to about a dossier with this ending."""

    def __init__(
        self,
        *,
        database: Database,
        hasher: Hasher,
        alarm: Alarm,
        bounds: Bounds,
        is_known_to: Callable[[str, str], Awaitable[bool]],
    ) -> None:
        self._database = database
        self._is_known_to = is_known_to
        self._hasher = hasher
        self._alarm = alarm
        self._bounds = bounds

    async def let_try(self, account: str, caller: str, about: str) -> Sequence[int] | None:
        """A try, counted as wrong until `was_right` is told; None where it must not be made, which
        then counts against nobody. `about` are the last digits of a code, or empty."""
        most = self._most(account, caller, about)
        async with self._database.connection() as connection:
            tries = await guesses.tried(connection, list(most))
        over = {who for who, bound in most.items() if tries[who] > bound}
        if not over or await self._is_anothers_doing(over, caller, about):
            return list(most)
        await self._take_back(list(most))
        if tries[self._who("line", account)] > self._bounds.per_line:
            await self._alarm.sound(Alert(kind=AlertKind.GUESSING, subject=account))
        return None

    async def _is_anothers_doing(self, over: set[int], caller: str, about: str) -> bool:
        """Only the dossier has borne too much, and it is the caller's own."""
        if not (caller and about) or over != {self._who("about", ending_of(about))}:
            return False
        return await self._is_known_to(caller, about)

    async def was_right(self, tried: Sequence[int]) -> None:
        await self._take_back(tried)

    def _most(self, account: str, caller: str, about: str) -> dict[int, int]:
        """Against whom a try counts, each with what they bear."""
        bounds = self._bounds
        most = {self._who("line", account): bounds.per_line}
        if caller:
            most[caller_token(self._hasher, caller)] = bounds.per_caller
        else:
            most[self._who("withheld", account)] = bounds.withheld
        if about:
            # However much of the code was typed, it is one dossier.
            most[self._who("about", ending_of(about))] = bounds.per_dossier
        if about and not caller:
            most[self._who("withheld about", ending_of(about))] = bounds.withheld_per_dossier
        return most

    async def _take_back(self, tried: Sequence[int]) -> None:
        async with self._database.connection() as connection:
            await guesses.take_back(connection, tried)

    def _who(self, kind: str, word: str) -> int:
        return self._hasher.token(f"guess:{kind}", word)


def caller_token(hasher: Hasher, caller: str, version: int | None = None) -> int:
    """By which the wrong tries of a number are counted."""
    return hasher.token("guess:caller", caller, version)
