"""Sealing old rows anew under the primary key, while everything runs.

Goes through each table in pages and rests after each as long as it worked. Stopped at any moment it
has lost nothing: what is done says so in its row.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from gateway.errors import BaotinError
from gateway.ledger import sealed_rows
from gateway.ledger.database import Database
from gateway.ledger.sealed_rows import SEALED_TABLES, SealedRow, SealedTable
from gateway.sealing import Sealer
from gateway.services import live_directory, tokens, zalo_consent
from gateway.services.compose import text_bound_to
from gateway.services.progress import Progress, share_of_time

log = structlog.get_logger()

PAGE = 500
# A row in somebody's hands is free again within moments.
BETWEEN_ROUNDS_S = 0.2
ROUNDS = 20

_BOUND_TO: Mapping[str, Callable[..., bytes]] = {
    "notification": lambda row_id: row_id.bytes,
    "attempt": text_bound_to,
    "receipt_raw": lambda row_id: row_id.bytes,
    "suppression": lambda row_id: row_id.bytes,
    "line_call": lambda row_id: row_id.bytes,
    "inbound_text": lambda message: bytes(message),
    "console_search": lambda row_id: row_id.bytes,
    "hand_list": lambda row_id: row_id.bytes,
    "account_token": tokens.bound_to,
    "zalo_consent": zalo_consent.bound_to,
    "directory_entry": lambda kind, code, _revision: live_directory.bound_to(kind, code),
}


@dataclass(kw_only=True)
class Done:
    """How many rows were written anew, and how many could not be opened and stay as they are."""

    rows: int = 0
    unreadable: int = 0


class Reseal:
    """`show` hears of each page; `rest` is slept after it, as a share of the time it took."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        show: Callable[[Progress], None] = lambda _progress: None,
        rest: float = 1.0,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._show = show
        self._rest = rest

    async def run(self) -> Done:
        """Raises BaotinError for a table this version does not know how to open."""
        async with self._database.connection() as connection:
            found = set(await sealed_rows.tables_with(connection, "seal_key"))
        if unknown := found - _BOUND_TO.keys():
            raise BaotinError(f"nobody knows how to open {', '.join(sorted(unknown))}")
        done = Done()
        for table in SEALED_TABLES:
            await self._table(table, done)
        return done

    async def _table(self, table: SealedTable, done: Done) -> None:
        """Rounds over the table until one leaves nothing behind that could be opened."""
        for _ in range(ROUNDS):
            left, unreadable = await self._round(table, done)
            if not left:
                done.unreadable += unreadable
                return
            await asyncio.sleep(BETWEEN_ROUNDS_S)
        log.warning("rows_left", table=table.name)

    async def _round(self, table: SealedTable, done: Done) -> tuple[int, int]:
        """How many rows were in somebody's hands, and how many could not be opened."""
        left = unreadable = 0
        began, first, after = datetime.now(UTC), None, None
        while True:
            started = time.monotonic()
            rows, anew, written = await self._page(table, after)
            done.rows += written
            left += anew - written
            unreadable += len(rows) - anew
            if len(rows) < PAGE:
                return left, unreadable
            first, after = first or rows[0].key, rows[-1].key
            share = share_of_time(first[0], after[0], began)
            self._show(Progress(table=table.name, rows=done.rows, share=share))
            await asyncio.sleep((time.monotonic() - started) * self._rest)

    async def _page(
        self, table: SealedTable, after: tuple[Any, ...] | None
    ) -> tuple[list[SealedRow], int, int]:
        """The rows met, how many of them could be opened, and how many were written."""
        primary = self._sealer.primary
        async with self._database.connection() as connection:
            rows = await sealed_rows.older(connection, table, primary, after, PAGE)
            anew = [(row, sealed) for row in rows if (sealed := self._anew(table, row))]
            written = await sealed_rows.replace(connection, table, anew, primary) if anew else 0
        return rows, len(anew), written

    def _anew(self, table: SealedTable, row: SealedRow) -> bytes | None:
        bound_to = _BOUND_TO[table.name](*row.key)
        try:
            plain = self._sealer.open(row.sealed, row.seal_key, bound_to)
        except BaotinError:
            return None
        sealed, _ = self._sealer.seal(plain, bound_to)
        return sealed
