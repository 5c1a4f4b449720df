"""What staff do to one notification: take it back, or send it once more. Every act is audited."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from gateway.domain.directory import Directory
from gateway.domain.notification import LaneClass
from gateway.domain.staff import Staff
from gateway.intake.problems import RequestRefused
from gateway.ledger import audit, reading
from gateway.ledger.audit import Entry
from gateway.ledger.database import Database
from gateway.ledger.reading import Found, Kin
from gateway.services.minting import mint
from gateway.services.resend import Asked, Resend
from gateway.services.resend_check import Wish
from gateway.services.withdraw import Withdraw, Withdrawal

_LIVE = "live"


@dataclass(frozen=True, kw_only=True)
class ActRefused(Exception):
    """`word` is in the catalogue under `messages.refused.`."""

    word: str


class Steer:
    """The use case. Raises ActRefused with what is in the way."""

    def __init__(
        self,
        *,
        database: Database,
        withdraw: Withdraw,
        resend: Resend,
        directory: Callable[[], Directory],
    ) -> None:
        self._database = database
        self._withdraw = withdraw
        self._resend = resend
        self._directory = directory

    async def cancel(self, staff: Staff, notification_id: UUID) -> None:
        """Its further steps end. What is on its way may still arrive."""
        await self._own(staff, notification_id)
        done = await self._withdraw.withdraw(notification_id, None, staff.actor)
        if done is not Withdrawal.DONE:
            raise ActRefused(word="already_ended")
        async with self._database.connection() as connection:
            await audit.write(connection, _entry(staff, "message.cancel", notification_id))

    async def send_again(
        self,
        staff: Staff,
        notification_id: UUID,
        key: str,
        wish: Wish,
        klass: LaneClass = LaneClass.LIVE,
    ) -> Kin:
        """The new notification; the same one for the same key. It is the successor's where their
        own unit has ended."""
        found = await self._own(staff, notification_id)
        source = self._directory().sources.get(found.source)
        if source is None:
            raise ActRefused(word="source_gone")
        asked = Asked(
            source=source,
            mode=_LIVE,
            notification_id=notification_id,
            key=key,
            wish=wish,
            actor=staff.actor,
            entry=_entry(staff, "message.resend", notification_id, wish),
            klass=klass,
        )
        try:
            resent = await self._resend.resend(asked)
        except RequestRefused as refused:
            raise ActRefused(word=refused.refusal.code) from None
        async with self._database.connection() as connection:
            new = await reading.kin(connection, resent.notification_id)
        # One so old that it was deleted was sent in the name of the first one's unit.
        return new or Kin(id=resent.notification_id, unit=found.unit)

    async def _own(self, staff: Staff, notification_id: UUID) -> Found:
        async with self._database.connection() as connection:
            found = await reading.one(connection, notification_id)
        if found is None or not staff.may_see(found.unit):
            raise ActRefused(word="no_such_notification")
        return found


def _entry(staff: Staff, action: str, notification_id: UUID, wish: Wish | None = None) -> Entry:
    return Entry(
        id=mint(),
        actor=staff.actor,
        action=action,
        why=(wish.reason if wish else None) or "",
        notification_id=notification_id,
        detail=_detail(wish) if wish else "",
    )


def _detail(wish: Wish) -> str:
    """How it is sent, without the number."""
    said = [wish.channel, "phone" if wish.phone else None, "force" if wish.force else None]
    return " ".join(filter(None, said))
