"""Acting on many notifications at once: settled first, shown, then done as a job, batch by batch.

On which ones is settled when it is prepared, so that what was shown is what is done. A batch that
broke off is done again: taking back what is taken back already changes nothing, and sending once
more is the same wish under the same key.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from gateway.domain.channel import Channel
from gateway.domain.identity import show
from gateway.domain.notification import LaneClass
from gateway.domain.outcome import Reason
from gateway.domain.staff import Staff
from gateway.domain.status import OPEN, State
from gateway.ledger import audit, jobs, mass_acts
from gateway.ledger.audit import Entry
from gateway.ledger.database import Connection, Database
from gateway.ledger.jobs import JobKind, Taken
from gateway.ledger.mass_acts import BegunAct, MassAct
from gateway.services.find_messages import Quest
from gateway.services.foresee_resend import ForeseeResend
from gateway.services.jobs import BROKEN, JobStops, Note
from gateway.services.messages import Messages
from gateway.services.minting import mint
from gateway.services.person_searches import Sought
from gateway.services.resend_check import Wish
from gateway.services.steer import ActRefused, Steer

MOST = 2000
ACTS = ("cancel", "resend")
BATCH = 20
_SHOWN = 20
_DONE = "done"
_REASON = "by_staff"


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """An act with how its notifications stand now. `refused`: how many of them will be left alone,
    by the word that says why."""

    act: MassAct
    standing: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def fitting(self) -> int:
        """So many it would change now."""
        return len(self.act.notification_ids) - self.refused.total()


class MassSteer:
    """What staff see and confirm. `ring` wakes a worker for jobs and returns at once."""

    def __init__(
        self,
        *,
        database: Database,
        messages: Messages,
        foresee: ForeseeResend,
        ring: Callable[[], None],
    ) -> None:
        self._database = database
        self._messages = messages
        self._foresee = foresee
        self._ring = ring

    async def ids_of(self, staff: Staff, quest: Quest, sought: Sought) -> tuple[list[UUID], bool]:
        """The newest that meet a filter, and whether these are all of them."""
        swept = await self._messages.sweep(staff, quest, sought, MOST, patient=True)
        return [found.id for found in swept.found], swept.older is None

    async def prepare(
        self, staff: Staff, act: str, ids: Sequence[UUID], channel: Channel | None = None
    ) -> UUID:
        one = MassAct(
            id=mint(),
            user_id=staff.id,
            act=act,
            channel=channel,
            notification_ids=list(dict.fromkeys(ids))[:MOST],
            done=0,
            tally={},
            begun_at=None,
            ended_at=None,
        )
        async with self._database.connection() as connection:
            await mass_acts.prepare(connection, one, staff.actor)
        return one.id

    async def find(self, staff: Staff, act_id: UUID) -> MassAct | None:
        """None for what is not there or somebody else's."""
        async with self._database.connection() as connection:
            act = await mass_acts.find(connection, act_id)
        return act if act and act.user_id == staff.id else None

    async def foresee(self, staff: Staff, act: MassAct) -> Prospect:
        """Exactly what would be done now. Until it is, things may change."""
        units = None if staff.units is None else sorted(staff.units)
        async with self._database.connection() as connection:
            standing = await mass_acts.standing(connection, act.notification_ids, units)
        if act.act == "cancel":
            return Prospect(act=act, standing=standing, refused=_not_open(act, standing))
        words = await self._foresee.refusals(staff, act.notification_ids, _wish(act))
        return Prospect(act=act, standing=standing, refused=Counter(filter(None, words)))

    async def latest(self, staff: Staff) -> Sequence[BegunAct]:
        async with self._database.connection() as connection:
            return await mass_acts.latest(connection, staff.id, _SHOWN)

    async def begin(self, staff: Staff, act_id: UUID) -> None:
        """Confirmed; a second time changes nothing."""
        async with self._database.transaction() as connection:
            act = await mass_acts.find(connection, act_id)
            if act is None or act.user_id != staff.id:
                return
            if not await mass_acts.begin(connection, act_id):
                return
            await jobs.begin(connection, act_id, JobKind.MASS_ACT, staff.id, None)
            await audit.write(connection, _entry(staff, act))
        self._ring()


class WorkMassAct:
    """The job: a batch, each of it as if somebody had done it by hand."""

    def __init__(self, database: Database, steer: Steer) -> None:
        self._database = database
        self._steer = steer

    async def part(self, taken: Taken, staff: Staff) -> Note:
        async with self._database.connection() as connection:
            act = await mass_acts.find(connection, taken.id)
        if act is None or act.ended_at:
            raise JobStops(BROKEN)
        batch = act.notification_ids[act.done : act.done + BATCH]
        tally = Counter(act.tally)
        for one in batch:
            tally[await self._act(staff, act, one, taken)] += 1

        async def note(connection: Connection) -> bool:
            return await mass_acts.proceed(connection, act, len(batch), tally)

        return note

    async def _act(self, staff: Staff, act: MassAct, notification_id: UUID, taken: Taken) -> str:
        """How it ended, as a word."""
        try:
            if act.act == "cancel":
                await self._steer.cancel(staff, notification_id)
            else:
                key = show("act", act.id)
                # Many at once wait behind what dossier systems post, as an uploaded list does.
                await self._steer.send_again(
                    staff, notification_id, key, _wish(act), klass=LaneClass.BULK
                )
        except ActRefused as refused:
            is_ours = act.act == "cancel" and await self._was_ours(notification_id, taken)
            return _DONE if is_ours else refused.word
        return _DONE

    async def _was_ours(self, notification_id: UUID, taken: Taken) -> bool:
        """Taken back by a worker that died before it noted so."""
        if taken.tries == 1:
            return False
        async with self._database.connection() as connection:
            return await mass_acts.ended_since(
                connection, notification_id, State.CANCELLED, Reason.WITHDRAWN, taken.part_since
            )


def _wish(act: MassAct) -> Wish:
    return Wish(reason=_REASON, channel=Channel(act.channel) if act.channel else None)


def _not_open(act: MassAct, standing: Counter[str]) -> Counter[str]:
    """What cancelling leaves alone: those that have ended, and those that are not theirs."""
    unseen = len(act.notification_ids) - standing.total()
    ended = standing.total() - sum(standing[state] for state in OPEN)
    return Counter({"already_ended": ended, "no_such_notification": unseen})


def _entry(staff: Staff, act: MassAct) -> Entry:
    return Entry(
        id=mint(),
        actor=staff.actor,
        action=f"message.mass_{act.act}",
        found=len(act.notification_ids),
        detail=act.channel or "",
    )
