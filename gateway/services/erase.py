"""Erasing a person: found by keyed hashes, ended where still open, blanked for good.

Lists that were uploaded by hand lose the rows of the person first, so that none of them becomes a
notification afterwards. What is kept: the keyed hash of the event, so that posting it again sends
nothing; states, history, times, prices and provider ids, which without the provider's own books
point to nobody. Reports that arrive later are dropped once they are understood, and for two days
everything is gone over again, because a worker or a report may have been on its way while the
person was erased.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.recipient import Phone, read_phones
from gateway.errors import BaotinError
from gateway.ledger import audit, erasing
from gateway.ledger.database import Database
from gateway.ledger.deadlocks import past_deadlocks
from gateway.ledger.erasing import Counts, Person
from gateway.sealing import Hasher, Sealer
from gateway.services import payload
from gateway.services.forget_beside import ForgetBeside
from gateway.services.forget_list_rows import ForgetListRows, Sought
from gateway.services.minting import mint
from gateway.services.search_tokens import (
    dossier_group,
    name_groups,
    named_phones,
    phone_group,
)

log = structlog.get_logger()

ERASURE = "era"
_AT_ONCE = 100


class NobodyMeant(BaotinError):
    """Say whom to erase: a phone, a name together with a dossier, or a dossier."""


class FoundBy(StrEnum):
    PHONE = "phone"
    NAME = "name"
    DOSSIER = "dossier"


@dataclass(frozen=True, kw_only=True)
class Whom:
    """Who is to be erased. A name alone would hit others of the same name."""

    phone: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    dossier: str | None = field(default=None, repr=False)
    source: str | None = None

    @property
    def found_by(self) -> FoundBy:
        """Raises NobodyMeant."""
        if self.phone and not self.name:
            return FoundBy.PHONE
        if self.dossier and not self.phone:
            return FoundBy.NAME if self.name else FoundBy.DOSSIER
        raise NobodyMeant


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """The receipt of an erasure. It names notifications, which no longer name anybody."""

    id: UUID
    at: datetime
    actor: str
    found_by: FoundBy
    notification_ids: Sequence[UUID]
    counts: Counts

    def as_json(self) -> dict[str, Any]:
        return {
            "erasure": show(ERASURE, self.id),
            "at": self.at.isoformat(),
            "by": self.actor,
            "found_by": self.found_by.value,
            "notifications": [show(NOTIFICATION, one) for one in self.notification_ids],
            "counts": asdict(self.counts),
        }

    def __str__(self) -> str:
        counts = self.counts
        return (
            f"{counts.notifications} notifications erased, {counts.ended} of which were still"
            f" under way and ended; {counts.texts} sent texts and {counts.reports} reports of"
            f" providers removed, and {counts.list_rows} rows of uploaded lists."
            " Posting the same events again sends nothing."
        )


class Erase:
    """The use case. `actor` is the person who erases."""

    def __init__(self, *, database: Database, hasher: Hasher, sealer: Sealer, actor: str) -> None:
        self._database = database
        self._hasher = hasher
        self._sealer = sealer
        self._actor = actor
        self._lists = ForgetListRows(database, sealer)
        self._beside = ForgetBeside(database, hasher, sealer)

    async def find(self, whom: Whom) -> list[Person]:
        """The notifications that an erasure would blank. Raises NobodyMeant."""
        groups = self._groups(whom)
        if any(not group for group in groups):
            return []
        async with self._database.connection() as connection:
            return await erasing.find(connection, groups, whom.source)

    async def in_lists(self, whom: Whom) -> int:
        """How many rows of uploaded lists an erasure would empty. Raises NobodyMeant."""
        return await self._lists.count(self._sought(whom), whom.source)

    async def erase(self, whom: Whom, why: str = "") -> Erasure:
        """Erase for good; a second time finds nobody. Raises NobodyMeant, LedgerUnavailable."""
        erasure_id, counts = mint(), Counts()
        phones, ids = self._phones(whom, ()), list[UUID]()
        async with self._database.connection() as connection:
            await erasing.begin(connection, erasure_id, self._actor, whom.found_by)
        counts += Counts(list_rows=await self._lists.forget(self._sought(whom), whom.source))
        # What was posted or sent once more meanwhile is found by looking again.
        while people := await self.find(whom):
            found = [one.id for one in people]
            phones |= self._phones(whom, people)
            async with self._database.connection() as connection:
                await erasing.note(connection, erasure_id, found)
            counts += await erase_rows(self._database, found, self._actor)
            ids += found
        counts += Counts(
            remembered_phones=await self._beside.forget(phones),
            reports=await self._beside.drop_loose_reports(phones),
        )
        return await self._finish(erasure_id, whom.found_by, ids, counts, why)

    async def _finish(
        self, erasure_id: UUID, found_by: FoundBy, ids: Sequence[UUID], counts: Counts, why: str
    ) -> Erasure:
        entry = audit.Entry(
            id=mint(), actor=self._actor, action="erase", why=why, found=counts.notifications
        )
        async with self._database.transaction() as connection:
            at = await erasing.finish(connection, erasure_id, counts)
            await audit.write(connection, entry)
        return Erasure(
            id=erasure_id,
            at=at,
            actor=self._actor,
            found_by=found_by,
            notification_ids=ids,
            counts=counts,
        )

    def _sought(self, whom: Whom) -> Sought:
        if whom.found_by is FoundBy.PHONE:
            return Sought(phones=frozenset(self._phones(whom, ())))
        return Sought(dossier=whom.dossier, name=whom.name)

    def _groups(self, whom: Whom) -> list[list[int]]:
        groups = []
        if whom.found_by is FoundBy.PHONE:
            groups.append(phone_group(self._hasher, whom.phone or ""))
        if whom.found_by is FoundBy.NAME:
            groups += name_groups(self._hasher, whom.name or "")
        if whom.dossier:
            groups.append(dossier_group(self._hasher, whom.dossier))
        return groups

    def _phones(self, whom: Whom, people: Sequence[Person]) -> set[Phone]:
        """The numbers of those who are erased. By a phone, only that one: others live on."""
        if whom.found_by is FoundBy.PHONE:
            return set(read_phones([whom.phone or ""]).phones)
        return {phone for one in people for phone in self._named(one)}

    def _named(self, person: Person) -> tuple[Phone, ...]:
        """A payload that cannot be opened any more is erased all the same."""
        try:
            plain = self._sealer.open(person.sealed, person.seal_key, person.id.bytes)
        except BaotinError:
            log.warning("erased_unread", notification_id=show(NOTIFICATION, person.id))
            return ()
        return named_phones(payload.read(plain))


async def erase_rows(database: Database, ids: Sequence[UUID], actor: str) -> Counts:
    """Blank these notifications, a hundred in a transaction."""
    counts = Counts()
    for first in range(0, len(ids), _AT_ONCE):
        some = partial(_erase_some, database, ids[first : first + _AT_ONCE], f"erase/{actor}")
        counts += await past_deadlocks(some)
    return counts


async def _erase_some(database: Database, ids: Sequence[UUID], actor: str) -> Counts:
    async with database.transaction() as connection:
        return await erasing.erase(connection, ids, actor)


async def settle(database: Database) -> None:
    """Go over erasures of the last days once more. Called by the clock."""
    async with database.connection() as connection:
        unsettled = await erasing.unsettled(connection)
    for one in unsettled:
        await erase_rows(database, one.notification_ids, one.actor)
        if one.over:
            async with database.connection() as connection:
                await erasing.settle(connection, one.id)
