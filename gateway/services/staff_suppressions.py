"""Suppressions as staff see and change them in the console. Every look and act is in the audit."""

from collections.abc import Sequence
from uuid import UUID

from gateway.domain.identity import show
from gateway.domain.staff import Staff
from gateway.ledger import audit
from gateway.ledger.database import Database
from gateway.services.minting import mint
from gateway.services.suppress import SUPPRESSION, Suppress, Suppressed, Wish

_SHOWN = 200


class StaffSuppressions:
    def __init__(self, database: Database, suppress: Suppress) -> None:
        self._database = database
        self._suppress = suppress

    async def in_force(self, phone: str, staff: Staff) -> Sequence[Suppressed]:
        """The newest first, masked. Raises NotSuppressible for what is no phone number."""
        found = await self._suppress.in_force(phone, _SHOWN)
        await self._note(staff, "suppressions.list", found=len(found))
        return found

    async def add(self, wish: Wish, staff: Staff) -> None:
        """Raises NotSuppressible."""
        added = await self._suppress.add(wish)
        await self._note(staff, "suppressions.add", show(SUPPRESSION, added))

    async def end(self, suppression: UUID, staff: Staff) -> bool:
        """False where there is none in force."""
        ended = await self._suppress.end(suppression)
        if ended:
            await self._note(staff, "suppressions.end", show(SUPPRESSION, suppression))
        return ended

    async def _note(self, staff: Staff, action: str, subject: str = "", found: int = 1) -> None:
        entry = audit.Entry(
            id=mint(), actor=staff.actor, action=action, subject=subject, found=found
        )
        async with self._database.connection() as connection:
            await audit.write(connection, entry)
