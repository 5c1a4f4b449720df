"""Everything that happened to one notification, for staff who may see its unit.

Who it is about stays masked. Opening it, with the exact texts that were sent, is an act of its own
that wants a reason; both are audited.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.domain.recipient import Phone
from gateway.domain.staff import Staff
from gateway.domain.status import ARRIVED, State
from gateway.ledger import audit, reading
from gateway.ledger.audit import Entry
from gateway.ledger.database import Connection, Database
from gateway.ledger.reading import Kin, Story
from gateway.services.compose import Compose
from gateway.services.messages import Line, Messages
from gateway.services.minting import mint
from gateway.services.moments import Moment, Reach, moments, reach
from gateway.services.payload import Payload


@dataclass(frozen=True, kw_only=True)
class Text:
    """What one attempt said, as it was sent."""

    step: int
    try_no: int
    at: datetime
    said: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Told:
    """`texts` and `payload` are opened only for who asked for them."""

    line: Line
    story: Story
    moments: Sequence[Moment]
    resend_of: Kin | None = None
    resends: Sequence[Kin] = ()
    payload: Payload | None = field(default=None, repr=False)
    texts: Sequence[Text] = ()

    @property
    def reach(self) -> Reach:
        return reach(State(self.story.notification.state), self.story.attempts)

    @property
    def cost_vnd(self) -> int | None:
        """What was or will be paid for what was surely sent; None where nobody said."""
        return _sum(_cost(row) for row in self.story.attempts if not is_in_doubt(row))

    @property
    def doubtful_vnd(self) -> int | None:
        """What comes on top should calls of unknown outcome have been made."""
        return _sum(_cost(row) for row in self.story.attempts if is_in_doubt(row))

    @property
    def told_at(self) -> datetime | None:
        """When it became known that the person was told."""
        arrived = (row["at"] for row in self.story.history if row["state"] in ARRIVED)
        return next(arrived, self.story.notification.ended_at)

    @property
    def told_by(self) -> str:
        """The channel that told them; empty where no attempt is known to have arrived."""
        arrived = (row["channel"] for row in self.story.attempts if row["verdict"] in ARRIVED)
        return next(arrived, "")

    def channel(self, step: int) -> str:
        """That of a step; empty for one that has no steps."""
        steps = self.story.notification.steps
        return steps[step].channel if step < len(steps) else ""

    def phone(self, step: int) -> str:
        """The number of a step, masked."""
        phones: Sequence[Phone] = self.line.payload.phones if self.line.payload else ()
        steps = self.story.notification.steps
        index = steps[step].phone if step < len(steps) else len(phones)
        return str(phones[index]) if index < len(phones) else ""


class Stories:
    def __init__(self, *, database: Database, compose: Compose, messages: Messages) -> None:
        self._database = database
        self._compose = compose
        self._messages = messages

    async def one(self, staff: Staff, notification_id: UUID) -> Told | None:
        """None for what is not there or belongs to a unit that is not theirs."""
        async with self._database.connection() as connection:
            told = await self._told(connection, staff, notification_id)
            if told:
                await audit.write(connection, _entry(staff, "read", notification_id))
        return told

    async def reveal(self, staff: Staff, notification_id: UUID, why: str) -> Told | None:
        """The same with the person and the texts in full."""
        async with self._database.connection() as connection:
            told = await self._told(connection, staff, notification_id, opened=True)
            if told:
                entry = _entry(staff, "message.reveal", notification_id, why)
                await audit.write(connection, entry)
        return told

    async def opened(self, staff: Staff, ids: Sequence[UUID]) -> list[Told]:
        """Those of them that staff may see, with person and texts; whoever asks audits it."""
        async with self._database.connection() as connection:
            told = [await self._told(connection, staff, one, opened=True) for one in ids]
        return [one for one in told if one]

    async def _told(
        self, connection: Connection, staff: Staff, notification_id: UUID, *, opened: bool = False
    ) -> Told | None:
        story = await reading.story(connection, notification_id)
        if story is None or not staff.may_see(story.notification.unit):
            return None
        line, before = self._messages.line(story.notification), story.notification.resend_of
        return Told(
            line=line,
            story=story,
            moments=moments(story),
            resend_of=await reading.kin(connection, before) if before else None,
            resends=await reading.resends(connection, notification_id),
            payload=line.payload if opened else None,
            texts=await self._texts(connection, notification_id) if opened else (),
        )

    async def _texts(self, connection: Connection, notification_id: UUID) -> list[Text]:
        rows = await reading.texts(connection, notification_id)
        return [
            Text(
                step=row["step"],
                try_no=row["try_no"],
                at=row["opened_at"],
                said=self._compose.opened_text(
                    (notification_id, row["step"], row["try_no"]), row["sealed"], row["seal_key"]
                ),
            )
            for row in rows
        ]


def is_in_doubt(row: Mapping[str, Any]) -> bool:
    """Nobody knows whether this attempt was made. Counted so in the statistics, too."""
    return row["outcome"] == "unknown" and row["verdict"] is None


def _cost(row: Mapping[str, Any]) -> int | None:
    """What was refused costs nothing, whatever was expected of it before."""
    was_taken = row["outcome"] in ("accepted", "unknown")
    expected: int | None = row["estimate_vnd"] if was_taken else None
    return expected if row["cost_vnd"] is None else row["cost_vnd"]


def _sum(costs: Iterable[int | None]) -> int | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known else None


def _entry(staff: Staff, action: str, notification_id: UUID, why: str = "") -> Entry:
    return Entry(
        id=mint(), actor=staff.actor, action=action, why=why, notification_id=notification_id
    )
