"""What needs somebody: messages of the last thirty days that reached nobody, and much else."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.outcome import Reason
from gateway.domain.staff import Staff
from gateway.domain.status import State
from gateway.ledger import attention, counting, refused_posts, statistics
from gateway.ledger.database import Database
from gateway.ledger.refused_posts import RefusedPost

LOOKS_BACK = timedelta(days=30)
_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_AT_MOST_S = 10.0
# What a source can mend: the data it sends.
_OF_SOURCES = frozenset(
    {Reason.NO_USABLE_PHONE, Reason.PHONE_INVALID, Reason.PARAMETER_INVALID, Reason.RENDER_FAILED}
)
# What another number mends, or nothing does.
_OF_NUMBERS = frozenset(
    {
        *(Reason.NO_USABLE_PHONE, Reason.PHONE_INVALID, Reason.FAX, Reason.OPTED_OUT),
        *(Reason.SUPPRESSED, Reason.TOO_OLD),
    }
)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """So many messages ended alike, besides those that were `sent_again`."""

    state: State
    reason: str | None
    times: int
    sent_again: int

    @property
    def may_be_resent(self) -> bool:
        """All alike, as they are: nobody was reached, and the number is not the trouble."""
        ended = self.state in (State.FAILED, State.EXPIRED)
        return ended and self.reason not in _OF_NUMBERS


@dataclass(frozen=True, kw_only=True)
class Attention:
    """`since` is a day in Vietnam. `is_current` False: not everything is counted. `sources` could
    not be written to for what they sent, `refused` is what they posted in vain. The last three
    belong to no unit: empty for who does not see all of them."""

    since: date
    is_current: bool
    troubles: Sequence[Trouble]
    held: int
    sources: Mapping[str, int]
    unmatched: Mapping[str, int]
    untold: Mapping[str, int]
    refused: Sequence[RefusedPost]

    @property
    def more_held(self) -> bool:
        """More are held than were counted."""
        return self.held >= attention.MOST

    @property
    def is_quiet(self) -> bool:
        found = (self.troubles, self.held, self.unmatched, self.untold, self.refused)
        return self.is_current and not any(found)


class NeedsAttention:
    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def look(self, staff: Staff) -> Attention:
        units = None if staff.units is None else sorted(staff.units)
        since = (self._now() - LOOKS_BACK).astimezone(_HANOI).date()
        async with statistics.moment(self._database, _AT_MOST_S) as connection:
            standing = await counting.standing(connection)
            ended = await attention.ended(connection, since, units)
            held = await attention.held(connection, units)
            unmatched = await attention.unmatched_receipts(connection) if units is None else {}
            untold = await attention.untold(connection) if units is None else {}
            refused = await refused_posts.recent(connection) if units is None else []
        sources: Counter[str] = Counter()
        for one in ended:
            if one.reason in _OF_SOURCES and one.times:
                sources[one.source] += one.times
        return Attention(
            since=since,
            is_current=not (standing.is_stale or standing.is_filling),
            troubles=_troubles(ended),
            held=held,
            sources=dict(sources.most_common()),
            unmatched=unmatched,
            untold=untold,
            refused=refused,
        )


def _troubles(ended: Sequence[attention.Ended]) -> list[Trouble]:
    """The most frequent first; none of those that were all sent again."""
    by_reason: Counter[tuple[str, str | None]] = Counter()
    sent_again: Counter[tuple[str, str | None]] = Counter()
    for one in ended:
        by_reason[one.state, one.reason] += one.times
        sent_again[one.state, one.reason] += one.sent_again
    return [
        Trouble(
            state=State(state),
            reason=reason,
            times=times,
            sent_again=sent_again[state, reason],
        )
        for (state, reason), times in by_reason.most_common()
        if times
    ]
