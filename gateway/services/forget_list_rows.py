"""Erasing a person from lists that were uploaded by hand, whether they wait, run or are done.

Their rows stay as empty ones, so that a list that runs goes on where it stood. A part that was
taken before that may still hold the person: it is waited for.
"""

import asyncio
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from gateway.domain.recipient import Phone, read_phones
from gateway.domain.text import words
from gateway.intake.hand_file import Table
from gateway.ledger import hand_lists, jobs
from gateway.ledger.database import Database
from gateway.ledger.hand_lists import SealedList
from gateway.sealing import Sealer
from gateway.services.hand_list import read_sealed, written

_FIRST = UUID(int=0)
_LOOK_EVERY_S = 0.2
_NOT_A_DIGIT = re.compile(r"\D")
# So many digits at the end of a number stand in it however it is written.
_SAME_DIGITS = 8


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Whose rows: those with one of these phones, or those with the dossier and all of the name."""

    phones: Collection[Phone] = field(default=(), repr=False)
    dossier: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)

    def is_in(self, cells: Sequence[str]) -> bool:
        if self.dossier is None:
            return any(self._is_phone(cell) for cell in cells)
        code = self.dossier.strip().casefold()
        if not any(cell.casefold() == code for cell in cells):
            return False
        said = {word for cell in cells for word in words(cell)}
        return said.issuperset(words(self.name or ""))

    def _is_phone(self, cell: str) -> bool:
        digits = _NOT_A_DIGIT.sub("", cell)
        if not any(phone.e164[-_SAME_DIGITS:] in digits for phone in self.phones):
            return False
        return any(phone in self.phones for phone in read_phones([cell]).phones)


class ForgetListRows:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def count(self, sought: Sought, source: str | None) -> int:
        """How many rows would go."""
        found, after = 0, _FIRST
        while one := await self._next(after, source):
            found += self._without(one, sought)[0]
            after = one.id
        return found

    async def forget(self, sought: Sought, source: str | None) -> int:
        """How many rows went. Afterwards nobody makes a notification of one of them any more."""
        forgotten, running, last, after = 0, list[UUID](), None, _FIRST
        while one := await self._next(after, source):
            count, table = self._without(one, sought)
            if count:
                at = await self._write(one, table)
                if at is None:
                    # Sealed anew meanwhile, or somebody else was erased from it: once more.
                    continue
                forgotten, last = forgotten + count, at
                running += [one.id] if one.state == "running" else []
            after = one.id
        if last and running:
            await self._parts_end(running, last)
        return forgotten

    async def _next(self, after: UUID, source: str | None) -> SealedList | None:
        async with self._database.connection() as connection:
            return await hand_lists.sealed_after(connection, after, source)

    def _without(self, one: SealedList, sought: Sought) -> tuple[int, Table]:
        """How many rows are theirs, and the list with these empty. A list without names of its
        columns may begin with a person, too."""
        table = read_sealed(self._sealer.open(one.sealed, one.seal_key, one.id.bytes))
        theirs = [sought.is_in(cells) for cells in (table.header, *table.rows)]
        header, *rows = (
            [""] * len(cells) if gone else cells
            for cells, gone in zip((table.header, *table.rows), theirs, strict=True)
        )
        return sum(theirs), replace(table, header=header, rows=rows)

    async def _write(self, one: SealedList, table: Table) -> datetime | None:
        sealed, seal_key = self._sealer.seal(written(table), one.id.bytes)
        async with self._database.connection() as connection:
            return await hand_lists.reseal(connection, one, sealed, seal_key)

    async def _parts_end(self, lists: Sequence[UUID], begun_by: datetime) -> None:
        """A part ends within its lease, or is given to somebody who reads the list anew."""
        for _ in range(int(jobs.LEASE_S / _LOOK_EVERY_S) + 1):
            async with self._database.connection() as connection:
                if not await jobs.under_way(connection, lists, begun_by):
                    return
            await asyncio.sleep(_LOOK_EVERY_S)
