"""Bringing messages that wait under a released text, in small batches; gone on with by the clock
where a process ended meanwhile."""

from functools import partial
from uuid import UUID

from gateway.ledger import template_moves
from gateway.ledger.database import Database
from gateway.ledger.deadlocks import past_deadlocks
from gateway.ledger.template_drafts import DraftKey
from gateway.ledger.template_moves import FIRST, OpenMove
from gateway.services.desk.drafting import audited

# By then every process has seen the publication, and nothing comes in under an older one.
RIPE_AFTER_S = 15.0


class Moving:
    """In statements of `batch` messages. Whoever releases a text waits for the first `at_once` of
    them; the clock goes on with the rest."""

    def __init__(
        self,
        database: Database,
        *,
        ripe_after_s: float = RIPE_AFTER_S,
        batch: int = 500,
        at_once: int = 10,
    ) -> None:
        self._database = database
        self._ripe_after_s = ripe_after_s
        self._batch = batch
        self._at_once = at_once

    async def at_once(self, release: int, key: DraftKey) -> int:
        """What waits now, or the first few thousand of it; how many there were."""
        one = OpenMove(release=release, key=key, ripe=False)
        return await self._moved(one, self._at_once)

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
            if moved is not None:
                await audited(connection, "gateway", "template.move_waiting", one.key, moved)

    async def _moved(self, one: OpenMove, most_batches: int | None = None) -> int:
        total, batches = 0, 0
        last: UUID | None = FIRST
        while last is not None and batches != most_batches:
            moved, last = await past_deadlocks(partial(self._batch_after, one, last))
            total += moved
            batches += 1
        return total

    async def _batch_after(self, one: OpenMove, last: UUID) -> tuple[int, UUID | None]:
        async with self._database.connection() as connection:
            return await template_moves.move(connection, one, last, self._batch)
