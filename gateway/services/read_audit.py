"""The audit as administrators read it: filtered, the newest first, in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from gateway.domain.identity import uuid7_floor
from gateway.ledger import audit
from gateway.ledger.audit import Entry
from gateway.ledger.database import Database

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_FIRST, _LAST = UUID(int=0), UUID(int=(1 << 128) - 1)
_PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Question:
    """`first` and `last` are days in Vietnam, both included. `before` continues a page."""

    actor: str | None = None
    action: str | None = None
    staff_only: bool = True
    first: date | None = None
    last: date | None = None
    before: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """`older`: what to ask for next; None at the end."""

    entries: Sequence[Entry]
    older: UUID | None


class ReadAudit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, question: Question) -> AuditPage:
        ends = _begin(question.last, 1) if question.last else _LAST
        wanted = audit.Wanted(
            before=min(question.before or _LAST, ends),
            since=_begin(question.first) if question.first else _FIRST,
            limit=_PER_PAGE + 1,
            staff_only=question.staff_only,
            actor=question.actor,
            action=question.action,
        )
        async with self._database.connection() as connection:
            found = await audit.read(connection, wanted)
        shown = found[:_PER_PAGE]
        return AuditPage(entries=shown, older=shown[-1].id if len(found) > _PER_PAGE else None)


def _begin(day: date, days_later: int = 0) -> UUID:
    """The smallest id that can be minted on that day, or so many days later."""
    return uuid7_floor(datetime.combine(day + timedelta(days=days_later), time(), _HANOI))
