"""The alerts that are open, for staff, and ending one by hand."""

from collections.abc import Sequence

from gateway.domain.alert import AlertKind
from gateway.ledger import alerts, audit
from gateway.ledger.alerts import OpenAlert
from gateway.ledger.database import Database
from gateway.services.minting import mint


class OpenAlerts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[OpenAlert]:
        """Oldest first."""
        async with self._database.connection() as connection:
            return await alerts.open_alerts(connection)

    async def clear(self, kind: AlertKind, subject: str, actor: str) -> bool:
        """False where it is over already. What is still wrong raises it anew."""
        async with self._database.transaction() as connection:
            if not await alerts.clear(connection, kind, subject, actor):
                return False
            entry = audit.Entry(
                id=mint(),
                actor=actor,
                action="alert.clear",
                found=0,
                subject=f"{kind}:{subject}",
            )
            await audit.write(connection, entry)
        return True
