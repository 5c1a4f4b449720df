"""Sending a notice once more, over another channel or to a corrected phone: always a new notice.

The same wish under the same key is the same notice. Where the first one, or any resend of it, may
have reached somebody or still may, or where its dossier has moved on, only an explicit `force`
sends another message.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from uuid import UUID

from gateway.domain.directory import Source
from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.notification import Lane, LaneClass
from gateway.domain.route import Step
from gateway.ledger import audit, dossiers, event_keys, reading, resends
from gateway.ledger.accept import accept
from gateway.ledger.audit import Entry
from gateway.ledger.database import Connection, Database
from gateway.ledger.deadlocks import past_deadlocks
from gateway.ledger.event_keys import Known
from gateway.ledger.new_events import NewEvent, NewNotification
from gateway.ledger.reading import Found
from gateway.sealing import Hasher
from gateway.services.live_templates import LiveTemplates
from gateway.services.minting import mint
from gateway.services.owing import Notice, Owing
from gateway.services.payload import Payload
from gateway.services.rehearsal import MODE_TEST, rehearsed
from gateway.services.resend_check import NO_SUCH, ResendCheck, Wish, mode_of, refused


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
        templates: LiveTemplates,
        hasher: Hasher,
        owing: Owing,
        check: ResendCheck,
        ring: Callable[[Lane], None],
    ) -> None:
        self._database = database
        self._templates = templates
        self._hasher = hasher
        self._owing = owing
        self._check = check
        self._ring = ring

    async def resend(self, asked: Asked) -> Resent:
        resent, lane = await past_deadlocks(partial(self._book, asked))
        if lane is not None:
            self._ring(lane)
        return resent

    async def _book(self, asked: Asked) -> tuple[Resent, Lane | None]:
        """Beside it the lane in which it waits, if it does just now."""
        async with self._database.transaction() as connection:
            await resends.lock(connection, asked.notification_id)
            keys = self._hasher.event_keys(asked.source.code, asked.event_id, asked.key)
            known = await event_keys.find(connection, keys)
            if known is not None:
                return self._seen(asked, known), None
            event, first = await self._new(connection, asked)
            await accept(connection, [event])
            if asked.entry is not None:
                await audit.write(connection, asked.entry)
        [new] = event.notifications
        resent = Resent(fresh=True, event_id=event.event_id, notification_id=new.id)
        return resent, Lane(pool=first.pool, klass=asked.klass)

    def _seen(self, asked: Asked, known: Known) -> Resent:
        if known.digest != self._hasher.digest(asked.content, known.hash_key):
            raise refused(409, "other_content", _OTHER_CONTENT)
        [notification_id] = known.notification_ids
        return Resent(fresh=False, event_id=known.event_id, notification_id=notification_id)

    async def _new(self, connection: Connection, asked: Asked) -> tuple[NewEvent, Step]:
        found = await reading.one(connection, asked.notification_id)
        if found is None:
            raise refused(404, "no_such_notification", NO_SUCH)
        content = self._check.content(found, asked.source, asked.wish)
        mode = mode_of(found, asked.mode)
        if not asked.wish.force:
            await self._require_need(connection, found, content, asked.source, mode)
        now = self._check.now()
        unit, steps = self._check.route(found, content, asked.source, asked.wish, now)
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
        if mode == found.mode:
            await self._note_said(connection, found, content, asked.source, row.id)
        return self._event(asked, row), notice.steps[0]

    async def _require_need(
        self, connection: Connection, found: Found, content: Payload, source: Source, mode: str
    ) -> None:
        family = (await resends.families(connection, [found.id]))[found.id]
        self._check.require_unreached(may_reach_somebody=family.may_reach_somebody(mode))
        keys = self._check.dossier_keys(found, content, source)
        reports = await resends.last_reports(connection, keys)
        was_said = await dossiers.said(connection, self._check.once_keys(found, content, source))
        last = resends.last_of(reports, keys)
        self._check.require_due(found, content, last, was_said=bool(was_said))

    async def _note_said(
        self, connection: Connection, found: Found, content: Payload, source: Source, new: UUID
    ) -> None:
        """Should its source post the same once more, this one stands for it, unless it fails."""
        versions, keys = self._hasher.versions, self._check.once_keys(found, content, source)
        primary = keys[:: len(versions)]
        await dossiers.said_before(connection, [(key, versions[0], new) for key in primary])

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


_OTHER_CONTENT = (
    "This Idempotency-Key was used for another wish about this notification; choose a new key."
)
