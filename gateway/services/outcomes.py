"""How calls ended, written in groups: what a provider said must not be forgotten."""

import asyncio
import time
from collections.abc import Sequence

from gateway import metrics
from gateway.domain.notification import Change
from gateway.errors import LedgerUnavailable
from gateway.ledger import moves
from gateway.ledger.database import Database
from gateway.ledger.groups import GroupCommit
from gateway.ledger.moves import Moved
from gateway.services.prepare import LEDGER_BACK_AFTER_S

_GROUPS_APART_S = 0.02


class Outcomes:
    """`patience_s` is for how long the ledger may be away: less than the lease of an attempt lasts
    beyond its call."""

    def __init__(self, *, database: Database, largest_group: int, patience_s: float) -> None:
        self._database = database
        self._patience_s = patience_s
        self._groups: GroupCommit[Change, Moved | None] = GroupCommit(
            self._write,
            key=lambda change: change.notification_id,
            largest=largest_group,
            on_group=lambda size: metrics.record_group("record", size),
            apart_s=_GROUPS_APART_S,
        )

    async def write(self, change: Change) -> Moved | None:
        """The move that was made, if any. A ledger that is being restarted is waited for; raises
        LedgerUnavailable where it stays away."""
        gives_up_at = time.monotonic() + self._patience_s
        while True:
            try:
                return await self._groups.put(change)
            except LedgerUnavailable:
                if time.monotonic() > gives_up_at:
                    raise
                await asyncio.sleep(LEDGER_BACK_AFTER_S)

    async def written(self) -> None:
        """Once nothing is left to be written."""
        await self._groups.drained()

    async def _write(self, changes: Sequence[Change]) -> list[Moved | None]:
        async with self._database.connection() as connection:
            moved = await moves.apply(connection, changes)
        return [moved.get(change.notification_id) for change in changes]
