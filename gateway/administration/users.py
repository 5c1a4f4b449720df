"""The console's users as the command line sees and changes them: also before there is an admin."""

import getpass
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from gateway.administration.reached import ledger_of
from gateway.domain.staff import Role
from gateway.errors import BaotinError, DirectoryError
from gateway.ledger import directory as stored
from gateway.ledger.database import Database
from gateway.ledger.users import StoredUser
from gateway.services.passwords import Passwords
from gateway.services.users import PasswordRefused, Rights, Users, rights_of
from gateway.settings import Settings
from gateway.web.console.words_book import Language, words_in


class UserAdministration:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._actor = getpass.getuser()

    async def list(self) -> list[dict[str, Any]]:
        async with self._users() as (_, users):
            return [_shown(user) for user in await users.all()]

    async def add(
        self, name: str, roles: Sequence[str], units: Sequence[str], password: str, *, own: bool
    ) -> None:
        """`own`: the password is the user's own already. Raises BaotinError with the reason."""
        async with self._users() as (database, users):
            rights = Rights(roles=_roles(roles), units=await _units(database, units))
            await users.add(name, rights, password, self._actor, must_change=not own)

    async def set_roles(
        self, name: str, roles: Sequence[str], units: Sequence[str], *, all_units: bool
    ) -> None:
        """Without units and `all_units` those of before stay."""
        async with self._users() as (database, users):
            wanted = await _units(database, units)
            if wanted is None and not all_units:
                wanted = rights_of(await users.named(name)).units
            await users.set_rights(name, Rights(roles=_roles(roles), units=wanted), self._actor)

    async def set_disabled(self, name: str, *, disabled: bool) -> None:
        async with self._users() as (_, users):
            await users.set_disabled(name, self._actor, disabled=disabled)

    async def reset_password(self, name: str, password: str, *, own: bool) -> None:
        async with self._users() as (_, users):
            await users.reset_password(name, password, self._actor, must_change=not own)

    @asynccontextmanager
    async def _users(self) -> AsyncIterator[tuple[Database, Users]]:
        async with ledger_of(self._settings) as database:
            try:
                yield database, Users(database, Passwords())
            except PasswordRefused as refused:
                words = words_in(Language.EN)
                sentences = [words(f"password.{fault}") for fault in refused.faults]
                raise BaotinError(" ".join(sentences)) from None


def _roles(named: Sequence[str]) -> frozenset[Role]:
    return frozenset(map(Role, named))


async def _units(database: Database, named: Sequence[str]) -> frozenset[str] | None:
    """None where none is named. Raises DirectoryError for one that is not in the directory."""
    async with database.connection() as connection:
        _, entries = await stored.current_in(connection)
    known = {entry.code for entry in entries if entry.kind == "unit"}
    for unit in named:
        if unit not in known:
            raise DirectoryError(f"there is no unit {unit}; add it to the directory first")
    return frozenset(named) or None


def _shown(user: StoredUser) -> dict[str, Any]:
    return {
        "name": user.name,
        "roles": list(user.roles),
        "units": "all" if user.units is None else list(user.units),
        "disabled": user.disabled,
        "must_change_password": user.must_change,
        "signed_in_at": user.signed_in_at.isoformat() if user.signed_in_at else None,
    }
