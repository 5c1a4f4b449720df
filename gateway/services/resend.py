"""Sending a notice once more, over another channel or to a corrected phone: always a new notice.

The same wish under the same key is the same notice. Where the first one, or any resend of it, may
have reached somebody or still may, or where its dossier has moved on, only an explicit `force`
sends another message.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from gateway.domain.channel import Channel
from gateway.domain.directory import Source, Unit
from gateway.domain.hours import local
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.notification import Lane, LaneClass
from gateway.domain.recipient import Phone, read_phones
from gateway.domain.route import Step
from gateway.intake.problems import FieldProblem, Refusal, RequestRefused
from gateway.ledger import audit, event_keys, reading, resends
from gateway.ledger.accept import accept
from gateway.ledger.audit import Entry
from gateway.ledger.database import Connection, Database
from gateway.ledger.event_keys import Known
from gateway.ledger.new_events import NewEvent, NewNotification
from gateway.ledger.reading import Found
from gateway.sealing import Hasher
from gateway.services.compose import Compose
from gateway.services.live_directory import LiveDirectory
from gateway.services.live_templates import LiveTemplates
from gateway.services.minting import mint
from gateway.services.owing import Notice, Owing
from gateway.services.payload import Payload
from gateway.services.rehearsal import MODE_TEST, rehearsed
from gateway.services.still_due import StillDue


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """How it is to be sent again. `reason` is a word code; `phone` replaces all phones known."""

    reason: str | None = None
    channel: Channel | None = None
    phone: str | None = None
    force: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A wish about one notification of `source`, under the key that its sender chose for it.
    `actor` is whose wish it is; `entry` goes to the audit with what it brings about. In class bulk
    it waits behind what dossier systems post."""

    source: Source
    mode: str
    notification_id: UUID
    key: str
    wish: Wish
    actor: str = "source"
    entry: Entry | None = None
    klass: LaneClass = LaneClass.LIVE

    @property
    def event_id(self) -> str:
        """Stands where the CloudEvents source stands for an event: no URI begins like this."""
        return f"resend:{show(NOTIFICATION, self.notification_id)}"

    @property
    def content(self) -> bytes:
        return json.dumps(asdict(self.wish), sort_keys=True).encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Resent:
    """`fresh`: the new notification was written just now."""

    fresh: bool
    event_id: UUID
    notification_id: UUID


