"""The database's time as this process knows it: due times and hours follow one clock, not many."""

import time
from datetime import UTC, datetime, timedelta

from gateway.ledger.database import Database


class DatabaseClock:
    """Gives the database's time as the last look told it; a stepped process clock is harmless."""

    def __init__(self) -> None:
        self._base = datetime.now(UTC)
        self._at = time.monotonic()

    async def look(self, database: Database) -> None:
        async with database.connection() as connection:
            self.set(await connection.fetchval("SELECT now()"))

    def set(self, database_now: datetime) -> None:
        self._base = database_now
        self._at = time.monotonic()

    def __call__(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._at)
