"""Signing in to the console: who proves to be whom, and the session that they get.

A session is a random token in a cookie; the ledger knows its hash. Every sign-in makes a new one.
"""

import hashlib
import secrets
from collections.abc import Sequence

import structlog

from gateway.domain.staff import Role, Staff, clean_name
from gateway.ledger import audit, sessions, users
from gateway.ledger.database import Connection, Database
from gateway.ledger.sessions import Lifetimes
from gateway.ledger.users import StoredUser
from gateway.services.minting import mint
from gateway.services.passwords import Passwords
from gateway.services.turnstile import Passed, Turnstiles

log = structlog.get_logger()

TOKEN_BYTES = 32
# The second one is for a hash that another sign-in has renewed in between.
_LOOKS = 2


class SignInRefused(Exception):
    """The name or the password is wrong, or the user may not come in; it is not said which."""


class SignIn:
    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        turnstiles: Turnstiles,
        lifetimes: Lifetimes,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._turnstiles = turnstiles
        self._lifetimes = lifetimes

    async def sign_in(self, typed_name: str, password: str, address: str) -> str:
        """The token of a new session. Raises SignInRefused or TooManyFailures."""
        name = clean_name(typed_name) or typed_name
        passed = await self._turnstiles.go_through(name, address)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        for _ in range(_LOOKS):
            user = await self._proven(name, password)
            if user is None or user.disabled:
                break
            if await self._let_in(user, await self._renewed(user, password), token, passed):
                return token
        log.warning("sign_in_refused")
        raise SignInRefused

    async def who(self, token: str, *, in_use: bool = True) -> Staff | None:
        """Whose session this is, with the roles and units of this moment. `in_use` False: somebody
        does nothing, a page of theirs asks by itself."""
        hashed = hash_of(token)
        async with self._database.connection() as connection:
            found = await sessions.find(connection, hashed, self._lifetimes)
            if found and found.is_stale and in_use:
                await sessions.mark_seen(connection, hashed)
        if found is None:
            return None
        return Staff(
            id=found.id,
            name=found.name,
            roles=roles_of(found.roles),
            units=None if found.units is None else frozenset(found.units),
            must_change_password=found.must_change,
        )

    async def sign_out(self, staff: Staff, token: str) -> None:
        async with self._database.transaction() as connection:
            await sessions.end(connection, hash_of(token))
            await _note(connection, staff.actor, "session.end")

    async def proves(self, staff: Staff, password: str, address: str) -> bool:
        """Whether somebody who is signed in knows their password. Raises TooManyFailures."""
        passed = await self._turnstiles.go_through(staff.name, address)
        if await self._proven(staff.name, password) is None:
            return False
        async with self._database.transaction() as connection:
            await self._turnstiles.take_back(connection, passed)
        return True

    async def _proven(self, name: str, password: str) -> StoredUser | None:
        """The user of this name, if this is the password. It takes as long where there is none."""
        async with self._database.connection() as connection:
            user = await users.by_name(connection, name)
        is_right = await self._passwords.is_right(password, user.password if user else None)
        return user if is_right else None

    async def _renewed(self, user: StoredUser, password: str) -> str | None:
        """A hash made with today's effort, if the stored one was made with less."""
        outdated = self._passwords.is_outdated(user.password)
        return await self._passwords.hash(password) if outdated else None

    async def _let_in(
        self, user: StoredUser, renewed: str | None, token: str, passed: Passed
    ) -> bool:
        """False where what was proven is no longer so."""
        async with self._database.transaction() as connection:
            if not await users.note_sign_in(connection, user.id, user.password):
                return False
            await self._turnstiles.take_back(connection, passed)
            if renewed:
                await users.renew_hash(connection, user.id, user.password, renewed)
            await sessions.open_session(connection, hash_of(token), user.id)
            await _note(connection, f"user:{user.name}", "session.begin")
        return True


def hash_of(token: str) -> bytes:
    """How the ledger knows a session. The token is random enough to need no salt."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def roles_of(stored: Sequence[str]) -> frozenset[Role]:
    """The roles that this release knows; another one's give no right."""
    return frozenset(Role(role) for role in stored if role in set(Role))


async def _note(connection: Connection, actor: str, action: str) -> None:
    await audit.write(connection, audit.Entry(id=mint(), actor=actor, action=action, found=0))
