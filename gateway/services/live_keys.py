"""The key file as this process holds it: a changed file is taken up within a second.

Every process tells the ledger which versions it knows, so that `baotin keys rotate` starts to write
under a new key only once everybody can read it.
"""

import asyncio
import os
import socket
import time
from pathlib import Path

import structlog

from gateway.errors import ConfigurationError, LedgerUnavailable
from gateway.ledger import key_holders
from gateway.ledger.database import Database
from gateway.ledger.key_holders import Held
from gateway.sealing import Hasher, Keyring, Sealer

log = structlog.get_logger()

_LOOK_EVERY_S = 1.0
_REPORT_EVERY_S = 5.0


class LiveKeys:
    """`sealer` and `hasher` stay the same objects for the life of the process."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigurationError."""
        self._path = path
        self._stamp = _stamp(path)
        self._keyring = Keyring.load(path)
        self._holder = f"{socket.gethostname()}/{os.getpid()}"
        self.sealer = Sealer(self._keyring, look_again=self.look)
        self.hasher = Hasher(self._keyring)

    def look(self) -> None:
        """Take up the file if it changed; a file that cannot be used is complained of and left."""
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        try:
            keyring = Keyring.load(self._path)
        except ConfigurationError as error:
            log.error("key_file_not_taken_up", problem=str(error))
            return
        if keyring.reference != self._keyring.reference:
            log.error("key_file_of_another_installation")
            return
        self._stamp, self._keyring = stamp, keyring
        self.sealer.use(keyring)
        self.hasher.use(keyring)
        log.info("keys_taken_up", seal=keyring.seal.primary, hash=keyring.hash.primary)

    async def report(self, database: Database) -> None:
        """Tell what this process knows. Raises LedgerUnavailable."""
        keyring = self._keyring
        held = Held(
            holder=self._holder,
            seal_primary=keyring.seal.primary,
            seal_versions=keyring.seal.versions,
            hash_primary=keyring.hash.primary,
            hash_versions=keyring.hash.versions,
        )
        async with database.connection() as connection:
            await key_holders.report(connection, held)

    async def follow(self, database: Database) -> None:
        """Keep the keys fresh, and the ledger told, until cancelled."""
        told, told_at = self._keyring, time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            self.look()
            if self._keyring is told and time.monotonic() - told_at < _REPORT_EVERY_S:
                continue
            keyring = self._keyring
            try:
                await self.report(database)
            except LedgerUnavailable:
                log.warning("keys_not_reported")
            else:
                told, told_at = keyring, time.monotonic()

    async def leave(self, database: Database) -> None:
        """This process is ending; nobody needs to wait for it."""
        try:
            async with database.connection() as connection:
                await key_holders.leave(connection, self._holder)
        except LedgerUnavailable:
            log.warning("keys_not_given_up")


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
