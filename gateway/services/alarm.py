"""Raising alerts: told to the log once, counted in the ledger, kept until they are over.

Whoever raises one must not fail because of it: where the ledger is away, it is logged and kept for
the next time.
"""

from collections import Counter

import structlog

from gateway.domain.alert import Alert, AlertKind
from gateway.ledger import alerts as stored
from gateway.ledger.database import Database

log = structlog.get_logger()

_MOST_KEPT = 1000


class Alarm:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: Counter[tuple[AlertKind, str]] = Counter()
        self._details: dict[tuple[AlertKind, str], str] = {}

    def note(self, alert: Alert) -> None:
        """Happened once more; written at the next `tell`. For what may happen to many messages."""
        key = (alert.kind, alert.subject)
        if key in self._noted or len(self._noted) < _MOST_KEPT:
            self._noted[key] += 1
            self._details[key] = alert.detail

    async def sound(self, alert: Alert) -> None:
        """Raise it now, with whatever was noted."""
        self.note(alert)
        await self.tell()

    async def tell(self) -> None:
        """Write what was noted."""
        if not self._noted:
            return
        noted, self._noted = self._noted, Counter()
        times = {
            Alert(kind=kind, subject=subject, detail=self._details[kind, subject]): count
            for (kind, subject), count in noted.items()
        }
        try:
            async with self._database.connection() as connection:
                new = await stored.raise_all(connection, times)
        except Exception as error:
            # Whatever it was: who raises an alert has something more important to do.
            self._noted.update(noted)
            kinds = [str(alert.kind) for alert in times]
            log.warning("alerts_not_written", alerts=kinds, error=type(error).__name__)
            return
        for alert in new:
            log.error("alert", kind=alert.kind, subject=alert.subject, detail=alert.detail)

    async def over(self, kind: AlertKind, subject: str, by: str = "gateway") -> None:
        """What was alerted has ended."""
        async with self._database.connection() as connection:
            ended = await stored.clear(connection, kind, subject, by)
        if ended:
            log.info("alert_over", kind=kind, subject=subject, by=by)
