"""The job of a list that was uploaded by hand: its rows become events, so many at a time.

A part that was begun before, by a worker that died, finds its rows accepted already: those accepted
since it was begun are this list's own, and count as such.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from gateway.domain.directory import Directory, Source
from gateway.domain.notification import LaneClass
from gateway.domain.outcome import Reason
from gateway.domain.staff import Staff
from gateway.domain.status import OPEN
from gateway.intake.hand_rows import SOURCE_URI, ReadRow
from gateway.ledger import hand_lists
from gateway.ledger.database import Connection, Database
from gateway.ledger.hand_lists import HandList, Worked
from gateway.ledger.jobs import Taken
from gateway.sealing import Sealer
from gateway.services.booking import Posted
from gateway.services.hand_list import Opened, opened
from gateway.services.jobs import RIGHTS_GONE, JobStops, Note
from gateway.services.submit import Answer, Submit, Submitted

PART = 100
CONTENT_GONE, SOURCE_GONE = "content_gone", "source_gone"
# Why a row that was taken is not sent, where staff are told so row by row.
NOT_SENT = (Reason.DUPLICATE, Reason.OVERTAKEN, Reason.TOO_OLD, Reason.NO_USABLE_PHONE)
_OTHERWISE = "not_sent"


class WorkList:
    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        submit: Submit,
        directory: Callable[[], Directory],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._submit = submit
        self._directory = directory
        self._now = now
        self._last: Opened | None = None

    async def part(self, taken: Taken, staff: Staff) -> Note:
        async with self._database.connection() as connection:
            found = await hand_lists.by_id(connection, taken.id)
        if found is None or found.sealed is None:
            raise JobStops(CONTENT_GONE)
        if not staff.may_see(found.unit):
            raise JobStops(RIGHTS_GONE)
        source = self._directory().sources.get(found.source)
        if source is None:
            raise JobStops(SOURCE_GONE)
        rows = (await self._open(found)).rows[found.done : found.done + PART]
        answers = await self._posted(source, rows, staff.actor)
        ours = await self._ours(answers, taken)
        worked = _worked(found.done, rows, answers, ours)

        async def note(connection: Connection) -> bool:
            return await hand_lists.advance(connection, found.id, worked)

        return note

    async def _open(self, found: HandList) -> Opened:
        """Reading thousands of rows takes a second, so they are kept for the next part, unless
        somebody was erased from the list since."""
        last = self._last
        if last is None or (last.list.id, last.list.sealed) != (found.id, found.sealed):
            last = await asyncio.to_thread(opened, found, self._sealer, self._now())
        self._last = last
        return last

    async def _posted(
        self, source: Source, rows: Sequence[ReadRow], actor: str
    ) -> Sequence[Submitted]:
        posted = [
            Posted(event=row.event, canonical=row.content) for row in rows if row.event is not None
        ]
        if not posted:
            return []
        return await self._submit.submit(
            _as_writer(source), posted, actor=actor, klass=LaneClass.BULK
        )

    async def _ours(
        self, answers: Sequence[Submitted], taken: Taken
    ) -> Mapping[UUID, tuple[str, str | None]]:
        """State and reason of what this part brought about, by notification."""
        fresh = {
            owed.id: (str(owed.state), owed.reason)
            for one in answers
            if one.answer is Answer.NEW
            for owed in one.owed
        }
        if taken.tries == 1:
            return fresh
        seen = [owed.id for one in answers if one.answer is Answer.SEEN for owed in one.owed]
        async with self._database.connection() as connection:
            return {
                **await hand_lists.accepted_since(connection, seen, taken.part_since),
                **fresh,
            }


def _as_writer(source: Source) -> Source:
    """Rows have a CloudEvents source of their own, which no dossier system may use. The storm guard
    is for what nobody has looked at: a list was confirmed, and must not use up the hour of the
    dossier system either."""
    return source.model_copy(
        update={"sources": (*source.sources, SOURCE_URI), "hold_above_per_hour": None}
    )


def _worked(
    begin: int,
    rows: Sequence[ReadRow],
    answers: Sequence[Submitted],
    ours: Mapping[UUID, tuple[str, str | None]],
) -> Worked:
    good = [row for row in rows if row.event is not None]
    words = [_word(one, ours) for one in answers]
    return Worked(
        begin=begin,
        end=begin + len(rows),
        accepted=words.count("accepted"),
        seen=words.count("seen"),
        troubles=[
            (row.number, word)
            for row, word in zip(good, words, strict=True)
            if word not in ("accepted", "seen")
        ],
    )


def _word(answer: Submitted, ours: Mapping[UUID, tuple[str, str | None]]) -> str:
    """What became of a row."""
    if answer.answer not in (Answer.NEW, Answer.SEEN):
        return answer.answer.value
    if not (found := [ours[owed.id] for owed in answer.owed if owed.id in ours]):
        return "seen"
    state, reason = found[0]
    if state in OPEN or reason is None:
        return "accepted"
    if reason in NOT_SENT:
        return reason
    return "accepted" if answer.answer is Answer.SEEN else _OTHERWISE
