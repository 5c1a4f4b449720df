"""Acting on many notifications at once: settled first, shown, then done batch by batch.

On which ones is settled when it is prepared, so that what was shown is what is done. A batch that
broke off is done again: taking back what is taken back already changes nothing, and sending once
more is the same wish under the same key.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.domain.channel import Channel
from gateway.domain.identity import show
from gateway.domain.staff import Staff
from gateway.domain.status import OPEN, State
from gateway.ledger import audit, mass_acts
from gateway.ledger.audit import Entry
from gateway.ledger.database import Database
from gateway.ledger.mass_acts import MassAct
from gateway.services.find_messages import Quest
from gateway.services.messages import Messages
from gateway.services.minting import mint
from gateway.services.person_searches import Sought
from gateway.services.resend import Wish
from gateway.services.steer import ActRefused, Steer

MOST = 2000
ACTS = ("cancel", "resend")
_BATCH = 20
_DONE = "done"
_REASON = "by_staff"


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """An act with how its notifications stand now. `fitting`: so many it may still change."""

    act: MassAct
    standing: Counter[str]

    @property
    def fitting(self) -> int:
        open_ones = sum(self.standing[state] for state in OPEN)
        if self.act.act == "cancel":
            return open_ones
        reached = sum(self.standing[state] for state in (*OPEN, *_MAY_HAVE_REACHED))
        return self.standing.total() - reached


_MAY_HAVE_REACHED = (State.DELIVERED, State.ACKNOWLEDGED, State.UNCONFIRMED)


class MassSteer:
    def __init__(self, *, database: Database, messages: Messages, steer: Steer) -> None:
        self._database = database
        self._messages = messages
        self._steer = steer

    async def ids_of(self, staff: Staff, quest: Quest, sought: Sought) -> tuple[list[UUID], bool]:
        """The newest that meet a filter, and whether these are all of them."""
        swept = await self._messages.sweep(staff, quest, sought, MOST, patient=True)
        return [found.id for found in swept.found], swept.older is None

    async def prepare(
        self, staff: Staff, act: str, ids: Sequence[UUID], channel: Channel | None = None
    ) -> UUID:
        one = MassAct(
            id=mint(),
            act=act,
            channel=channel,
            notification_ids=list(dict.fromkeys(ids))[:MOST],
            done=0,
            tally={},
            begun_at=None,
            ended_at=None,
        )
        async with self._database.connection() as connection:
            await mass_acts.prepare(connection, one, staff.id, staff.actor)
        return one.id

    async def show(self, staff: Staff, act_id: UUID) -> Prospect | None:
        units = None if staff.units is None else sorted(staff.units)
        async with self._database.connection() as connection:
            act = await mass_acts.find(connection, act_id, staff.id)
            if act is None:
                return None
            standing = await mass_acts.standing(connection, act.notification_ids, units)
        return Prospect(act=act, standing=standing)

    async def proceed(self, staff: Staff, act_id: UUID) -> None:
        """One batch further. Of two that do the same batch at once, one is counted."""
        async with self._database.connection() as connection:
            act = await mass_acts.find(connection, act_id, staff.id)
            if act is None or act.ended_at:
                return
            if await mass_acts.begin(connection, act_id):
                await audit.write(connection, _entry(staff, act))
        batch = act.notification_ids[act.done : act.done + _BATCH]
        tally = Counter(act.tally)
        for one in batch:
            tally[await self._act(staff, act, one)] += 1
        async with self._database.connection() as connection:
            await mass_acts.proceed(connection, act, len(batch), tally)

    async def _act(self, staff: Staff, act: MassAct, notification_id: UUID) -> str:
        """How it ended, as a word."""
        try:
            if act.act == "cancel":
                await self._steer.cancel(staff, notification_id)
            else:
                wish = Wish(reason=_REASON, channel=Channel(act.channel) if act.channel else None)
                key = show("act", act.id)
                await self._steer.send_again(staff, notification_id, key, wish)
        except ActRefused as refused:
            return refused.word
        return _DONE


def _entry(staff: Staff, act: MassAct) -> Entry:
    return Entry(
        id=mint(),
        actor=staff.actor,
        action=f"message.mass_{act.act}",
        found=len(act.notification_ids),
        detail=act.channel or "",
    )
