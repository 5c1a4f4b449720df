"""Bringing messages that wait under a released text, in small batches; gone on with by the clock
where a process ended meanwhile."""

from gateway.ledger import template_moves
from gateway.ledger.database import Database
from gateway.ledger.template_drafts import DraftKey
from gateway.ledger.template_moves import OpenMove
from gateway.services.desk.drafting import audited

_BATCH = 500
# By then every process has seen the publication, and nothing comes in under an older one.
RIPE_AFTER_S = 15.0


class Moving:
    def __init__(self, database: Database, ripe_after_s: float = RIPE_AFTER_S) -> None:
        self._database = database
        self._ripe_after_s = ripe_after_s

    async def at_once(self, release: int, key: DraftKey) -> int:
        """What waits now; how many there were."""
        return await self._moved(OpenMove(release=release, key=key, ripe=False))

    async def go_on(self) -> None:
        """Every release that is not settled; one that is ripe ends with what waits now."""
        async with self._database.connection() as connection:
            found = await template_moves.open_moves(connection, self._ripe_after_s)
        for one in found:
            await self._moved(one)
            if one.ripe:
                await self._settle(one)

    async def _settle(self, one: OpenMove) -> None:
        async with self._database.transaction() as connection:
            moved = await template_moves.settle(connection, one.release)
            await audited(connection, "gateway", "template.move_waiting", one.key, moved)

    async def _moved(self, one: OpenMove) -> int:
        total = 0
        while True:
            async with self._database.connection() as connection:
                moved = await template_moves.move(connection, one, _BATCH)
            total += moved
            if moved < _BATCH:
                return total
