"""Accepting events: who may post them, whom each one is owed to, and when it may be sent at all.

What passes is written in groups; what a caller hears was decided by the ledger. The bell for the
lane rings after the commit and is never waited for.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import structlog

from gateway import metrics, tracing
from gateway.domain.directory import Source, Unit
from gateway.domain.dossier import DossierEvent, EventKind
from gateway.domain.hours import local
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.notification import Lane, LaneClass
from gateway.domain.outcome import Reason
from gateway.domain.recipient import Phone
from gateway.domain.status import State
from gateway.errors import LedgerUnavailable
from gateway.intake.problems import Refusal
from gateway.ledger.accept import accept
from gateway.ledger.database import Database
from gateway.ledger.dossiers import Report
from gateway.ledger.groups import GroupCommit
from gateway.ledger.new_events import Booked, NewEvent, NewNotification, OtherKey, Owed
from gateway.sealing import Hasher
from gateway.services import payload
from gateway.services.addressing import recipient_of, writer_of
from gateway.services.live_directory import LiveDirectory
from gateway.services.live_templates import LiveTemplates
from gateway.services.minting import mint
from gateway.services.owing import Notice, Owing
from gateway.services.rehearsal import MODE_TEST, rehearsed
from gateway.services.search_tokens import dossier_group

log = structlog.get_logger()

MODE_LIVE = "live"
_ITEMS_A_TURN = 25
Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """One valid event as its source posted it; `canonical` are the bytes "same content" means."""

    event: DossierEvent
    canonical: bytes


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


class Submit:
    """The use case. `ring` wakes the workers of a lane and returns at once. `supersedes` says which
    kinds an event of a kind makes pointless for its dossier."""

    def __init__(
        self,
        *,
        database: Database,
        directory: LiveDirectory,
        templates: LiveTemplates,
        hasher: Hasher,
        owing: Owing,
        supersedes: Mapping[EventKind, Sequence[EventKind]],
        now: Callable[[], datetime],
        ring: Callable[[Lane], None],
        largest_group: int,
    ) -> None:
        self._database = database
        self._directory = directory
        self._templates = templates
        self._hasher = hasher
        self._owing = owing
        self._supersedes = {
            kind: tuple(other.value for other in others) for kind, others in supersedes.items()
        }
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
        prepared = [self._prepare(source, one, mode, now) async for one in in_turns(posted)]
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
        """Write them together; if the ledger refuses the data, find the guilty ones one by one."""
        if not events:
            return []
        try:
            return list(await self._groups.put(_Batch(events=events)))
        except LedgerUnavailable:
            raise
        except Exception:
            if len(events) == 1:
                log.exception("event_not_written", event_id=str(events[0].event_id))
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

    def _prepare(
        self, source: Source, posted: Posted, mode: str, now: datetime
    ) -> NewEvent | Refusal:
        event, directory = posted.event, self._directory.now
        unit = writer_of(source, event, directory, now.date())
        if isinstance(unit, Refusal):
            return unit
        keyed, report = self._hasher, self._report(source, event, mode, now)
        # Whoever has collected the result needs no notice of it.
        owes = event.kind is not EventKind.RETURNED
        return NewEvent(
            key=keyed.event_key(source.code, event.source_uri, event.event_id),
            hash_key=keyed.primary,
            digest=keyed.digest(posted.canonical),
            event_id=mint(),
            source=source.code,
            notifications=(self._owed(source, unit, event, mode, report, now),) if owes else (),
            report=report,
            hold_above=source.hold_above_per_hour,
            other_keys=self._other_keys(source, posted),
        )

    def _owed(
        self,
        source: Source,
        unit: Unit,
        event: DossierEvent,
        mode: str,
        report: Report,
        now: datetime,
    ) -> NewNotification:
        recipient, phones, notes = recipient_of(event)
        route = self._owing.route(unit, phones)
        told_once = self._told_once(event, phones, report)
        notice = Notice(
            content=payload.Payload(event=event, recipient=recipient, phones=phones, notes=notes),
            unit=unit.code,
            steps=rehearsed(route) if mode == MODE_TEST else route,
            mode=mode,
            publication=self._templates.current,
            reference_seed=self._hasher.reference_seed(
                source.code, event.source_uri, event.event_id, 0
            ),
            once_key=told_once[0] if told_once else None,
            other_once_keys=told_once[1:],
        )
        row = self._owing.row(notice, now)
        age_s = (now - report.at).total_seconds()
        oldest_s = source.max_event_age_s
        if row.state is State.WAITING and oldest_s is not None and age_s > oldest_s:
            return replace(row, state=State.EXPIRED, reason=Reason.TOO_OLD)
        return row

    def _told_once(
        self, event: DossierEvent, phones: Sequence[Phone], report: Report
    ) -> tuple[bytes, ...]:
        """What must not be told twice, hashed under each live version; nothing if it may."""
        if event.again:
            return ()
        keys = (report.key, *report.other_keys)
        return tuple(
            self._hasher.digest(_same_notice(event, phones, key), version)
            for version, key in zip(self._hasher.versions, keys, strict=True)
        )

    def _other_keys(self, source: Source, posted: Posted) -> tuple[OtherKey, ...]:
        """While a hash key is rotated, the same event may be known under another version."""
        keyed, event = self._hasher, posted.event
        return tuple(
            OtherKey(
                version=version,
                key=keyed.event_key(source.code, event.source_uri, event.event_id, version),
                digest=keyed.digest(posted.canonical, version),
            )
            for version in keyed.versions[1:]
        )

    def _report(self, source: Source, event: DossierEvent, mode: str, now: datetime) -> Report:
        """What is tried with a test key is about a dossier of its own, whatever its code."""
        keyed = self._hasher
        key, *others = dossier_keys(keyed, source.namespace, event.dossier_code, mode)
        corrects = event.details.corrects if event.kind is EventKind.CORRECTION else None
        return Report(
            key=key,
            other_keys=tuple(others),
            kind=event.kind.value,
            # A time ahead of ours must not overtake everything that is still to come.
            at=min(event.occurred_at or now, now),
            tokens=tuple(dossier_group(keyed, event.dossier_code)),
            sources=self._directory.now.sources_of(source.namespace),
            supersedes=self._supersedes.get(event.kind, ()),
            mode=mode,
            ends_as=Reason.COLLECTED if event.kind is EventKind.RETURNED else Reason.OVERTAKEN,
            corrects=tuple(
                keyed.event_key(source.code, event.source_uri, corrects, version)
                for version in keyed.versions
            )
            if corrects
            else (),
        )


def dossier_keys(hasher: Hasher, namespace: str, code: str, mode: str) -> list[bytes]:
    """A dossier's hash under each live version, the primary one first."""
    own = namespace if mode == MODE_LIVE else f"{mode}:{namespace}"
    return [hasher.dossier(own, code, version) for version in hasher.versions]


def _same_notice(event: DossierEvent, phones: Sequence[Phone], dossier_key: bytes) -> bytes:
    """What makes two notices the same: dossier, kind, recipient, and what happens repeatedly."""
    details = event.details
    occurrence = (details.items, details.new_due_at, details.amount_vnd, details.corrects)
    numbers = sorted(phone.e164 for phone in phones)
    return repr((dossier_key, event.kind.value, numbers, occurrence)).encode()


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
