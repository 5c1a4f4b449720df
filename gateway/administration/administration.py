"""The directory, keys of sources, pauses and callbacks, as administrators see and change them."""

import asyncio
import getpass
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from gateway.administration.reached import ledger_of
from gateway.domain import identity
from gateway.domain.channel import Channel
from gateway.embedded.attached import attached, with_made_keyring
from gateway.errors import BaotinError, ConfigurationError, DirectoryError
from gateway.intake.json_body import NotJson, read_json
from gateway.intake.mapping import Mapping as SourceMapping
from gateway.intake.mapping_trial import try_mapping
from gateway.ledger import audit, callbacks
from gateway.ledger import directory as stored
from gateway.ledger.callbacks import CallbackQueue, DeadCallback
from gateway.ledger.database import Connection, Database
from gateway.ledger.migrate import migrate
from gateway.sealing import Sealer
from gateway.services import api_keys, apply_directory
from gateway.services.apply_directory import Difference
from gateway.services.live_templates import publish_shipped
from gateway.services.minting import mint
from gateway.settings import Settings
from gateway.wiring import TEMPLATES, installed, keyring_of


class Administration:
    def __init__(self, settings: Settings) -> None:
        self._settings = with_made_keyring(settings)
        self._actor = getpass.getuser()

    def _sealer(self) -> Sealer:
        return Sealer(keyring_of(self._settings))

    async def differences(self, file: Path) -> tuple[int, Sequence[Difference]]:
        """The revision that they were found at, too."""
        wanted = apply_directory.read_file(file, installed(self._settings))
        async with ledger_of(self._settings) as database:
            return await apply_directory.differences(database, self._sealer(), wanted)

    async def apply(self, file: Path, seen: int) -> Sequence[Difference]:
        """Raises DirectoryError where somebody changed the directory after what was `seen`."""
        wanted = apply_directory.read_file(file, installed(self._settings))
        async with ledger_of(self._settings) as database:
            return await apply_directory.apply(
                database, self._sealer(), wanted, self._actor, seen, audited=True
            )

    async def create_key(self, source: str, scopes: tuple[str, ...], mode: str) -> str:
        async with ledger_of(self._settings) as database, database.transaction() as connection:
            made = await api_keys.create_in(connection, source, scopes, mode, self._actor)
            detail = f"{made.prefix} {mode} {','.join(scopes)}"
            await self._note(connection, "keys.create", f"source:{source}", detail)
        return str(made)

    async def revoke_key(self, prefix: str) -> None:
        async with ledger_of(self._settings) as database, database.transaction() as connection:
            await api_keys.revoke_in(connection, prefix, self._actor)
            await self._note(connection, "keys.revoke", f"key:{prefix}")

    async def pause(self, scope: str, code: str, reason: str, *, drains: bool = False) -> None:
        async with ledger_of(self._settings) as database:
            await self._require(database, scope, code)
            async with database.transaction() as connection:
                await stored.pause(connection, scope, code, self._actor, reason, drains=drains)
                action = "pause.drain" if drains else "pause.begin"
                await self._note(connection, action, _target(scope, code), reason)

    async def resume(self, scope: str, code: str) -> bool:
        async with ledger_of(self._settings) as database, database.transaction() as connection:
            if not await stored.resume(connection, scope, code):
                return False
            await self._note(connection, "pause.end", _target(scope, code))
        return True

    async def list_callbacks(self, source: str | None, limit: int) -> dict[str, Any]:
        """The queue of each source, and what was given up."""
        async with ledger_of(self._settings) as database, database.connection() as connection:
            queues = await callbacks.queues(connection)
            dead = await callbacks.dead(connection, source, limit)
        return {
            "sources": [_plain(one) for one in queues if source in (None, one.source)],
            "given_up": [_plain(one) for one in dead],
        }

    async def redrive_callbacks(self, source: str | None, notification: str | None) -> int:
        try:
            wanted = identity.read(identity.NOTIFICATION, notification) if notification else None
        except ValueError as error:
            raise BaotinError(str(error)) from None
        async with ledger_of(self._settings) as database, database.connection() as connection:
            return await callbacks.redrive(connection, source, wanted)

    async def publish_shipped(self) -> int | None:
        async with ledger_of(self._settings) as database:
            return await publish_shipped(database, TEMPLATES)

    async def _note(
        self, connection: Connection, action: str, subject: str, detail: str = ""
    ) -> None:
        entry = audit.Entry(
            id=mint(), actor=self._actor, action=action, found=0, subject=subject, detail=detail
        )
        await audit.write(connection, entry)

    @staticmethod
    async def _require(database: Database, kind: str, code: str) -> None:
        if kind == "everything" or (kind == "channel" and code in set(Channel)):
            return
        async with database.connection() as connection:
            _, entries = await stored.current(connection)
        if (kind, code) not in {(entry.kind, entry.code) for entry in entries}:
            raise DirectoryError(f"the directory has no {kind} {code}")


def _target(scope: str, code: str) -> str:
    return f"{scope}:{code}" if code else scope


def try_mapping_file(
    mapping_file: Path, payload_file: Path, query: Sequence[str]
) -> list[dict[str, Any]]:
    """What a mapping makes of a payload. `query` are parameters such as `MaDinhDanhDV=H22`."""
    try:
        payload = read_json(payload_file.read_bytes())
    except NotJson as error:
        raise ConfigurationError(f"{payload_file.name}: {error}") from None
    pairs = dict(one.partition("=")[::2] for one in query)
    return try_mapping(SourceMapping.from_toml(mapping_file), payload, pairs)


def _plain(row: CallbackQueue | DeadCallback) -> dict[str, Any]:
    """A row as people and programs read it."""
    return {name: _shown(value) for name, value in asdict(row).items()}


def _shown(value: Any) -> Any:
    match value:
        case UUID():
            return identity.show(identity.NOTIFICATION, value)
        case datetime():
            return value.isoformat()
    return value


def migrate_and_publish(settings: Settings) -> str:
    """Answers a sentence about what was done."""
    with attached(settings) as reached:
        if not reached.database.url:
            raise ConfigurationError(
                "database.url: is empty; set BAOTIN_DATABASE_URL, or start with `baotin up`"
            )
        migrate(reached.database.url)
        number = asyncio.run(Administration(reached).publish_shipped())
    published = f"publication {number}" if number else "no new publication"
    return f"the schema is up to date; {published}"
