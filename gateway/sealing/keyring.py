"""The keys of an installation and the file that holds them. No key ever shows in a `repr`.

The file is JSON: for `seal` and `hash` a `primary` version and all `keys` by version, and the one
`reference` key; each key 32 bytes in base64. Whoever loses it loses all that was ever sealed.
"""

import base64
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from gateway.errors import BaotinError, ConfigurationError

KEY_BYTES = 32
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyVersionError(BaotinError):
    """The row was written under a key that is not in the key file."""


class KeyPurpose(StrEnum):
    SEAL = "seal"
    HASH = "hash"


@dataclass(frozen=True, kw_only=True)
class VersionedKeys:
    """Keys of one purpose by version; new rows are written under `primary`."""

    primary: int
    keys: Mapping[int, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.primary not in self.keys:
            raise ValueError("the primary version has no key")

    @property
    def versions(self) -> tuple[int, ...]:
        """Every version, the primary first, then from new to old."""
        others = sorted(self.keys.keys() - {self.primary}, reverse=True)
        return self.primary, *others

    @property
    def newest(self) -> int:
        return max(self.keys)

    def added(self) -> "VersionedKeys":
        """With one key more, which can be read by but is not written under yet."""
        return replace(self, keys={**self.keys, self.newest + 1: _new_key()})

    def promoted(self) -> "VersionedKeys":
        """With the newest as the primary."""
        return replace(self, primary=self.newest)

    def rotated(self) -> "VersionedKeys":
        """With one key more, which becomes the primary."""
        return self.added().promoted()

    def without(self, version: int) -> "VersionedKeys":
        """Raises ValueError for the primary."""
        kept = {other: key for other, key in self.keys.items() if other != version}
        return replace(self, keys=kept)


@dataclass(frozen=True, kw_only=True)
class Keyring:
    seal: VersionedKeys
    hash: VersionedKeys
    reference: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "Keyring":
        return cls(
            seal=VersionedKeys(primary=1, keys={1: _new_key()}),
            hash=VersionedKeys(primary=1, keys={1: _new_key()}),
            reference=_new_key(),
        )

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Raises ConfigurationError where the file is missing, malformed or open to others."""
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read()
        except OSError as error:
            raise ConfigurationError(
                f"The key file {path} cannot be read: {error.strerror}."
            ) from error
        if mode & OTHERS:
            raise ConfigurationError(
                f"The key file {path} is open to other users; run chmod 600 on it."
            )
        try:
            return _read(json.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError):
            # The cause is not chained: a parser's error carries the text it failed on.
            raise ConfigurationError(f"The key file {path} is damaged.") from None

    def save(self, path: Path) -> None:
        """Replace the file as a whole.

        Raises ConfigurationError where it holds the keys of another installation.
        """
        if path.exists() and Keyring.load(path).reference != self.reference:
            raise ConfigurationError(f"The key file {path} holds the keys of another installation.")
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        content = json.dumps(_written(self), indent=2) + "\n"
        try:
            _write_durably(draft, content.encode())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        _sync_directory(path.parent)

    def of(self, purpose: KeyPurpose) -> VersionedKeys:
        return self.seal if purpose is KeyPurpose.SEAL else self.hash

    def having(self, purpose: KeyPurpose, keys: VersionedKeys) -> "Keyring":
        """With these keys of one purpose in place of its own."""
        if purpose is KeyPurpose.SEAL:
            return replace(self, seal=keys)
        return replace(self, hash=keys)

    def with_new_seal_key(self) -> "Keyring":
        return replace(self, seal=self.seal.rotated())

    def with_new_hash_key(self) -> "Keyring":
        return replace(self, hash=self.hash.rotated())


def change_keys(
    path: Path, purpose: KeyPurpose, change: Callable[[VersionedKeys], VersionedKeys]
) -> VersionedKeys:
    """Write what `change` makes of the keys of one purpose; answers what the file holds now.

    Two commands on this machine take turns. Raises ConfigurationError as `load` and `save` do.
    """
    with _turn(path.parent):
        keyring = Keyring.load(path)
        changed = keyring.having(purpose, change(keyring.of(purpose)))
        if changed != keyring:
            changed.save(path)
    return changed.of(purpose)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def _read(stored: dict[str, Any]) -> Keyring:
    return Keyring(
        seal=_read_versions(stored["seal"]),
        hash=_read_versions(stored["hash"]),
        reference=_read_key(stored["reference"]),
    )


def _read_versions(stored: dict[str, Any]) -> VersionedKeys:
    keys = {int(version): _read_key(key) for version, key in stored["keys"].items()}
    return VersionedKeys(primary=int(stored["primary"]), keys=keys)


def _read_key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("a key has the wrong length")
    return key


def _written(keyring: Keyring) -> dict[str, Any]:
    return {
        "seal": _written_versions(keyring.seal),
        "hash": _written_versions(keyring.hash),
        "reference": _written_key(keyring.reference),
    }


def _written_versions(versions: VersionedKeys) -> dict[str, Any]:
    keys = {str(version): _written_key(key) for version, key in sorted(versions.keys.items())}
    return {"primary": versions.primary, "keys": keys}


def _written_key(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _write_durably(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync_directory(path: Path) -> None:
    """A rename survives a power cut only once its directory is on disk too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
