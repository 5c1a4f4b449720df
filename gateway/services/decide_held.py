"""Held notifications as staff decide about them in the console: looked at, released or discarded.

A long list is worked off in parts, so that somebody sees how far it is and can stop; each part is
in the audit. Whoever is limited to units decides about theirs only.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from gateway.domain.directory import Directory
from gateway.domain.staff import Staff
from gateway.errors import DirectoryError, RenderError
from gateway.ledger import audit, held
from gateway.ledger.database import Database
from gateway.ledger.held import HeldPile, HeldSample, Selection
from gateway.services.compose import Compose, said
from gateway.services.held import Group, HeldNotifications, Part, memory_of
from gateway.services.minting import mint

_PAGES = 4
_SAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What one of them would say now, and to which number, masked. No `text`: it cannot be said."""

    channel: str
    phone: str
    text: str | None = field(repr=False)


class DecideHeld:
    def __init__(
        self,
        database: Database,
        directory: Callable[[], Directory],
        compose: Compose,
    ) -> None:
        self._database = database
        self._directory = directory
        self._compose = compose

    async def now(self) -> datetime:
        """The time of the ledger, by which notifications are accepted."""
        async with self._database.connection() as connection:
            return await held.now(connection)

    async def piles(self, staff: Staff) -> Sequence[HeldPile]:
        async with self._database.connection() as connection:
            return await held.overview(connection, _units(staff))

    async def preview(self, selection: Selection, staff: Staff) -> Counter[Group]:
        return await self._held(staff).preview(_theirs(selection, staff))

    async def samples(self, selection: Selection, staff: Staff) -> Sequence[Sample]:
        """What the oldest of them would say. A look at people's data, and in the audit as such."""
        async with self._database.transaction() as connection:
            rows = await held.samples(connection, _theirs(selection, staff), _SAMPLES)
            if rows:
                await audit.write(connection, _entry(staff, "held.look", selection, len(rows)))
        return [await self._sample(row) for row in rows]

    async def release(
        self, selection: Selection, staff: Staff, *, also_maybe_sent: bool, after: UUID
    ) -> Part:
        notifications, theirs = self._held(staff), _theirs(selection, staff)
        part = await notifications.release_part(
            theirs, also_maybe_sent=also_maybe_sent, after=after, pages=_PAGES
        )
        await notifications.note("held.release", theirs, part.done.total())
        return part

    async def discard(self, selection: Selection, staff: Staff, after: UUID) -> Part:
        notifications, theirs = self._held(staff), _theirs(selection, staff)
        part = await notifications.discard_part(theirs, after=after, pages=_PAGES)
        await notifications.note("held.discard", theirs, part.done.total())
        return part

    def _held(self, staff: Staff) -> HeldNotifications:
        return HeldNotifications(self._database, memory_of(self._directory()), staff.actor)

    async def _sample(self, row: HeldSample) -> Sample:
        payload = self._compose.payload(row.id, row.sealed, row.seal_key)
        phone, channel = payload.phones[row.current.phone], row.current.channel
        try:
            body = said(await self._compose.render(payload, row, channel))
        except (RenderError, DirectoryError):
            return Sample(channel=channel, phone=str(phone), text=None)
        return Sample(channel=channel, phone=str(phone), text=_text(body))


def _text(body: dict[str, object]) -> str:
    if "text" in body:
        return str(body["text"])
    if "params" in body and isinstance(body["params"], dict):
        return "\n".join(f"{name}: {value}" for name, value in body["params"].items())
    return str(body.get("said", ""))


def _units(staff: Staff) -> Sequence[str] | None:
    return None if staff.units is None else sorted(staff.units)


def _theirs(selection: Selection, staff: Staff) -> Selection:
    return replace(selection, units=_units(staff))


def _entry(staff: Staff, action: str, selection: Selection, found: int) -> audit.Entry:
    named = (selection.source, selection.reason, selection.unit, selection.kind)
    return audit.Entry(
        id=mint(),
        actor=staff.actor,
        action=action,
        found=found,
        detail=" ".join(one for one in named if one),
    )
