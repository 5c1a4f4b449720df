"""Lists of ready dossiers that staff upload by hand, for offices without a connected system.

Nothing is sent before somebody confirms what they have seen. Then it is a job (`work_list`), and
each row goes the way of any event, as one of a source of its unit. Whoever uploaded a list is the
only one to see it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import orjson

from gateway.domain.directory import Directory, Source
from gateway.domain.hours import local
from gateway.domain.identity import show
from gateway.domain.staff import Staff
from gateway.errors import BaotinError
from gateway.intake.hand_file import Table
from gateway.intake.hand_rows import FIELDS, NEEDED, ReadRow, guess, read_rows
from gateway.ledger import audit, hand_lists, jobs
from gateway.ledger.database import Connection, Database
from gateway.ledger.hand_lists import HandList
from gateway.ledger.jobs import JobKind
from gateway.sealing import Sealer
from gateway.services.minting import mint
from gateway.services.read_file import read_file

HAND_LIST = "hnd"
_SHOWN = 20


class ListRefused(BaotinError):
    """It cannot be done. `word` says why, for the console's catalogue."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A list with what is in it; `table` None once its content is gone."""

    list: HandList
    table: Table | None
    rows: Sequence[ReadRow]

    @property
    def faulty(self) -> Sequence[ReadRow]:
        return [row for row in self.rows if row.fault]

    @property
    def lacks(self) -> Sequence[str]:
        """The fields that have to have a column and have none."""
        return [name for name in NEEDED if name not in self.list.columns]

    @property
    def reading(self) -> str:
        """Under which columns it was read: what somebody has seen when they confirm."""
        return ",".join(f"{name}:{at}" for name, at in sorted(self.list.columns.items()))


class HandLists:
    """`ring` wakes a worker for jobs and returns at once."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        directory: Callable[[], Directory],
        now: Callable[[], datetime],
        ring: Callable[[], None],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._directory = directory
        self._now = now
        self._ring = ring
        # A large one takes seconds and much memory, so one at a time.
        self._reading = asyncio.Semaphore(1)

    def sources_of(self, unit: str) -> Sequence[Source]:
        """Those that may post for a unit."""
        return [one for one in self._directory().sources.values() if unit in one.units]

    async def latest(self, staff: Staff) -> Sequence[HandList]:
        async with self._database.connection() as connection:
            return await hand_lists.latest(connection, staff.name, _SHOWN)

    async def upload(self, content: bytes, unit: str, source: str, staff: Staff) -> HandList:
        """Raises NotATable for the file, ListRefused for a unit or source that will not do."""
        if unit not in self._directory().units or not staff.may_see(unit):
            raise ListRefused("no_unit")
        sources = [one.code for one in self.sources_of(unit)]
        if not sources or (source and source not in sources):
            raise ListRefused("no_source")
        async with self._reading:
            table = await read_file(content)
        wanted = mint()
        sealed, seal_key = self._sealer.seal(written(table), wanted.bytes)
        made = HandList(
            id=wanted,
            uploader=staff.name,
            source=source or sources[0],
            unit=unit,
            columns=guess(table.header),
            rows=len(table.rows),
            sealed=sealed,
            seal_key=seal_key,
        )
        async with self._database.transaction() as connection:
            await hand_lists.add(connection, made)
            await _note(connection, staff, "hand_list.upload", made, made.rows)
        return made

    async def look(self, wanted: UUID, staff: Staff) -> HandList:
        """The list without what is in it. Raises ListRefused where there is none of theirs."""
        async with self._database.connection() as connection:
            found = await hand_lists.by_id(connection, wanted)
        if found is None or found.uploader != staff.name or not staff.may_see(found.unit):
            raise ListRefused("missing")
        return found

    async def open(self, wanted: UUID, staff: Staff) -> Opened:
        """Raises ListRefused where there is no such list of theirs."""
        found = await self.look(wanted, staff)
        return await asyncio.to_thread(opened, found, self._sealer, self._now())

    async def match(self, wanted: UUID, columns: Mapping[str, int], staff: Staff) -> None:
        """Raises ListRefused for one that is no draft any more."""
        table = (await self.open(wanted, staff)).table
        width = len(table.header) if table else 0
        known = {name: at for name, at in columns.items() if name in FIELDS and 0 <= at < width}
        async with self._database.connection() as connection:
            if not await hand_lists.match(connection, wanted, known):
                raise ListRefused("no_draft")

    async def begin(self, wanted: UUID, reading: str, staff: Staff) -> None:
        """Confirmed, as it was read. Raises ListRefused where it cannot be sent like this."""
        found = await self.open(wanted, staff)
        if found.lacks or found.table is None:
            raise ListRefused("lacks_columns")
        if found.list.state != "draft":
            return
        if reading != found.reading:
            raise ListRefused("read_otherwise")
        one = found.list
        async with self._database.transaction() as connection:
            if not await hand_lists.begin(connection, wanted, one.columns):
                return
            await jobs.begin(connection, wanted, JobKind.HAND_LIST, staff.id, one.unit)
            await _note(connection, staff, "hand_list.send", one, one.rows - len(found.faulty))
        self._ring()

    async def discard(self, wanted: UUID, staff: Staff) -> None:
        """Raises ListRefused for one that is no draft any more."""
        await self.look(wanted, staff)
        async with self._database.connection() as connection:
            if not await hand_lists.discard(connection, wanted):
                raise ListRefused("no_draft")


def opened(found: HandList, sealer: Sealer, now: datetime) -> Opened:
    if found.sealed is None or found.seal_key is None:
        return Opened(list=found, table=None, rows=())
    table = read_sealed(sealer.open(found.sealed, found.seal_key, found.id.bytes))
    rows = read_rows(table, found.columns, found.unit, local(now).date())
    return Opened(list=found, table=table, rows=rows)


def written(table: Table) -> bytes:
    """What is sealed of a table."""
    return orjson.dumps(asdict(table))


def read_sealed(plain: bytes) -> Table:
    """The inverse of `written`."""
    kept = orjson.loads(plain)
    numbers = kept.get("numbers") or range(1, len(kept["rows"]) + 1)
    return Table(**{**kept, "numbers": numbers})


async def _note(
    connection: Connection, staff: Staff, action: str, about: HandList, found: int
) -> None:
    entry = audit.Entry(
        id=mint(),
        actor=staff.actor,
        action=action,
        found=found,
        subject=f"hand_list:{show(HAND_LIST, about.id)}",
        detail=f"{about.unit} {about.source}",
    )
    await audit.write(connection, entry)
