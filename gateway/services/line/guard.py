"""Keeps people from guessing: how many wrong tries a caller, a dossier and a line bear in a day."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.alert import Alert, AlertKind
from gateway.ledger import guesses
from gateway.ledger.database import Database
from gateway.sealing import Hasher
from gateway.services.alarm import Alarm


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Wrong tries in 24 hours: of one number, about one ending of a code, on one line. Callers
    without a number share the part of the line that is theirs."""

    per_caller: int
    per_dossier: int
    per_line: int

    @property
    def withheld(self) -> int:
        return max(self.per_caller, self.per_line // 5)


class Guard:
    def __init__(self, *, database: Database, hasher: Hasher, alarm: Alarm, bounds: Bounds) -> None:
        self._database = database
        self._hasher = hasher
        self._alarm = alarm
        self._bounds = bounds

    async def let_try(self, account: str, caller: str, about: str) -> Sequence[int] | None:
        """A try, counted as wrong until `was_right` is told; None where it must not be made.
        `about` is the ending of a code, or empty."""
        who = {
            self._who("line", account): self._bounds.per_line,
            self._who("caller", caller): (
                self._bounds.per_caller if caller else self._bounds.withheld
            ),
        }
        if about:
            who[self._who("about", about)] = self._bounds.per_dossier
        async with self._database.connection() as connection:
            tries = await guesses.tried(connection, list(who))
        if tries[self._who("line", account)] > self._bounds.per_line:
            await self._alarm.sound(Alert(kind=AlertKind.GUESSING, subject=account))
        return list(who) if all(tries[one] <= most for one, most in who.items()) else None

    async def was_right(self, tried: Sequence[int]) -> None:
        async with self._database.connection() as connection:
            await guesses.was_right(connection, tried)

    def _who(self, kind: str, word: str) -> int:
        return self._hasher.token(f"guess:{kind}", word)
