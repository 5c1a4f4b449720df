"""Held notifications as staff decide about them in the console: looked at, released or discarded.

What was decided is a job: worked off page by page, each in one transaction with the note of how far
it got. Whoever is limited to units decides about theirs only.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from gateway.domain.directory import Directory
from gateway.domain.staff import Staff
from gateway.errors import DirectoryError, RenderError
from gateway.ledger import audit, held, held_acts, jobs
from gateway.ledger.database import Connection, Database
from gateway.ledger.held import HeldPile, HeldSample, Selection
from gateway.ledger.held_acts import HeldAct, NewHeldAct
from gateway.ledger.jobs import JobKind, Taken
from gateway.services.compose import Compose, said
from gateway.services.held import Group, HeldNotifications, memory_of
from gateway.services.jobs import BROKEN, JobStops, Note
from gateway.services.minting import mint

_SAMPLES = 3


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What one of them would say now, and to which number, masked. No `text`: it cannot be said."""

    channel: str
    phone: str
    text: str | None = field(repr=False)


class DecideHeld:
    """What staff see and confirm. `ring` wakes a worker for jobs and returns at once."""

    def __init__(
        self,
        database: Database,
        directory: Callable[[], Directory],
        compose: Compose,
        ring: Callable[[], None],
    ) -> None:
        self._database = database
        self._directory = directory
        self._compose = compose
        self._ring = ring

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

    async def begin(
        self, act: str, selection: Selection, staff: Staff, *, also_maybe_sent: bool
    ) -> UUID:
        """Confirmed. About what is held now: what comes later nobody has seen."""
        theirs, act_id = _theirs(selection, staff), mint()
        total = (await self._held(staff).preview(theirs)).total()
        new = NewHeldAct(
            id=act_id,
            user_id=staff.id,
            act=act,
            also_maybe_sent=also_maybe_sent,
            selection=theirs,
            total=total,
        )
        async with self._database.transaction() as connection:
            await held_acts.add(connection, new)
            await jobs.begin(connection, act_id, JobKind.HELD_ACT, staff.id, selection.unit)
            await audit.write(connection, _entry(staff, f"held.{act}", selection, total))
        self._ring()
        return act_id

    async def show(self, act_id: UUID, staff: Staff) -> HeldAct | None:
        """None for what is not there or somebody else's."""
        async with self._database.connection() as connection:
            found = await held_acts.find(connection, act_id)
        return found if found and found.user_id == staff.id else None

    def _held(self, staff: Staff) -> HeldNotifications:
        return _pages(self._database, self._directory(), staff)

    async def _sample(self, row: HeldSample) -> Sample:
        payload = self._compose.payload(row.id, row.sealed, row.seal_key)
        phone, channel = payload.phones[row.current.phone], row.current.channel
        try:
            body = said(await self._compose.render(payload, row, channel))
        except (RenderError, DirectoryError):
            return Sample(channel=channel, phone=str(phone), text=None)
        return Sample(channel=channel, phone=str(phone), text=_text(body))


class WorkHeld:
    """The job of a decision."""

    def __init__(self, database: Database, directory: Callable[[], Directory]) -> None:
        self._database = database
        self._directory = directory

    async def part(self, taken: Taken, staff: Staff) -> Note:
        async with self._database.connection() as connection:
            act = await held_acts.find(connection, taken.id)
        if act is None or act.ended_at:
            raise JobStops(BROKEN)
        pages = _pages(self._database, self._directory(), staff)
        releasing = pages.releasing(also_maybe_sent=act.also_maybe_sent)
        decide = releasing if act.act == "release" else pages.discarding

        async def note(connection: Connection) -> bool:
            part = await pages.page(connection, _theirs(act.selection, staff), decide, act.after)
            return await held_acts.proceed(
                connection,
                act,
                after=part.after,
                looked_at=part.looked_at,
                done=part.done.total(),
            )

        return note


def _pages(database: Database, directory: Directory, staff: Staff) -> HeldNotifications:
    return HeldNotifications(database, memory_of(directory), staff.actor)


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
