"""Deciding about held notifications: preview, release, discard. Each by choice of a person.

What may already have been sent is not sent again unless that is asked for by name. What is too
late ends as it would have ended waiting.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from gateway.domain.directory import Directory
from gateway.domain.held import Memory, Prospect, prospect
from gateway.domain.notification import Change, Due
from gateway.domain.outcome import Reason
from gateway.domain.status import State
from gateway.ledger import audit, held, moves
from gateway.ledger.database import Connection, Database
from gateway.ledger.held import FIRST, HeldGroup, HeldRow, Selection
from gateway.providers.registry import terms_of
from gateway.services.minting import mint

_PAGE = 500


@dataclass(frozen=True, kw_only=True, order=True)
class Group:
    """Held notifications that stand alike."""

    reason: str
    unit: str
    kind: str
    prospect: Prospect


@dataclass(frozen=True, kw_only=True)
class Part:
    """What stood how and became what, of so many that were looked at; `after`: where to go on."""

    done: Counter[tuple[Prospect, State]]
    looked_at: int
    after: UUID | None


Decide = Callable[[HeldRow, Prospect], Change | None]


class HeldNotifications:
    def __init__(self, database: Database, memory: Memory, actor: str) -> None:
        self._database = database
        self._memory = memory
        self._actor = actor

    async def preview(self, selection: Selection) -> Counter[Group]:
        counts: Counter[Group] = Counter()
        async with self._database.connection() as connection:
            groups = await held.groups(connection, selection, self._memory.account_s)
        for one in groups:
            counts[self._group(one)] += one.rows
        return counts

    async def release(
        self, selection: Selection, *, also_maybe_sent: bool
    ) -> Counter[tuple[Prospect, State]]:
        """Let them wait for sending again; answers what stood how and became what."""
        return await self._each(selection, self.releasing(also_maybe_sent=also_maybe_sent))

    async def discard(self, selection: Selection) -> Counter[tuple[Prospect, State]]:
        """End them unsent; those that may have been sent end `unconfirmed`."""
        return await self._each(selection, self.discarding)

    def releasing(self, *, also_maybe_sent: bool) -> Decide:
        def decide(row: HeldRow, stands: Prospect) -> Change | None:
            match stands:
                case Prospect.LATE:
                    return self._end(row, State.EXPIRED, Reason.LATEST_TIME_PASSED)
                case Prospect.ASK_AGAIN:
                    return self._wait(row, ask_again=row.view.account)
                case Prospect.MAYBE_SENT if not also_maybe_sent:
                    return None
            return self._wait(row)

        return decide

    def discarding(self, row: HeldRow, stands: Prospect) -> Change | None:
        match stands:
            case Prospect.LATE:
                return self._end(row, State.EXPIRED, Reason.LATEST_TIME_PASSED)
            case Prospect.READY:
                return self._end(row, State.CANCELLED, Reason.BY_OPERATOR)
        return self._end(row, State.UNCONFIRMED, Reason.UNKNOWN_OUTCOME)

    async def page(
        self, connection: Connection, selection: Selection, decide: Decide, after: UUID
    ) -> Part:
        """The next ones from `after` on, in the caller's transaction."""
        rows = await held.take(connection, selection, after, _PAGE)
        stands = {row.id: prospect(row.view, self._memory) for row in rows}
        changes = [change for row in rows if (change := decide(row, stands[row.id]))]
        moved = await moves.apply(connection, changes) if changes else {}
        return Part(
            done=Counter((stands[one.id], one.state) for one in moved.values()),
            looked_at=len(rows),
            after=rows[-1].id if len(rows) == _PAGE else None,
        )

    async def _each(self, selection: Selection, decide: Decide) -> Counter[tuple[Prospect, State]]:
        """Page by page, each in a transaction of its own, so that sending goes on meanwhile."""
        done: Counter[tuple[Prospect, State]] = Counter()
        after: UUID | None = FIRST
        while after is not None:
            async with self._database.transaction() as connection:
                part = await self.page(connection, selection, decide, after)
            done += part.done
            after = part.after
        return done

    async def note(self, action: str, selection: Selection, found: int) -> None:
        """Keep in the audit what was done with so many of them."""
        if not found:
            return
        named = (selection.source, selection.reason, selection.unit, selection.kind)
        entry = audit.Entry(
            id=mint(),
            actor=self._actor,
            action=action,
            found=found,
            detail=" ".join(one for one in named if one),
        )
        async with self._database.connection() as connection:
            await audit.write(connection, entry)

    def _group(self, row: HeldGroup) -> Group:
        return Group(
            reason=row.reason,
            unit=row.unit,
            kind=row.kind,
            prospect=prospect(row.view, self._memory),
        )

    def _wait(self, row: HeldRow, ask_again: str | None = None) -> Change:
        due = Due(in_s=0, pool=row.view.pool, phone=row.phone, ask_again=ask_again)
        return Change(
            notification_id=row.id,
            step=row.step,
            try_no=row.tries,
            to=State.WAITING,
            due=due,
            actor=self._actor,
        )

    def _end(self, row: HeldRow, state: State, reason: Reason) -> Change:
        return Change(
            notification_id=row.id,
            step=row.step,
            try_no=row.tries,
            to=state,
            reason=reason,
            anywhere=True,
            actor=self._actor,
        )


def memory_of(directory: Directory) -> Memory:
    """What the accounts in force promise to recognise."""
    return Memory(
        account_s={
            code: terms_of(account.provider).dedupe_window_s
            for code, account in directory.accounts.items()
        },
        pools={code: pool.accounts for code, pool in directory.pools.items()},
    )
