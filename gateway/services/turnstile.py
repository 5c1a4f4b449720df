"""Whoever wants in passes two turnstiles, of the name and of the address; failures shut them.

A try counts as failed before anything is looked at, and is taken back when it proves right.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from gateway.domain.staff import Patience, allowed_again_s
from gateway.ledger import sessions
from gateway.ledger.database import Connection, Database
from gateway.sealing import Hasher

log = structlog.get_logger()

# After an hour of peace failures are counted from one again.
_REMEMBERED_S = 3600.0


class TooManyFailures(Exception):
    """Nothing is looked at before `wait_s` are over."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many failures")
        self.wait_s = wait_s


@dataclass(frozen=True, kw_only=True, slots=True)
class _Turnstile:
    """`whom` is a keyed hash: neither names nor addresses stand in the ledger."""

    whom: int
    patience: Patience


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """What to take back once a try has proved right."""

    name: int
    address: int


class Turnstiles:
    def __init__(
        self, database: Database, hasher: Hasher, for_names: Patience, for_addresses: Patience
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._for_names = for_names
        self._for_addresses = for_addresses

    async def go_through(self, name: str, address: str) -> Passed:
        """Raises TooManyFailures."""
        passed = Passed(
            name=self._hasher.token("sign-in-name", name),
            address=self._hasher.token("sign-in-address", address),
        )
        await self._count(
            _Turnstile(whom=passed.name, patience=self._for_names),
            _Turnstile(whom=passed.address, patience=self._for_addresses),
        )
        return passed

    @staticmethod
    async def take_back(connection: Connection, passed: Passed) -> None:
        """The name starts afresh; the address keeps what others failed from it."""
        await sessions.forget_failures(connection, passed.name)
        await sessions.forgive(connection, passed.address)

    async def _count(self, *turnstiles: _Turnstile) -> None:
        async with self._database.transaction() as connection:
            wait_s = max([await _pass(connection, one) for one in _in_one_order(turnstiles)])
        if wait_s > 0:
            log.warning("sign_in_has_to_wait", wait_s=round(wait_s))
            raise TooManyFailures(wait_s)


def _in_one_order(turnstiles: Iterable[_Turnstile]) -> list[_Turnstile]:
    """So that two tries wait for each other and never for ever."""
    return sorted(turnstiles, key=lambda one: one.whom)


async def _pass(connection: Connection, turnstile: _Turnstile) -> float:
    """Seconds that this try has to wait; 0 lets it through, and makes a later one wait if this
    one was one too many."""
    counted = await sessions.count_failure(connection, turnstile.whom, _REMEMBERED_S)
    if counted.wait_s > 0:
        return counted.wait_s
    if later_s := allowed_again_s(counted.times, turnstile.patience):
        await sessions.let_wait(connection, turnstile.whom, later_s)
    return 0.0
