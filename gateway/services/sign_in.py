"""Signing in to the console: who proves to be whom, how often they may try, and their session.

A session is a random token in a cookie; the ledger knows its hash. Every sign-in makes a new one.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from gateway.domain.staff import Patience, Role, Staff, allowed_again_s, clean_name
from gateway.ledger import audit, sessions, users
from gateway.ledger.database import Connection, Database
from gateway.ledger.sessions import Lifetimes
from gateway.ledger.users import StoredUser
from gateway.sealing import Hasher
from gateway.services.minting import mint
from gateway.services.passwords import Passwords

log = structlog.get_logger()

TOKEN_BYTES = 32
# After an hour of peace failures are counted from one again.
_REMEMBERED_S = 3600.0


class SignInRefused(Exception):
    """The name or the password is wrong, or the user may not come in; it is not said which."""


class TooManyFailures(Exception):
    """Nothing is looked at before `wait_s` are over."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many failures")
        self.wait_s = wait_s


@dataclass(frozen=True, kw_only=True)
class SignInRules:
    lifetimes: Lifetimes
    name_patience: Patience
    address_patience: Patience


@dataclass(frozen=True, kw_only=True, slots=True)
class _Turnstile:
    """One of the two things whose failures are counted."""

    whom: int
    patience: Patience


class SignIn:
    def __init__(
        self, *, database: Database, hasher: Hasher, passwords: Passwords, rules: SignInRules
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._passwords = passwords
        self._rules = rules

    async def sign_in(self, typed_name: str, password: str, address: str) -> str:
        """The token of a new session. Raises SignInRefused or TooManyFailures."""
        name = clean_name(typed_name) or ""
        by_name, by_address = self._turnstiles(name or typed_name, address)
        await self._count(by_name, by_address)
        async with self._database.connection() as connection:
            user = await users.by_name(connection, name)
        is_right = await self._passwords.is_right(password, user.password if user else None)
        if user is None or user.disabled or not is_right:
            log.warning("sign_in_refused")
            raise SignInRefused
        token = secrets.token_urlsafe(TOKEN_BYTES)
        renewed = await self._renewed(user, password)
        async with self._database.transaction() as connection:
            await sessions.forget_failures(connection, by_name.whom)
            await sessions.forgive(connection, by_address.whom)
            if renewed:
                await users.set_password(connection, user.id, renewed, must_change=user.must_change)
            await users.note_sign_in(connection, user.id)
            await sessions.open_session(connection, hash_of(token), user.id)
            await _note(connection, f"user:{user.name}", "session.begin")
        return token

    async def who(self, token: str) -> Staff | None:
        """Whose session this is, with the roles and units of this moment."""
        hashed = hash_of(token)
        async with self._database.connection() as connection:
            found = await sessions.find(connection, hashed, self._rules.lifetimes)
            if found and found.is_stale:
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
        by_name, by_address = self._turnstiles(staff.name, address)
        await self._count(by_name, by_address)
        async with self._database.connection() as connection:
            user = await users.by_name(connection, staff.name)
        if not await self._passwords.is_right(password, user.password if user else None):
            return False
        async with self._database.transaction() as connection:
            await sessions.forget_failures(connection, by_name.whom)
            await sessions.forgive(connection, by_address.whom)
        return True

    def _turnstiles(self, name: str, address: str) -> tuple[_Turnstile, _Turnstile]:
        return (
            _Turnstile(
                whom=self._hasher.token("sign-in-name", name), patience=self._rules.name_patience
            ),
            _Turnstile(
                whom=self._hasher.token("sign-in-address", address),
                patience=self._rules.address_patience,
            ),
        )

    async def _count(self, *turnstiles: _Turnstile) -> None:
        """Count this try as failed until it proves right. Raises TooManyFailures."""
        async with self._database.transaction() as connection:
            # In one order, so that two tries wait for each other and never for ever.
            wait_s = max(
                [await _pass(connection, one) for one in sorted(turnstiles, key=lambda t: t.whom)]
            )
        if wait_s > 0:
            log.warning("sign_in_has_to_wait", wait_s=round(wait_s))
            raise TooManyFailures(wait_s)

    async def _renewed(self, user: StoredUser, password: str) -> str | None:
        outdated = self._passwords.is_outdated(user.password)
        return await self._passwords.hash(password) if outdated else None


def hash_of(token: str) -> bytes:
    """How the ledger knows a session. The token is random enough to need no salt."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def roles_of(stored: Sequence[str]) -> frozenset[Role]:
    """The roles that this release knows; another one's give no right."""
    return frozenset(Role(role) for role in stored if role in set(Role))


async def _pass(connection: Connection, turnstile: _Turnstile) -> float:
    """Seconds that this try has to wait; 0 lets it through, and makes a later one wait if this
    one was one too many."""
    counted = await sessions.count_failure(connection, turnstile.whom, _REMEMBERED_S)
    if counted.wait_s > 0:
        return counted.wait_s
    if later_s := allowed_again_s(counted.times, turnstile.patience):
        await sessions.let_wait(connection, turnstile.whom, later_s)
    return 0.0


async def _note(connection: Connection, actor: str, action: str) -> None:
    await audit.write(connection, audit.Entry(id=mint(), actor=actor, action=action, found=0))
