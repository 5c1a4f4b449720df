"""Backups, restores and what they leave behind, for the command line."""

import getpass
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway import backup
from gateway.backup import Header, Restored, Taken
from gateway.domain.held import Prospect
from gateway.domain.status import State
from gateway.embedded.attached import attached, with_made_keyring
from gateway.errors import ConfigurationError
from gateway.ledger.held import Selection
from gateway.sealing import Sealer
from gateway.services.held import Group, HeldNotifications, memory_of
from gateway.services.live_directory import LiveDirectory
from gateway.settings import Settings
from gateway.wiring import keyring_of, open_database


class Recovery:
    def __init__(self, settings: Settings) -> None:
        self._settings = with_made_keyring(settings)
        self._actor = getpass.getuser()

    async def take_backup(self, file: Path) -> Taken:
        keyring = keyring_of(self._settings)
        with attached(self._settings) as settings:
            return await backup.take(_url(settings), keyring, file)

    def check_backup(self, file: Path) -> tuple[Header, int]:
        return backup.check(file, keyring_of(self._settings))

    async def restore(self, file: Path) -> Restored:
        keyring = keyring_of(self._settings)
        with attached(self._settings, make=True) as settings:
            return await backup.restore(_url(settings), keyring, file, self._actor)

    async def held(self, selection: Selection) -> Counter[Group]:
        async with self._held() as notifications:
            return await notifications.preview(selection)

    async def release(
        self, selection: Selection, *, also_maybe_sent: bool
    ) -> Counter[tuple[Prospect, State]]:
        async with self._held() as notifications:
            done = await notifications.release(selection, also_maybe_sent=also_maybe_sent)
            await notifications.note("held.release", selection, done.total())
        return done

    async def discard(self, selection: Selection) -> Counter[tuple[Prospect, State]]:
        async with self._held() as notifications:
            done = await notifications.discard(selection)
            await notifications.note("held.discard", selection, done.total())
        return done

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[HeldNotifications]:
        with attached(self._settings) as settings:
            database = await open_database(settings)
            try:
                directory = LiveDirectory(database, Sealer(keyring_of(settings)))
                await directory.refresh()
                yield HeldNotifications(database, memory_of(directory.now), self._actor)
            finally:
                await database.close()


def _url(settings: Settings) -> str:
    if not settings.database.url:
        raise ConfigurationError(
            "database.url: is empty, and embedded.data_dir holds no ledger either"
        )
    return settings.database.url
