"""Templates moved to files and back, from the command line."""

import getpass
from dataclasses import replace
from pathlib import Path

from gateway.administration.reached import ledger_of
from gateway.domain.directory import Directory
from gateway.domain.hours import Calendar
from gateway.embedded.attached import with_made_keyring
from gateway.ledger import directory as stored
from gateway.ledger.database import Database
from gateway.rendering.facts import Surroundings
from gateway.rendering.procedures import Procedures
from gateway.sealing import Sealer
from gateway.services.desk.files import Brought, TemplateFiles
from gateway.services.live_directory import assemble
from gateway.settings import Settings
from gateway.wiring import CONFIG, keyring_of
from gateway.wiring.desk import template_files


class TemplateFolders:
    def __init__(self, settings: Settings) -> None:
        self._settings = with_made_keyring(settings)
        self._actor = getpass.getuser()

    async def write(self, folder: Path) -> list[Path]:
        async with ledger_of(self._settings) as database:
            return await (await self._files(database)).write(folder)

    async def bring(self, folder: Path, note: str, *, release: bool) -> list[Brought]:
        """As drafts, or in force at once. Raises DeskRefusal."""
        async with ledger_of(self._settings) as database:
            files = await self._files(database)
            if release:
                return await files.release(folder, self._actor, note)
            return await files.as_drafts(folder, self._actor)

    async def _files(self, database: Database) -> TemplateFiles:
        async with database.connection() as connection:
            revision, entries = await stored.current(connection)
        plain = [replace(one, sealed=None, seal_key=None) for one in entries]
        directory = assemble(revision, plain, Sealer(keyring_of(self._settings)))
        return template_files(self._settings, database, directory, _surroundings(directory))


def _surroundings(directory: Directory) -> Surroundings:
    return Surroundings(
        directory=directory,
        calendar=Calendar.of(directory.calendar_days.values()),
        procedures=Procedures.load(CONFIG / "procedures.toml"),
    )
