"""The file of a backup: a readable header, then the dump in sealed blocks. Knows no database.

    b"BAOTINBK", form (1 byte), length of the header (4 bytes), header (JSON), blocks

A block is AES-256-GCM over 1 MiB of the dump. Its nonce is its number and whether it is the last,
the header is bound to every block, and the key is derived for this file alone; so no block can be
altered, moved, repeated, or left out at the end without being noticed.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import BaotinError
from gateway.sealing import Keyring

BLOCK_BYTES = 1 << 20
_TAG_BYTES = 16
_MAGIC, _FORM = b"BAOTINBK", 1
_LONGEST_HEADER = 1 << 16


class BackupError(BaotinError):
    """The backup cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a backup says of itself. `dumped_by` and `postgres` are major versions."""

    made_at: datetime
    gateway: str
    schema: str
    postgres: int
    dumped_by: int
    keyring: str
    seal_keys: tuple[int, ...]
    hash_keys: tuple[int, ...]
    salt: str


def keyring_name(keyring: Keyring) -> str:
    """By which a backup recognises the key ring it was made with."""
    return _derived(keyring, b"", b"baotin key ring")[:8].hex()


def new_salt() -> str:
    return secrets.token_hex(32)


class BlockWriter:
    """Seals blocks into a file. Without `finish` the file stays incomplete, and shows it."""

    def __init__(self, file: BinaryIO, header: Header, keyring: Keyring) -> None:
        prelude = _prelude(header)
        self._file = file
        self._cipher = _cipher(header, keyring)
        self._bound_to = hashlib.sha256(prelude).digest()
        self._pending = bytearray()
        self._number = 0
        file.write(prelude)

    def write(self, content: bytes) -> None:
        self._pending += content
        # The last block is sealed differently, so a full one is kept until more comes.
        while len(self._pending) > BLOCK_BYTES:
            self._seal(bytes(self._pending[:BLOCK_BYTES]), last=False)
            del self._pending[:BLOCK_BYTES]

    def finish(self) -> None:
        self._seal(bytes(self._pending), last=True)

    def _seal(self, content: bytes, *, last: bool) -> None:
        self._file.write(
            self._cipher.encrypt(_nonce(self._number, last=last), content, self._bound_to)
        )
        self._number += 1


def read_header(file: BinaryIO) -> Header:
    """Leaves the file at its first block. Raises BackupError for anything but a backup."""
    if file.read(len(_MAGIC)) != _MAGIC:
        raise BackupError("this is not a backup of baotin")
    form = file.read(1)
    if form != bytes([_FORM]):
        raise BackupError("this backup was made by a newer release; read it with that one")
    length = int.from_bytes(file.read(4), "big")
    content = file.read(min(length, _LONGEST_HEADER))
    try:
        stored = json.loads(content)
        return Header(
            **{
                **stored,
                "made_at": datetime.fromisoformat(stored["made_at"]),
                "seal_keys": tuple(stored["seal_keys"]),
                "hash_keys": tuple(stored["hash_keys"]),
            }
        )
    except (ValueError, KeyError, TypeError):
        raise BackupError("the backup is damaged: its header cannot be read") from None


def read_blocks(file: BinaryIO, header: Header, keyring: Keyring) -> Iterator[bytes]:
    """The dump, block by block, each one proven. Raises BackupError at the first that is not."""
    _require_fitting(header, keyring)
    cipher, bound_to = _cipher(header, keyring), hashlib.sha256(_prelude(header)).digest()
    number, sealed = 0, file.read(BLOCK_BYTES + _TAG_BYTES)
    while True:
        following = file.read(BLOCK_BYTES + _TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), sealed, bound_to)
        except (InvalidTag, ValueError):
            raise BackupError(
                f"the backup is damaged or cut off at block {number}; use another one"
            ) from None
        if not following:
            return
        number, sealed = number + 1, following


def _require_fitting(header: Header, keyring: Keyring) -> None:
    if header.keyring != keyring_name(keyring):
        raise BackupError(
            "the backup was made with another key ring; point keys.keyring_file at the copy of it"
        )
    missing = {*header.seal_keys} - {*keyring.seal.keys} | {*header.hash_keys} - {
        *keyring.hash.keys
    }
    if missing:
        raise BackupError(
            "the key ring is older than the backup and lacks keys of version "
            f"{', '.join(map(str, sorted(missing)))}; use the newest copy of it"
        )


def _prelude(header: Header) -> bytes:
    content = json.dumps({**asdict(header), "made_at": header.made_at.isoformat()}).encode()
    return _MAGIC + bytes([_FORM]) + len(content).to_bytes(4, "big") + content


def _cipher(header: Header, keyring: Keyring) -> AESGCM:
    return AESGCM(_derived(keyring, bytes.fromhex(header.salt), b"baotin backup"))


def _derived(keyring: Keyring, salt: bytes, purpose: bytes) -> bytes:
    """From the one key that never rotates, so that an old backup stays readable."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(keyring.reference)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
