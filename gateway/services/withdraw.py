"""Taking a notice back before it is delivered.

Its further steps end. A call already under way may still arrive: proof of delivery outranks the
withdrawal and is told as the next revision.
"""

from enum import StrEnum
from uuid import UUID

from gateway import metrics
from gateway.domain.notification import Change
from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger import moves, reading
from gateway.ledger.database import Database


class Withdrawal(StrEnum):
    DONE = "done"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Withdraw:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def withdraw(self, notification_id: UUID, source: str | None, actor: str) -> Withdrawal:
        """`source` None may withdraw anybody's; another source's is unknown to the rest."""
        async with self._database.connection() as connection:
            found = await reading.one(connection, notification_id)
            if found is None or source not in (None, found.source):
                return Withdrawal.UNKNOWN
            change = Change(
                notification_id=notification_id,
                step=found.step,
                try_no=0,
                to=State.CANCELLED,
                reason=Reason.WITHDRAWN,
                anywhere=True,
                actor=actor,
            )
            moved = await moves.apply(connection, [change])
        if notification_id not in moved:
            return Withdrawal.ENDED
        metrics.record_ended(State.CANCELLED, Reason.WITHDRAWN, "", "")
        return Withdrawal.DONE
