"""What the owner of a dossier was told, for staff who stand before them.

What answers that stands first. Of notices that say the same, that is the one which reached them
best; of different ones, the newest that was not stopped.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from gateway.domain.staff import Staff
from gateway.domain.status import State
from gateway.ledger import audit
from gateway.ledger.audit import Entry
from gateway.ledger.database import Database
from gateway.services.find_messages import Quest
from gateway.services.messages import Line, Messages
from gateway.services.minting import mint
from gateway.services.moments import Reach, reach
from gateway.services.person_searches import Sought
from gateway.services.rehearsal import MODE_TEST
from gateway.services.stories import Stories, Told

_MOST = 20
# A source that posts its dossiers anew every day leaves a great many duplicates.
_MOST_LOOKED_AT = 500
_BEST = (Reach.YES, Reach.MAYBE, Reach.NOT_YET, Reach.NO, Reach.STOPPED)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`told`: what answers first. `unshown`: at least so many more there are. `stopped_at`: older
    notices were not looked at."""

    told: Sequence[Told]
    unshown: int = 0
    stopped_at: datetime | None = None


class AtCounter:
    def __init__(self, *, database: Database, messages: Messages, stories: Stories) -> None:
        self._database = database
        self._messages = messages
        self._stories = stories

    async def ask(self, staff: Staff, dossier: str) -> Answer:
        """With the texts. Rehearsals told nobody."""
        sought = Sought(dossier=dossier)
        listed = await self._messages.find(staff, Quest(), sought, _MOST_LOOKED_AT)
        lines = [line for line in listed.lines if line.found.mode != MODE_TEST]
        # Without its attempts, a stopped one does not show that it may have arrived.
        first = answering_first(lines, _matter, lambda line: reach(State(line.found.state)))
        told = await self._stories.opened(staff, [line.found.id for line in first[:_MOST]])
        await self._audit(staff, told)
        newest = sorted(told, key=lambda one: one.line.found.id, reverse=True)
        return Answer(
            told=answering_first(newest, lambda one: _matter(one.line), lambda one: one.reach),
            unshown=len(lines) - len(told),
            stopped_at=listed.stopped_at,
        )

    async def _audit(self, staff: Staff, told: Sequence[Told]) -> None:
        async with self._database.connection() as connection:
            for one in told:
                entry = Entry(
                    id=mint(),
                    actor=staff.actor,
                    action="message.counter",
                    notification_id=one.line.found.id,
                )
                await audit.write(connection, entry)


def answering_first(
    newest_first: Sequence[T], matter: Callable[[T], Hashable], reached: Callable[[T], Reach]
) -> list[T]:
    """Notices about one matter stand together, the one that reached its person best first."""
    matters: dict[Hashable, list[tuple[Reach, int]]] = {}
    for place, one in enumerate(newest_first):
        matters.setdefault(matter(one), []).append((reached(one), place))

    def newest(notices: Sequence[tuple[Reach, int]]) -> tuple[bool, int]:
        counts = [place for how, place in notices if how is not Reach.STOPPED]
        return (False, counts[0]) if counts else (True, notices[0][1])

    return [
        newest_first[place]
        for notices in sorted(matters.values(), key=newest)
        for _, place in sorted(notices, key=lambda one: _BEST.index(one[0]))
    ]


def _matter(line: Line) -> Hashable:
    """What a notice is about; two that say the same are about the same."""
    event = line.payload.event if line.payload else None
    return line.found.kind, event.details.occurrence if event else line.found.id
