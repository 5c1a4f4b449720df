"""New keys without a moment in which somebody meets a row that they cannot read.

A new version is first only added to the key file. It becomes the one to write under when every
running process has told that it can read it; an old one is given up when nobody writes under it and
no row says it any more.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import BaotinError
from gateway.ledger import key_holders, sealed_rows
from gateway.ledger.database import Database
from gateway.sealing import KeyPurpose, VersionedKeys, change_keys

_LOOK_EVERY_S = 0.5


class KeyInUse(BaotinError):
    """The key is still needed."""


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """A version in use; or not yet, because those in `waits_for` cannot read it."""

    version: int
    waits_for: Sequence[str] = ()


class KeyRotation:
    """`carry_over` is called between a new version and its use: whoever must be found under it from
    the first moment is hashed under it then."""

    def __init__(
        self,
        database: Database,
        file: Path,
        wait_s: float,
        carry_over: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._database = database
        self._file = file
        self._wait_s = wait_s
        self._carry_over = carry_over

    async def rotate(self, purpose: KeyPurpose) -> Rotation:
        """Add a version and take it into use. Where it had been added but not taken into use, that
        is all that happens."""
        version = change_keys(self._file, purpose, _with_one_to_come).newest
        waits_for = await self._without(purpose, version)
        if waits_for:
            return Rotation(version=version, waits_for=waits_for)
        if self._carry_over is not None:
            await self._carry_over()
        change_keys(self._file, purpose, VersionedKeys.promoted)
        await self._until_written_under(purpose, version)
        return Rotation(version=version)

    async def retire(self, purpose: KeyPurpose, version: int) -> None:
        """Take a version out of the key file. Raises KeyInUse where it is needed."""
        change_keys(self._file, purpose, lambda keys: _checked(keys, version))
        async with self._database.connection() as connection:
            writing = await key_holders.writing_under(connection, purpose, version)
            if writing:
                raise KeyInUse(f"{', '.join(writing)} still writes under {purpose} key {version}.")
            tables = await sealed_rows.tables_using(connection, f"{purpose}_key", version)
        if tables:
            raise KeyInUse(
                f"{', '.join(tables)} still has rows of {purpose} key {version}; {_HELP[purpose]}"
            )
        change_keys(self._file, purpose, lambda keys: _checked(keys, version).without(version))

    async def _until_written_under(self, purpose: KeyPurpose, version: int) -> None:
        """Wait for everybody to write under it; who is slow writes rows that can be read, too."""
        ends_at = time.monotonic() + self._wait_s
        while time.monotonic() < ends_at:
            async with self._database.connection() as connection:
                if not await key_holders.writing_under_others(connection, purpose, version):
                    return
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _without(self, purpose: KeyPurpose, version: int) -> list[str]:
        """Who cannot read the version once the patience is over."""
        ends_at = time.monotonic() + self._wait_s
        while True:
            async with self._database.connection() as connection:
                missing = await key_holders.without(connection, purpose, version)
            if not missing or time.monotonic() > ends_at:
                return missing
            await asyncio.sleep(_LOOK_EVERY_S)


_HELP = {
    KeyPurpose.SEAL: "run `baotin keys reseal` first.",
    KeyPurpose.HASH: "run `baotin keys rehash` first. Keys of events and remembered phones age by"
    " themselves, as long as [retention] and [memory] keep them.",
}


def _with_one_to_come(keys: VersionedKeys) -> VersionedKeys:
    return keys if keys.newest != keys.primary else keys.added()


def _checked(keys: VersionedKeys, version: int) -> VersionedKeys:
    if version not in keys.keys:
        raise KeyInUse(f"there is no key of version {version}")
    if version >= keys.primary:
        raise KeyInUse(f"version {version} is the one in use, or still to come; keep it")
    return keys
