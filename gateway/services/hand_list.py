"""Lists of ready dossiers that staff upload by hand, for offices without a connected system.

Nothing is sent before somebody confirms. Each row then goes the way of any event, as one of a
source of its unit; it is worked off in parts, and an interrupted list goes on where it stopped.
Whoever uploaded it is the only one to see it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from gateway.domain.directory import Directory, Source
from gateway.domain.identity import show
from gateway.domain.staff import Staff
from gateway.errors import BaotinError
from gateway.intake.hand_file import Table, read_table
from gateway.intake.hand_rows import FIELDS, NEEDED, SOURCE_URI, ReadRow, guess, read_rows
from gateway.ledger import audit, hand_lists
from gateway.ledger.database import Connection, Database
from gateway.ledger.hand_lists import HandList, Worked
from gateway.sealing import Sealer
from gateway.services.minting import mint
from gateway.services.submit import Answer, Posted, Submit, Submitted

HAND_LIST = "hnd"
_PART = 200
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


class HandLists:
    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        submit: Submit,
        directory: Callable[[], Directory],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._submit = submit
        self._directory = directory

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
        table = read_table(content)
        wanted = mint()
        plain = orjson.dumps({"header": table.header, "rows": table.rows})
        sealed, seal_key = self._sealer.seal(plain, wanted.bytes)
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

    async def open(self, wanted: UUID, staff: Staff) -> Opened:
        """Raises ListRefused where there is no such list of theirs."""
        async with self._database.connection() as connection:
            found = await hand_lists.by_id(connection, wanted, staff.name)
        if found is None or not staff.may_see(found.unit):
            raise ListRefused("missing")
        if found.sealed is None or found.seal_key is None:
            return Opened(list=found, table=None, rows=())
        content = orjson.loads(self._sealer.open(found.sealed, found.seal_key, found.id.bytes))
        table = Table(header=content["header"], rows=content["rows"])
        return Opened(list=found, table=table, rows=read_rows(table, found.columns, found.unit))

    async def match(self, wanted: UUID, columns: Mapping[str, int], staff: Staff) -> None:
        """Raises ListRefused for one that is no draft any more."""
        opened = await self.open(wanted, staff)
        width = len(opened.table.header) if opened.table else 0
        known = {name: at for name, at in columns.items() if name in FIELDS and 0 <= at < width}
        async with self._database.connection() as connection:
            if not await hand_lists.match(connection, wanted, known):
                raise ListRefused("no_draft")

    async def begin(self, wanted: UUID, staff: Staff) -> None:
        """Confirmed. Raises ListRefused where a needed column is not matched."""
        opened = await self.open(wanted, staff)
        if opened.lacks or opened.table is None:
            raise ListRefused("lacks_columns")
        async with self._database.transaction() as connection:
            if await hand_lists.begin(connection, wanted):
                good = opened.list.rows - len(opened.faulty)
                await _note(connection, staff, "hand_list.send", opened.list, good)

    async def work(self, wanted: UUID, staff: Staff) -> Opened:
        """The next part of a list that was confirmed; answers how it stands then."""
        opened = await self.open(wanted, staff)
        if opened.list.state != "running":
            return opened
        source = self._directory().sources.get(opened.list.source)
        if opened.table is None or source is None:
            raise ListRefused("no_source")
        begin = opened.list.done
        part = opened.rows[begin : begin + _PART]
        answers = await self._posted(_as_writer(source), part, staff.actor)
        worked = _worked(begin, part, answers)
        async with self._database.connection() as connection:
            await hand_lists.advance(connection, wanted, worked)
        return await self.open(wanted, staff)

    async def discard(self, wanted: UUID, staff: Staff) -> None:
        """Raises ListRefused for one that is no draft any more."""
        await self.open(wanted, staff)
        async with self._database.connection() as connection:
            if not await hand_lists.discard(connection, wanted):
                raise ListRefused("no_draft")

    async def _posted(
        self, source: Source, part: Sequence[ReadRow], actor: str
    ) -> Sequence[Submitted]:
        posted = [
            Posted(event=row.event, canonical=row.content) for row in part if row.event is not None
        ]
        return await self._submit.submit(source, posted, actor=actor) if posted else []


def _as_writer(source: Source) -> Source:
    """Rows have a CloudEvents source of their own, which no dossier system may use."""
    return source.model_copy(update={"sources": (*source.sources, SOURCE_URI)})


def _worked(begin: int, part: Sequence[ReadRow], answers: Sequence[Submitted]) -> Worked:
    good = [row for row in part if row.event is not None]
    troubles = [
        (row.number, one.answer.value)
        for row, one in zip(good, answers, strict=True)
        if one.answer not in (Answer.NEW, Answer.SEEN)
    ]
    counts = [one.answer for one in answers]
    return Worked(
        begin=begin,
        end=begin + len(part),
        accepted=counts.count(Answer.NEW),
        seen=counts.count(Answer.SEEN),
        troubles=troubles,
    )


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
