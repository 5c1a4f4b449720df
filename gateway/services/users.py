"""The console's users as administrators see and change them. Every change is in the audit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from gateway.domain.staff import PasswordFault, Role, clean_name, faults_of
from gateway.errors import BaotinError
from gateway.ledger import audit, sessions, users
from gateway.ledger.database import Connection, Database
from gateway.ledger.users import StoredUser
from gateway.services.minting import mint
from gateway.services.passwords import Passwords
from gateway.services.sign_in import hash_of, roles_of


class UserRefused(BaotinError):
    """What was asked for cannot be done. `word` says why, for the console's catalogue."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


class PasswordRefused(BaotinError):
    """The password will not do; `faults` say why."""

    def __init__(self, faults: Sequence[PasswordFault]) -> None:
        super().__init__(f"the password will not do: {', '.join(faults)}")
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Rights:
    """`units` None: all."""

    roles: frozenset[Role]
    units: frozenset[str] | None = None

    def __str__(self) -> str:
        units = "all" if self.units is None else ",".join(sorted(self.units))
        return f"roles={','.join(sorted(self.roles))} units={units}"


def rights_of(user: StoredUser) -> Rights:
    units = None if user.units is None else frozenset(user.units)
    return Rights(roles=roles_of(user.roles), units=units)


class Users:
    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    async def all(self) -> list[StoredUser]:
        async with self._database.connection() as connection:
            return await users.all_users(connection)

    async def named(self, name: str) -> StoredUser:
        """Raises UserRefused where there is none."""
        async with self._database.connection() as connection:
            return await _found(connection, name)

    async def by_id(self, wanted: UUID) -> StoredUser:
        """Raises UserRefused where there is none."""
        async with self._database.connection() as connection:
            user = await users.by_id(connection, wanted)
        if user is None:
            raise UserRefused("no_such_user", "there is no such user")
        return user

    async def add(
        self, typed: str, rights: Rights, password: str, actor: str, *, must_change: bool = True
    ) -> StoredUser:
        """Raises UserRefused for a name that is taken or none, PasswordRefused."""
        name = clean_name(typed)
        if name is None:
            raise UserRefused(
                "bad_name",
                "a name has 2 to 40 of the letters a-z, digits, dot, dash and underscore, and"
                " begins with a letter or digit",
            )
        _check(rights)
        hashed = await self._hashed(password, name)
        user = StoredUser(
            id=mint(),
            name=name,
            password=hashed,
            must_change=must_change,
            roles=sorted(rights.roles),
            units=None if rights.units is None else sorted(rights.units),
        )
        async with self._database.transaction() as connection:
            if not await users.add(connection, user):
                raise UserRefused("name_taken", f"there is a user {name} already")
            await _note(connection, actor, "user.add", name, str(rights))
        return user

    async def set_rights(
        self, name: str, rights: Rights, actor: str, revision: int | None = None
    ) -> None:
        """Raises UserRefused where somebody changed the user since `revision`, or nobody would be
        left who may administer users."""
        _check(rights)
        async with self._database.transaction() as connection:
            await users.lock_all(connection)
            user = await _found(connection, name)
            wanted = replace(
                user,
                roles=sorted(rights.roles),
                units=None if rights.units is None else sorted(rights.units),
                revision=user.revision if revision is None else revision,
            )
            await _change(connection, wanted)
            await _note(connection, actor, "user.rights", name, str(rights))

    async def set_disabled(self, name: str, actor: str, *, disabled: bool) -> None:
        """A disabled user is signed out everywhere. Raises UserRefused as `set_rights`."""
        async with self._database.transaction() as connection:
            await users.lock_all(connection)
            user = await _found(connection, name)
            await _change(connection, replace(user, disabled=disabled))
            if disabled:
                await sessions.end_all_of(connection, user.id)
            await _note(connection, actor, "user.disable" if disabled else "user.enable", name)

    async def reset_password(
        self, name: str, password: str, actor: str, *, must_change: bool = True
    ) -> None:
        """Signs the user out everywhere. Raises UserRefused, PasswordRefused."""
        hashed = await self._hashed(password, name)
        async with self._database.transaction() as connection:
            user = await _found(connection, name)
            await users.set_password(connection, user.id, hashed, must_change=must_change)
            await sessions.end_all_of(connection, user.id)
            await _note(connection, actor, "user.reset_password", name)

    async def change_own_password(self, name: str, password: str, token: str) -> None:
        """All other sessions of the user end. Raises PasswordRefused."""
        hashed = await self._hashed(password, name)
        async with self._database.transaction() as connection:
            user = await _found(connection, name)
            await users.set_password(connection, user.id, hashed, must_change=False)
            await sessions.end_all_of(connection, user.id, but=hash_of(token))
            await _note(connection, f"user:{name}", "user.change_password", name)

    async def _hashed(self, password: str, name: str) -> str:
        if faults := faults_of(password, name):
            raise PasswordRefused(faults)
        return await self._passwords.hash(password)


def _check(rights: Rights) -> None:
    if not rights.roles:
        raise UserRefused("no_role", "a user needs at least one role")
    if Role.ADMIN in rights.roles and rights.units is not None:
        raise UserRefused(
            "limited_admin",
            "an administrator can give themselves every unit, so cannot be limited to some",
        )


async def _found(connection: Connection, name: str) -> StoredUser:
    user = await users.by_name(connection, clean_name(name) or "")
    if user is None:
        raise UserRefused("no_such_user", f"there is no user {name}")
    return user


async def _change(connection: Connection, wanted: StoredUser) -> None:
    if not await users.change(connection, wanted):
        raise UserRefused("changed_since", f"somebody else changed {wanted.name} just now")
    if not any(_may_administer(user) for user in await users.all_users(connection)):
        raise UserRefused("last_admin", "nobody would be left who may administer users")


def _may_administer(user: StoredUser) -> bool:
    return not user.disabled and Role.ADMIN in roles_of(user.roles)


async def _note(
    connection: Connection, actor: str, action: str, name: str, detail: str = ""
) -> None:
    entry = audit.Entry(
        id=mint(), actor=actor, action=action, found=0, subject=f"user:{name}", detail=detail
    )
    await audit.write(connection, entry)
