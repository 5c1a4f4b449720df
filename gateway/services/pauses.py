"""Pausing and resuming by staff: everything, a channel, a pool, a unit or an account.

Every pause has a reason that colleagues read, and every act is in the audit.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.channel import Channel
from gateway.domain.directory import Directory
from gateway.domain.staff import Staff
from gateway.errors import BaotinError
from gateway.ledger import audit, pauses
from gateway.ledger import directory as stored
from gateway.ledger.account_health import STOPPED_BY
from gateway.ledger.database import Connection, Database
from gateway.ledger.pauses import Pause
from gateway.services.minting import mint

EVERYTHING, CHANNEL, POOL, UNIT, ACCOUNT = "everything", "channel", "pool", "unit", "account"
LONGEST_REASON = 200


class PauseRefused(BaotinError):
    """What was asked for cannot be done. `word` says why, for the console's catalogue."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass(frozen=True, kw_only=True)
class Target:
    """What to pause. The code of `everything` is empty; a channel is paused whatever pools it has,
    or is given while it is paused."""

    scope: str
    code: str = ""

    def __str__(self) -> str:
        return f"{self.scope}:{self.code}" if self.code else self.scope


class Pauses:
    def __init__(self, database: Database, directory: Callable[[], Directory]) -> None:
        self._database = database
        self._directory = directory

    async def in_force(self) -> Sequence[Pause]:
        """Those that people made, oldest first. What the gateway stops by itself is an alert."""
        async with self._database.connection() as connection:
            found = await pauses.in_force(connection)
        return [one for one in found if one.actor != STOPPED_BY]

    async def pause(
        self, target: Target, reason: str, staff: Staff, *, drains: bool = False
    ) -> None:
        """Raises PauseRefused for what does not exist, is not this person's, or has no reason."""
        if not reason:
            raise PauseRefused("no_reason", "say why, so that colleagues know")
        self._must_be_theirs(target, staff)
        self._must_exist(target)
        said = reason[:LONGEST_REASON]
        async with self._database.transaction() as connection:
            await stored.pause(
                connection, target.scope, target.code, staff.actor, said, drains=drains
            )
            action = "pause.drain" if drains else "pause.begin"
            await _note(connection, staff, action, target, said)

    async def resume(self, target: Target, staff: Staff) -> None:
        """Raises PauseRefused for what is not this person's, or not paused."""
        self._must_be_theirs(target, staff)
        async with self._database.transaction() as connection:
            if not await stored.resume(connection, target.scope, target.code):
                raise PauseRefused("not_paused", "it is not paused")
            await _note(connection, staff, "pause.end", target)

    def _must_exist(self, target: Target) -> None:
        now = self._directory()
        known: Mapping[str, Container[str]] = {
            EVERYTHING: {""},
            CHANNEL: set(Channel),
            UNIT: now.units,
            POOL: now.pools,
            ACCOUNT: now.accounts,
        }
        if target.code not in known.get(target.scope, ()):
            raise PauseRefused("unknown_target", f"the directory has no {target}")

    @staticmethod
    def _must_be_theirs(target: Target, staff: Staff) -> None:
        """What several units send through needs somebody who answers for all of them."""
        if target.scope == UNIT and staff.may_see(target.code):
            return
        if not staff.sees_all_units:
            raise PauseRefused("not_yours", "this is not of your units")


async def _note(
    connection: Connection, staff: Staff, action: str, target: Target, detail: str = ""
) -> None:
    entry = audit.Entry(
        id=mint(), actor=staff.actor, action=action, found=0, subject=str(target), detail=detail
    )
    await audit.write(connection, entry)
