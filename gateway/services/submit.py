"""Accepting events: who may post them, whom each one is owed to, and when it may be sent at all.

What passes is written in groups; what a caller hears was decided by the ledger. The bell for the
lane rings after the commit and is never waited for.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog

from gateway import metrics
from gateway.domain.channel import Channel
from gateway.domain.directory import Directory, Source, Unit
from gateway.domain.dossier import DossierEvent, EventKind, Party
from gateway.domain.hours import SendingHours, local
from gateway.domain.notification import Lane, LaneClass
from gateway.domain.outcome import Reason
from gateway.domain.recipient import Phone, read_phones
from gateway.domain.route import Step, build_route
from gateway.domain.status import State
from gateway.domain.text import index_words
from gateway.errors import LedgerUnavailable
from gateway.intake.problems import FieldProblem, Refusal
from gateway.ledger.accept import Booked, NewEvent, NewNotification, accept
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.sealing import Hasher, Sealer
from gateway.services import payload
from gateway.services.live_directory import LiveDirectory
from gateway.services.live_templates import LiveTemplates
from gateway.services.minting import mint

log = structlog.get_logger()

MODE_LIVE, MODE_TEST = "live", "test"


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
    notification_ids: tuple[UUID, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """Events posted together, which commit together."""

    events: tuple[NewEvent, ...]


class Submit:
    """The use case. `ring` wakes the workers of a lane and returns at once."""

    def __init__(
        self,
        *,
        database: Database,
        directory: LiveDirectory,
        templates: LiveTemplates,
        hasher: Hasher,
        sealer: Sealer,
        hours: Callable[[], SendingHours],
        open_time: Callable[[EventKind], timedelta],
        now: Callable[[], datetime],
        ring: Callable[[Lane], None],
        largest_group: int,
    ) -> None:
        self._database = database
        self._directory = directory
        self._templates = templates
        self._hasher = hasher
        self._sealer = sealer
        self._hours = hours
        self._open_time = open_time
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
        self, source: Source, posted: Sequence[Posted], mode: str = MODE_LIVE
    ) -> list[Submitted]:
        """One answer per event, in order. Raises LedgerUnavailable when nothing is promised."""
        now = self._now()
        prepared = [self._prepare(source, one, mode, now) for one in posted]
        events = tuple(one for one in prepared if isinstance(one, NewEvent))
        booked = iter(await self._book(events))
        answers = [
            Submitted(answer=Answer.REFUSED, refusal=one)
            if isinstance(one, Refusal)
            else self._answer(one, next(booked))
            for one in prepared
        ]
        metrics.record_accepted(source.code, answers)
        return answers

    def _answer(self, event: NewEvent, booked: Booked | None) -> Submitted:
        if booked is None:
            return Submitted(answer=Answer.FAILED)
        if not booked.same_content:
            return Submitted(answer=Answer.CONFLICT)
        for one in event.notifications:
            if one.state is State.WAITING:
                self._ring(Lane(pool=one.pool, klass=LaneClass(one.klass)))
        return Submitted(
            answer=Answer.NEW if booked.fresh else Answer.SEEN,
            event_id=booked.event_id,
            notification_ids=booked.notification_ids,
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
        ordered = [first[key] for key in sorted(first)]
        async with self._database.connection() as connection:
            booked = await accept(connection, ordered)
        by_key = dict(zip((event.key for event in ordered), booked, strict=True))
        return [[_for(event, first, by_key) for event in batch.events] for batch in batches]

    def _prepare(
        self, source: Source, posted: Posted, mode: str, now: datetime
    ) -> NewEvent | Refusal:
        event, directory = posted.event, self._directory.now
        unit = directory.unit(event.unit, local(now).date())
        if refusal := _refusal(source, event, unit, directory):
            return refusal
        assert unit is not None
        recipient, phones, notes = _recipient(event)
        sealed_payload = payload.Payload(
            event=event, recipient=recipient, phones=phones, notes=notes
        )
        keyed = self._hasher
        steps = build_route(unit.route, phones, [keyed.phone(phone.e164) for phone in phones])
        owed = self._owed(source, sealed_payload, unit, steps, mode, now)
        return NewEvent(
            key=keyed.event_key(source.code, event.source_uri, event.event_id),
            hash_key=keyed.primary,
            digest=keyed.digest(posted.canonical),
            event_id=mint(),
            source=source.code,
            notifications=(owed,),
        )

    def _owed(
        self,
        source: Source,
        content: payload.Payload,
        unit: Unit,
        steps: tuple[Step, ...],
        mode: str,
        now: datetime,
    ) -> NewNotification:
        event, hours = content.event, self._hours()
        notification_id = mint()
        sealed, seal_key = self._sealer.seal(payload.write(content), notification_id.bytes)
        channels = {step.channel for step in steps} or {Channel.SMS}
        first = steps[0] if steps else None
        opens = hours.next_open(first.channel, now) if first else now
        return NewNotification(
            id=notification_id,
            unit=unit.code,
            kind=event.kind.value,
            klass=LaneClass.LIVE,
            mode=mode,
            publication=self._templates.current,
            state=State.WAITING if first else State.FAILED,
            reason=None if first else Reason.NO_USABLE_PHONE,
            steps=json.dumps([step.as_json() for step in steps]),
            latest_send_at=hours.add_open_time(
                now, self._open_time(event.kind).total_seconds(), channels
            ),
            reference_seed=self._hasher.reference_seed(
                source.code, event.source_uri, event.event_id, 0
            ),
            tokens=self._tokens(content),
            sealed=sealed,
            seal_key=seal_key,
            due_in_s=max(0.0, (opens - now).total_seconds()),
            pool=first.pool if first else "",
            phone=first.phone_key if first else b"",
        )

    def _tokens(self, content: payload.Payload) -> list[int]:
        token, event = self._hasher.token, content.event
        names = {*index_words(event.applicant.name), *index_words(content.recipient.name)}
        return [
            token("dossier", event.dossier_code.casefold()),
            *(token("phone", phone.e164) for phone in content.phones),
            *(token("word", word) for word in sorted(names)),
        ]


def _for(event: NewEvent, first: dict[bytes, NewEvent], booked: dict[bytes, Booked]) -> Booked:
    """What a twin inside the same group hears: what was booked for the first of them."""
    answer = booked[event.key]
    if first[event.key] is event:
        return answer
    return Booked(
        fresh=False,
        same_content=answer.same_content and first[event.key].digest == event.digest,
        event_id=answer.event_id,
        notification_ids=answer.notification_ids,
    )


def _refusal(
    source: Source, event: DossierEvent, unit: Unit | None, directory: Directory
) -> Refusal | None:
    if event.source_uri not in source.sources:
        return _refused(
            403,
            "source_not_yours",
            "/source",
            "Use a CloudEvents source of your own, or have this one added to the directory.",
        )
    if unit is None:
        return _refused(
            422,
            "unknown_unit",
            "/data/unit",
            "No unit has this code or alias; correct it, or have the unit added.",
        )
    if unit.code not in source.units:
        return _refused(
            403,
            "unit_not_yours",
            "/data/unit",
            "You may not write in this unit's name; use one of your units.",
        )
    if event.pickup.point is not None and event.pickup.point not in directory.pickup_points:
        return _refused(
            422,
            "unknown_pickup_point",
            "/data/pickup/point",
            "No pick-up point has this code; correct it, or give name and address instead.",
        )
    return None


def _refused(status: int, code: str, pointer: str, detail: str) -> Refusal:
    problem = FieldProblem(pointer=pointer, code=code, detail=detail)
    return Refusal(status=status, code=code, detail=detail, errors=(problem,))


def _recipient(event: DossierEvent) -> tuple[Party, tuple[Phone, ...], tuple[str, ...]]:
    """The authorised person where one with a usable phone is named, else the applicant."""
    if event.authorised is not None:
        phones = read_phones(event.authorised.phones).phones
        if phones:
            return event.authorised, phones, ()
        own = read_phones(event.applicant.phones).phones
        return event.applicant, own, ("authorised_without_usable_phone",)
    return event.applicant, read_phones(event.applicant.phones).phones, ()
