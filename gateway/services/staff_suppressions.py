"""Suppressions as staff see and change them in the console. There is no look and no act without its
entry in the audit."""

from collections.abc import Sequence
from uuid import UUID

from gateway.domain.identity import show
from gateway.domain.staff import Staff
from gateway.ledger import audit
from gateway.ledger import suppressions as stored
from gateway.ledger.database import Connection, Database
from gateway.services.minting import mint
from gateway.services.suppress import SUPPRESSION, Suppress, Suppressed, Wish

SHOWN = 200


class StaffSuppressions:
    def __init__(self, database: Database, suppress: Suppress) -> None:
        self._database = database
        self._suppress = suppress

    async def in_force(self, phone: str, staff: Staff) -> Sequence[Suppressed]:
        """The newest first, masked, `SHOWN` at most. Raises NotSuppressible for what is no phone
        number."""
        found = await self._suppress.in_force(phone, SHOWN)
        async with self._database.connection() as connection:
            await _note(connection, staff, "suppressions.list", found=len(found))
        return found

    async def add(self, wish: Wish, staff: Staff) -> None:
        """Raises NotSuppressible."""
        async with self._database.transaction() as connection:
            added = await self._suppress.add_in(connection, wish)
            await _note(connection, staff, "suppressions.add", show(SUPPRESSION, added))

    async def end(self, suppression: UUID, staff: Staff) -> bool:
        """False where there is none in force."""
        async with self._database.transaction() as connection:
            ended = await stored.end(connection, suppression)
            if ended:
                await _note(connection, staff, "suppressions.end", show(SUPPRESSION, suppression))
        return ended


async def _note(
    connection: Connection, staff: Staff, action: str, subject: str = "", found: int = 1
) -> None:
    entry = audit.Entry(id=mint(), actor=staff.actor, action=action, subject=subject, found=found)
    await audit.write(connection, entry)
