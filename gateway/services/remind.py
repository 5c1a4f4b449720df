"""Reminding people of results they were told of and have not collected. Off unless configured.

A reminder is a notice of its own, with the same words and the same route, for the same event. A
dossier that has moved on, above all one whose result was returned, is not reminded of.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gateway.domain.identity import NOTIFICATION, show
from gateway.ledger import dossiers, reading
from gateway.ledger.accept import accept
from gateway.ledger.database import Database
from gateway.ledger.dossiers import Uncollected
from gateway.ledger.new_events import NewEvent
from gateway.ledger.reading import Found
from gateway.sealing import Hasher
from gateway.services.compose import Compose
from gateway.services.live_templates import LiveTemplates
from gateway.services.minting import mint
from gateway.services.owing import Notice, Owing

log = structlog.get_logger()

_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class Habit:
    """A reminder after so long without anything new about the dossier, at most so many times."""

    after: timedelta
    most: int


class Remind:
    def __init__(
        self,
        *,
        database: Database,
        templates: LiveTemplates,
        hasher: Hasher,
        compose: Compose,
        owing: Owing,
        habit: Habit,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._templates = templates
        self._hasher = hasher
        self._compose = compose
        self._owing = owing
        self._habit = habit
        self._now = now

    async def remind(self) -> int:
        """One round; how many were reminded."""
        if not self._habit.after:
            return 0
        async with self._database.transaction() as connection:
            found = await dossiers.uncollected(
                connection, self._habit.after.total_seconds(), self._habit.most, _AT_ONCE
            )
            events = []
            for one in found:
                told = await reading.one(connection, one.notification_id)
                if told is not None:
                    events.append(self._event(one, told))
            if events:
                await accept(connection, events)
            await dossiers.reminded(connection, [one.key for one in found])
        if events:
            log.info("reminded", notices=len(events))
        return len(events)

    def _event(self, one: Uncollected, told: Found) -> NewEvent:
        assert told.sealed is not None
        assert told.seal_key is not None
        origin = f"reminder:{show(NOTIFICATION, told.id)}"
        number = str(one.reminders + 1)
        keyed = self._hasher
        notice = Notice(
            content=self._compose.payload(told.id, told.sealed, told.seal_key),
            unit=told.unit,
            steps=told.steps,
            mode=told.mode,
            publication=self._templates.current,
            reference_seed=keyed.reference_seed(told.source, origin, number, 0),
            resend_of=told.id,
        )
        return NewEvent(
            key=keyed.event_key(told.source, origin, number),
            hash_key=keyed.primary,
            digest=keyed.digest(origin.encode()),
            event_id=mint(),
            source=told.source,
            notifications=(self._owing.row(notice, self._now()),),
            actor="clock",
        )
