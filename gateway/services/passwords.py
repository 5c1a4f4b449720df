"""Passwords as argon2id hashes, made and compared in threads, a few at once: each takes memory."""

import asyncio
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's first choice for argon2id: 46 MiB, one pass, one lane; some 40 ms of one core.
_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
_AT_ONCE = 2
_LONGEST_LOOKED_AT = 1000


class Passwords:
    """One per process and event loop."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(_HASHER.hash, _same_letters(password))

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Whether this is the password. Without `stored` it is not, and that takes as long."""
        async with self._slots:
            return await asyncio.to_thread(_compare, _same_letters(password), stored)

    @staticmethod
    def is_outdated(stored: str) -> bool:
        """Made with less effort than would be made today."""
        return _HASHER.check_needs_rehash(stored)


def _compare(password: str, stored: str | None) -> bool:
    try:
        return _HASHER.verify(stored or _nobodys(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex(16))


def _same_letters(password: str) -> str:
    """Keyboards differ in how they compose what looks the same. No password is as long as what is
    cut off here."""
    return unicodedata.normalize("NFKC", password[:_LONGEST_LOOKED_AT])
