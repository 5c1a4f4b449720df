"""The keys of an installation and the file that holds them. No key ever shows in a `repr`.

The file is JSON: for `seal` and `hash` a `primary` version and all `keys` by version, and the one
`reference` key; each key 32 bytes in base64. Whoever loses it loses all that was ever sealed.
"""

import base64
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gateway.errors import BaotinError, ConfigurationError

KEY_BYTES = 32
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyVersionError(BaotinError):
    """The row was written under a key that is not in the key file."""


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

    def rotated(self) -> "VersionedKeys":
        """With one key more, which becomes the primary."""
        version = max(self.keys) + 1
        return VersionedKeys(primary=version, keys={**self.keys, version: _new_key()})


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

    def with_new_seal_key(self) -> "Keyring":
        return replace(self, seal=self.seal.rotated())

    def with_new_hash_key(self) -> "Keyring":
        return replace(self, hash=self.hash.rotated())


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