class Resend:
    """The use case. Raises RequestRefused with what is in the way."""

    def __init__(
        self,
        *,
        database: Database,
        directory: LiveDirectory,
        templates: LiveTemplates,
        hasher: Hasher,
        compose: Compose,
        owing: Owing,
        still_due: StillDue,
        now: Callable[[], datetime],
        ring: Callable[[Lane], None],
    ) -> None:
        self._database = database
        self._directory = directory
        self._templates = templates
        self._hasher = hasher
        self._compose = compose
        self._owing = owing
        self._still_due = still_due
        self._now = now
        self._ring = ring

    async def resend(self, asked: Asked) -> Resent:
        async with self._database.transaction() as connection:
            family = await resends.lock(connection, asked.notification_id)
            keys = self._hasher.event_keys(asked.source.code, asked.event_id, asked.key)
            known = await event_keys.find(connection, keys)
            if known is not None:
                return self._seen(asked, known)
            event, first = await self._new(connection, asked, family)
            await accept(connection, [event])
            if asked.entry is not None:
                await audit.write(connection, asked.entry)
        self._ring(Lane(pool=first.pool, klass=asked.klass))
        return Resent(
            fresh=True, event_id=event.event_id, notification_id=event.notifications[0].id
        )

    def _seen(self, asked: Asked, known: Known) -> Resent:
        if known.digest != self._hasher.digest(asked.content, known.hash_key):
            raise _refused(409, "other_content", _OTHER_CONTENT)
        [notification_id] = known.notification_ids
        return Resent(fresh=False, event_id=known.event_id, notification_id=notification_id)

    async def _new(
        self, connection: Connection, asked: Asked, family: UUID
    ) -> tuple[NewEvent, Step]:
        found = await reading.one(connection, asked.notification_id)
        if found is None or found.source != asked.source.code:
            raise _refused(404, "no_such_notification", _NO_SUCH)
        content = self._content(found, asked.wish)
        mode = MODE_TEST if MODE_TEST in (asked.mode, found.mode) else found.mode
        if not asked.wish.force:
            await self._require_need(connection, asked, found, content, family, mode)
        now = self._now()
        unit = self._unit(found, asked.source, now)
        steps = self._steps(unit, content.phones, asked.wish)
        notice = Notice(
            content=content,
            unit=unit.code,
            steps=rehearsed(steps) if mode == MODE_TEST else steps,
            mode=mode,
            publication=self._templates.current,
            reference_seed=self._hasher.reference_seed(
                asked.source.code, asked.event_id, asked.key, 0
            ),
            resend_of=found.id,
        )
        row = replace(self._owing.row(notice, now), klass=asked.klass)
        return self._event(asked, row), notice.steps[0]

    def _event(self, asked: Asked, row: NewNotification) -> NewEvent:
        return NewEvent(
            key=self._hasher.event_key(asked.source.code, asked.event_id, asked.key),
            hash_key=self._hasher.primary,
            digest=self._hasher.digest(asked.content),
            event_id=mint(),
            source=asked.source.code,
            notifications=(row,),
            actor=asked.actor,
        )

    def _content(self, found: Found, wish: Wish) -> Payload:
        """What was sealed for the first one, with the phone corrected and the reason noted."""
        if found.sealed is None or found.seal_key is None:
            raise _refused(409, "erased", _ERASED)
        before = self._compose.payload(found.id, found.sealed, found.seal_key)
        phones = before.phones if wish.phone is None else read_phones([wish.phone]).phones
        if not phones:
            raise _refused(422, "no_usable_phone", _NO_PHONE, "/phone")
        notes = [*before.notes, f"resent:{wish.reason}"] if wish.reason else before.notes
        forced = wish.force or wish.phone is not None
        return replace(before, phones=phones, notes=tuple(notes), forced=forced)

    async def _require_need(
        self,
        connection: Connection,
        asked: Asked,
        found: Found,
        content: Payload,
        family: UUID,
        mode: str,
    ) -> None:
        if await resends.may_reach_somebody(connection, family, mode):
            raise _refused(409, "needs_force", _NEEDS_FORCE, "/force")
        namespace = asked.source.namespace
        if not await self._still_due(connection, found, content, namespace):
            raise _refused(409, "no_longer_due", _NO_LONGER_DUE, "/force")

    def _unit(self, found: Found, source: Source, now: datetime) -> Unit:
        unit = self._directory.now.unit(found.unit, local(now).date())
        if unit is None or unit.code not in source.units:
            raise _refused(403, "unit_not_yours", _NO_UNIT)
        return unit

    def _steps(self, unit: Unit, phones: tuple[Phone, ...], wish: Wish) -> tuple[Step, ...]:
        route = self._owing.route(unit, phones)
        steps = tuple(step for step in route if wish.channel in (None, step.channel))
        if not steps:
            raise _refused(422, "no_such_step", _NO_STEP, "/channel")
        return steps


_OTHER_CONTENT = (
    "This Idempotency-Key was used for another wish about this notification; choose a new key."
)
_NO_SUCH = "There is no notification of yours with this id."
_ERASED = "The person's data were erased; post a new event instead."
_NO_PHONE = "No number here can be written to or called; give a corrected phone."
_NEEDS_FORCE = (
    "This notice, or an earlier resend of it, may have reached somebody or still may. Set force to"
    " send another one all the same."
)
_NO_LONGER_DUE = (
    "What this notice says was told by another one, or its dossier has moved on since. Set force to"
    " send it all the same."
)
_NO_UNIT = "You may no longer write in the name of this notification's unit."
_NO_STEP = (
    "The unit's route has no step over this channel that these numbers can take; choose another"
    " channel or give another phone."
)


def _refused(status: int, code: str, detail: str, pointer: str | None = None) -> RequestRefused:
    errors = (FieldProblem(pointer=pointer, code=code, detail=detail),) if pointer else ()
    return RequestRefused(Refusal(status=status, code=code, detail=detail, errors=errors))
