"""Erasing people and rotating keys, for the command line."""

import getpass
from collections.abc import Callable

from gateway.administration.reached import ledger_of
from gateway.embedded.attached import with_made_keyring
from gateway.ledger import audit
from gateway.ledger.database import Database
from gateway.sealing import Hasher, KeyPurpose, Sealer
from gateway.services.erase import Erase, Erasure, Whom
from gateway.services.key_rotation import KeyRotation, Rotation
from gateway.services.minting import mint
from gateway.services.progress import Progress
from gateway.services.rehash import Rehash
from gateway.services.reseal import Done, Reseal
from gateway.services.suppress import Suppress
from gateway.settings import Settings
from gateway.wiring import keyring_file, keyring_of

# A running process looks at the key file every second and tells so within five.
_TAKEN_UP_WITHIN_S = 15.0

Show = Callable[[Progress], None]


class PersonalData:
    def __init__(self, settings: Settings) -> None:
        self._settings = with_made_keyring(settings)
        self._actor = getpass.getuser()

    async def count(self, whom: Whom) -> tuple[int, int]:
        """How many notifications and rows of uploaded lists an erasure would blank. Raises
        NobodyMeant."""
        async with ledger_of(self._settings) as database:
            erase = self._erase(database)
            return len(await erase.find(whom)), await erase.in_lists(whom)

    async def erase(self, whom: Whom, why: str) -> Erasure:
        async with ledger_of(self._settings) as database:
            return await self._erase(database).erase(whom, why)

    async def rotate(self, purpose: KeyPurpose) -> Rotation:
        async with ledger_of(self._settings) as database:
            rotation = await self._rotation(database).rotate(purpose)
            await self._note(database, f"keys.rotate.{purpose}", f"version {rotation.version}")
        return rotation

    async def retire(self, purpose: KeyPurpose, version: int) -> None:
        async with ledger_of(self._settings) as database:
            await self._rotation(database).retire(purpose, version)
            await self._note(database, f"keys.retire.{purpose}", f"version {version}")

    async def reseal(self, show: Show, rest: float) -> Done:
        sealer = Sealer(keyring_of(self._settings))
        async with ledger_of(self._settings) as database:
            done = await Reseal(database, sealer, show, rest).run()
            await self._note(database, "keys.reseal", "", done.rows)
        return done

    async def rehash(self, show: Show, rest: float) -> Done:
        keyring = keyring_of(self._settings)
        async with ledger_of(self._settings) as database:
            sealer, hasher = Sealer(keyring), Hasher(keyring)
            done = await Rehash(database, sealer, hasher, show, rest).run()
            suppress = Suppress(database=database, hasher=hasher, sealer=sealer)
            await suppress.under_primary_alone()
            await self._note(database, "keys.rehash", "", done.rows)
        return done

    def _erase(self, database: Database) -> Erase:
        keyring = keyring_of(self._settings)
        return Erase(
            database=database,
            hasher=Hasher(keyring),
            sealer=Sealer(keyring),
            actor=self._actor,
        )

    def _rotation(self, database: Database) -> KeyRotation:
        file = keyring_file(self._settings)

        async def carry_over() -> None:
            keyring = keyring_of(self._settings)
            suppress = Suppress(database=database, hasher=Hasher(keyring), sealer=Sealer(keyring))
            await suppress.under_every_version()

        return KeyRotation(database, file, _TAKEN_UP_WITHIN_S, carry_over)

    async def _note(self, database: Database, action: str, why: str, found: int = 0) -> None:
        entry = audit.Entry(id=mint(), actor=self._actor, action=action, why=why, found=found)
        async with database.connection() as connection:
            await audit.write(connection, entry)
