"""Who is told of alerts, and when: once that each is open, once that it is over, by every way.

The ledger remembers what was told, so a crash repeats a message at worst; whoever tells takes the
news for a while, so that two processes do not tell the same. A way that does not take it is tried
again, ever more rarely, and holds up no other.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog

from gateway import metrics
from gateway.domain.alert import Alert, AlertKind
from gateway.ledger import alert_news as stored
from gateway.ledger.alert_news import News
from gateway.ledger.database import Database
from gateway.services.tell_operators.words import NotTold

log = structlog.get_logger()

# Longer than any way is waited for.
_TAKEN_S = 120.0
_WAITS_S = (10.0, 30.0, 60.0, 300.0, 900.0)


class Way(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def at_once(self) -> int:
        """So many alerts fit into one message."""

    async def tell(self, news: Sequence[News]) -> None:
        """Raises NotTold."""

    async def close(self) -> None: ...


class TellOperators:
    """An alert that comes back is not told of again for `quiet_s`."""

    def __init__(self, *, database: Database, ways: Sequence[Way], quiet_s: float) -> None:
        self._database = database
        self._ways = ways
        self._quiet_s = quiet_s

    async def tell(self) -> None:
        """Tell by each way what it has not been told."""
        if not self._ways:
            return
        async with self._database.connection() as connection:
            await stored.owe(connection, [way.name for way in self._ways], self._quiet_s)
        await asyncio.gather(*(self._tell(way) for way in self._ways))

    async def try_out(self) -> dict[str, str]:
        """How each way took a trial message: `told`, or the word that says why not."""
        return {way.name: await _tried(way) for way in self._ways}

    async def close(self) -> None:
        for way in self._ways:
            await way.close()

    async def _tell(self, way: Way) -> None:
        async with self._database.connection() as connection:
            news = await stored.take(connection, way.name, way.at_once, _TAKEN_S)
        if not news:
            return
        why = await _why_not(way, news)
        async with self._database.connection() as connection:
            if why is None:
                await stored.told(connection, way.name, news)
            else:
                wait_s = _WAITS_S[min(max(one.tries for one in news), len(_WAITS_S) - 1)]
                await stored.later(connection, way.name, news, wait_s)
                log.warning("alerts_not_told", way=way.name, why=why, again_in_s=wait_s)
        metrics.record_alerts_told(way.name, "not_told" if why else "told", len(news))


async def _why_not(way: Way, news: Sequence[News]) -> str | None:
    """None where the way took them, else one word."""
    try:
        await way.tell(news)
    except NotTold as error:
        return str(error)
    except Exception as error:
        # Whatever broke: the other ways tell, and this one tries again like after any other no.
        log.exception("way_broke", way=way.name)
        return type(error).__name__
    return None


async def _tried(way: Way) -> str:
    now = datetime.now(UTC)
    trial = Alert(kind=AlertKind.TRIAL, subject="baotin alerts test")
    return await _why_not(way, [News(alert=trial, since=now, last_at=now, times=1)]) or "told"
