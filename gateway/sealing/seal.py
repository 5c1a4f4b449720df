"""Sealing: AES-256-GCM, bound to the row that holds the value.

A sealed value is a random 96-bit nonce, then ciphertext and tag. Random nonces are safe for some
four thousand million values under one key, so the key is to be rotated every few years. Values are
not compressed: at their size that costs twenty times the encryption and saves a quarter.
"""

import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import BaotinError
from gateway.sealing.keyring import Keyring, KeyVersionError

NONCE_BYTES = 12
TAG_BYTES = 16


class SealError(BaotinError):
    """The sealed value was altered, or belongs to another row."""


class Sealer:
    """`look_again` is called when a row needs a key that is not known here: it may bring newer
    keys through `use`."""

    def __init__(self, keyring: Keyring, look_again: Callable[[], None] | None = None) -> None:
        self._look_again = look_again
        self.use(keyring)

    def use(self, keyring: Keyring) -> None:
        """From now on seal and open with these keys."""
        self._ciphers = {version: AESGCM(key) for version, key in keyring.seal.keys.items()}
        self.primary = keyring.seal.primary

    def seal(self, plain: bytes, bound_to: bytes) -> tuple[bytes, int]:
        """The sealed bytes and the version of their key. `bound_to` is the id of the row."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[self.primary].encrypt(nonce, plain, bound_to), self.primary

    def open(self, sealed: bytes, key_version: int, bound_to: bytes) -> bytes:
        """The inverse of `seal`. Raises KeyVersionError or SealError."""
        cipher = self._cipher(key_version)
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise SealError
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except InvalidTag:
            raise SealError from None

    def _cipher(self, version: int) -> AESGCM:
        if version not in self._ciphers and self._look_again is not None:
            self._look_again()
        if version not in self._ciphers:
            raise KeyVersionError(f"There is no seal key of version {version}.")
        return self._ciphers[version]
