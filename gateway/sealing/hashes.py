"""Keyed hashes: what sealed rows are found by, and what outlives an erased person.

BLAKE2b keyed with a hash key; its `person` keeps the purposes apart, so that a phone and a dossier
of the same spelling have nothing in common. A look-up tries every version of `Hasher.versions`,
a new row is written under `Hasher.primary`.
"""

import hashlib
from collections.abc import Mapping
from enum import Enum

from gateway.sealing.keyring import Keyring, KeyVersionError

HASH_BYTES = 16
TOKEN_BYTES = 8


class _Purpose(bytes, Enum):
    EVENT = b"event"
    DIGEST = b"digest"
    PHONE = b"phone"
    DOSSIER = b"dossier"
    TOKEN = b"token"
    REFERENCE = b"reference"
    REHEARSAL = b"rehearsal"
    TEXT = b"text"


class Hasher:
    """Every method takes the version of the hash key; None is the primary.

    Another version than those of the key file raises KeyVersionError.
    """

    def __init__(self, keyring: Keyring) -> None:
        self.use(keyring)

    def use(self, keyring: Keyring) -> None:
        """From now on hash with these keys."""
        self.primary = keyring.hash.primary
        self.versions = keyring.hash.versions
        self._events = _begun(keyring, _Purpose.EVENT)
        self._digests = _begun(keyring, _Purpose.DIGEST)
        self._phones = _begun(keyring, _Purpose.PHONE)
        self._dossiers = _begun(keyring, _Purpose.DOSSIER)
        self._tokens = _begun(keyring, _Purpose.TOKEN)
        self._begun_reference = _keyed(keyring.reference, _Purpose.REFERENCE)
        self._begun_text = _keyed(keyring.reference, _Purpose.TEXT)
        self._begun_rehearsal = _keyed(keyring.reference, _Purpose.REHEARSAL)

    def event_key(
        self, source: str, ce_source: str, event_id: str, version: int | None = None
    ) -> bytes:
        """By which an event is recognised when it is posted again."""
        return self._hash(self._events, _joined(source, ce_source, event_id), version)

    def event_keys(self, source: str, ce_source: str, event_id: str) -> tuple[bytes, ...]:
        """The same under each live version, the primary one first: to look an event up by."""
        return tuple(
            self.event_key(source, ce_source, event_id, version) for version in self.versions
        )

    def digest(self, content: bytes, version: int | None = None) -> bytes:
        """By which the same content is told from other content."""
        return self._hash(self._digests, content, version)

    def phone(self, e164: str, version: int | None = None) -> bytes:
        return self._hash(self._phones, e164.encode(), version)

    def dossier(self, namespace: str, code: str, version: int | None = None) -> bytes:
        return self._hash(self._dossiers, _joined(namespace, code), version)

    def token(self, kind: str, word: str, version: int | None = None) -> int:
        """One word of a search index, as a signed 64-bit number."""
        # As `_joined`, which a text of many words would call as often.
        content = f"{len(kind)}:{kind}{len(word)}:{word}".encode()
        hashed = self._hash(self._tokens, content, version)
        return int.from_bytes(hashed, "big", signed=True)

    def reference_seed(
        self, source: str, ce_source: str, event_id: str, recipient_index: int
    ) -> bytes:
        """From which the references for providers are derived: the same under every hash key."""
        hashing = self._begun_reference.copy()
        hashing.update(_joined(source, ce_source, event_id, str(recipient_index)))
        return hashing.digest()

    def text_key(self, *parts: str) -> bytes:
        """By which a text that somebody sent us, its sender or its reply is known for some days:
        the same under every hash key."""
        hashing = self._begun_text.copy()
        hashing.update(_joined(*parts))
        return hashing.digest()

    def rehearsal_secret(self, name: str) -> str:
        """A secret between this installation and its own sandbox; guards nobody's data."""
        hashing = self._begun_rehearsal.copy()
        hashing.update(name.encode())
        return hashing.hexdigest()

    def _hash(self, under: "_Begun", content: bytes, version: int | None) -> bytes:
        begun = under.get(self.primary if version is None else version)
        if begun is None:
            raise KeyVersionError(f"There is no hash key of version {version}.")
        hashing = begun.copy()
        hashing.update(content)
        return hashing.digest()


# By version of the key. Copying a state that has taken in its key costs less than keying a new one.
_Begun = Mapping[int, "hashlib.blake2b"]


def _begun(keyring: Keyring, purpose: _Purpose) -> _Begun:
    return {version: _keyed(key, purpose) for version, key in keyring.hash.keys.items()}


def _keyed(key: bytes, purpose: _Purpose) -> "hashlib.blake2b":
    size = TOKEN_BYTES if purpose is _Purpose.TOKEN else HASH_BYTES
    return hashlib.blake2b(key=key, person=purpose.value, digest_size=size)


def _joined(*parts: str) -> bytes:
    """Each part after its length, so that no two lists of parts have the same bytes."""
    return "".join([f"{len(part)}:{part}" for part in parts]).encode()
