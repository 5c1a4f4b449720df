"""Whom not to write to: numbers and persons, on one channel or on all, for good or for a time.

A provider's report that somebody opted out, a member of staff, or the wrong person on the line adds
one. It is checked whenever a step is claimed. It outlives an erasure: it is what keeps the person
from being written to.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import orjson
import structlog

from gateway.domain.channel import Channel
from gateway.domain.identity import show
from gateway.domain.recipient import Phone, read_phones
from gateway.domain.route import Step
from gateway.domain.text import words
from gateway.errors import BaotinError
from gateway.ledger import hashed_rows, key_holders
from gateway.ledger import suppressions as stored
from gateway.ledger.database import Connection, Database
from gateway.ledger.suppressions import Key, Stored
from gateway.sealing import Hasher, KeyPurpose, Sealer
from gateway.services import payload
from gateway.services.minting import mint
from gateway.services.search_tokens import filed_as

log = structlog.get_logger()

SUPPRESSION = "sup"
_HASH = KeyPurpose.HASH


class NotSuppressible(BaotinError):
    """What was given names nobody. `field` is what is wrong with it: the phone or the name."""

    def __init__(self, message: str, field: str = "phone") -> None:
        super().__init__(message)
        self.field = field


class Why(StrEnum):
    OPTED_OUT = "opted_out"
    BY_STAFF = "by_staff"
    WRONG_NUMBER = "wrong_number"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Whom not to write to. With `name` it is the person, on whichever number; without, whoever has
    the number. `channel` None: on all. With `dossier` only about that one. `until` None: for good.
    `origin` is the account, or the member of staff, that it comes from."""

    phone: str = field(repr=False)
    name: str = field(default="", repr=False)
    channel: Channel | None = None
    dossier: str = field(default="", repr=False)
    reason: Why
    origin: str
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Suppressed:
    """As staff are shown it: the number masked, the name not at all."""

    id: str
    phone: str
    person: bool
    dossier: bool
    channel: str | None
    reason: str
    origin: str
    note: str
    since: datetime | None
    until: datetime | None


class Suppress:
    def __init__(self, *, database: Database, hasher: Hasher, sealer: Sealer) -> None:
        self._database = database
        self._hasher = hasher
        self._sealer = sealer

    async def add(self, wish: Wish) -> UUID:
        """Raises NotSuppressible for what is no phone number, or no name."""
        async with self._database.transaction() as connection:
            return await self.add_in(connection, wish)

    async def add_in(self, connection: Connection, wish: Wish) -> UUID:
        """The same in the caller's transaction."""
        phones = read_phones([wish.phone]).phones
        if len(phones) != 1:
            raise NotSuppressible("give one phone number")
        if wish.name and not words(wish.name):
            raise NotSuppressible("the name has no letters", field="name")
        return await self._added(connection, phones[0], wish)

    async def opted_out(
        self, notification_id: UUID, sealed: bytes, seal_key: int, step: Step, account: str
    ) -> None:
        """A provider says that the number of this step takes nothing more on its channel."""
        opened = self._sealer.open(sealed, seal_key, notification_id.bytes)
        phone, channel = payload.read(opened).phones[step.phone], step.channel
        wish = Wish(phone=phone.e164, channel=channel, reason=Why.OPTED_OUT, origin=account)
        async with self._database.transaction() as connection:
            if await stored.same(connection, self._hashes(phone), channel, wish.reason):
                return
            added = await self._added(connection, phone, wish)
        log.info("opted_out", suppression=show(SUPPRESSION, added), account=account)

    async def in_force(self, phone: str = "", limit: int = 100) -> list[Suppressed]:
        """Newest first. Raises NotSuppressible for what is no phone number."""
        hashes = None
        if phone:
            found = read_phones([phone]).phones
            if not found:
                raise NotSuppressible("give one phone number")
            hashes = [one for each in found for one in self._hashes(each)]
        async with self._database.connection() as connection:
            rows = await stored.in_force(connection, hashes, limit)
        return [self._shown(row) for row in rows]

    async def end(self, suppression: UUID) -> bool:
        async with self._database.connection() as connection:
            return await stored.end(connection, suppression)

    async def under_every_version(self) -> int:
        """See that each is found under every live version of the hash key; how many were not."""
        async with self._database.transaction() as connection:
            lacking = await stored.lacking(connection, self._hasher.versions)
            keys = [key for row in lacking for key in self._keys(row.id, *self._opened(row))]
            if keys:
                await stored.add_keys(connection, keys)
        return len(lacking)

    async def under_primary_alone(self) -> None:
        """Give up the hashes under other versions, unless somebody would then not be found: while a
        notification has them, or a process writes under them."""
        await self.under_every_version()
        primary = self._hasher.primary
        async with self._database.connection() as connection:
            left = await hashed_rows.any_older(connection, primary)
            if left or await key_holders.writing_under_others(connection, _HASH, primary):
                log.warning("suppressions_keep_older_hashes")
                return
            await stored.drop_keys_but(connection, [primary])

    async def _added(self, connection: Connection, phone: Phone, wish: Wish) -> UUID:
        suppression = mint()
        about = orjson.dumps([phone.e164, wish.name, wish.dossier])
        sealed, seal_key = self._sealer.seal(about, suppression.bytes)
        row = Stored(
            id=suppression,
            channel=wish.channel,
            reason=wish.reason,
            origin=wish.origin,
            note=wish.note,
            until=wish.until,
            sealed=sealed,
            seal_key=seal_key,
        )
        keys = self._keys(suppression, phone.e164, wish.name, wish.dossier)
        await stored.add(connection, row, keys)
        return suppression

    def _keys(self, suppression: UUID, e164: str, name: str, dossier: str) -> list[Key]:
        token = self._hasher.token
        return [
            Key(
                suppression=suppression,
                hash_key=version,
                phone=self._hasher.phone(e164, version),
                phone_token=token("phone", e164, version),
                names=[token("word", word, version) for word in words(name)],
                dossier=token("dossier", filed_as(dossier), version) if dossier else None,
            )
            for version in self._hasher.versions
        ]

    def _hashes(self, phone: Phone) -> list[bytes]:
        return [self._hasher.phone(phone.e164, version) for version in self._hasher.versions]

    def _opened(self, row: Stored) -> tuple[str, str, str]:
        e164, name, dossier = orjson.loads(
            self._sealer.open(row.sealed, row.seal_key, row.id.bytes)
        )
        return e164, name, dossier

    def _shown(self, row: Stored) -> Suppressed:
        e164, name, dossier = self._opened(row)
        return Suppressed(
            id=show(SUPPRESSION, row.id),
            phone=", ".join(map(str, read_phones([e164]).phones)),
            person=bool(name),
            dossier=bool(dossier),
            channel=row.channel,
            reason=row.reason,
            origin=row.origin,
            note=row.note,
            since=row.since,
            until=row.until,
        )
