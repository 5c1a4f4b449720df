"""What an administrator does from the command line, each time with a connection of its own."""

import asyncio
import getpass
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.errors import DirectoryError
from gateway.ledger import directory as stored
from gateway.ledger.database import Database
from gateway.ledger.migrate import migrate
from gateway.providers.contract import TokenPair
from gateway.providers.registry import PROVIDERS
from gateway.sealing import Sealer
from gateway.services import api_keys, apply_directory
from gateway.services.apply_directory import Difference
from gateway.services.live_templates import publish_shipped
from gateway.services.tokens import store_pair
from gateway.settings import Settings
from gateway.wiring import TEMPLATES, keyring_of, open_database

# Pasted tokens come without their end; the first refusal refreshes them.
_PASTED_LIVE_S = 3600


class Administration:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._actor = getpass.getuser()

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[Database]:
        database = await open_database(self._settings)
        try:
            yield database
        finally:
            await database.close()

    def _sealer(self) -> Sealer:
        return Sealer(keyring_of(self._settings))

    async def differences(self, file: Path) -> Sequence[Difference]:
        wanted = apply_directory.read_file(file, PROVIDERS)
        async with self._database() as database:
            return await apply_directory.differences(database, self._sealer(), wanted)

    async def apply(self, file: Path) -> Sequence[Difference]:
        wanted = apply_directory.read_file(file, PROVIDERS)
        async with self._database() as database:
            return await apply_directory.apply(database, self._sealer(), wanted, self._actor)

    async def create_key(self, source: str, scopes: tuple[str, ...], mode: str) -> str:
        async with self._database() as database:
            return str(await api_keys.create_key(database, source, scopes, mode, self._actor))

    async def revoke_key(self, prefix: str) -> None:
        async with self._database() as database:
            await api_keys.revoke_key(database, prefix, self._actor)

    async def store_tokens(self, account: str, access: str, refresh: str) -> None:
        pair = TokenPair(access=access, refresh=refresh, expires_in_s=_PASTED_LIVE_S)
        async with self._database() as database:
            await self._require(database, "account", account)
            await store_pair(database, self._sealer(), account, pair)

    async def pause(self, scope: str, code: str, reason: str) -> None:
        async with self._database() as database:
            await self._require(database, scope, code)
            async with database.connection() as connection:
                await stored.pause(connection, scope, code, self._actor, reason)

    async def resume(self, scope: str, code: str) -> bool:
        async with self._database() as database, database.connection() as connection:
            return await stored.resume(connection, scope, code)

    async def publish_shipped(self) -> int | None:
        async with self._database() as database:
            return await publish_shipped(database, TEMPLATES)

    @staticmethod
    async def _require(database: Database, kind: str, code: str) -> None:
        if kind == "everything":
            return
        async with database.connection() as connection:
            _, entries = await stored.current(connection)
        if (kind, code) not in {(entry.kind, entry.code) for entry in entries}:
            raise DirectoryError(f"the directory has no {kind} {code}")


def migrate_and_publish(settings: Settings) -> str:
    """Answers a sentence about what was done."""
    migrate(settings.database.url)
    number = asyncio.run(Administration(settings).publish_shipped())
    published = f"publication {number}" if number else "no new publication"
    return f"the schema is up to date; {published}"
