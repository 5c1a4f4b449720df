"""Keyed hashes of people made anew under the primary hash key, while everything runs.

Needs the sealed payload of each notification, from which its search tokens and the hashes of its
phones are made again. Pages, rest and rounds are those of sealing anew.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import structlog

from gateway.domain.recipient import Phone
from gateway.domain.route import Step
from gateway.errors import BaotinError
from gateway.ledger import hashed_rows
from gateway.ledger.database import Database
from gateway.ledger.hashed_rows import HashedRow, Rehashed
from gateway.sealing import Hasher, Sealer
from gateway.services import payload
from gateway.services.progress import Progress, share_of_time
from gateway.services.reseal import BETWEEN_ROUNDS_S, PAGE, ROUNDS, Done
from gateway.services.search_tokens import search_tokens

log = structlog.get_logger()

_TABLE = "notification"
_FIRST = UUID(int=0)


class Rehash:
    """`show` hears of each page; `rest` is slept after it, as a share of the time it took."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        hasher: Hasher,
        show: Callable[[Progress], None] = lambda _progress: None,
        rest: float = 1.0,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._hasher = hasher
        self._show = show
        self._rest = rest

    async def run(self) -> Done:
        done = Done()
        await self._pass_erased()
        for _ in range(ROUNDS):
            left, unreadable = await self._round(done)
            if not left:
                done.unreadable = unreadable
                return done
            await asyncio.sleep(BETWEEN_ROUNDS_S)
        log.warning("rows_left", table=_TABLE)
        return done

    async def _pass_erased(self) -> None:
        after, full = _FIRST, True
        while full:
            async with self._database.connection() as connection:
                passed = await hashed_rows.pass_erased(
                    connection, self._hasher.primary, after, PAGE
                )
            full = len(passed) == PAGE
            after = max(passed, default=after)

    async def _round(self, done: Done) -> tuple[int, int]:
        left = unreadable = 0
        began, first, after = datetime.now(UTC), None, _FIRST
        while True:
            started = time.monotonic()
            rows, anew, written = await self._page(after)
            done.rows += written
            left += anew - written
            unreadable += len(rows) - anew
            if len(rows) < PAGE:
                return left, unreadable
            first, after = first or rows[0].id, rows[-1].id
            share = share_of_time(first, after, began)
            self._show(Progress(table=_TABLE, rows=done.rows, share=share))
            await asyncio.sleep((time.monotonic() - started) * self._rest)

    async def _page(self, after: UUID) -> tuple[list[HashedRow], int, int]:
        """The rows met, how many of them could be opened, and how many were written."""
        primary = self._hasher.primary
        async with self._database.connection() as connection:
            rows = await hashed_rows.older(connection, primary, after, PAGE)
        pairs = [pair for row in rows if (pair := self._anew(row))]
        if not pairs:
            return rows, 0, 0
        known = [hashes for _, before_and_after in pairs for hashes in before_and_after]
        async with self._database.transaction() as connection:
            written = await hashed_rows.replace(connection, [one for one, _ in pairs], primary)
            await hashed_rows.carry_memory(connection, known, primary)
        return rows, len(pairs), written

    def _anew(self, row: HashedRow) -> tuple[Rehashed, Sequence[tuple[bytes, bytes]]] | None:
        """The new hashes, and those of its phones before and after."""
        try:
            content = payload.read(self._sealer.open(row.sealed, row.seal_key, row.id.bytes))
        except BaotinError:
            return None
        before = [Step.from_json(step) for step in json.loads(row.steps)]
        steps = [replace(step, phone_key=self._key(content.phones[step.phone])) for step in before]
        rehashed = Rehashed(
            row=row,
            tokens=search_tokens(self._hasher, content),
            steps=json.dumps([step.as_json() for step in steps]),
        )
        hashes = [(old.phone_key, new.phone_key) for old, new in zip(before, steps, strict=True)]
        return rehashed, hashes

    def _key(self, phone: Phone) -> bytes:
        return self._hasher.phone(phone.e164)
