"""What becomes of speed and memory as queues, ledgers, readers, processes and time grow.

a queue of ten thousand, a hundred thousand, a million; a reader that keeps a snapshot open for
ten minutes; five million ended notifications; two hundred thousand sent by the same processes;
one, two and four workers.
"""

import asyncio
import statistics
import time

import asyncpg

from bench.rig import filled
from bench.rig.report import Report, Table, Target
from bench.rig.site import Site, opened
from bench.speed.pipeline import Work, measure
from gateway.domain.notification import Lane
from gateway.ledger import claim as claims
from gateway.ledger import horizon
from gateway.ledger.database import Database
from gateway.services.minting import mint

_QUEUES = (10_000, 100_000, 1_000_000)
_ENDED = 5_000_000
_LANE, _CHANNEL, _ACCOUNT = Lane(pool="zalo"), "zalo", "zalo-oa"
_CLAIMS, _ROWS = 20, 32
_SNAPSHOT_S = 600.0
# The window in which a drain is timed: after the first messages, for so many or so long.
_RUN_IN, _TIMED, _LONGEST_S = 2_000, 20_000, 30.0
_NO_MESSAGE_YET = 90.0


def run(report: Report) -> None:
    _workers(report)
    _memory(report)
    _queues(report)
    _old_snapshot(report)
    _old_ledger(report)


def _workers(report: Report) -> None:
    table = Table(title="worker processes", columns=("workers", "sent/s", "CPU-ms"))
    for workers in (1, 2, 4):
        with opened("growth") as site:
            site.start(workers=workers)
            asyncio.run(measure(site, Work(name="warm-up", count=4_000, clients=100)))
            found = asyncio.run(measure(site, Work(name="", count=20_000, clients=100)))
            table.add(workers, found.sent_per_s, found.total_ms)
    report.show(table)


def _memory(report: Report) -> None:
    table = Table(
        title="memory of its own, MiB", columns=("", "after 20,000", "after 200,000", "more")
    )
    with opened("growth") as site:
        site.start()
        work = Work(name="", count=20_000, clients=100, receipts=True)
        asyncio.run(measure(site, work))
        before = site.memory_mib()
        for _ in range(9):
            asyncio.run(measure(site, work))
        after = site.memory_mib()
    for name, mib in after.items():
        table.add(name, before[name], mib, mib - before[name])
    report.show(table)
    most = max(mib - before[name] for name, mib in after.items())
    report.targets.append(Target(what="USS grows by, MiB", wanted=20, measured=most))


def _queues(report: Report) -> None:
    table = Table(
        title="a queue that waits",
        columns=("waiting", "drained/s", "claim of 32, ms", "longest, ms"),
    )
    rates = []
    for waiting in _QUEUES:
        with opened("growth") as site:
            site.start(workers=0)
            asyncio.run(filled.with_waiting(site, waiting))
            waits = asyncio.run(_claim_ms(site))
            rates.append(_drain(site))
        table.add(waiting, rates[-1], statistics.median(waits), max(waits))
    report.show(table)
    report.targets.append(
        Target(
            what="a million waiting drain, of the rate at ten thousand",
            wanted=0.8,
            measured=rates[-1] / rates[0],
            at_most=False,
        )
    )


def _old_snapshot(report: Report) -> None:
    """The queue is worked off behind a reader who still sees every row it ever held."""
    table = Table(
        title="behind a snapshot held open",
        columns=("", "sent/s", "claim of 32, ms", "CPU-ms", "of it postgres"),
    )
    with opened("growth") as site:
        site.start()
        asyncio.run(measure(site, Work(name="warm-up", count=4_000, clients=100)))
        for name, held_s in (("none", 0.0), ("ten minutes", _SNAPSHOT_S)):
            found, waits = asyncio.run(_behind_snapshot(site, held_s))
            cost = found.cost_ms
            table.add(
                name, found.sent_per_s, statistics.median(waits), found.total_ms, cost["postgres"]
            )
    report.show(table)


async def _behind_snapshot(site: Site, held_s: float):  # type: ignore[no-untyped-def]
    reader = await asyncpg.connect(site.one.database_url)
    timed = Work(name="", count=20_000, clients=100)
    async with reader.transaction(isolation="repeatable_read"):
        if held_s:
            await reader.fetchval("SELECT count(*) FROM due")
        until = time.monotonic() + held_s
        while time.monotonic() < until:
            await measure(site, timed)
        found = await measure(site, timed)
        await asyncio.sleep(3)
        posting = asyncio.create_task(site.post(site.load(2_000, rate_per_s=300)))
        waits = await _claim_ms(site)
        await posting
    await reader.close()
    return found, waits


def _old_ledger(report: Report) -> None:
    table = Table(
        title="a ledger with a past",
        columns=("ended before", "sent/s", "with reports, ended/s", "CPU-ms", "of it postgres"),
    )
    plain = Work(name="", count=20_000, clients=100)
    told = Work(name="", count=20_000, clients=100, receipts=True)
    with opened("growth") as site:
        site.start()
        asyncio.run(measure(site, Work(name="warm-up", count=4_000, clients=100, receipts=True)))
        for ended in (0, _ENDED):
            if ended:
                asyncio.run(filled.with_ended(site, ended))
            sent = asyncio.run(measure(site, plain))
            reported = asyncio.run(measure(site, told))
            postgres = sent.cost_ms["postgres"]
            table.add(ended, sent.sent_per_s, reported.ended_per_s, sent.total_ms, postgres)
    report.show(table)


def _drain(site: Site) -> float:
    """Messages a second, once the workers are under way."""
    site.standin("empty")
    site.standin("set", latency_ms=50, receipts=False)
    site.one.start("worker-1", "worker-2")
    began, first = asyncio.run(_reached(site, _RUN_IN, _NO_MESSAGE_YET))
    ended, last = asyncio.run(_reached(site, _TIMED, _LONGEST_S))
    return (last - first) / (ended - began)


async def _reached(site: Site, calls: int, within_s: float) -> tuple[float, int]:
    """When there were so many calls, or no further ones, or the time was over."""
    deadline, seen, quiet = time.monotonic() + within_s, -1, 0
    while True:
        now, stats = time.monotonic(), site.standin("stats")
        quiet = quiet + 1 if stats["calls"] == seen and seen > 0 else 0
        seen = stats["calls"]
        if seen >= calls or now > deadline or quiet > 20:
            return (stats["last_at"] if quiet else now), seen
        await asyncio.sleep(0.05)


async def _claim_ms(site: Site) -> list[float]:
    """How long one claim takes; what it took is given back."""
    database = await Database.connect(site.one.database_url, size=1, statement_timeout_s=60)
    waits, seen = [], horizon.of_times()
    async with database.connection() as connection:
        for _ in range(_CLAIMS):
            transaction = connection.transaction()
            await transaction.start()
            slots = [claims.Slot(account=_ACCOUNT, attempt_id=mint()) for _ in range(_ROWS)]
            room = claims.Room(slots=slots)
            began = time.perf_counter()
            await claims.claim(connection, _LANE, _CHANNEL, room, 30.0, seen)
            waits.append((time.perf_counter() - began) * 1000)
            await transaction.rollback()
    await database.close()
    return waits[2:]
