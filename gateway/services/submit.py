"""Accepting events: what is to be booked of each (`booking`), booked together, and answered.

What passes is written in groups; what a caller hears was decided by the ledger. The bell for the
lane rings after the commit and is never waited for.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import structlog

from gateway import metrics, tracing
from gateway.domain.directory import Source
from gateway.domain.hours import local
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.notification import Lane, LaneClass
from gateway.domain.status import State
from gateway.errors import LedgerUnavailable
from gateway.intake.problems import Refusal
from gateway.ledger.accept import accept
from gateway.ledger.database import Database, is_about_values
from gateway.ledger.groups import GroupCommit
from gateway.ledger.new_events import Booked, NewEvent, Owed
from gateway.services.booking import MODE_LIVE, Booking, Posted

log = structlog.get_logger()

_ITEMS_A_TURN = 25
Item = TypeVar("Item")


class Answer(StrEnum):
    NEW = "new"
    SEEN = "seen"
    CONFLICT = "conflict"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitted:
    answer: Answer
    event_id: UUID | None = None
    owed: tuple[Owed, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """Events posted together, which commit together."""

    events: tuple[NewEvent, ...]


async def in_turns(items: Sequence[Item]) -> AsyncIterator[Item]:
    """The items, with a turn for everybody else after every few: a batch must not hold up those
    who post single events."""
    for number, item in enumerate(items, 1):
        yield item
        if number % _ITEMS_A_TURN == 0:
            await asyncio.sleep(0)


# Whoever posts waits ten seconds for an answer. A ledger that says nothing is told of before.
_PATIENCE_S = 6.0


class Submit:
    """The use case. `ring` wakes the workers of a lane and returns at once."""

    def __init__(
        self,
        *,
        database: Database,
        booking: Booking,
        now: Callable[[], datetime],
        ring: Callable[[Lane], None],
        largest_group: int,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._database = database
        self._patience_s = patience_s
        self._booking = booking
        self._now = now
        self._ring = ring
        self._groups: GroupCommit[_Batch, list[Booked]] = GroupCommit(
            self._write,
            key=id,
            largest=largest_group,
            weigh=lambda batch: len(batch.events),
            on_group=lambda size: metrics.record_group("accept", size),
        )

    async def submit(
        self,
        source: Source,
        posted: Sequence[Posted],
        mode: str = MODE_LIVE,
        actor: str = "source",
        klass: LaneClass = LaneClass.LIVE,
    ) -> list[Submitted]:
        """One answer per event, in order. `actor` is who posts in the name of the source. Raises
        LedgerUnavailable when nothing is promised."""
        began_ns, now = tracing.now_ns(), local(self._now())
        prepared = [self._booking.of(source, one, mode, now) async for one in in_turns(posted)]
        if klass is not LaneClass.LIVE:
            prepared = [_in_class(one, klass) for one in prepared]
        events = tuple(
            replace(one, actor=actor) if actor != one.actor else one
            for one in prepared
            if isinstance(one, NewEvent)
        )
        booked = iter(await self._book(events))
        answers = [
            Submitted(answer=Answer.REFUSED, refusal=one)
            if isinstance(one, Refusal)
            else self._answer(one, next(booked))
            for one in prepared
        ]
        metrics.record_accepted(source.code, answers)
        if tracing.is_on():
            _trace(source, answers, began_ns)
        if log.is_enabled_for(logging.DEBUG):
            owed = [show(NOTIFICATION, one.id) for answer in answers for one in answer.owed]
            log.debug("events_answered", source=source.code, notifications=owed)
        return answers

    def _answer(self, event: NewEvent, booked: Booked | None) -> Submitted:
        if booked is None:
            return Submitted(answer=Answer.FAILED)
        if not booked.same_content:
            return Submitted(answer=Answer.CONFLICT, owed=booked.owed)
        # Also for one seen before: should it never have been queued, it is now.
        for one in event.notifications:
            if one.state is State.WAITING:
                self._ring(Lane(pool=one.pool, klass=LaneClass(one.klass)))
        return Submitted(
            answer=Answer.NEW if booked.fresh else Answer.SEEN,
            event_id=booked.event_id,
            owed=booked.owed,
        )

    async def _book(self, events: tuple[NewEvent, ...]) -> list[Booked | None]:
        """Write them together; if the ledger refuses the data, find the guilty ones one by one.
        Whoever is told that an event cannot be stored may never post it again, so nobody is told so
        for what is the ledger's own trouble."""
        if not events:
            return []
        try:
            async with asyncio.timeout(self._patience_s):
                return list(await self._groups.put(_Batch(events=events)))
        except TimeoutError:
            raise LedgerUnavailable from None
        except LedgerUnavailable:
            raise
        except Exception as error:
            if len(events) == 1:
                log.exception("event_not_written", event_id=str(events[0].event_id))
                if not is_about_values(error):
                    raise LedgerUnavailable from error
                return [None]
            return [(await self._book((event,)))[0] for event in events]

    async def _write(self, batches: Sequence[_Batch]) -> list[list[Booked]]:
        first: dict[bytes, NewEvent] = {}
        for batch in batches:
            for event in batch.events:
                first.setdefault(event.key, event)
        async with self._database.transaction() as connection:
            booked = await accept(connection, list(first.values()))
        by_key = dict(zip(first, booked, strict=True))
        return [[_for(event, first, by_key) for event in batch.events] for batch in batches]


def _in_class(event: NewEvent | Refusal, klass: LaneClass) -> NewEvent | Refusal:
    if isinstance(event, Refusal):
        return event
    owed = tuple(replace(one, klass=klass) for one in event.notifications)
    return replace(event, notifications=owed)


def _for(event: NewEvent, first: dict[bytes, NewEvent], booked: dict[bytes, Booked]) -> Booked:
    """What a twin inside the same group hears: what was booked for the first of them."""
    answer = booked[event.key]
    if first[event.key] is event:
        return answer
    return replace(answer, fresh=False, same_content=event.has_content(answer.digest))


def _trace(source: Source, answers: Sequence[Submitted], began_ns: int) -> None:
    for answer in answers:
        for one in answer.owed if answer.answer is Answer.NEW else ():
            state = str(one.state) if one.state else ""
            tracing.record("accept", one.id, began_ns, source=source.code, state=state)
