"""Notifications as staff see them in a list: within their units, people masked, looks audited."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from gateway.domain.identity import NOTIFICATION, show
from gateway.domain.staff import Staff
from gateway.domain.status import State
from gateway.ledger import audit, reading
from gateway.ledger.audit import Entry
from gateway.ledger.database import Database
from gateway.ledger.reading import Found
from gateway.sealing import Hasher, KeyVersionError, SealError
from gateway.services.compose import Compose
from gateway.services.find_messages import PER_PAGE, Quest, Sweeper, Swept
from gateway.services.minting import mint
from gateway.services.payload import Payload
from gateway.services.person_searches import Sought
from gateway.services.rehearsal import MODE_TEST

log = structlog.get_logger()

_PERHAPS_UNTOLD = frozenset({State.FAILED, State.EXPIRED, State.UNCONFIRMED})


@dataclass(frozen=True, kw_only=True)
class Line:
    """One notification in a list. `payload` None: the person's data were erased, or are sealed in
    a way that this process cannot open."""

    found: Found
    payload: Payload | None
    sent_again: bool = False

    @property
    def is_unreadable(self) -> bool:
        return self.payload is None and self.found.sealed is not None

    @property
    def dossier(self) -> str:
        return self.payload.event.dossier_code if self.payload else ""

    @property
    def name(self) -> str:
        return masked_name(self.payload.recipient.name) if self.payload else ""

    @property
    def phones(self) -> list[str]:
        return [str(phone) for phone in self.payload.phones] if self.payload else []

    @property
    def is_rehearsal(self) -> bool:
        return self.found.mode == MODE_TEST

    @property
    def may_need_resend(self) -> bool:
        """It ended, reached nobody or perhaps nobody, and nothing was sent instead."""
        ended = State(self.found.state) in _PERHAPS_UNTOLD
        return ended and not self.sent_again and self.payload is not None

    @property
    def channel(self) -> str | None:
        """That of the step it stands at."""
        step = self.found.step
        return self.found.steps[step].channel if step < len(self.found.steps) else None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """`older` goes on after the last line; `stopped_at`: older ones were not looked at yet."""

    lines: Sequence[Line]
    older: UUID | None = None
    stopped_at: datetime | None = None


def masked_name(name: str) -> str:
    """Initials: enough to tell two people of one dossier apart, and no more."""
    return " ".join(f"{word[0].upper()}." for word in name.split())


class Messages:
    """The use case. A user limited to units finds nothing else."""

    def __init__(
        self, *, database: Database, hasher: Hasher, compose: Compose, sweeper: Sweeper
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._compose = compose
        self._sweeper = sweeper

    async def find(
        self,
        staff: Staff,
        quest: Quest,
        sought: Sought | None = None,
        most: int = PER_PAGE,
        *,
        patient: bool = False,
    ) -> Listed:
        """Newest first, masked."""
        swept = await self.sweep(staff, quest, sought, most, patient=patient)
        async with self._database.connection() as connection:
            sent_again = await reading.sent_again(connection, [one.id for one in swept.found])
        return Listed(
            lines=[
                replace(self.line(found), sent_again=found.id in sent_again)
                for found in swept.found
            ],
            older=swept.older,
            stopped_at=swept.stopped_at,
        )

    async def sweep(
        self,
        staff: Staff,
        quest: Quest,
        sought: Sought | None,
        most: int,
        *,
        patient: bool = False,
    ) -> Swept:
        """The same, sealed. What nobody can be called or reached by finds nothing. `patient` looks
        for seconds rather than for what a page may take."""
        own = self.quest_of(staff, quest, sought)
        swept = await self._sweeper.sweep(own, most, patient=patient) if own else Swept(found=())
        entry = Entry(id=mint(), actor=staff.actor, action="search", found=len(swept.found))
        async with self._database.connection() as connection:
            await audit.write(connection, entry)
        return swept

    def quest_of(self, staff: Staff, quest: Quest, sought: Sought | None = None) -> Quest | None:
        """The quest within the units of whoever asks; None where nothing can be found."""
        groups = sought.token_groups(self._hasher) if sought else []
        if not all(groups):
            return None
        units = quest.units
        if staff.units is not None:
            units = sorted(staff.units if units is None else staff.units & set(units))
        is_rare = bool(sought and sought.is_rare)
        return replace(quest, token_groups=groups, is_rare=is_rare, units=units)

    def line(self, found: Found) -> Line:
        return Line(found=found, payload=self.opened(found))

    def opened(self, found: Found) -> Payload | None:
        if found.sealed is None or found.seal_key is None:
            return None
        try:
            return self._compose.payload(found.id, found.sealed, found.seal_key)
        except (SealError, KeyVersionError):
            # One row that cannot be read hides none of the others.
            name = show(NOTIFICATION, found.id)
            log.error("row_not_opened", notification_id=name, seal_key=found.seal_key)
            return None
