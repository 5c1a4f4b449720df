"""Filling a ledger: notifications day by day, then what follows from them. Indexes that are costly
to keep are built once."""

import asyncio
import itertools
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import asyncpg

from bench.rig.province.following import COLLECTED, DERIVED, DUE, WATCHES
from bench.rig.province.making import COLUMNS, Maker
from bench.rig.province.skew import HANOI, days_of
from gateway.domain.identity import uuid7_floor
from gateway.ledger import counting
from gateway.ledger.partitions import keep_partitions_ahead
from gateway.sealing import Keyring

_PIECE = 10_000
_LATE_INDEXES = (
    *("notification_tokens", "notification_check", "attempt_reference", "attempt_provider_id"),
    *("history_at", "dossier_updated"),
)


async def fill(
    url: str,
    keyring_file: Path,
    count: int,
    over_days: int = 180,
    tell: Callable[[str], None] = lambda _done: None,
) -> None:
    """About `count` notifications that were accepted in the last so many days, counted. `tell` is
    called after each part of the work."""
    connection = await asyncpg.connect(url, command_timeout=7200)
    now: datetime = await connection.fetchval("SELECT now()")
    for months in range(over_days // 28 + 1, -1, -1):
        await keep_partitions_ahead(connection, now - timedelta(days=28 * months))
    await _pack(connection)
    indexes = await _without_indexes(connection)
    days = days_of(count, over_days, now.astimezone(HANOI).date())
    firsts = itertools.accumulate((many for _, many in days), initial=0)
    jobs = [
        (url, str(keyring_file), now, *day, first) for day, first in zip(days, firsts, strict=False)
    ]
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, _make_day, job) for job in jobs))
        tell("written")
        await connection.execute("SET maintenance_work_mem = '1GB'")
        for index in indexes:
            await connection.execute(index.replace(" ON ONLY ", " ON "))
        await connection.execute("ANALYZE")
        tell("indexed")
        await asyncio.gather(*(loop.run_in_executor(pool, _count_day, job) for job in jobs))
        tell("counted")
    await connection.execute(DUE)
    await connection.execute(WATCHES)
    await connection.execute(
        "UPDATE count_head SET since = now(), filled_to = NULL, again_to = NULL"
    )
    await connection.execute("VACUUM ANALYZE")
    tell("vacuumed")
    await connection.close()


async def _pack(connection: asyncpg.Connection) -> None:
    """No room is left for changes of what is long over: 10 million take 36 GB without it."""
    for table in ("notification", "attempt"):
        for row in await connection.fetch(_MONTHS, table):
            await connection.execute(f"ALTER TABLE {row['relname']} SET (fillfactor = 100)")


_MONTHS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::text::regclass
"""


async def _without_indexes(connection: asyncpg.Connection) -> list[str]:
    """Drop those that are built once at the end, and answer how."""
    made = []
    for name in _LATE_INDEXES:
        made.append(await connection.fetchval("SELECT pg_get_indexdef($1::text::regclass)", name))
        await connection.execute(f"DROP INDEX {name}")
    return made


def _make_day(job: tuple[Any, ...]) -> None:
    asyncio.run(_make(*job))


def _count_day(job: tuple[Any, ...]) -> None:
    asyncio.run(_count(job[0], job[3]))


async def _make(
    url: str, keyring_file: str, now: datetime, day: date, count: int, first: int
) -> None:
    maker = Maker(Keyring.load(Path(keyring_file)), day.toordinal(), now)
    connection = await _loader(url)
    rows = maker.rows(day, count, first)
    async with connection.transaction():
        while piece := list(itertools.islice(rows, _PIECE)):
            await connection.copy_records_to_table("notification", records=piece, columns=COLUMNS)
        for statement in DERIVED:
            await connection.execute(statement, *_ids_of(day))
    await connection.close()


async def _count(url: str, day: date) -> None:
    connection = await _loader(url)
    await connection.fetchval(counting.count(COLLECTED), *_ids_of(day))
    await connection.close()


async def _loader(url: str) -> asyncpg.Connection:
    """What is lost in a crash is made again."""
    settings = {"synchronous_commit": "off", "work_mem": "128MB", "jit": "off"}
    return await asyncpg.connect(url, command_timeout=7200, server_settings=settings)


def _ids_of(day: date) -> tuple[uuid.UUID, uuid.UUID]:
    begin = datetime.combine(day, time(), HANOI)
    return uuid7_floor(begin), uuid7_floor(begin + timedelta(days=1))
