"""What is forgotten once it is old, and the months that are made ahead of time."""

from dataclasses import dataclass

import structlog

from gateway.ledger import (
    account_health,
    alert_news,
    console_searches,
    counting,
    guesses,
    hand_lists,
    heartbeats,
    held_acts,
    inbound_texts,
    jobs,
    key_holders,
    line_calls,
    mass_acts,
    partitions,
    phone_memory,
    refused_posts,
    sessions,
    suppressions,
)
from gateway.ledger.database import Connection, Database
from gateway.ledger.sessions import Lifetimes
from gateway.services import erase
from gateway.services.database_clock import DatabaseClock

log = structlog.get_logger()

# Repeats are looked for over thirty days, storms over one hour.
_REPEATS_REMEMBERED_MONTHS = 2
# How often a text went out is shown for thirty days.
_USE_COUNTED_MONTHS = 2

# Each knows by itself what is old.
_FORGETTING = (
    phone_memory.forget_old,
    account_health.forget_old,
    suppressions.forget_old,
    line_calls.forget_old,
    guesses.forget_old,
    hand_lists.forget_old,
    jobs.adopt,
    key_holders.forget_gone,
    heartbeats.forget_gone,
    alert_news.forget_old,
    console_searches.forget_old,
    mass_acts.forget_old,
    refused_posts.forget_old,
    held_acts.forget_old,
    counting.forget_old,
)


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How long is kept what settings decide on."""

    notifications_months: int
    raw_receipts_months: int
    feed_months: int
    event_keys_months: int
    audit_months: int
    texts_days: float
    sessions: Lifetimes


class KeepHouse:
    def __init__(self, database: Database, clock: DatabaseClock, keeping: Keeping) -> None:
        self._database = database
        self._clock = clock
        self._keeping = keeping

    async def keep_house(self) -> None:
        await self._clock.look(self._database)
        async with self._database.connection() as connection:
            await partitions.keep_partitions_ahead(connection, self._clock())
            for forget in _FORGETTING:
                await forget(connection)
            await inbound_texts.forget_old(connection, self._keeping.texts_days)
            await sessions.forget_old(connection, self._keeping.sessions)
            await self._drop_months(connection)
            await self._delete_rows(connection)
        await erase.settle(self._database)

    async def _drop_months(self, connection: Connection) -> None:
        keep = self._keeping
        months = dict.fromkeys(partitions.PARTITIONED, keep.notifications_months)
        months |= {"receipt_raw": keep.raw_receipts_months, "audit": keep.audit_months}
        for table, kept in months.items():
            for name in await partitions.drop_old_partitions(
                connection, self._clock(), table, kept
            ):
                log.info("month_dropped", table=name)

    async def _delete_rows(self, connection: Connection) -> None:
        keep = self._keeping
        for table, column, kept in (
            ("feed", "at", keep.feed_months),
            ("callback", "since", keep.feed_months),
            ("event_key", "accepted_at", keep.event_keys_months),
            ("dossier", "updated_at", keep.notifications_months),
            ("notice_once", "at", _REPEATS_REMEMBERED_MONTHS),
            ("source_hour", "hour", _REPEATS_REMEMBERED_MONTHS),
            ("template_use", "day", _USE_COUNTED_MONTHS),
            ("line_call", "began_at", keep.raw_receipts_months),
            ("specimen", "at", keep.audit_months),
        ):
            await partitions.delete_old_rows(connection, table, column, kept)
